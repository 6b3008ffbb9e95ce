import * as v from "valibot";
import { identity } from "../report/identity.ts";
import { printable } from "../text/printable.ts";
import { maxDistributionsKept, type Notice, type State } from "./state.ts";
import { fromVersion1, state1Schema } from "./state-version-1.ts";

export type ParsedState =
  | { readonly kind: "state"; readonly state: State }
  | { readonly kind: "unreadable"; readonly problem: string };

/** More than 100,000 open findings fit; a larger object was not written by us. */
export const maxStateBytes = 64 * 1024 * 1024;

/**
 * Reads a stored state, also one that an earlier version of the function wrote. Anything that is not exactly what
 * `serializeState` writes, or wrote then, is unreadable, never guessed at.
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
  switch (version.success ? version.output.schemaVersion : 2) {
    case 1: {
      const parsed = v.safeParse(state1Schema, json, { abortEarly: true });
      return parsed.success
        ? { kind: "state", state: fromVersion1(parsed.output) }
        : unreadable(problem(parsed.issues));
    }
    case 2: {
      const parsed = v.safeParse(stateSchema, json, { abortEarly: true });
      return parsed.success ? { kind: "state", state: parsed.output } : unreadable(problem(parsed.issues));
    }
    default:
      return unreadable(
        `its schemaVersion is ${version.success ? version.output.schemaVersion : "none"}, this version of the function reads 1 and 2`,
      );
  }
}

export function serializeState(state: State): string {
  return `${JSON.stringify(state)}\n`;
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

const incidentSchema = v.strictObject({
  key,
  code,
  effect,
  title: text(300),
  domain: text(300),
  port,
  distributions: v.pipe(v.array(text(200)), v.maxLength(maxDistributionsKept)),
  distributionCount: count,
  stage,
  leaf: v.nullable(v.strictObject({ sha256: text(100), notAfter: text(60), chainLength: count })),
  openedAt: time,
  lastSeen: time,
  lastTold: v.nullable(time),
  tellings: count,
  toldEffect: effect,
  toldStage: stage,
  returns: count,
  clearSince: v.nullable(time),
});

const bytes = (max: number) => v.pipe(v.string(), v.minLength(1), v.maxBytes(max));

/** A notice that SNS would refuse must not get into the outbox: it could never leave it again. */
const noticeSchema = v.strictObject({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  createdAt: time,
  subject: v.pipe(v.string(), v.regex(/^[\x21-\x7e][\x20-\x7e]{0,98}$/)),
  text: bytes(220 * 1024),
  short: v.nullable(bytes(1600)),
  data: v.nullable(bytes(32 * 1024)),
  chat: v.nullable(bytes(32 * 1024)),
  attributes: v.strictObject({
    event: text(40),
    severity: v.picklist(["critical", "warning", "info"]),
    codes: v.pipe(v.array(code), v.maxLength(100)),
    distributionIds: v.pipe(v.array(text(200)), v.maxLength(500)),
    origins: v.pipe(v.array(text(300)), v.maxLength(100)),
  }),
});

/** Whether it may be kept in the outbox. */
export function isNotice(notice: Notice): boolean {
  return v.is(noticeSchema, notice);
}

const stateSchema = v.strictObject({
  schemaVersion: v.literal(2),
  incidents: v.pipe(v.array(incidentSchema), v.check(distinct, "Two incidents have the same key and code")),
  suspicions: v.pipe(
    v.array(v.strictObject({ key, code, sightings: v.pipe(v.array(time), v.maxLength(10)), inARow: count })),
    v.check(distinct, "Two suspicions have the same key and code"),
  ),
  ended: v.pipe(
    v.array(v.strictObject({ key, code, domain: text(300), port, endedAt: time, returns: count })),
    v.check(distinct, "Two ended incidents have the same key and code"),
  ),
  problems: v.pipe(
    v.array(
      v.strictObject({
        code,
        message: text(1000),
        openedAt: time,
        lastTold: v.nullable(time),
        returns: count,
        clearSince: v.nullable(time),
      }),
    ),
    v.maxLength(100),
  ),
  blindSpots: v.array(
    v.strictObject({
      domain: text(300),
      port,
      reason: text(300),
      since: time,
      lastUnseen: time,
      runs: count,
      told: v.boolean(),
    }),
  ),
  blindSpotsTold: v.nullable(time),
  digestTold: v.nullable(time),
  outbox: v.pipe(v.array(noticeSchema), v.maxLength(100)),
  lease: v.nullable(v.strictObject({ holder: text(200), until: time })),
});
