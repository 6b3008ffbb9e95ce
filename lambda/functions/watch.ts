import { randomUUID } from "node:crypto";
import { createSecureContext } from "node:tls";
import type { Context } from "aws-lambda";
import { boardStore } from "../aws/board-s3.ts";
import { cloudFrontClient } from "../aws/cloudfront.ts";
import { memoryStore } from "../aws/memory-s3.ts";
import { readMuteFile } from "../aws/mutes-s3.ts";
import { serversUsed } from "../aws/servers-used.ts";
import { awaitsConfirmation, criticalPublisher, snsClient, snsPublisher, withCritical } from "../aws/sns.ts";
import { s3Client, s3State } from "../aws/state-s3.ts";
import type { KnownTags } from "../aws/tags.ts";
import { tenantsOfFleet, usualTenants } from "../aws/tenants.ts";
import { keepBoard } from "../board/keep-board.ts";
import { type Scope, scopeOfArn } from "../configuration/scope.ts";
import { version } from "../contract/version.ts";
import { claimsOf, muteFileUnreadable } from "../incidents/mute-file.ts";
import { windowClaims } from "../incidents/mute-windows.ts";
import { originsWarnedOfExpiry } from "../incidents/open-expiry.ts";
import { originHistories } from "../incidents/origin-histories.ts";
import type { Message } from "../incidents/ports.ts";
import type { ProcessMemory } from "../incidents/process-memory.ts";
import { openSession, type Session } from "../incidents/session.ts";
import { tell } from "../incidents/tell.ts";
import { timeForCall, timeToLog } from "../incidents/time-left.ts";
import type { Words } from "../incidents/words.ts";
import { keepMemory, recall } from "../memory/keep-memory.ts";
import {
  badDaysIn,
  countsIn,
  functionsIn,
  leftOutIn,
  type Memory,
  originDaysIn,
  unansweredIn,
} from "../memory/memory.ts";
import { noCounts, type RunCounts, remembered } from "../memory/remember.ts";
import { renewalShareIn } from "../memory/renewals.ts";
import { observerHere } from "../observe/in-process.ts";
import { publicAndUsedBy } from "../observe/used-by.ts";
import { clientContexts } from "../probe/client-context.ts";
import { askControl } from "../probe/control.ts";
import { lookups } from "../probe/dns.ts";
import { addressGuard } from "../probe/private-address.ts";
import { usualBounds } from "../probe/probe.ts";
import { networkProblem, reachedNone } from "../report/reach.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "../report/record.ts";
import { runReport } from "../run.ts";
import { powertoolsTelemetry } from "../telemetry/powertools.ts";
import { lateMessage, renderDraft } from "../tell/message.ts";
import { plainMessage } from "../tell/plain-message.ts";
import { once } from "../text/once.ts";
import { trustAnchors } from "../x509/trust-anchors.ts";
import { readAccounts } from "./accounts.ts";
import { accountsOfDistributions } from "./by-account.ts";
import { plannedOnce } from "./configuration-kept.ts";
import { counted } from "./count.ts";
import { readEgressSettings } from "./egress-vantage.ts";
import { required } from "./environment.ts";
import { runLog } from "./run-log.ts";
import { noTagMutes, tagMutesOf } from "./tag-mutes.ts";
import { askedThroughCloudFront } from "./through-cloudfront.ts";
import { fleetProblems, observerFor, readVantageSettings, withEgress, withVpcVantage } from "./vantages.ts";
import { exchangeIn, readVpcVantageSettings, withVpcOriginsInside } from "./vpc-vantage.ts";
import { readSettings } from "./watch-settings.ts";

// Everything that outlives a run is created once for the execution environment; a warm start reuses it.
const settings = readSettings(process.env);
const vantages = readVantageSettings(process.env);
const vpcVantage = readVpcVantageSettings(process.env);
const egress = readEgressSettings(process.env);
const cloudFront = cloudFrontClient();
const s3 = s3Client();
const storeBoard =
  settings.boardKey === null ? null : boardStore(s3, { bucket: settings.stateBucket, key: settings.boardKey });
const ports = {
  ...s3State(s3, { bucket: settings.stateBucket, key: settings.stateKey }),
  publish: (message: Message, withinMs: number) => publisher()(message, withinMs),
};
const servers = serversUsed(cloudFront);
const memories = memoryStore(s3, { bucket: settings.stateBucket, key: settings.memoryKey });
const anchors = trustAnchors(settings.extraAnchorsPem);
const contextFor = clientContexts(anchors);
const contextOfEdge = once(() => createSecureContext({ ca: [...anchors.pem] }));
const forbids = addressGuard(settings.allowedPrivateNetworks);
const telemetry = powertoolsTelemetry(required(process.env, "AWS_LAMBDA_FUNCTION_NAME"));
const processMemory: ProcessMemory = { holder: randomUUID(), unsaved: null };
const logGroup = process.env.AWS_LAMBDA_LOG_GROUP_NAME ?? null;

/** Milliseconds kept for telling people, after which Lambda ends the function. */
const timeToTell = 60_000;
/** Of these, for the tags that mute. */
const timeForTags = 15_000;
/** For what CloudFront counted, */
const timeForCount = 12_000;
/** unless less than this is left for telling: then nothing is asked. */
const leastTimeToTell = 20_000;
/** For what is asked through distributions, with the time that a request may take. */
const timeForEdge = 100_000;
/** And for asking whether there is a network at all, where nothing was reached. */
const timeForControl = 8_000;

/** One run: read the account, check every connection, tell what changed, record everything. */
export async function handler(
  _event: unknown,
  context: Pick<Context, "awsRequestId" | "getRemainingTimeInMillis" | "invokedFunctionArn">,
) {
  const scope = scopeOfArn(context.invokedFunctionArn);
  const region = context.invokedFunctionArn.split(":")[3] ?? "";
  const { dashboard, muteTags, alertPolicy: reminders } = settings;
  const words: Words = {
    render: (draft, about, remarks) =>
      renderDraft(draft, about, { scope, region, logGroup, version, dashboard, muteTags, reminders }, remarks),
    plain: plainMessage,
    late: lateMessage,
  };
  const deadline = Date.now() + context.getRemainingTimeInMillis();
  const signal = AbortSignal.timeout(Math.max(0, context.getRemainingTimeInMillis() - timeToTell));
  const timing = { clock: () => Date.now(), deadline };
  const [session, recalled, muted] = await Promise.all([
    openSession(ports, processMemory, timing),
    recall(memories, timeForCall(timing)),
    mutesOfFile(scope, AbortSignal.timeout(timeForCall(timing))),
  ]);
  const log = runLog(telemetry, recalled.memory, context.awsRequestId, Date.now());
  const historyOf = originHistories(
    recalled.error === null ? originDaysIn(recalled.memory) : null,
    session.state?.incidents ?? [],
  );
  const read = plannedOnce(
    readAccounts({
      others: settings.others,
      own: scope,
      cloudFront,
      runId: context.awsRequestId,
      functions: knownFunctions(recalled.memory),
      tenants: vantages.fleet ? tenantsOfFleet : usualTenants,
      remembered: recalled.memory.organization,
      signal,
      withinMs: (context.getRemainingTimeInMillis() - timeToTell) / 2,
    }),
    settings.throughCloudFront !== "off",
  );
  const thisRun = { runId: context.awsRequestId, region, deadline: deadline - timeToTell };
  const observed = await runReport(context.awsRequestId, {
    configuration: async () => {
      const configuration = await read.take();
      if (vpcVantage === null) return configuration;
      return withVpcOriginsInside(configuration, { vpcId: vpcVantage.vpcId, own: scope, region }, signal);
    },
    includes: (id) => settings.includeDistributions?.has(id) !== false && !settings.excludeDistributions.has(id),
    clock: () => Date.now(),
    // What CloudFront answers may change a record, so that it is logged after that.
    onRecord: (record, _, ofHowMany) => {
      if (settings.throughCloudFront === "off") log.add(record, ofHowMany);
    },
    tools: (now, connections) => ({
      observer: withVpcVantage(
        withEgress(
          observerFor(vantages, () => observerHere(region || "here", equipmentFor(recalled.memory)), thisRun),
          egress,
          ({ accounts }) => publicAndUsedBy(accounts ?? [scope.accountId], connections),
          vantages,
          thisRun,
        ),
        vpcVantage,
        () => exchangeIn(s3, settings.stateBucket),
        thisRun,
      ),
      signal,
      leftOut: leftOutIn(recalled.memory),
      policy: {
        now,
        expiryWarningDays: settings.expiryWarningDays,
        anchors,
        historyOf,
        renewalShareOf: renewalShareIn(recalled.memory, originsWarnedOfExpiry(session)),
      },
    }),
  });
  const inWindows = windowClaims(settings.muteWindows, new Date());
  const network = await networkProblemOf(observed.records, recalled.memory);
  const { configuration, functions, accesses, accounts, organization } = await read.kept;
  const seen: RunReport = {
    ...observed,
    accounts,
    ...(settings.viewerErrors === "off" ? { countsOff: true } : {}),
    problems: [
      ...observed.problems,
      ...fleetProblems(vantages, observed.records.length),
      ...(network === null ? [] : [network]),
    ],
  };
  const mode = settings.throughCloudFront;
  const tags: KnownTags = new Map();
  const asked =
    mode === "off"
      ? { report: seen, entries: [], asked: null }
      : await askedThroughCloudFront(seen, {
          mode,
          configuration,
          accesses,
          scope,
          memory: recalled.memory,
          tags,
          lookup: lookups(settings.dnsServers),
          forbids,
          context: contextOfEdge,
          port: settings.edgePort,
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeForEdge)]),
        });
  const count = await counted(asked.report, {
    setting: settings.viewerErrors,
    scope,
    session,
    memory: recalled.memory,
    mutes: [...settings.alertPolicy.mutes, ...muted.claims, ...inWindows],
    distributions: configuration.distributions,
    accesses,
    withinMs: Math.min(timeForCount, context.getRemainingTimeInMillis() - leastTimeToTell),
  });
  const weighed = count?.report ?? asked.report;
  const scopes = accountsOfDistributions(configuration.distributions);
  const tagged = settings.muteTags
    ? // Its time is its own: a run that took all that there was for looking must not tell what is muted.
      await tagMutesOf(weighed, scopes, accesses, tags, AbortSignal.timeout(timeForTags))
    : noTagMutes;
  const report = { ...weighed, problems: [...weighed.problems, ...tagged.problems, ...muted.problems] };
  if (mode !== "off") for (const record of report.records) log.add(record, report.records.length);
  const firstMessage = await whenToIntroduce(session, timeForCall(timing));
  const claims = [...tagged.mutes, ...muted.claims, ...inWindows];
  const askedMutes = { claims, tagsReadOf: tagged.readOf, fileRead: muted.isRead };
  const policy = { ...settings.alertPolicy, firstMessage, askedMutes };
  const delivery = await tell(session, report, policy, words);
  const whole = { ...report, problems: [...report.problems, ...delivery.problems] };
  const unlogged = log.finish(whole, delivery.updates);
  const spare = context.getRemainingTimeInMillis() - timeToLog;
  const counts = count ?? countsAsTheyWere(recalled.memory);
  // Once, for the memory and for the days that the board shows of it.
  const next = once(() => remembered(recalled.memory, report, functions, asked.entries, counts, organization));
  const [board, memory] = await Promise.all([
    storeBoard === null ? null : keepBoard(whole, storeBoard, spare, () => badDaysIn(next())),
    keepMemory(recalled, () => log.rememberedIn(next(), report), report.finishedAt, memories, spare),
  ]);
  telemetry.recordRun(whole, delivery, {
    board,
    memory,
    counts: count?.asked ?? null,
    throughCloudFront: asked.asked,
    ...unlogged,
  });
  return { runId: report.runId, connections: report.records.length, messages: delivery.sent.length };
}

function equipmentFor(memory: Memory) {
  return {
    lookup: lookups(settings.dnsServers),
    contextFor,
    bounds: usualBounds,
    unanswered: unansweredIn(memory),
    forbids,
    connectTo: null,
  };
}

/** Where nobody asked in this run, although somebody does: what is known stays. */
function countsAsTheyWere(memory: Memory): RunCounts {
  if (settings.viewerErrors === "off") return noCounts;
  return { counts: countsIn(memory), failingSince: memory.countsFailSince ?? null };
}

/** Where a run reached no origin, CloudFront's API decides whether that is the network's fault or theirs. */
async function networkProblemOf(records: readonly ConnectionRecord[], memory: Memory): Promise<RunProblem | null> {
  const used = servers.take();
  if (memory.reachedSeveral !== true || !reachedNone(records)) return null;
  const signal = AbortSignal.timeout(timeForControl);
  return networkProblem(records, true, await askControl(used, lookups(settings.dnsServers), signal));
}

/** Asked only where the first message is due. Where SNS does not say, it is sent: late is worse than unheard. */
async function whenToIntroduce({ reading, state }: Session, withinMs: number): Promise<"now" | "later"> {
  if (reading.kind !== "missing" && state?.firstMessageDue !== true) return "now";
  return (await awaitsConfirmation(sns(), settings.topicArn, withinMs)) === true ? "later" : "now";
}

function publisher() {
  publishing ??= withCritical(snsPublisher(sns(), settings.topicArn), criticalPublisher(settings.criticalTopicArn));
  return publishing;
}

/** Made for the first message, because most runs have nothing to tell and begin sooner without it. */
function sns() {
  client ??= snsClient(settings.topicArn);
  return client;
}
let client: ReturnType<typeof snsClient> | undefined;
let publishing: ReturnType<typeof withCritical> | undefined;

/** What is known of edge functions, where their code is to be read. */
function knownFunctions(memory: Memory) {
  const today = new Date().toISOString().slice(0, 10);
  return settings.readFunctions ? { today, readings: functionsIn(memory) } : null;
}

/** What was asked for in a terminal or on the board. Where that cannot be read, it mutes nothing, and is a problem. */
async function mutesOfFile(scope: Scope, signal: AbortSignal) {
  const location = { bucket: settings.stateBucket, key: settings.mutesKey };
  const problem = (reason: string) => muteFileUnreadable(`s3://${location.bucket}/${location.key}`, reason, scope);
  const read = await readMuteFile(s3, location, signal);
  if (read.kind === "failed") return { claims: [], isRead: false, problems: [problem(read.error)] };
  const { claims, future } = claimsOf(read.file, new Date());
  const ahead = `${future} of those in it were made in the future, by what they say`;
  return { claims, isRead: true, problems: future > 0 ? [problem(ahead)] : [] };
}
