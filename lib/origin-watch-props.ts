import type { IKey } from "aws-cdk-lib/aws-kms";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import { Duration, Token } from "aws-cdk-lib/core";
import { defaultMemberRoleName } from "../lambda/contract/accounts.ts";
import { defaults as agreed } from "../lambda/contract/defaults.ts";
import {
  isThroughCloudFrontSetting,
  type ThroughCloudFrontSetting,
  throughCloudFrontSettings,
} from "../lambda/contract/through-cloudfront.ts";
import {
  isViewerErrorsSetting,
  type ViewerErrorsSetting,
  viewerErrorsSettings,
} from "../lambda/contract/viewer-errors.ts";
import { membersOf } from "./members.ts";
import { type MuteWindowConfig, resolveMuteWindows } from "./mute-windows.ts";
import { type MuteConfig, resolveMutes } from "./mutes.ts";
import { PropError } from "./prop-error.ts";
import { rhythmOf, scheduleProblem } from "./rhythm.ts";
import { checkVantages } from "./vantage-regions.ts";
import { checkVpc, type VpcVantageProps } from "./vpc-vantage-props.ts";

/** How Origin Watch watches, tells and costs. Every property has a default. */
export type OriginWatchProps = {
  /**
   * Addresses that get the alerts. Each gets a confirmation mail from SNS first.
   *
   * @default - none; subscribe to the construct's `topic` yourself
   */
  readonly alertEmails?: readonly string[];
  /**
   * A topic that there is already, for all alerts. What publishes and subscribes there besides is its owner's affair.
   *
   * @default - one is made
   */
  readonly topic?: ITopic;
  /**
   * One more topic that there is already. It gets, besides the first one, what is critical and what is fixed.
   *
   * @default - none
   */
  readonly criticalTopic?: ITopic;
  /** Let `topic` and `criticalTopic` be of another account or Region. @default false */
  readonly allowForeignTopic?: boolean;
  /**
   * Ids of other accounts to watch beside the stack's own. Each needs a role that trusts this stack's function
   * (docs/accounts.md); one that has none is a problem of that account, told once and daily.
   *
   * @default - the stack's own account alone
   */
  readonly accounts?: readonly string[];
  /**
   * Watch all accounts of the organization, or those in the organizational units with these ids (`ou-…`, the root `r-…`), at
   * any depth. The stack's account must be a delegated administrator of some service, which may list them. Not beside
   * `accounts`.
   *
   * @default false
   */
  readonly organization?: boolean | readonly string[];
  /** The organization's id (`o-…`): the roles of other accounts trust nobody outside of it. Needed with other accounts. @default - none */
  readonly organizationId?: string;
  /** The name of the role in each of the other accounts. @default "origin-watch-inventory" */
  readonly memberRoleName?: string;
  /**
   * Ids of organizational units, or of the root (`r-…`), in whose accounts a CloudFormation StackSet of this stack makes the
   * role, now and whenever an account joins. The stack's account must be a delegated administrator of StackSets; the
   * management account is never reached. With `accounts`, only these in the units get the role.
   *
   * @default - the role is made by other means
   */
  readonly memberStackSet?: readonly string[];
  /** When runs start. @default ScheduleExpression.rate(Duration.minutes(15)) */
  readonly schedule?: ScheduleExpression;
  /** Ids of the distributions to check. @default - all of the account */
  readonly includeDistributions?: readonly string[];
  /** Ids of distributions to leave alone. @default - none */
  readonly excludeDistributions?: readonly string[];
  /**
   * The longest warning before a certificate expires, in days. One that lives for less than four times that gets a
   * quarter of its lifetime, and one that was seen to be renewed late a shorter warning, of at least a tenth.
   *
   * @default 21
   */
  readonly expiryWarningDays?: number;
  /** Hours after which what fails is told again. @default 24 */
  readonly reminderHours?: number;
  /** Days after which what is at risk is told again. @default 7 */
  readonly riskReminderDays?: number;
  /** A message a week that says that all is well, or what is not. @default false */
  readonly weeklyDigest?: boolean;
  /** What is kept quiet about, and until when. @default - nothing */
  readonly mutes?: readonly MuteConfig[];
  /**
   * Let a distribution's tag `origin-watch:mute-until` keep quiet about it, for 90 days at most. Whoever may tag a
   * distribution can then hold back alerts about it, which is told once. Costs a call to CloudFront in each run for each
   * distribution with something to report.
   *
   * @default true
   */
  readonly muteTags?: boolean;
  /**
   * When an origin or a distribution is worked on again and again, for 24 hours at most each time. It is kept quiet about
   * then, which is told once for each window that holds something back; what is still open at the end is told then.
   *
   * @default - never
   */
  readonly muteWindows?: readonly MuteWindowConfig[];
  /**
   * Read the code of CloudFront functions for viewer requests once a day, to know whether it can choose another origin or
   * answer itself. It is searched for a few words, never run, and goes nowhere; but function code may hold passwords, so
   * that the right to read it is one of its own.
   *
   * @default false
   */
  readonly readFunctions?: boolean;
  /**
   * How often CloudWatch is asked what CloudFront counted, for distributions of which nothing is found: once an hour, in
   * each run, or never. It finds errors that no check from outside can see. Costs $0.01 for 1,000 metrics asked for, two for
   * a distribution; with `off` the right to ask is not given.
   *
   * @default "hourly"
   */
  readonly viewerErrors?: ViewerErrorsSetting;
  /**
   * Ask CloudFront itself: one request a run through a distribution, on a path of its own, for an origin that fails, may fail
   * or could not be seen (`doubt`), or for every origin (`all`). Viewers' logs and alarms see these requests; a distribution
   * with fewer than 1,000 requests in the last hour is not asked, which is why `viewerErrors` must not be `off`. An owner says
   * no by the tag `origin-watch:check-path` with the value `never`.
   *
   * @default "off"
   */
  readonly throughCloudFront?: ThroughCloudFrontSetting;
  /** Name or ARN of an event bus that gets an event for each notice. @default - none */
  readonly eventBus?: string;
  /** Report incidents to Security Hub, which must be enabled in the account and Region. @default false */
  readonly securityHub?: boolean;
  /**
   * ARN of the secret in Secrets Manager that holds the routing key of an integration of PagerDuty (Events API v2), as
   * text. PagerDuty then gets an event for each fault, and one when it is over.
   *
   * @default - PagerDuty is told nothing
   */
  readonly pagerDutyRoutingKey?: string;
  /** The service region of the account at PagerDuty. @default "us" */
  readonly pagerDutyServiceRegion?: "us" | "eu";
  /** Leave names and ids out of what PagerDuty gets: the code and a link to the console remain. @default false */
  readonly pagerDutyRedact?: boolean;
  /**
   * Regions from which every origin is observed too, each of them once, and none of them the stack's own. In each the app
   * gets a stack with one function, which may do nothing but observe. Costs about as much for each as the function that
   * watches; see docs/regions.md.
   *
   * @default - only the stack's own Region
   */
  readonly vantageRegions?: readonly string[];
  /**
   * Have functions beside the one that watches observe in its place, many at once: for more than 20,000 connections.
   *
   * @default false
   */
  readonly fleet?: boolean;
  /**
   * How many batches of up to 500 connections are observed at once in each Region that has workers. As many executions
   * are reserved there, unless `reserveConcurrency` is false.
   *
   * @default 10
   */
  readonly workerConcurrency?: number;
  /**
   * A vantage inside a VPC, which looks at what is behind VPC origins, at public origins by the fixed addresses of the VPC, or
   * at both; see docs/vpc.md. The app gets one more function for each, with network interfaces in that VPC.
   *
   * @default - none: nobody can tell how VPC origins are
   */
  readonly vpc?: VpcVantageProps;
  /** How long the log is kept. @default RetentionDays.THREE_MONTHS */
  readonly logRetentionDays?: RetentionDays;
  /** Memory of the function in MB; its share of a processor follows from it. @default 512 */
  readonly memoryMb?: number;
  /**
   * Reserve one concurrent execution, so that runs never overlap. Accounts with a quota of 10 concurrent executions, as
   * new ones have, cannot reserve any; without it the state's compare-and-swap alone keeps runs apart.
   *
   * @default true
   */
  readonly reserveConcurrency?: boolean;
  /**
   * Alarms that tell when Origin Watch itself does not work, through the same topic, and one on failing origins, which
   * publishes nothing: for composite alarms and rules of one's own.
   *
   * @default true
   */
  readonly alarms?: boolean;
  /**
   * Hours without a completed run after which the alarm goes off, from 1 to 168, and no fewer than runs are apart.
   *
   * @default - three intervals of a rate, four days with a cron expression; up to seven days where runs are further apart
   */
  readonly silenceHours?: number;
  /**
   * A dashboard in CloudWatch: the status board of all origins, alarms, open incidents and the metrics. The board is a
   * custom widget with a function of its own, which whoever looks must be allowed to invoke.
   *
   * @default true
   */
  readonly dashboard?: boolean;
  /**
   * Buttons on the status board that mute an origin for 4 hours, a day or 7 days, after a question. They call a function of
   * its own, which whoever is to mute must be allowed to invoke: it can hold back alerts, which is told once.
   *
   * @default false
   */
  readonly boardMutes?: boolean;
  /**
   * A key of yours for the topic, the bucket, the queue and the log groups. CDK adds what the services need to the policy
   * of a key that is made in the same app; for an imported one docs/operations.md has the statements.
   *
   * @default - keys of AWS
   */
  readonly encryptionKey?: IKey;
};

type WithoutDefault =
  | "encryptionKey"
  | "topic"
  | "criticalTopic"
  | "silenceHours"
  | "eventBus"
  | "pagerDutyRoutingKey"
  | "organizationId"
  | "vpc";

/** What is left open by the props, filled in. */
export type ResolvedProps = Required<Omit<OriginWatchProps, WithoutDefault>> & Pick<OriginWatchProps, WithoutDefault>;

/** The defaults that context and props share. */
export const defaults = {
  alertEmails: [],
  allowForeignTopic: false,
  accounts: [],
  organization: false,
  memberRoleName: defaultMemberRoleName,
  memberStackSet: [],
  schedule: ScheduleExpression.rate(Duration.minutes(15)),
  includeDistributions: [],
  excludeDistributions: [],
  ...agreed,
  weeklyDigest: false,
  mutes: [],
  muteTags: true,
  muteWindows: [],
  readFunctions: false,
  vantageRegions: [],
  fleet: false,
  securityHub: false,
  pagerDutyServiceRegion: "us",
  pagerDutyRedact: false,
  logRetentionDays: RetentionDays.THREE_MONTHS,
  memoryMb: 512,
  reserveConcurrency: true,
  alarms: true,
  dashboard: true,
  boardMutes: false,
} as const satisfies ResolvedProps;

/** The least and the most that each number may be, in its own unit. */
export const ranges = {
  expiryWarningDays: [1, 365],
  reminderHours: [1, 720],
  riskReminderDays: [1, 365],
  memoryMb: [256, 10_240],
  workerConcurrency: [1, 200],
  silenceHours: [1, 168],
} as const satisfies { readonly [key in keyof OriginWatchProps]?: readonly [least: number, most: number] };

const distributionIds = { pattern: /^[A-Z0-9]{1,32}$/, words: "distribution ids such as E1A2B3C4D5E6F7" } as const;

/** What the entries of a list must look like: enough to find a slip. */
export const forms = {
  alertEmails: { pattern: /^[^\s@,]{1,64}@[^\s@,]{1,255}$/, words: "an e-mail address" },
  includeDistributions: distributionIds,
  excludeDistributions: distributionIds,
} as const satisfies {
  readonly [key in keyof OriginWatchProps]?: { readonly pattern: RegExp; readonly words: string };
};

/**
 * Fills in the defaults.
 *
 * @throws PropError for what the function or a service would refuse only after the deployment, or in it
 */
export function resolveProps(props: OriginWatchProps): ResolvedProps {
  const given = Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
  const resolved: ResolvedProps = { ...defaults, ...given };
  checkNumbers(resolved);
  checkLists(resolved);
  checkSchedule(resolved);
  checkPagerDuty(resolved);
  checkViewerErrors(resolved);
  checkThroughCloudFront(resolved);
  if (resolved.boardMutes && !resolved.dashboard) {
    throw new PropError("boardMutes", "expected dashboard beside it, got none: there would be no board to mute on");
  }
  membersOf(resolved, defaults);
  checkVantages(resolved);
  checkVpc(resolved.vpc);
  return {
    ...resolved,
    mutes: resolveMutes(resolved.mutes),
    muteWindows: resolveMuteWindows(resolved.muteWindows),
  };
}

function checkNumbers(resolved: ResolvedProps): void {
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const value: unknown = Reflect.get(resolved, name);
    if (value === undefined) continue;
    if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
      throw new PropError(name, `expected a whole number from ${least} to ${most}, got ${JSON.stringify(value)}`);
    }
  }
}

function checkLists(resolved: ResolvedProps): void {
  for (const [name, { pattern, words }] of Object.entries(forms)) {
    const value: unknown = Reflect.get(resolved, name);
    const entries: readonly unknown[] = Array.isArray(value) ? value : [];
    const invalid = entries.find(
      (entry) => typeof entry !== "string" || !(Token.isUnresolved(entry) || pattern.test(entry)),
    );
    if (invalid !== undefined) throw new PropError(name, `expected ${words}, got ${JSON.stringify(invalid)}`);
  }
  const { includeDistributions, excludeDistributions } = resolved;
  const both = includeDistributions.find((id) => excludeDistributions.includes(id));
  if (both === undefined) return;
  throw new PropError("excludeDistributions", `${both} is in includeDistributions too, expected it in one of them`);
}

function checkSchedule({ schedule, silenceHours }: ResolvedProps): void {
  const problem = scheduleProblem(schedule);
  if (problem !== null) throw new PropError("schedule", problem);
  const pauseHours = Math.ceil((rhythmOf(schedule).longestPauseSeconds ?? 0) / 3_600);
  if (silenceHours === undefined || silenceHours >= pauseHours) return;
  const [, most] = ranges.silenceHours;
  const expected = pauseHours > most ? "expected nothing" : `expected at least ${pauseHours}`;
  const reason = `runs by ${schedule.expressionString} are up to ${pauseHours} hours apart`;
  throw new PropError("silenceHours", `${expected}, got ${silenceHours}: ${reason}`);
}

function checkViewerErrors({ viewerErrors }: ResolvedProps): void {
  if (isViewerErrorsSetting(viewerErrors)) return;
  const got = JSON.stringify(viewerErrors);
  throw new PropError("viewerErrors", `expected one of ${viewerErrorsSettings.join(", ")}, got ${got}`);
}

function checkThroughCloudFront({ throughCloudFront, viewerErrors }: ResolvedProps): void {
  if (!isThroughCloudFrontSetting(throughCloudFront)) {
    const got = JSON.stringify(throughCloudFront);
    throw new PropError("throughCloudFront", `expected one of ${throughCloudFrontSettings.join(", ")}, got ${got}`);
  }
  if (throughCloudFront === "off" || viewerErrors !== "off") return;
  throw new PropError(
    "throughCloudFront",
    `expected off, got ${throughCloudFront}: with viewerErrors off it is not known how many requests a distribution has, and on an idle one a request of this check would be the error rate`,
  );
}

const secretArn = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}$/;

/** What is no ARN is not repeated: it may be the key itself, and what a synthesis says ends up in logs. */
function checkPagerDuty(resolved: ResolvedProps): void {
  const { pagerDutyRoutingKey, pagerDutyServiceRegion, pagerDutyRedact } = resolved;
  if (pagerDutyServiceRegion !== "us" && pagerDutyServiceRegion !== "eu") {
    throw new PropError("pagerDutyServiceRegion", `expected us or eu, got ${JSON.stringify(pagerDutyServiceRegion)}`);
  }
  if (pagerDutyRoutingKey === undefined) {
    if (pagerDutyServiceRegion !== defaults.pagerDutyServiceRegion) throw withoutRoutingKey("pagerDutyServiceRegion");
    if (pagerDutyRedact) throw withoutRoutingKey("pagerDutyRedact");
    return;
  }
  if (Token.isUnresolved(pagerDutyRoutingKey)) return;
  if (typeof pagerDutyRoutingKey === "string" && secretArn.test(pagerDutyRoutingKey)) return;
  const arn = "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-123456";
  throw new PropError(
    "pagerDutyRoutingKey",
    `expected the whole ARN of a secret in Secrets Manager (${arn}), got something else. A key does not belong here: put it into a secret`,
  );
}

/** Who sets it believes that PagerDuty is told. */
export function withoutRoutingKey(prop: string): PropError {
  return new PropError(prop, "expected pagerDutyRoutingKey beside it, got none: PagerDuty would be told nothing");
}
