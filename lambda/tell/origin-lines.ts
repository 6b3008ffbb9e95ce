import type { NotCheckedOrigin } from "../incidents/change.ts";
import { affectedBy, place } from "../report/affected.ts";
import type { ConnectionRecord } from "../report/record.ts";
import { instant } from "../text/instant.ts";
import { counted, enumerated, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import type { OpenOrigin } from "./summary.ts";
import { tagged } from "./tag.ts";

/** An origin with something open, in a line: `- [502] api.example.com: port 443 refuses connections; …`. */
export function openLine(origin: OpenOrigin, at: string): string {
  const { fresh, findings, records } = origin;
  const { tag, what } = tagged(fresh.length > 0 ? fresh : findings, records, at);
  const places = affectedBy(records);
  const shown = places.slice(0, 2).map(place);
  const more = places.length > shown.length ? [counted(places.length - shown.length, "more distribution")] : [];
  const where = shown.length === 0 ? "" : `; ${enumerated([...shown, ...more], 3)}`;
  return `- [${tag}] ${hostAndPort(origin)}: ${printable(what, 250)}${where}`;
}

/** The same with since when, for what was told before. */
export function stillLine(origin: OpenOrigin, at: string): string {
  const { findings, records } = origin;
  const { tag, what } = tagged(findings, records, at);
  const since = findings.map(({ openedAt }) => openedAt).sort()[0] ?? "";
  return `- [${tag}] ${hostAndPort(origin)}: ${printable(what, 250)}, since ${instant(since)}`;
}

/** An origin that could not be checked: why, and since when. */
export function notCheckedLine(entry: NotCheckedOrigin): string {
  return `- ${hostAndPort(entry)}: ${printable(entry.reason, 250)}, since ${instant(entry.since)}`;
}

/** Whose requests depend on an origin that could not be checked. */
export function affectedLine(entry: NotCheckedOrigin, records: readonly ConnectionRecord[]): readonly string[] {
  const places = affectedBy(records.filter(({ verdict }) => verdict === "unknown"));
  if (places.length === 0) return [];
  const shown = places.slice(0, 2).map(place);
  const more = places.length > 2 ? [counted(places.length - 2, "more distribution")] : [];
  return [`- ${hostAndPort(entry)}: ${enumerated([...shown, ...more], 3)}`];
}
