import { readFileSync } from "node:fs";
import { readAccountEnvironment } from "../contract/accounts.ts";
import { defaults } from "../contract/defaults.ts";
import { type ReadWindow, readMuteWindows } from "../contract/mute-windows.ts";
import { type Mute, readMutes } from "../contract/mutes.ts";
import {
  isThroughCloudFrontSetting,
  type ThroughCloudFrontSetting,
  throughCloudFrontSettings,
} from "../contract/through-cloudfront.ts";
import { isViewerErrorsSetting, type ViewerErrorsSetting, viewerErrorsSettings } from "../contract/viewer-errors.ts";
import type { AlertPolicy } from "../incidents/policy.ts";
import { dayMs, hourMs } from "../text/instant.ts";
import { type Environment, listed, optional, required } from "./environment.ts";

/** What the function is told through its environment; lib/ sets it. */
export type Settings = {
  readonly topicArn: string;
  /** One more topic, for what is critical; null where there is none. */
  readonly criticalTopicArn: string | null;
  readonly stateBucket: string;
  readonly stateKey: string;
  /** Where what is remembered beyond what was told is kept, beside the state. */
  readonly memoryKey: string;
  /** Where mutes are that were asked for in a terminal or on the board, beside the state. */
  readonly mutesKey: string;
  /** Where the board of the last run is kept, in the same bucket; null where nobody looks at it. */
  readonly boardKey: string | null;
  /** The dashboard that shows it, by name; null where there is none. */
  readonly dashboard: string | null;
  readonly expiryWarningDays: number;
  /** When people are told, and of what not. */
  readonly alertPolicy: Omit<AlertPolicy, "firstMessage">;
  /** Other accounts, and the role in each of them; null where there are none. */
  readonly others: ReturnType<typeof readAccountEnvironment>;
  /** Whether tags of distributions may mute. */
  readonly muteTags: boolean;
  /** Maintenance windows, in which mutes hold that the settings ask for. */
  readonly muteWindows: readonly ReadWindow[];
  /** Whether the code of CloudFront functions is read for what it can do. */
  readonly readFunctions: boolean;
  /** How often CloudFront's own count of errors is asked for. */
  readonly viewerErrors: ViewerErrorsSetting;
  /** What is asked of CloudFront itself. */
  readonly throughCloudFront: ThroughCloudFrontSetting;
  /** Distribution ids; null means all. */
  readonly includeDistributions: ReadonlySet<string> | null;
  readonly excludeDistributions: ReadonlySet<string>;
  /** For tests against an account in a box; empty in a deployment, where nothing sets them. */
  readonly dnsServers: readonly string[];
  readonly allowedPrivateNetworks: readonly string[];
  readonly extraAnchorsPem: readonly string[];
  /** Where edge locations listen; null for 443. */
  readonly edgePort: number | null;
};

/** Reads the environment. Throws with the variable's name when it is missing or wrong: then the deployment is broken. */
export function readSettings(environment: Environment): Settings {
  const include = listed(environment.INCLUDE_DISTRIBUTIONS);
  return {
    topicArn: required(environment, "TOPIC_ARN"),
    criticalTopicArn: optional(environment, "CRITICAL_TOPIC_ARN"),
    stateBucket: required(environment, "STATE_BUCKET"),
    stateKey: required(environment, "STATE_KEY"),
    memoryKey: required(environment, "STATE_KEY").replace(/[^/]*$/, "memory.json"),
    mutesKey: required(environment, "STATE_KEY").replace(/[^/]*$/, "mutes.json"),
    boardKey: optional(environment, "BOARD_KEY"),
    dashboard: optional(environment, "DASHBOARD_NAME"),
    expiryWarningDays: wholeNumber(environment, "EXPIRY_WARNING_DAYS", defaults.expiryWarningDays),
    alertPolicy: {
      confirmations: 2,
      remindFailingAfter: wholeNumber(environment, "REMINDER_HOURS", defaults.reminderHours) * hourMs,
      remindAtRiskAfter: wholeNumber(environment, "RISK_REMINDER_DAYS", defaults.riskReminderDays) * dayMs,
      weeklyDigest: environment.WEEKLY_DIGEST === "true",
      mutes: mutes(environment.MUTES),
    },
    others: readAccountEnvironment(environment),
    muteTags: environment.MUTE_TAGS === "true",
    muteWindows: muteWindows(environment.MUTE_WINDOWS),
    readFunctions: environment.READ_FUNCTIONS === "true",
    viewerErrors: viewerErrors(environment.VIEWER_ERRORS),
    throughCloudFront: throughCloudFront(environment.THROUGH_CLOUDFRONT),
    includeDistributions: include.length === 0 ? null : new Set(include),
    excludeDistributions: new Set(listed(environment.EXCLUDE_DISTRIBUTIONS)),
    dnsServers: listed(environment.DNS_SERVERS),
    allowedPrivateNetworks: listed(environment.ALLOWED_PRIVATE_NETWORKS),
    extraAnchorsPem: listed(environment.EXTRA_TRUST_ANCHORS_FILES).map((file) => readFileSync(file, "utf8")),
    edgePort: environment.EDGE_PORT === undefined ? null : Number(environment.EDGE_PORT),
  };
}

function wholeNumber(environment: Environment, name: string, otherwise: number): number {
  const value = environment[name] ?? String(otherwise);
  if (!/^[1-9]\d{0,3}$/.test(value))
    throw new Error(`environment variable ${name}: expected 1 to 9999, got "${value}"`);
  return Number(value);
}

function viewerErrors(value: string = defaults.viewerErrors): ViewerErrorsSetting {
  if (isViewerErrorsSetting(value)) return value;
  throw new Error(
    `environment variable VIEWER_ERRORS: expected one of ${viewerErrorsSettings.join(", ")}, got "${value}"`,
  );
}

function throughCloudFront(value: string = defaults.throughCloudFront): ThroughCloudFrontSetting {
  if (isThroughCloudFrontSetting(value)) return value;
  const expected = throughCloudFrontSettings.join(", ");
  throw new Error(`environment variable THROUGH_CLOUDFRONT: expected one of ${expected}, got "${value}"`);
}

/** @throws with the place of what is wrong: a mute that is silently ignored would be a surprise at night */
function mutes(text: string | undefined): readonly Mute[] {
  if (text === undefined || text === "") return [];
  const reading = readMutes(json("MUTES", text));
  if (reading.kind === "wrong") throw new Error(`environment variable MUTES: ${reading.problem}`);
  return reading.mutes;
}

/** @throws with the place of what is wrong */
function muteWindows(text: string | undefined): readonly ReadWindow[] {
  if (text === undefined || text === "") return [];
  const reading = readMuteWindows(json("MUTE_WINDOWS", text));
  if (reading.kind === "wrong") throw new Error(`environment variable MUTE_WINDOWS: ${reading.problem}`);
  return reading.windows;
}

function json(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`environment variable ${name}: expected JSON`);
  }
}
