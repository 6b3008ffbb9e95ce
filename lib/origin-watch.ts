import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Duration, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { Alarms } from "./alarms.ts";
import { AlertTopic } from "./alert-topic.ts";
import { BoardMutes } from "./board-mutes.ts";
import { Dashboard } from "./dashboard.ts";
import type { EgressWorker } from "./egress-worker.ts";
import { letServicesUse } from "./encryption-key.ts";
import { MemberStackSet } from "./member-stack-set.ts";
import { checkOwnAccount, type MemberParameter, memberParameters, membersOf } from "./members.ts";
import { warnOfMutesThatAreOver } from "./mutes-that-are-over.ts";
import { defaults, type OriginWatchProps, resolveProps } from "./origin-watch-props.ts";
import { Relay } from "./relay.ts";
import { rhythmOf, staleAfter } from "./rhythm.ts";
import { RunSchedule } from "./run-schedule.ts";
import { SavedQueries } from "./saved-queries.ts";
import { StateBucket } from "./state-bucket.ts";
import { StatusBoard } from "./status-board.ts";
import { addWorkers, vantagesOf } from "./vantages.ts";
import { addEgressWorker, addVpcWorker, keepBatchesApart } from "./vpc-vantage.ts";
import type { VpcWorker } from "./vpc-worker.ts";
import { WatchFunction } from "./watch-function.ts";

export type { MuteWindowConfig } from "./mute-windows.ts";
export type { MuteConfig } from "./mutes.ts";
export type { OriginWatchProps } from "./origin-watch-props.ts";
export type { VpcVantageProps } from "./vpc-vantage-props.ts";

/**
 * Origin Watch in one account: a scheduled function that checks every custom origin of the account's distributions as
 * CloudFront would, its state, the topic through which it alerts, and alarms on itself.
 *
 * CloudFront is a global service, so any Region will do. One in a stack: the dashboard is named after it. Two stacks in an
 * account and Region share nothing, and tell twice what both of them check.
 */
export class OriginWatch extends Construct {
  /** Alerts are published here; subscribe whatever SNS can reach. */
  readonly topic: ITopic;
  /** Holds the state, what is open and what was told, and the board, what the last run saw. */
  readonly bucket: Bucket;
  readonly function: LambdaFunction;
  /** One record a connection, an origin, an open incident and a run, and the metrics. */
  readonly logGroup: LogGroup;
  /** Keeps the events of runs that failed as a whole. */
  readonly failedRuns: Queue;
  /** Takes notices to an event bus, to Security Hub and to PagerDuty, where they are wanted. */
  readonly relay: Relay | undefined;
  /** The alarms, unless they are switched off. */
  readonly alarms: Alarms | undefined;
  /** The function behind the status board; whoever looks at the dashboard needs `lambda:InvokeFunction` on it. */
  readonly statusBoard: StatusBoard | undefined;
  /** The function that mutes from the status board, where that is wanted; whoever is to mute needs `lambda:InvokeFunction` on it. */
  readonly boardMutes: BoardMutes | undefined;
  /** One for each of `vantageRegions`, in the same app: each has a function that observes from its Region. */
  readonly workerStacks: readonly Stack[];
  /** The function inside a VPC that looks at VPC origins, where one is wanted: the security groups of origins must admit its `function.connections`. */
  readonly vpcWorker: VpcWorker | undefined;
  /** The function inside a VPC that looks at public origins by its fixed addresses, where one is wanted. */
  readonly egressWorker: EgressWorker | undefined;
  /** The dashboard, unless it is switched off. */
  readonly dashboard: Dashboard | undefined;
  /** What the template of the other accounts' role asks for, where other accounts are watched. */
  readonly memberParameters: Readonly<Record<MemberParameter, string>> | undefined;

  constructor(scope: Construct, id: string, props: OriginWatchProps = {}) {
    super(scope, id);
    const settings = resolveProps(props);
    warnOfMutesThatAreOver(this, settings.mutes, Date.now());
    const { encryptionKey } = settings;
    const rhythm = rhythmOf(settings.schedule);
    const silence = settings.silenceHours === undefined ? undefined : Duration.hours(settings.silenceHours);
    this.topic = new AlertTopic(this, "Alerts", {
      emails: settings.alertEmails,
      encryptionKey,
      existing: settings.topic,
      critical: settings.criticalTopic,
      allowForeign: settings.allowForeignTopic,
      alarms: settings.alarms,
    }).topic;
    this.bucket = new StateBucket(this, "State", { encryptionKey }).bucket;
    const members = membersOf(settings, defaults);
    const vantages = vantagesOf(this, settings, this.bucket);
    const { topic, bucket } = this;
    const watch = new WatchFunction(this, "Watch", { settings, members, topic, bucket, vantages });
    this.workerStacks = addWorkers(this, settings);
    this.vpcWorker = addVpcWorker(this, settings, this.bucket);
    if (this.vpcWorker !== undefined) keepBatchesApart(this.bucket, watch.roleArn, this.vpcWorker.roleArn);
    this.egressWorker = addEgressWorker(this, settings);
    this.function = watch.function;
    if (members !== null) {
      const hub = { accountId: Stack.of(this).account, roleName: watch.roleName };
      checkOwnAccount(members, hub.accountId);
      this.memberParameters = memberParameters(members, settings, hub);
      if (members.stackSetUnits.length > 0) {
        const { memberParameters: parameters } = this;
        const stackSet = new MemberStackSet(this, "Members", { members, parameters, name: watch.roleName });
        // The role is there before it is assumed.
        watch.function.node.addDependency(stackSet);
      }
    }
    this.logGroup = watch.logGroup;
    this.failedRuns = watch.failedRuns;
    const runs = new RunSchedule(this, "Runs", { function: this.function, schedule: settings.schedule });
    const pagerDuty =
      settings.pagerDutyRoutingKey === undefined
        ? undefined
        : {
            secretArn: settings.pagerDutyRoutingKey,
            serviceRegion: settings.pagerDutyServiceRegion,
            redact: settings.pagerDutyRedact,
          };
    if (settings.eventBus !== undefined || settings.securityHub || pagerDuty !== undefined) {
      this.relay = new Relay(this, "Relay", {
        topic: this.topic,
        bucket: this.bucket,
        logRetentionDays: settings.logRetentionDays,
        eventBus: settings.eventBus,
        securityHub: settings.securityHub,
        pagerDuty,
        encryptionKey,
      });
    }
    if (encryptionKey !== undefined) letServicesUse(encryptionKey, this);
    if (settings.alarms) {
      this.alarms = new Alarms(this, "Alarms", {
        function: this.function,
        timeout: watch.timeout,
        scheduleGroup: runs.group,
        rhythm,
        silence,
        topic: this.topic,
        relay: this.relay?.function,
      });
    }
    new SavedQueries(this, "Queries", { logGroup: this.logGroup });
    if (settings.dashboard) {
      if (settings.boardMutes) {
        const { logRetentionDays } = settings;
        this.boardMutes = new BoardMutes(this, "BoardMutes", { bucket: this.bucket, logRetentionDays, encryptionKey });
      }
      this.statusBoard = new StatusBoard(this, "StatusBoard", {
        bucket: this.bucket,
        logRetentionDays: settings.logRetentionDays,
        staleAfter: staleAfter(rhythm, silence),
        boardMutes: this.boardMutes?.function,
        encryptionKey,
      });
      this.dashboard = new Dashboard(this, "Dashboard", {
        function: this.function,
        timeout: watch.timeout,
        logGroup: this.logGroup,
        statusBoard: this.statusBoard.function,
        alarms: this.alarms,
        rhythm,
        expiryWarningDays: settings.expiryWarningDays,
      });
    }
  }
}
