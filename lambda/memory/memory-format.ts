import * as v from "valibot";
import { bytesOf, fairShares } from "../text/fair-share.ts";
import { fitting } from "../text/fitting.ts";
import { printable } from "../text/printable.ts";
import type { EdgeEntry } from "../witness/edge-history.ts";
import type { AccountMemory, LeftOut, Memory, Renewal } from "./memory.ts";

export type ParsedMemory =
  | { readonly kind: "memory"; readonly memory: Memory }
  /** A later version wrote it, and will want it again. */
  | { readonly kind: "later" }
  | { readonly kind: "unreadable"; readonly problem: string };

/** More was not written by us. */
export const maxMemoryBytes = 8 * 1024 * 1024;
/**
 * Of these, for what had no time, for what did not answer, for days of origins, for certificates, for functions, and for
 * what CloudFront answered and counted; all accounts together.
 */
const maxLeftOutBytes = 1024 * 1024;
const maxUnansweredBytes = 512 * 1024;
export const maxOriginBytes = 2 * 1024 * 1024;
export const maxRenewalBytes = 1_792 * 1024;
const maxFunctionBytes = 256 * 1024;
const maxEdgeBytes = 384 * 1024;
const maxCountBytes = 1024 * 1024;
/** And for bad days. */
const maxBadDayBytes = 256 * 1024;
const maxAccounts = 10_000;

/** Reads a stored memory. What a later version of this program added to it stays. */
export function parseMemory(text: string): ParsedMemory {
  if (Buffer.byteLength(text) > maxMemoryBytes) return unreadable(`it is larger than ${maxMemoryBytes} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return unreadable("it is not JSON");
  }
  const version = v.safeParse(v.looseObject({ schemaVersion: v.pipe(v.number(), v.minValue(2)) }), json);
  if (version.success) return { kind: "later" };
  const parsed = v.safeParse(memorySchema, json, { abortEarly: true });
  if (parsed.success) return { kind: "memory", memory: parsed.output };
  const [issue] = parsed.issues;
  return unreadable(`${v.getDotPath(issue) ?? "the object"}: ${issue.message}`);
}

/**
 * The text of a memory. Where it would be too much, each account keeps its share: what one of them has in abundance is
 * cut, and the others lose nothing by it.
 */
export function serializeMemory(memory: Memory): string {
  const entries = Object.entries(memory.accounts).slice(0, maxAccounts);
  const leftOut = sharedOut(entries, ({ leftOut: all }) => all, maxLeftOutBytes);
  const unanswered = sharedOut(entries, ({ unanswered: all }) => all, maxUnansweredBytes);
  const origins = sharedOut(entries, ({ origins: all }) => Object.entries(all), maxOriginBytes);
  const renewals = sharedOut(entries, ({ renewals: all = [] }) => all, maxRenewalBytes);
  const functions = sharedOut(entries, ({ functions: all }) => Object.entries(all ?? {}), maxFunctionBytes);
  const edge = sharedOut(entries, ({ edge: all = [] }) => all, maxEdgeBytes);
  const counts = sharedOut(entries, ({ counts: all }) => Object.entries(all ?? {}), maxCountBytes);
  const badDays = sharedOut(entries, ({ badDays: all }) => Object.entries(all ?? {}), maxBadDayBytes);
  // Everything in one order, whoever made the object: what says the same is not stored again.
  const accounts = Object.fromEntries(
    entries.map(([id, account], index) => {
      const {
        leftOut: _,
        unanswered: __,
        origins: ___,
        renewals: has,
        edge: asked,
        functions: read,
        ...others
      } = account;
      const { badDays: bad, counts: known, ...unnamed } = others;
      return [
        id,
        {
          ...unnamed,
          leftOut: leftOut[index],
          unanswered: unanswered[index],
          origins: Object.fromEntries(origins[index] ?? []),
          ...(has === undefined ? {} : { renewals: renewals[index] }),
          ...(asked === undefined ? {} : { edge: edge[index] }),
          ...(read === undefined ? {} : { functions: Object.fromEntries(functions[index] ?? []) }),
          ...(bad === undefined ? {} : { badDays: Object.fromEntries(badDays[index] ?? []) }),
          ...(known === undefined ? {} : { counts: Object.fromEntries(counts[index] ?? []) }),
        },
      ];
    }),
  );
  const { schemaVersion, storedAt, reachedSeveral, ...rest } = memory;
  return `${JSON.stringify({ schemaVersion, storedAt, reachedSeveral, ...rest, accounts })}\n`;
}

function sharedOut<T extends LeftOut | Renewal | EdgeEntry | string | readonly [string, object]>(
  accounts: readonly (readonly [string, AccountMemory])[],
  listOf: (account: AccountMemory) => readonly T[],
  total: number,
): readonly (readonly T[])[] {
  const lists = accounts.map(([, account]) => listOf(account));
  const shares = fairShares(
    lists.map((list) => list.reduce((sum, entry) => sum + bytesOf(entry), 0)),
    total,
  );
  return lists.map((list, index) => fitting(list, shares[index] ?? 0, bytesOf));
}

function unreadable(what: string): ParsedMemory {
  return { kind: "unreadable", problem: printable(what, 300) };
}

const text = (maxLength: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(maxLength));
const leftOut = v.looseObject({ key: text(8192), runs: v.pipe(v.number(), v.integer(), v.minValue(1)) });
const isoTime = v.pipe(v.string(), v.isoTimestamp());
const day = v.pipe(v.string(), v.isoDate());
const originDays = v.looseObject({
  answeredOn: day,
  through: v.exactOptional(v.literal("egress")),
  passedOn: v.exactOptional(day),
  silentSince: v.exactOptional(isoTime),
});
const validity = v.tuple([v.number(), v.number()]);
const renewal = v.looseObject({
  key: text(8192),
  certificates: v.array(validity),
  replaced: v.optional(v.looseObject({ certificate: validity, at: v.number() })),
  share: v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
});
const short = v.pipe(v.string(), v.maxLength(300));
const status = v.pipe(v.number(), v.integer(), v.minValue(100), v.maxValue(599));
const edgeEntry = v.looseObject({
  distributionId: text(100),
  originId: text(300),
  pathPattern: text(300),
  host: text(300),
  reaches: v.picklist(["the-origin", "one-of"]),
  askedAt: isoTime,
  // What a later version knows of answers says nothing to this one.
  last: v.fallback(v.picklist(["reached", "no-usable-answer", "refused", "silent", "failed"]), "silent"),
  reached: v.exactOptional(v.looseObject({ at: isoTime, pop: v.nullable(short), decidedBy: short })),
  head: v.exactOptional(
    v.looseObject({
      status,
      whose: v.fallback(v.picklist(["cloudfront-could-not-connect", "unknown"]), "unknown"),
      at: isoTime,
    }),
  ),
  error: v.exactOptional(
    v.looseObject({
      status: v.picklist([502, 504]),
      since: isoTime,
      at: isoTime,
      pop: v.nullable(short),
      requestId: v.nullable(short),
      wording: v.nullable(short),
    }),
  ),
  pausedUntil: v.exactOptional(isoTime),
  refusedBy: v.exactOptional(short),
});
const whole = v.pipe(v.number(), v.minValue(0));
const traffic = v.looseObject({
  from: isoTime,
  until: isoTime,
  minutes: whole,
  requests: whole,
  errors: whole,
  byStatus: v.nullable(v.looseObject({ "502": whole, "504": whole })),
});
const count = v.looseObject({
  last: traffic,
  previous: v.exactOptional(traffic),
  asksAgain: v.exactOptional(v.literal(true)),
  belowSince: v.exactOptional(isoTime),
  otherErrors: v.exactOptional(v.literal(true)),
  errors: v.exactOptional(
    v.looseObject({ effect: v.picklist(["502", "504", "5xx"]), heldBy: v.exactOptional(v.array(text(9000))) }),
  ),
  beyond: v.exactOptional(v.looseObject({ "502": v.exactOptional(isoTime), "504": v.exactOptional(isoTime) })),
});
const accountIds = v.pipe(v.array(v.pipe(v.string(), v.regex(/^\d{12}$/))), v.maxLength(maxAccounts + 1));
const memorySchema = v.looseObject({
  schemaVersion: v.literal(1),
  storedAt: v.nullable(isoTime),
  accounts: v.record(
    text(100),
    v.looseObject({
      leftOut: v.array(leftOut),
      unanswered: v.array(text(100)),
      // The first memories had none.
      origins: v.optional(v.record(text(300), originDays), {}),
      badDays: v.exactOptional(v.record(text(300), v.record(day, v.picklist(["failing", "at-risk"])))),
      renewals: v.optional(v.array(renewal)),
      edge: v.exactOptional(v.array(edgeEntry)),
      functions: v.exactOptional(v.record(text(2_048), v.looseObject({ readOn: day, code: text(40) }))),
      counts: v.exactOptional(v.record(text(64), count)),
    }),
  ),
  reachedSeveral: v.optional(v.boolean()),
  countsFailSince: v.exactOptional(isoTime),
  organization: v.exactOptional(
    v.looseObject({ listed: v.exactOptional(accountIds), unread: accountIds, slow: accountIds }),
  ),
  logged: v.exactOptional(
    v.looseObject({
      everythingAt: isoTime,
      version: text(100),
      ranAt: isoTime,
      gapMs: v.exactOptional(whole),
      notHealthy: v.array(text(40)),
    }),
  ),
});
