import { createHash } from "node:crypto";
import { ruleOf } from "../../../lambda/judge/catalogue.ts";
import { type Effect, type Severity, severityOf } from "../../../lambda/judge/effect.ts";
import { byVerdict } from "../../../lambda/judge/verdict.ts";
import { affectedBy, consequence } from "../../../lambda/report/affected.ts";
import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { printable } from "../../../lambda/text/printable.ts";
import type { Place, PlaceOf } from "../input/place.ts";
import { originLabel, worstFindings } from "./listing.ts";
import { usedBy } from "./used-by.ts";

/** One thing to be fixed or known, as tools for developers take it: a finding of a connection, or what was not read. */
export type Result = {
  /** The finding's code, or `input-unread`. */
  readonly code: string;
  readonly effect: Effect | "unread";
  /** In a few words, with the origin. */
  readonly title: string;
  /** Who is hit, and by what. */
  readonly consequence: string;
  /** What was found, and why CloudFront does not accept it. */
  readonly explanation: string;
  /** A step an entry. */
  readonly remedy: readonly string[];
  /** Who uses the connection, and where that is written. */
  readonly users: readonly string[];
  /** A command that shows it, null where there is none. */
  readonly reproduce: string | null;
  readonly source: string | null;
  /** The same for one and the same thing, whatever line it stands in: 64 hexadecimal digits. */
  readonly fingerprint: string;
  readonly place: Place;
};

export const unreadCode = "input-unread";

/** How much a result weighs for tools that know three levels. */
export function weightOf(effect: Result["effect"]): Severity {
  return effect === "unread" ? "warning" : severityOf(effect);
}

const mostUsers = 5;

/** @param placeOf where the origin of a use is written; what has no line has the place of the whole input */
export function resultsOf(
  records: readonly ConnectionRecord[],
  problems: readonly string[],
  { placeOf, whole }: { readonly placeOf: PlaceOf; readonly whole: Place },
): readonly Result[] {
  return [
    ...problems.map(
      (problem): Result => ({
        code: unreadCode,
        effect: "unread",
        title: "not all of the input could be read",
        consequence: printable(problem, 1_000),
        explanation: "What was not read was not checked.",
        remedy: [],
        users: [],
        reproduce: null,
        source: null,
        fingerprint: fingerprint([unreadCode, problem]),
        place: whole,
      }),
    ),
    ...records.toSorted(byVerdict).flatMap((record) => resultsOfRecord(record, placeOf, whole)),
  ];
}

function resultsOfRecord(record: ConnectionRecord, placeOf: PlaceOf, whole: Place): readonly Result[] {
  if (record.verdict === "skipped") return [];
  const places = record.uses.map((use) => placeOf(use));
  const users = record.uses.slice(0, mostUsers).map((use, index) => `${usedBy(use)}${inBrackets(places[index])}`);
  const more = record.uses.length - users.length;
  const byCode = Map.groupBy(worstFindings(record), ({ code }) => code);
  return [...byCode.values()].flatMap(([first, ...others]) => {
    if (first === undefined) return [];
    const { code, effect, title, explanation, remedy, source, doubt } = first;
    const addresses = [first, ...others].flatMap(({ address }) => (address === null ? [] : [printable(address, 64)]));
    const on = addresses.length === 0 ? "" : ` on ${addresses.slice(0, mostUsers).join(", ")}`;
    return {
      code,
      effect,
      title: `${originLabel(record)}: ${printable(title, 300)}${on}`,
      consequence: consequenceOf(record, effect, doubt, code),
      explanation: printable(explanation, 1_000),
      remedy: remedy.map((step) => printable(step, 500)),
      users: [...users, ...(more > 0 ? [`and ${more} more`] : [])],
      reproduce: record.reproduce === null ? null : printable(record.reproduce, 2_000),
      source,
      fingerprint: fingerprint([record.connection.key, code]),
      place: places.find((place) => place !== null && place !== undefined) ?? whole,
    };
  });
}

function consequenceOf(
  record: ConnectionRecord,
  effect: Effect,
  doubt: string | undefined,
  code: ConnectionRecord["findings"][number]["code"],
): string {
  switch (effect) {
    case "502":
    case "504":
    case "may": {
      const clause = doubt === undefined ? null : printable(doubt, 300);
      return consequence(affectedBy([record]), effect, clause, ruleOf(code).mayAnswer);
    }
    case "unseen":
      return "Whether CloudFront gets through cannot be told from here.";
    case "note":
      return "This changes nothing for viewers.";
  }
}

function inBrackets(place: Place | null | undefined): string {
  if (place === null || place === undefined) return "";
  const line = place.line === null ? "" : `:${place.line}`;
  const construct = place.construct === undefined ? "" : `, construct ${printable(place.construct, 200)}`;
  return ` (${printable(place.file, 200)}${line}${construct})`;
}

function fingerprint(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
