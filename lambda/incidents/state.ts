import * as v from "valibot";
import { printable } from "../text/printable.ts";

/** What a run remembers for the next one: what people were last told, and what is still to be sent. */
export type State = {
  readonly schemaVersion: 1;
  readonly findings: readonly OpenFinding[];
  readonly problems: readonly OpenProblem[];
  /** The outbox: a message that is not known to have been sent. */
  readonly pending: Notice | null;
};

/**
 * A finding over time. Its identity is the connection's key and the finding's code, never a certificate fingerprint:
 * a certificate replaced by an equally bad one is the same problem.
 */
export type OpenFinding = {
  readonly key: string;
  readonly code: string;
  /** ISO 8601, UTC. */
  readonly firstSeen: string;
  readonly effect: OpenEffect;
  readonly title: string;
  readonly domain: string;
  readonly port: number;
  /** The first ones of the distributions that use the connection; `distributionCount` counts all. */
  readonly distributions: readonly string[];
  readonly distributionCount: number;
};

/** `502` and `504` are what CloudFront answers to a cache miss, `may` is a risk. */
export type OpenEffect = "502" | "504" | "may";

export type OpenProblem = {
  readonly code: string;
  readonly firstSeen: string;
  readonly message: string;
};

export type Notice = {
  readonly id: string;
  readonly createdAt: string;
  readonly subject: string;
  readonly body: string;
};

export type ParsedState =
  | { readonly kind: "state"; readonly state: State }
  | { readonly kind: "unreadable"; readonly problem: string };

export const emptyState: State = { schemaVersion: 1, findings: [], problems: [], pending: null };

/** More than 100,000 open findings fit; a larger object was not written by us. */
export const maxStateBytes = 64 * 1024 * 1024;

/** How many distributions a finding names in the state. */
export const maxDistributionsKept = 50;

/** Reads a stored state. Anything that is not exactly what `serializeState` writes is unreadable, never guessed at. */
export function parseState(text: string): ParsedState {
  if (Buffer.byteLength(text) > maxStateBytes) return unreadable(`it is larger than ${maxStateBytes} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return unreadable("it is not JSON");
  }
  const version = v.safeParse(v.object({ schemaVersion: v.number() }), json);
  if (version.success && version.output.schemaVersion !== 1) {
    return unreadable(`its schemaVersion is ${version.output.schemaVersion}, this version of the function reads 1`);
  }
  const parsed = v.safeParse(stateSchema, json, { abortEarly: true });
  if (parsed.success) return { kind: "state", state: parsed.output };
  const issue = parsed.issues[0];
  return unreadable(`${v.getDotPath(issue) ?? "the object"}: ${issue.message}`);
}

export function serializeState(state: State): string {
  return `${JSON.stringify(state)}\n`;
}

function unreadable(problem: string): ParsedState {
  return { kind: "unreadable", problem: printable(problem, 300) };
}

const text = (maxLength: number) => v.pipe(v.string(), v.maxLength(maxLength));
const time = v.pipe(v.string(), v.isoTimestamp());
const code = v.pipe(v.string(), v.regex(/^[a-z0-9]+(-[a-z0-9]+)*$/), v.maxLength(100));

const openFindingSchema = v.strictObject({
  key: v.pipe(v.string(), v.minLength(1), v.maxLength(8192)),
  code,
  firstSeen: time,
  effect: v.picklist(["502", "504", "may"]),
  title: text(300),
  domain: text(300),
  port: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535)),
  distributions: v.pipe(v.array(text(200)), v.maxLength(maxDistributionsKept)),
  distributionCount: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

/** A notice that SNS would refuse must not get into the outbox: it could never leave it again. */
const noticeSchema = v.strictObject({
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  createdAt: time,
  subject: v.pipe(v.string(), v.regex(/^[\x21-\x7e][\x20-\x7e]{0,98}$/)),
  body: v.pipe(v.string(), v.minLength(1), v.maxBytes(220 * 1024)),
});

const stateSchema = v.strictObject({
  schemaVersion: v.literal(1),
  findings: v.pipe(
    v.array(openFindingSchema),
    v.check(
      (findings) => new Set(findings.map((finding) => `${finding.code} ${finding.key}`)).size === findings.length,
      "Two findings have the same key and code",
    ),
  ),
  problems: v.pipe(v.array(v.strictObject({ code, firstSeen: time, message: text(1000) })), v.maxLength(100)),
  pending: v.nullable(noticeSchema),
});
