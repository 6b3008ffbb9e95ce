import { ruleOf } from "../judge/catalogue.ts";
import { effectsOf } from "../judge/finding-of.ts";
import { connectionTimedOut } from "../judge/findings/connection-timed-out.ts";
import type { Declaration } from "../judge/rule.ts";
import { isEgress } from "../probe/observation.ts";
import { originId, originsOf, originsWith, type WatchedOrigin } from "../report/origins.ts";
import { type ConnectionRecord, isConnectionAccepted, type ObservedAddress } from "../report/record.ts";
import { dayMs } from "../text/instant.ts";

/** Days are dates in UTC, as 2026-11-27: a memory that changed with each run would be written with each run. */
export type OriginDays = {
  /** When it last accepted a TCP connection from here. */
  readonly answeredOn: string;
  /** When all that this check looks at last was in order at one of its addresses; absent where it never was. */
  readonly passedOn?: string;
  /** Set where on that day only the fixed addresses of a VPC got an answer: without these nobody knows that it stopped. */
  readonly through?: "egress";
  /** The first run since `answeredOn` to which it gave no answer, ISO 8601; absent where the last one got an answer. */
  readonly silentSince?: string;
};

/** How long an origin is remembered that is no longer configured: whoever puts it back finds it as it was. */
const daysKept = 90;

/**
 * The days of an account's origins after a run, by `originId`: first those that are configured, so that others give way
 * to them. An origin that never accepted a connection has no entry. Each is made when it is asked for: of a hundred
 * thousand, a memory takes fewer.
 *
 * @param records the connections of the account
 * @param at when the run took place, ISO 8601
 */
export function* daysOf(
  records: readonly ConnectionRecord[],
  before: Readonly<Record<string, OriginDays>>,
  at: string,
): Generator<readonly [id: string, days: OriginDays], void> {
  for (const origin of originsOf(records).toSorted(byName)) {
    const id = originId(origin);
    const days = daysAfter(before[id], origin.records, at);
    if (days !== undefined) yield [id, days];
  }
  const oldest = new Date(Date.parse(at) - daysKept * dayMs).toISOString().slice(0, 10);
  const configured = originsWith(records, new Set(Object.keys(before)));
  const others = Object.entries(before).filter(([id, { answeredOn }]) => !configured.has(id) && answeredOn >= oldest);
  yield* others.sort(([a], [b]) => (a < b ? -1 : 1));
}

function byName(a: WatchedOrigin, b: WatchedOrigin): number {
  return a.domain === b.domain ? a.port - b.port : a.domain < b.domain ? -1 : 1;
}

function daysAfter(
  known: OriginDays | undefined,
  records: readonly ConnectionRecord[],
  at: string,
): OriginDays | undefined {
  const seen = records.flatMap((record) => seenIn(record, at.slice(0, 10)) ?? []);
  if (seen.length > 0) return seen.reduce<OriginDays | undefined>(latestOf, known);
  const isSilentNow = (record: ConnectionRecord) =>
    isSilent(record) && (known?.through === undefined || checkedThroughEgress(record));
  if (known === undefined || !records.some(isSilentNow)) return known;
  return { ...known, silentSince: known.silentSince ?? at };
}

/** The later day of each kind, and the silence after it: none where the other saw an answer as late. */
export function latestOf(known: OriginDays | undefined, other: OriginDays): OriginDays {
  if (known === undefined) return other;
  const answeredOn = later(known.answeredOn, other.answeredOn);
  const passedOn = later(known.passedOn, other.passedOn);
  const latest = [known, other].filter((each) => each.answeredOn === answeredOn);
  const silences = latest.map((each) => each.silentSince);
  const silentSince = silences.includes(undefined) ? undefined : silences.reduce(later);
  const isThroughEgress = latest.every(({ through }) => through !== undefined);
  return {
    answeredOn,
    ...(isThroughEgress ? { through: "egress" as const } : {}),
    ...(passedOn === undefined ? {} : { passedOn }),
    ...(silentSince === undefined ? {} : { silentSince }),
  };
}

function later<Day extends string | undefined>(one: Day, other: Day): Day {
  return other === undefined || (one !== undefined && one >= other) ? one : other;
}

/** What this run says of the origin; null where none of its addresses accepted a connection. */
function seenIn(record: ConnectionRecord, today: string): OriginDays | null {
  const { findings, observed } = record;
  // An address that nobody had time for has no finding of its own.
  if (findings.some(({ code }) => ruleOf(code).stage === "gave-up")) return null;
  const ofAddresses = observed.addresses.map(({ address }) =>
    findings.filter((finding) => finding.address === address).map(({ code }) => ruleOf(code)),
  );
  if (!ofAddresses.some((rules) => rules.every(isBeyondTcp))) return null;
  const through =
    checkedThroughEgress(record) && !observed.addresses.some(acceptedOutside) ? { through: "egress" as const } : {};
  return ofAddresses.some((rules) => rules.every(isInOrder))
    ? { answeredOn: today, ...through, passedOn: today }
    : { answeredOn: today, ...through };
}

/** Whether the fixed addresses of a VPC could look. */
function checkedThroughEgress({ observed: { vantages = [] } }: ConnectionRecord): boolean {
  return vantages.some(({ vantage, got }) => isEgress(vantage) && got !== "nothing");
}

function acceptedOutside({ seenFrom, outcome }: ObservedAddress): boolean {
  return !isEgress(seenFrom) && isConnectionAccepted(outcome);
}

/** An address gave no answer, and each was asked. */
function isSilent({ findings }: ConnectionRecord): boolean {
  const codes = findings.map(({ code }) => code);
  return codes.includes(connectionTimedOut.code) && !codes.some((code) => ruleOf(code).stage === "gave-up");
}

function isBeyondTcp({ stage }: Declaration): boolean {
  return stage !== "tcp" && stage !== "no-route";
}

/** A kind of finding that says of a handshake which was completed that it may fail, or less. What lowered it is no matter. */
function isInOrder(rule: Declaration): boolean {
  const { usually } = effectsOf(rule);
  return isBeyondTcp(rule) && rule.stage !== "tls" && (usually === "may" || usually === "note");
}
