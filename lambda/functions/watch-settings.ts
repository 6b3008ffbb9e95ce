import { readFileSync } from "node:fs";
import * as v from "valibot";
import { dayMs, hourMs, type Mute, type TellingPolicy } from "../incidents/policy.ts";
import { type Environment, optional, required } from "./environment.ts";

/** What the function is told through its environment; lib/ sets it. */
export type Settings = {
  readonly topicArn: string;
  readonly stateBucket: string;
  readonly stateKey: string;
  /** Where the board of the last run is kept, in the same bucket; null where nobody looks at it. */
  readonly boardKey: string | null;
  readonly expiryWarningDays: number;
  /** When people are told, and of what not. */
  readonly telling: TellingPolicy;
  /** Whether tags of distributions may mute. */
  readonly muteTags: boolean;
  /** Distribution ids; null means all. */
  readonly includeDistributions: ReadonlySet<string> | null;
  readonly excludeDistributions: ReadonlySet<string>;
  /** Connections at once. */
  readonly concurrency: number;
  /** For tests against an account in a box; empty in a deployment, where nothing sets them. */
  readonly dnsServers: readonly string[];
  readonly allowedPrivateNetworks: readonly string[];
  readonly extraAnchorsPem: readonly string[];
};

/** Reads the environment. Throws with the variable's name when it is missing or wrong: then the deployment is broken. */
export function readSettings(environment: Environment): Settings {
  const include = list(environment.INCLUDE_DISTRIBUTIONS);
  const expiryWarningDays = wholeNumber(environment, "EXPIRY_WARNING_DAYS", 21);
  return {
    topicArn: required(environment, "TOPIC_ARN"),
    stateBucket: required(environment, "STATE_BUCKET"),
    stateKey: required(environment, "STATE_KEY"),
    boardKey: optional(environment, "BOARD_KEY"),
    expiryWarningDays,
    telling: {
      confirmations: 2,
      remindFailingAfter: wholeNumber(environment, "REMINDER_HOURS", 24) * hourMs,
      remindAtRiskAfter: wholeNumber(environment, "RISK_REMINDER_DAYS", 7) * dayMs,
      expiryWarningDays,
      weeklyDigest: environment.WEEKLY_DIGEST === "true",
      mutes: mutes(environment.MUTES),
    },
    muteTags: environment.MUTE_TAGS === "true",
    includeDistributions: include.length === 0 ? null : new Set(include),
    excludeDistributions: new Set(list(environment.EXCLUDE_DISTRIBUTIONS)),
    concurrency: wholeNumber(environment, "CONCURRENCY", 50),
    dnsServers: list(environment.DNS_SERVERS),
    allowedPrivateNetworks: list(environment.ALLOWED_PRIVATE_NETWORKS),
    extraAnchorsPem: list(environment.EXTRA_TRUST_ANCHORS_FILES).map((file) => readFileSync(file, "utf8")),
  };
}

function wholeNumber(environment: Environment, name: string, otherwise: number): number {
  const value = environment[name] ?? String(otherwise);
  if (!/^[1-9]\d{0,3}$/.test(value))
    throw new Error(`environment variable ${name}: expected 1 to 9999, got "${value}"`);
  return Number(value);
}

function list(value: string | undefined): string[] {
  return (value ?? "").split(",").filter((entry) => entry !== "");
}

/** @throws with the place of what is wrong: a mute that is silently ignored would be a surprise at night */
function mutes(text: string | undefined): readonly Mute[] {
  if (text === undefined || text === "") return [];
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error("environment variable MUTES: expected JSON");
  }
  const parsed = v.safeParse(mutesSchema, json, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Error(`environment variable MUTES: ${v.getDotPath(issue) ?? "the list"}: ${issue.message}`);
}

const expectedUntil = "Expected a day such as 2026-12-31, or a time with its zone";

/** The stack writes a time. Without the CDK a person writes here what the messages propose: a day, to its end in UTC. */
const until = v.union([
  v.pipe(v.string(), v.isoTimestamp(expectedUntil)),
  v.pipe(
    v.string(),
    v.isoDate(expectedUntil),
    // JavaScript reads 31 February as 3 March.
    v.check((day) => new Date(day).toISOString().startsWith(day), expectedUntil),
    v.transform((day) => new Date(Date.parse(day) + dayMs).toISOString()),
  ),
]);

const mutesSchema = v.array(
  v.pipe(
    v.strictObject({
      distribution: v.optional(v.nullable(v.string()), null),
      origin: v.optional(v.nullable(v.string()), null),
      code: v.optional(v.nullable(v.string()), null),
      until,
      reason: v.pipe(v.string(), v.minLength(1)),
    }),
    v.check(({ distribution, origin, code }) => (distribution ?? origin ?? code) !== null, "Nothing is selected"),
  ),
);
