import type { Effect } from "../judge/effect.ts";
import type { Finding, Verdict } from "../judge/finding.ts";
import { worstFirst } from "../judge/verdict.ts";
import { firstToEnd } from "../report/expiries.ts";
import { originId, originsOf, type WatchedOrigin } from "../report/origins.ts";
import type { ConnectionRecord, RunReport } from "../report/record.ts";
import { printable } from "../text/printable.ts";
import { wholeDays } from "../text/span.ts";

/**
 * The result for one origin in a run, for a line of the log. Flat, because a query of logs finds a field by its name,
 * and only among the first 200. Fields that are compared over time are never left out, because it is not documented
 * what a query does with a field that only some events have.
 */
export type OriginRecord = {
  /** `domain:port` */
  readonly origin: string;
  readonly verdict: Verdict;
  /** For sorting: 1 is failing, 5 skipped. */
  readonly rank: number;
  /** The finding that decides, `none` where none does. */
  readonly code: string;
  readonly title: string;
  readonly connections: number;
  readonly distributions: number;
  /** Separated by spaces. */
  readonly distributionIds: string;
  /** For the slowest address; absent where none was tried. */
  readonly ms?: number;
} & Partial<SoonestExpiry>;

/** For the leaf certificate that expires first; absent where none was seen. */
type SoonestExpiry = {
  /** ISO 8601, UTC. */
  readonly notAfter: string;
  /** Whole days from the run, negative from a day after it has expired. */
  readonly daysLeft: number;
  readonly certificate: string;
  readonly issuer: string;
};

/** As many ids as fit beside the rest; an account has 500 distributions by default. */
const mostIds = 500;
const longestName = 200;

/** One record for each origin of a run that is wanted, in the order of their first connection. */
export function* originRecords(
  { records, finishedAt }: RunReport,
  isWanted: (origin: WatchedOrigin) => boolean = () => true,
): Generator<OriginRecord, void> {
  const now = Date.parse(finishedAt);
  for (const origin of originsOf(records)) if (isWanted(origin)) yield originRecord(origin, now);
}

function originRecord({ domain, port, records, verdict }: WatchedOrigin, now: number): OriginRecord {
  const ids = distributionIdsOf(records);
  const addresses = records.flatMap(({ observed }) => observed.addresses);
  const slowest = addresses.reduce((most, { ms }) => Math.max(most, ms), -1);
  return {
    origin: originName({ domain, port }),
    verdict,
    rank: worstFirst.indexOf(verdict) + 1,
    ...reasonOf(verdict, records),
    connections: records.length,
    distributions: ids.length,
    distributionIds: joinedIds(ids),
    ...(slowest < 0 ? {} : { ms: Math.round(slowest) }),
    ...soonestExpiry(records, now),
  };
}

/**
 * The fields in front of a connection's `ConnectionRecord` in the log. Otherwise some hundred aliases or certificate
 * names would push them beyond the 200 fields that a query finds.
 */
export function foremostFields(record: ConnectionRecord): Pick<OriginRecord, "origin" | "verdict" | "distributionIds"> {
  return {
    origin: originName(record.connection),
    verdict: record.verdict,
    distributionIds: joinedIds(distributionIdsOf([record])),
  };
}

/** `domain:port` */
export function originName(origin: { readonly domain: string; readonly port: number }): string {
  return printable(originId(origin), 260);
}

/** Who depends on connections, each once. */
function distributionIdsOf(records: readonly Pick<ConnectionRecord, "uses">[]): readonly string[] {
  return [...new Set(records.flatMap(({ uses }) => uses.map(({ distributionId }) => distributionId)))];
}

/** Ids as one text, which a query can search. */
export function joinedIds(ids: readonly string[]): string {
  return ids
    .slice(0, mostIds)
    .map((id) => printable(id, 64))
    .join(" ");
}

const effects: Readonly<Record<Verdict, readonly Effect[]>> = {
  failing: ["502", "504"],
  "at-risk": ["may"],
  unknown: ["unseen"],
  healthy: [],
  skipped: [],
};

/** The finding behind a verdict. */
function reasonOf(verdict: Verdict, records: readonly ConnectionRecord[]): Pick<OriginRecord, "code" | "title"> {
  const deciding = records.filter((record) => record.verdict === verdict);
  const findings: readonly Finding[] = deciding.flatMap((record) => record.findings);
  const reason = findings.find(({ effect }) => effects[verdict].includes(effect));
  if (reason !== undefined) return { code: reason.code, title: printable(reason.title, 300) };
  const skipped = deciding.find((record) => record.skipped !== null)?.skipped;
  return { code: "none", title: skipped ?? "in order" };
}

function soonestExpiry(records: readonly ConnectionRecord[], now: number): Partial<SoonestExpiry> {
  const first = firstToEnd(records);
  if (first === null) return {};
  const { leaf, end } = first;
  return {
    notAfter: leaf.notAfter,
    daysLeft: wholeDays(end - now),
    certificate: printable(leaf.subject, longestName),
    issuer: printable(leaf.issuer, longestName),
  };
}
