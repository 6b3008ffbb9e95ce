import * as v from "valibot";
import { identity } from "../report/identity.ts";
import { printable } from "../text/printable.ts";
import { maxAccountName } from "./kept-scope.ts";
import { muteSources } from "./mute-claim.ts";
import { mostAccountIds } from "./ports.ts";
import {
  maxDistributionsKept,
  maxScopesKept,
  maxVantagesKept,
  mostDistributionIncidents,
  mostMutesKept,
  mostProblemsKept,
  type Notice,
  type State,
} from "./state.ts";
import { fromVersion2 } from "./state-version-2.ts";

export type ParsedState =
  | { readonly kind: "state"; readonly state: State }
  | { readonly kind: "unreadable"; readonly problem: string };

/** More than 100,000 open findings fit; a larger object was not written by us. */
export const maxStateBytes = 64 * 1024 * 1024;

/**
 * Reads a stored state, also one of version 2. What is not of the form that `serializeState` gives it is unreadable,
 * never guessed at. Only what a later version may have added is kept as it is, up to a bound: fields that this one does
 * not know, and incidents of a kind or with an effect that it cannot follow.
 */
export function parseState(text: string): ParsedState {
  if (Buffer.byteLength(text) > maxStateBytes) return unreadable(`it is larger than ${maxStateBytes} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return unreadable("it is not JSON");
  }
  const version = v.safeParse(v.object({ schemaVersion: v.number() }), json);
  const found = version.success ? version.output.schemaVersion : "none";
  if (found !== 2 && found !== 3) {
    return unreadable(`its schemaVersion is ${found}, this version of the function reads 2 and 3`);
  }
  const sorted = v.safeParse(sortedSchema, found === 2 ? fromVersion2(json) : json, { abortEarly: true });
  if (!sorted.success) return unreadable(problem(sorted.issues));
  const parsed = v.safeParse(stateSchema, sorted.output, { abortEarly: true });
  return parsed.success ? { kind: "state", state: parsed.output } : unreadable(problem(parsed.issues));
}

export function serializeState(state: State): string {
  const { foreign, incidents, distributionIncidents, ended, endedDistributionIncidents, ...rest } = state;
  const own = [...incidents, ...distributionIncidents];
  const known = new Set(own.map(identity));
  const others = foreign.incidents.filter((entry) => !known.has(identity(entry)));
  // With tens of thousands of incidents it is long, and a line break at its end would cost a copy of it.
  return JSON.stringify({
    ...rest,
    incidents: [...own, ...others],
    ended: [...ended, ...endedDistributionIncidents, ...foreign.ended],
  });
}

function problem([issue]: readonly [v.BaseIssue<unknown>, ...v.BaseIssue<unknown>[]]): string {
  return `${v.getDotPath(issue) ?? "the object"}: ${issue.message}`;
}

function unreadable(what: string): ParsedState {
  return { kind: "unreadable", problem: printable(what, 300) };
}

const text = (maxLength: number) => v.pipe(v.string(), v.maxLength(maxLength));
const time = v.pipe(v.string(), v.isoTimestamp());
const code = v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), v.maxLength(100));
const key = v.pipe(v.string(), v.minLength(1), v.maxLength(8192));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const port = v.pipe(count, v.maxValue(65_535));
const effect = v.picklist(["502", "504", "may"]);
const stage = v.pipe(count, v.maxValue(3));
const distinct = <T extends { readonly key: string; readonly code: string }>(entries: T[]) =>
  new Set(entries.map(identity)).size === entries.length;

/** Bytes of JSON in the fields of an entry that are not known; in those of the state; and of an entry of another kind. */
const maxAddedBytes = 4 * 1024;
const maxAddedStateBytes = 256 * 1024;
const maxForeignBytes = 16 * 1024;

/** A known object with what a later version may have added to it. */
function extensible<E extends v.ObjectEntries>(entries: E, most = maxAddedBytes) {
  const added = (object: object) => Object.entries(object).filter(([name]) => !Object.hasOwn(entries, name));
  return v.pipe(
    v.looseObject(entries),
    v.check((object) => {
      const more = added(object);
      return more.length === 0 || isSmall(more, most);
    }, "There is more in fields that are not known than fits"),
  );
}

function isSmall(value: unknown, most: number): boolean {
  return isShallow(value, deepest) && Buffer.byteLength(JSON.stringify(value)) <= most;
}

/** Deeper than anything that would be written, and far from what no program could write again. */
const deepest = 20;

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((each) => isShallow(each, depth - 1));
}

const accountId = v.pipe(v.string(), v.regex(/^\d{12}$/));

const scope = extensible({
  accountId: v.nullable(accountId),
  accountName: v.nullable(text(maxAccountName)),
  partition: v.nullable(v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/))),
});

const history = <E extends v.GenericSchema>(effect: E) => ({
  openedAt: time,
  lastSeen: time,
  lastTold: v.nullable(time),
  tellings: count,
  toldEffect: effect,
  toldStage: stage,
  returns: count,
  clearSince: v.nullable(time),
});

const muteId = text(1000);

const muteSchema = extensible({
  id: muteId,
  firstSeen: time,
  until: time,
  announced: v.nullable(time),
  source: v.picklist(muteSources),
  account: v.nullable(accountId),
  distribution: v.nullable(text(200)),
  origin: v.nullable(text(300)),
  code: v.nullable(code),
  reason: text(300),
  by: v.optional(text(100)),
  toldTo: v.optional(v.pipe(v.array(accountId), v.maxLength(mostAccountIds))),
});

const incidentSchema = extensible({
  kind: v.literal("connection"),
  key,
  code,
  effect,
  title: text(300),
  domain: text(300),
  port,
  distributions: v.pipe(v.array(text(200)), v.maxLength(maxDistributionsKept)),
  distributionCount: count,
  scopes: v.pipe(v.array(scope), v.maxLength(maxScopesKept)),
  scopeCount: count,
  stage,
  leaf: v.nullable(extensible({ sha256: text(100), notAfter: text(60), chainLength: count })),
  rules: v.optional(count),
  seenFrom: v.optional(v.pipe(v.array(text(100)), v.maxLength(maxVantagesKept))),
  ...history(effect),
  rejudgedFrom: v.optional(effect),
  mutedBy: v.optional(muteId),
});

const ofDistribution = { kind: v.literal("distribution"), key, code, distributionId: text(200) };
const distributionEffect = v.picklist(["502", "504", "5xx"]);

const distributionIncidentSchema = extensible({
  ...ofDistribution,
  effect: distributionEffect,
  title: text(300),
  scope,
  // An entry of an earlier version has none.
  stage: v.optional(stage, 0),
  ...history(distributionEffect),
  mutedBy: v.optional(muteId),
});

const end = { endedAt: time, returns: count };

const endedDistributionIncidentSchema = extensible({
  ...ofDistribution,
  openedAt: time,
  ...end,
  as: v.picklist(["resolved", "gone"]),
});

const bytes = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxBytes(max));

/** A notice that SNS would refuse must not get into the outbox: it could never leave it again. */
const noticeSchema = extensible({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  createdAt: time,
  subject: v.pipe(v.string(), v.regex(/^[\x21-\x7e][\x20-\x7e]{0,98}$/)),
  text: bytes(220 * 1024),
  short: v.nullable(bytes(1600)),
  data: v.nullable(bytes(32 * 1024)),
  chat: v.nullable(bytes(32 * 1024)),
  attributes: extensible({
    event: text(40),
    severity: v.picklist(["critical", "warning", "info"]),
    codes: v.pipe(v.array(code), v.maxLength(100)),
    distributionIds: v.pipe(v.array(text(200)), v.maxLength(500)),
    origins: v.pipe(v.array(text(300)), v.maxLength(100)),
    // A notice of an earlier version has none.
    accountIds: v.optional(v.pipe(v.array(text(12)), v.maxLength(mostAccountIds)), []),
  }),
});

/** Whether it may be kept in the outbox. */
export function isNotice(notice: Notice): boolean {
  return v.is(noticeSchema, notice);
}

const foreignEntry = v.pipe(
  v.looseObject({ key, code }),
  v.check((entry) => isSmall(entry, maxForeignBytes), "An entry that is not known is larger than fits"),
);

/**
 * Whether a later version wrote it: of another kind, with an effect that this one does not know, or about a distribution
 * with something else in a field than this one can follow.
 */
function isForeign(entry: unknown): boolean {
  if (typeof entry !== "object" || entry === null || isOfDistribution(entry)) return false;
  const kind: unknown = Reflect.get(entry, "kind");
  if (kind !== "connection") return typeof kind === "string";
  return ["effect", "toldEffect"].some((name) => {
    const value: unknown = Reflect.get(entry, name);
    return typeof value === "string" && /^[a-z0-9-]{1,20}$/.test(value) && !v.is(effect, value);
  });
}

function isOfDistribution(entry: unknown): boolean {
  return v.is(distributionIncidentSchema, entry) || v.is(endedDistributionIncidentSchema, entry);
}

function isOfConnection(entry: unknown): boolean {
  return !isOfDistribution(entry) && !isForeign(entry);
}

/** Puts what is foreign into a place of its own, whatever the rest is like. */
const sortedSchema = v.pipe(
  v.looseObject({
    incidents: v.array(v.unknown()),
    ended: v.array(v.unknown()),
    // Fields of the state that the object has not.
    distributionIncidents: v.optional(v.never()),
    endedDistributionIncidents: v.optional(v.never()),
    foreign: v.optional(v.never()),
  }),
  v.transform(({ incidents, ended, ...rest }) => ({
    ...rest,
    incidents: incidents.filter(isOfConnection),
    distributionIncidents: incidents.filter(isOfDistribution),
    ended: ended.filter(isOfConnection),
    endedDistributionIncidents: ended.filter(isOfDistribution),
    foreign: { incidents: incidents.filter(isForeign), ended: ended.filter(isForeign) },
  })),
);

const stateSchema = extensible(
  {
    schemaVersion: v.literal(3),
    incidents: v.pipe(v.array(incidentSchema), v.check(distinct, "Two incidents have the same key and code")),
    distributionIncidents: v.pipe(
      v.array(distributionIncidentSchema),
      v.check(distinct, "Two incidents have the same key and code"),
      v.maxLength(mostDistributionIncidents),
    ),
    suspicions: v.pipe(
      v.array(extensible({ key, code, sightings: v.pipe(v.array(time), v.maxLength(10)), inARow: count })),
      v.check(distinct, "Two suspicions have the same key and code"),
    ),
    ended: v.pipe(
      v.array(
        extensible({
          kind: v.literal("connection"),
          key,
          code,
          domain: text(300),
          port,
          openedAt: v.optional(v.nullable(time), null),
          ...end,
          // Earlier versions kept only what was fixed.
          as: v.optional(v.picklist(["resolved", "gone"]), "resolved"),
        }),
      ),
      v.check(distinct, "Two ended incidents have the same key and code"),
    ),
    endedDistributionIncidents: v.pipe(
      v.array(endedDistributionIncidentSchema),
      v.check(distinct, "Two ended incidents have the same key and code"),
      v.maxLength(mostDistributionIncidents),
    ),
    problems: v.pipe(
      v.array(
        extensible({
          code,
          scope: v.nullable(scope),
          message: text(1000),
          openedAt: time,
          lastTold: v.nullable(time),
          returns: count,
          clearSince: v.nullable(time),
        }),
      ),
      v.maxLength(mostProblemsKept),
    ),
    blindSpots: v.array(
      extensible({
        domain: text(300),
        port,
        reason: text(300),
        since: time,
        lastUnseen: time,
        runs: count,
        told: v.boolean(),
        lastTold: v.optional(time),
        scope: v.optional(scope),
      }),
    ),
    blindSpotsTold: v.nullable(time),
    digestTold: v.nullable(time),
    // A state of an earlier version has none: it is no new deployment.
    firstMessageDue: v.optional(v.boolean(), false),
    mutes: v.pipe(v.array(muteSchema), v.maxLength(mostMutesKept)),
    foreign: v.strictObject({
      incidents: v.pipe(v.array(foreignEntry), v.maxLength(20_000)),
      ended: v.pipe(v.array(foreignEntry), v.maxLength(20_000)),
    }),
    outbox: v.pipe(v.array(noticeSchema), v.maxLength(100)),
    lease: v.nullable(extensible({ holder: text(200), until: time })),
  },
  maxAddedStateBytes,
);
