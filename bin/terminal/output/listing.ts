import { byEffect } from "../../../lambda/judge/effect-order.ts";
import type { Finding } from "../../../lambda/judge/finding.ts";
import { byVerdict, worstFirst } from "../../../lambda/judge/verdict.ts";
import { affectedBy, consequence, failoverRemarks } from "../../../lambda/report/affected.ts";
import { effectWords } from "../../../lambda/report/effect-words.ts";
import { firstToEnd } from "../../../lambda/report/expiries.ts";
import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { hourMs } from "../../../lambda/text/instant.ts";
import { groupedBy, type NonEmpty } from "../../../lambda/text/non-empty.ts";
import { counted } from "../../../lambda/text/phrase.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { span } from "../../../lambda/text/span.ts";
import { coloured, verdictStyle, verdictWord } from "./colour.ts";
import { distinctLabels } from "./distinct-labels.ts";
import { usedBy } from "./used-by.ts";
import { wrapped } from "./wrap.ts";

export type Listing = {
  /** Only what needs attention. */
  readonly quiet: boolean;
  /** `expiry` puts the certificate first that expires first. */
  readonly sort: "verdict" | "expiry";
  /** Milliseconds since the epoch, from which the time left is counted. */
  readonly now: number;
  /** Columns of the terminal, null where nothing is to be shortened. */
  readonly width: number | null;
};

/** From so many connections with findings on, what has the same cause is listed together. */
const groupsFrom = 20;
/** A group of fewer says no less when each connection has its own lines. */
const smallestGroup = 3;
/** Of a group, the connections that are named. */
const mostNamed = 5;
/** A quiet table of more rows says nothing that the groups below it do not. */
const longestQuietTable = 50;

/**
 * The results for a person: one line per connection with the worst first, then the findings and what to do. A single
 * connection has no table, and what has the same cause at many is said once.
 */
export function listing(records: readonly ConnectionRecord[], how: Listing): string {
  const [only] = records;
  if (only !== undefined && records.length === 1) return single(only, how);
  const ranked = records.toSorted(byVerdict);
  const sorted = how.sort === "verdict" ? ranked : ranked.toSorted((a, b) => expiryOf(a) - expiryOf(b));
  const shown = how.quiet ? sorted.filter(({ verdict }) => verdict !== "healthy" && verdict !== "skipped") : sorted;
  if (how.quiet && shown.length === 0) return "";
  const attention = new Set(shown);
  const withFindings = ranked
    .filter(({ verdict, findings }) => verdict !== "skipped" && findings.length > 0)
    .filter((record) => !how.quiet || attention.has(record));
  const details = detailsOf(withFindings, records).map((text) => `\n${wrapped(text, how.width)}`);
  const next = nextExpiry(records, how.now);
  const totals = [summary(records), ...(next === null ? [] : [next])];
  const rows = how.quiet && shown.length >= longestQuietTable ? [] : table(shown, how);
  return [...rows, ...(rows.length === 0 ? [] : [""]), ...totals, ...details, ""].join("\n");
}

function single(record: ConnectionRecord, { quiet, now, width }: Listing): string {
  const { verdict, findings, skipped } = record;
  if (quiet && (verdict === "healthy" || verdict === "skipped")) return "";
  if (findings.length > 0 && verdict !== "skipped") return `${wrapped(detail(record, [record]), width)}\n`;
  const end = expiryOf(record);
  const expiry = Number.isFinite(end)
    ? `, certificate ${end < now ? "expired" : "expires"} ${expiryWords(end, now)}`
    : "";
  const word = coloured(verdictWord(verdict).toUpperCase().padEnd(8), verdictStyle[verdict]);
  return `${word} ${originLabel(record)}${skipped === null ? expiry : `, ${skipped}`}\n`;
}

/** What was found, for each connection; from many on, for each cause, in the place of the first that has it. */
function detailsOf(records: readonly ConnectionRecord[], all: readonly ConnectionRecord[]): readonly string[] {
  const label = distinctLabels(all, originLabel);
  if (records.length < groupsFrom) return records.map((record) => detail(record, all, label(record)));
  const groups = groupedBy(records, (record) => {
    const worst = worstFindings(record)[0];
    return JSON.stringify([record.verdict, worst?.code, worst?.effect, worst?.title]);
  });
  return [...groups.values()].flatMap((group) =>
    group.length < smallestGroup ? group.map((record) => detail(record, all, label(record))) : [together(group, all)],
  );
}

/** Connections with the same cause: the cause and the first step once, and where to find all of them. */
function together(group: NonEmpty<ConnectionRecord>, all: readonly ConnectionRecord[]): string {
  const [first] = group;
  const [worst] = worstFindings(first);
  if (worst === undefined) return detail(first, all);
  const steps = new Set(group.map((record) => worstFindings(record)[0]?.remedy[0]));
  const others = new Set(group.flatMap(({ findings }) => findings.map(({ code }) => code)));
  others.delete(worst.code);
  const [step] = worst.remedy;
  const named = group.slice(0, mostNamed).map((record) => {
    const users = [...new Set(record.uses.map(({ distributionId }) => printable(distributionId, 64)))];
    return users.length === 0
      ? originLabel(record)
      : `${originLabel(record)} (${users[0]}${users.length > 1 ? ` and ${users.length - 1} more` : ""})`;
  });
  const more = group.length - named.length;
  const distributions = new Set(group.flatMap(({ uses }) => uses.map(({ distributionId }) => distributionId))).size;
  const head = `${verdictWord(first.verdict).toUpperCase()} ${group.length} connections: ${printable(worst.title, 300)}`;
  return [
    coloured(head, "bold"),
    `  ${worst.code} (${effectWords(worst)})${distributions === 0 ? "" : `, used by ${counted(distributions, "distribution")}`}`,
    ...(step === undefined
      ? []
      : [`  do first${steps.size > 1 ? `, at ${originLabel(first)}` : ""}: ${printable(step, 500)}`]),
    `  ${worst.source}`,
    ...(first.reproduce === null ? [] : [`  verify one: ${printable(first.reproduce, 2_000)}`]),
    ...(others.size === 0 ? [] : [`  some of them have more findings: ${[...others].join(", ")}`]),
    `  ${named.join(", ")}${more === 0 ? "" : ` and ${more} more; --json or --report lists all`}`,
  ].join("\n");
}

/** The findings of a connection, the worst first. */
export function worstFindings({ findings }: Pick<ConnectionRecord, "findings">): readonly Finding[] {
  return findings.toSorted((one, other) => byEffect(one.effect, other.effect));
}

function table(records: readonly ConnectionRecord[], { now, width }: Listing): readonly string[] {
  const label = distinctLabels(records, originLabel);
  const rows = records.map((record) => {
    const codes = [...new Set(worstFindings(record).map(({ code }) => code))].join(", ");
    return {
      verdict: record.verdict,
      origin: label(record),
      left: timeLeft(record, now),
      cause: codes === "" ? (record.skipped ?? "") : codes,
    };
  });
  const widest = Math.max(0, ...rows.map(({ origin }) => origin.length));
  // Verdict, time left and gaps take 19 columns. A single cause is to fit; where there are several, the line may break.
  const causes = Math.max(0, ...rows.map(({ cause }) => cause.split(", ")[0]?.length ?? 0));
  const most = width === null ? widest : Math.min(widest, Math.max(20, width - 19 - causes));
  return rows.map(({ verdict, origin, left, cause }) => {
    const place = width === null ? origin : shortened(origin, most);
    const word = coloured(verdictWord(verdict).toUpperCase().padEnd(8), verdictStyle[verdict]);
    return `${word} ${place.padEnd(Math.max(most, 1))} ${left.padStart(7)}  ${cause}`.trimEnd();
  });
}

/** Leaves both ends, which tell most of a domain name. */
function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.ceil((most - 1) / 2);
  return `${text.slice(0, head)}\u2026${text.slice(text.length - (most - 1 - head))}`;
}

function expiryOf(record: ConnectionRecord): number {
  return firstToEnd([record])?.end ?? Number.POSITIVE_INFINITY;
}

/** The time that a certificate has left, or negative since when it has none: `30 d`, and less than two days in hours. */
function timeLeft(record: ConnectionRecord, now: number): string {
  const left = expiryOf(record) - now;
  if (!Number.isFinite(left)) return "";
  const hours = Math.floor(Math.abs(left) / hourMs);
  return `${left < 0 ? "-" : ""}${hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`}`;
}

/** Which certificate expires first: of those still valid if there are any, because the others are shown below. */
function nextExpiry(records: readonly ConnectionRecord[], now: number): string | null {
  const ends = records.filter((record) => Number.isFinite(expiryOf(record)));
  const valid = ends.filter((record) => expiryOf(record) >= now);
  const [first] = (valid.length > 0 ? valid : ends).toSorted((a, b) => expiryOf(a) - expiryOf(b));
  if (first === undefined) return null;
  const end = expiryOf(first);
  return `next expiry: ${originLabel(first)}, ${expiryWords(end, now)}`;
}

/** `in 30 days (2026-12-23)`, `2 days ago (2026-11-21)` */
function expiryWords(end: number, now: number): string {
  const when = end < now ? `${span(now - end)} ago` : `in ${span(end - now)}`;
  return `${when} (${new Date(end).toISOString().slice(0, 10)})`;
}

/** An origin, and the server name where it is another. */
export function originLabel({ connection: { domain, port, serverName } }: ConnectionRecord): string {
  const place = `${printable(domain, 253)}:${port}`;
  return serverName === null || serverName === domain ? place : `${place} as ${printable(serverName, 253)}`;
}

function summary(records: readonly ConnectionRecord[]): string {
  const counts = worstFirst.map((verdict) => {
    const count = records.filter((record) => record.verdict === verdict).length;
    const text = `${count} ${verdictWord(verdict)}`;
    return count === 0 ? text : coloured(text, verdictStyle[verdict]);
  });
  return counts.join(", ");
}

function detail(record: ConnectionRecord, all: readonly ConnectionRecord[], label = originLabel(record)): string {
  return [
    coloured(`${verdictWord(record.verdict).toUpperCase()} ${label}`, "bold"),
    ...record.uses.map((use) => `  ${usedBy(use)}`),
    ...impact(record, all).map((sentence) => `  ${sentence}`),
    ...worstFindings(record).flatMap(findingLines),
    ...(record.reproduce === null ? [] : [`  verify: ${printable(record.reproduce, 2_000)}`]),
  ].join("\n");
}

/** What is affected by what is failing or at risk, and what origin groups make of it. */
function impact(record: ConnectionRecord, all: readonly ConnectionRecord[]): readonly string[] {
  const worst = (["502", "504", "may"] as const).find((effect) =>
    record.findings.some((finding) => finding.effect === effect),
  );
  if (worst === undefined || record.uses.length === 0) return [];
  const affected = affectedBy([record]);
  const finding = record.findings.find(({ effect }) => effect === worst);
  const clause = finding?.doubt === undefined ? null : printable(finding.doubt, 300);
  return [consequence(affected, worst, clause, finding?.mayAnswer), ...failoverRemarks(affected, all)];
}

function findingLines(finding: Finding): string[] {
  const { explanation, remedy, evidence, source } = finding;
  return [
    `  ${findingHead(finding)}`,
    `    ${printable(explanation, 1_000)}`,
    ...expectedAndFound(evidence),
    ...remedy.map((step) => `    - ${printable(step, 500)}`),
    `    ${source}`,
  ];
}

/** What a finding is, where and what follows: `chain-incomplete at 192.0.2.1 (causes 502): intermediate certificate missing`. */
export function findingHead(finding: Finding): string {
  const { code, address, title } = finding;
  const where = address === null ? "" : ` at ${printable(address, 64)}`;
  return `${code}${where} (${effectWords(finding)}): ${printable(title, 300)}`;
}

/** What was needed and what was there, a line each. */
export function expectedAndFound(evidence: Finding["evidence"]): readonly string[] {
  const labels = [
    ["expected", "expected"],
    ["seen", "found"],
  ] as const;
  return labels.flatMap(([name, label]) =>
    evidence[name] === undefined ? [] : [`    ${label}: ${printable(inWords(evidence[name]), 500)}`],
  );
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(inWords).join(" | ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
