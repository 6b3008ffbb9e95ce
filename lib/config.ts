import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { Duration } from "aws-cdk-lib/core";
import { securityGroupIdForm, subnetIdForm, type VpcPurpose, vpcIdForm, vpcPurposes } from "../lambda/contract/vpc.ts";
import { didYouMean } from "./did-you-mean.ts";
import { type MuteWindowConfig, resolveMuteWindows } from "./mute-windows.ts";
import { type MuteConfig, resolveMutes } from "./mutes.ts";
import { defaults, type ResolvedProps, ranges, resolveProps, withoutRoutingKey } from "./origin-watch-props.ts";
import { PropError } from "./prop-error.ts";
import { expectedSchedule } from "./rhythm.ts";
import { checkNetworks, checkRangesOfVpc } from "./vpc-networks.ts";
import { checkPurposes } from "./vpc-vantage-props.ts";

/** What a deployment is told through CDK context (`-c key=value` or cdk.json). */
export type Config = Omit<ResolvedProps, "encryptionKey" | "topic" | "criticalTopic" | "vpc"> & {
  /** The vantage inside a VPC. */
  readonly vpcVantage?: VpcContext;
  /** A topic that there is already, for all alerts; one is made when left out. */
  readonly alertTopicArn?: string;
  /** One more, which gets what is critical and what is fixed. */
  readonly criticalTopicArn?: string;
  /** The key of the account that encrypts what is kept; AWS's own keys when left out. */
  readonly kmsKeyArn?: string;
  /** What the stack is called, so that an account and Region can have several. @default - by its id */
  readonly stackName?: string;
};

/** A VPC and what of it the vantage uses, by their ids. */
export type VpcContext = {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  /** Empty where one is to be made. */
  readonly securityGroupIds: readonly string[];
  readonly cidrs: readonly string[];
  readonly neverDial: readonly string[];
  readonly purposes: readonly VpcPurpose[];
  /** Absent for the stack's own. */
  readonly accounts?: readonly string[];
};

/** A context value that cannot be used; the message says where, what was expected and what was found. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const keys = [
  "alertEmail",
  "alertTopicArn",
  "criticalTopicArn",
  "allowForeignTopic",
  "accounts",
  "organization",
  "organizationId",
  "memberRoleName",
  "memberStackSet",
  "schedule",
  "includeDistributions",
  "excludeDistributions",
  "expiryWarningDays",
  "reminderHours",
  "riskReminderDays",
  "weeklyDigest",
  "mutes",
  "muteTags",
  "muteWindows",
  "readFunctions",
  "viewerErrors",
  "throughCloudFront",
  "eventBus",
  "securityHub",
  "pagerDutyRoutingKey",
  "pagerDutyServiceRegion",
  "pagerDutyRedact",
  "logRetentionDays",
  "vantageRegions",
  "fleet",
  "workerConcurrency",
  "vpcId",
  "subnetIds",
  "securityGroupIds",
  "vpcCidrs",
  "vpcFor",
  "vpcAccounts",
  "neverDial",
  "memoryMb",
  "reserveConcurrency",
  "alarms",
  "silenceHours",
  "dashboard",
  "boardMutes",
  "kmsKeyArn",
  "stackName",
] as const;

/** Days for which CloudWatch Logs can keep a log; that it can keep one for ever is left out. */
export const logRetentions: readonly number[] = Object.values(RetentionDays).filter(
  (value) => typeof value === "number" && value !== RetentionDays.INFINITE,
) as number[];

type Key = (typeof keys)[number];
type Context = Readonly<Record<string, unknown>>;

/**
 * Reads the configuration. Keys that are ours are bare words; an unknown one of that form is refused, because a misspelt
 * setting that is silently ignored is worse than an error. Everything else in the context is CDK's, whose keys have a
 * hyphen, a colon or a slash; one with hyphens is refused only when it spells one of ours.
 *
 * @throws ConfigError
 */
export function readConfig(context: Context): Config {
  for (const key of Object.keys(context)) {
    if (keys.some((known) => known === key)) continue;
    const closest = keys.find((known) => known.toLowerCase() === key.replaceAll(/[-_]/g, "").toLowerCase());
    if (closest !== undefined) throw new ConfigError(`context ${key}: unknown key, expected ${closest}`);
    if (/^\w+$/.test(key)) {
      const suggestion = didYouMean(key, keys);
      throw new ConfigError(
        `context ${key}: unknown key${suggestion === "" ? `, expected one of ${keys.join(", ")}` : suggestion}`,
      );
    }
  }
  return inContext(() => read(context));
}

function read(context: Context): Config {
  const { alertTopicArn, criticalTopicArn, kmsKeyArn, stackName } = context;
  const resolved = resolveProps({
    alertEmails: emails(context),
    schedule: schedule(context.schedule ?? defaults.schedule.expressionString),
    includeDistributions: list(context, "includeDistributions"),
    excludeDistributions: list(context, "excludeDistributions"),
    expiryWarningDays: numberOf(context, "expiryWarningDays", defaults.expiryWarningDays),
    reminderHours: numberOf(context, "reminderHours", defaults.reminderHours),
    riskReminderDays: numberOf(context, "riskReminderDays", defaults.riskReminderDays),
    weeklyDigest: flag(context, "weeklyDigest", defaults.weeklyDigest),
    mutes: mutes(context),
    allowForeignTopic: flag(context, "allowForeignTopic", defaults.allowForeignTopic),
    accounts: list(context, "accounts"),
    organization: organization(context),
    ...given(context, "organizationId"),
    ...given(context, "memberRoleName"),
    memberStackSet: list(context, "memberStackSet"),
    muteTags: flag(context, "muteTags", defaults.muteTags),
    muteWindows: muteWindows(context),
    readFunctions: flag(context, "readFunctions", defaults.readFunctions),
    ...given(context, "viewerErrors"),
    ...given(context, "throughCloudFront"),
    ...(context.eventBus === undefined ? {} : { eventBus: eventBus(context.eventBus) }),
    securityHub: flag(context, "securityHub", defaults.securityHub),
    ...pagerDuty(context),
    pagerDutyRedact: flag(context, "pagerDutyRedact", defaults.pagerDutyRedact),
    logRetentionDays: retention(context),
    vantageRegions: list(context, "vantageRegions"),
    fleet: flag(context, "fleet", defaults.fleet),
    workerConcurrency: numberOf(context, "workerConcurrency", defaults.workerConcurrency),
    memoryMb: numberOf(context, "memoryMb", defaults.memoryMb),
    reserveConcurrency: flag(context, "reserveConcurrency", defaults.reserveConcurrency),
    alarms: flag(context, "alarms", defaults.alarms),
    dashboard: flag(context, "dashboard", defaults.dashboard),
    boardMutes: flag(context, "boardMutes", defaults.boardMutes),
    ...(context.silenceHours === undefined ? {} : { silenceHours: numberOf(context, "silenceHours", 0) }),
  });
  return {
    ...resolved,
    ...(alertTopicArn === undefined ? {} : { alertTopicArn: topicArn("alertTopicArn", alertTopicArn) }),
    ...(criticalTopicArn === undefined ? {} : { criticalTopicArn: topicArn("criticalTopicArn", criticalTopicArn) }),
    ...(kmsKeyArn === undefined ? {} : { kmsKeyArn: keyArn(kmsKeyArn) }),
    ...vpcVantage(context),
    stackName: nameOfStack(stackName ?? "OriginWatch"),
  };
}

/** Properties that have another name in the context. */
const contextKeys: ReadonlyMap<string, Key> = new Map([
  ["alertEmails", "alertEmail"],
  ["topic", "alertTopicArn"],
  ["criticalTopic", "criticalTopicArn"],
  ["vpc.cidrs", "vpcCidrs"],
  ["vpc.neverDial", "neverDial"],
  ["vpc.for", "vpcFor"],
  ["vpc.accounts", "vpcAccounts"],
]);

/**
 * Makes what takes properties of values of the context.
 *
 * @throws ConfigError in the place of a PropError
 */
export function inContext<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof PropError)) throw error;
    const key = contextKeys.get(error.prop) ?? error.prop;
    throw new ConfigError(`context ${key}: ${inKeys(error.problem)}`);
  }
}

/** A problem may name other properties too. */
function inKeys(problem: string): string {
  return [...contextKeys].reduce(
    (text, [prop, key]) => (prop.includes(".") ? text.replaceAll(prop, key) : text),
    problem,
  );
}

function emails(context: Context): string[] {
  const found = list(context, "alertEmail");
  if (found.length === 0 && context.alertTopicArn === undefined) {
    throw new ConfigError(
      "context alertEmail: expected an e-mail address (-c alertEmail=ops@example.com), got nothing",
    );
  }
  return found;
}

/** A list from JSON context, from a JSON array on the command line, or from words separated by commas. */
function list(context: Context, key: Key): string[] {
  const value = context[key];
  if (value === undefined || value === "") return [];
  const entries: unknown =
    typeof value === "string" ? (value.trim().startsWith("[") ? json(key, value) : value.split(",")) : value;
  if (!Array.isArray(entries)) throw unexpected(key, "a word, a comma-separated list or a JSON array", value);
  return [
    ...new Set(
      entries.map((entry) => {
        if (typeof entry !== "string" || entry.trim() === "") throw unexpected(key, "a list of words", value);
        return entry.trim();
      }),
    ),
  ];
}

function mutes(context: Context): readonly MuteConfig[] {
  const value = context.mutes;
  return resolveMutes(typeof value === "string" ? json("mutes", value) : (value ?? []));
}

function muteWindows(context: Context): readonly MuteWindowConfig[] {
  const value = context.muteWindows;
  return resolveMuteWindows(typeof value === "string" ? json("muteWindows", value) : (value ?? []));
}

function json(key: Key, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unexpected(key, "a JSON array", text);
  }
}

/** `rate(…)` and `cron(…)` of EventBridge Scheduler, or a number of minutes. */
function schedule(value: unknown): ScheduleExpression {
  const text = String(value).trim();
  if (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 10_080) {
    return ScheduleExpression.rate(Duration.minutes(Number(text)));
  }
  if (/^(?:rate|cron)\([^()]{1,100}\)$/.test(text)) return ScheduleExpression.expression(text);
  throw unexpected("schedule", expectedSchedule, value);
}

/** `default`, the name of a bus of this account and Region, or an ARN. */
function eventBus(value: unknown): string {
  const name = /^[A-Za-z0-9._/-]{1,256}$/;
  const arn = /^arn:aws[a-z-]*:events:[a-z0-9-]+:\d{12}:event-bus\/[A-Za-z0-9._/-]{1,256}$/;
  if (typeof value === "string" && (name.test(value) || arn.test(value))) return value;
  throw unexpected("eventBus", "default, the name of an event bus, or its ARN", value);
}

/** The construct looks at the value. */
function given(context: Context, key: Key): object {
  return context[key] === undefined ? {} : { [key]: context[key] };
}

const vpcKeys = ["subnetIds", "securityGroupIds", "vpcCidrs", "vpcFor", "vpcAccounts", "neverDial"] as const;

function vpcVantage(context: Context): { vpcVantage?: VpcContext } {
  const { vpcId } = context;
  if (vpcId === undefined) {
    const useless = vpcKeys.find((key) => context[key] !== undefined);
    if (useless === undefined) return {};
    throw new ConfigError(`context ${useless}: expected vpcId beside it, got none: there is no vantage inside a VPC`);
  }
  if (typeof vpcId !== "string" || !vpcIdForm.test(vpcId)) {
    throw unexpected("vpcId", "the id of a VPC (vpc-0123456789abcdef0)", vpcId);
  }
  const subnetIds = ids(context, "subnetIds", subnetIdForm, "ids of subnets of the VPC (subnet-0123456789abcdef0)");
  if (subnetIds.length === 0) {
    throw new ConfigError("context subnetIds: expected at least one subnet of the VPC, got none");
  }
  const groups = ids(context, "securityGroupIds", securityGroupIdForm, "ids of security groups (sg-0123456789abcdef0)");
  const [cidrs, neverDial] = [list(context, "vpcCidrs"), list(context, "neverDial")];
  checkRangesOfVpc("vpc.cidrs", cidrs);
  checkNetworks("vpc.neverDial", neverDial);
  const accounts = context.vpcAccounts === undefined ? {} : { accounts: list(context, "vpcAccounts") };
  const purposes = vpcFor(context);
  checkPurposes({ for: purposes, ...accounts });
  return { vpcVantage: { vpcId, subnetIds, securityGroupIds: groups, cidrs, neverDial, purposes, ...accounts } };
}

function vpcFor(context: Context): readonly VpcPurpose[] {
  if (context.vpcFor === undefined) return ["vpcOrigins"];
  const given = list(context, "vpcFor");
  const known = vpcPurposes.filter((purpose) => given.includes(purpose));
  if (given.length > 0 && known.length === given.length) return known;
  throw unexpected("vpcFor", `${vpcPurposes.join(", ")} or both`, context.vpcFor);
}

function ids(context: Context, key: Key, form: RegExp, words: string): readonly string[] {
  const found = list(context, key);
  const invalid = found.find((each) => !form.test(each));
  if (invalid !== undefined) throw unexpected(key, words, invalid);
  return found;
}

/** All of it, or some units of it. */
function organization(context: Context): boolean | string[] {
  const { organization: value = defaults.organization } = context;
  if (value === true || value === "true") return true;
  return value === false || value === "false" ? false : list(context, "organization");
}

/** The construct looks at the values: it repeats no key. */
function pagerDuty({ pagerDutyRoutingKey, pagerDutyServiceRegion }: Context): object {
  if (pagerDutyRoutingKey === undefined && pagerDutyServiceRegion !== undefined) {
    throw withoutRoutingKey("pagerDutyServiceRegion");
  }
  return {
    ...(pagerDutyRoutingKey === undefined ? {} : { pagerDutyRoutingKey }),
    ...(pagerDutyServiceRegion === undefined ? {} : { pagerDutyServiceRegion }),
  };
}

function nameOfStack(value: unknown): string {
  if (typeof value === "string" && /^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(value)) return value;
  throw unexpected("stackName", "a name of letters, digits and hyphens that begins with a letter", value);
}

/** The ARN of a key: an alias may point at another key tomorrow, and the policies name a key. */
function keyArn(value: unknown): string {
  if (typeof value === "string" && /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,64}$/.test(value))
    return value;
  throw unexpected("kmsKeyArn", "the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/ID)", value);
}

/** The construct looks at the rest: the account and Region are the stack's to know. */
function topicArn(key: Key, value: unknown): string {
  if (typeof value === "string" && /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]{1,256}$/.test(value))
    return value;
  throw unexpected(key, "the ARN of a topic (arn:aws:sns:REGION:ACCOUNT:NAME)", value);
}

function retention(context: Context): RetentionDays {
  const days = wholeNumber(context, "logRetentionDays", defaults.logRetentionDays, [1, 3_653]);
  if (!logRetentions.includes(days)) {
    const allowed = logRetentions.join(", ");
    throw unexpected("logRetentionDays", `a retention that CloudWatch Logs has (${allowed} days)`, days);
  }
  return days;
}

function numberOf(context: Context, key: Key & keyof typeof ranges, otherwise: number): number {
  return wholeNumber(context, key, otherwise, ranges[key]);
}

function wholeNumber(
  context: Context,
  key: Key,
  otherwise: number,
  [least, most]: readonly [least: number, most: number],
): number {
  const value = context[key] ?? otherwise;
  const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number) || number < least || number > most) {
    throw unexpected(key, `a whole number from ${least} to ${most}`, value);
  }
  return number;
}

function flag(context: Context, key: Key, otherwise: boolean): boolean {
  const value = context[key] ?? otherwise;
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw unexpected(key, "true or false", value);
}

function unexpected(key: Key, expected: string, got: unknown): ConfigError {
  return new ConfigError(`context ${key}: expected ${expected}, got ${JSON.stringify(got)?.slice(0, 100)}`);
}
