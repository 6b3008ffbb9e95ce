import { randomBytes, randomInt } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { SecureContext } from "node:tls";
import { listResponseHeaders, readCheckPaths } from "../aws/edge-rules.ts";
import type { KnownTags } from "../aws/tags.ts";
import { readRequests } from "../aws/traffic.ts";
import type { Configuration } from "../configuration/configuration.ts";
import type { Scope } from "../configuration/scope.ts";
import { userAgent } from "../contract/user-agent.ts";
import { edgeEntriesIn, type Memory } from "../memory/memory.ts";
import { askThroughCloudFront } from "../observe/through-cloudfront.ts";
import { askEdge } from "../probe/ask-edge.ts";
import type { Lookup } from "../probe/dns.ts";
import type { RunProblem, RunReport } from "../report/record.ts";
import { hourMs } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import { type EdgeCounts, edgeCounts, weighedByEdge } from "../weighing/weigh-edge.ts";
import { usualLeastRequests } from "../witness/edge-askings.ts";
import type { EdgeEntry } from "../witness/edge-history.ts";
import type { ThroughCloudFront } from "../witness/edge-wanted.ts";
import type { Accesses, AccountAccess } from "./accounts.ts";
import { accountsOfDistributions, inEachAccount, trafficClientOf } from "./by-account.ts";

export type EdgeContext = {
  readonly mode: ThroughCloudFront;
  readonly configuration: Pick<Configuration, "distributions" | "policies">;
  readonly accesses: Accesses;
  readonly scope: Scope;
  readonly memory: Memory;
  /** What is read is added. */
  readonly tags: KnownTags;
  readonly lookup: Lookup;
  /** The kind of an address that must not be connected to, null where it may. */
  readonly forbids: (address: string) => string | null;
  /** What the certificates of distributions may end at. */
  readonly context: () => SecureContext;
  /** The port of the edge. @default 443 */
  readonly port: number | null;
  /** Aborted when the time for it is over. */
  readonly signal: AbortSignal;
};

export type EdgeResult = {
  readonly report: RunReport;
  /** What is to be remembered. */
  readonly entries: readonly EdgeEntry[];
  /** For the log; null where nothing could be asked. */
  readonly asked: EdgeCounts | null;
};

/**
 * Asks CloudFront itself about what the run saw, and weighs it by what came. It never fails the run: where it cannot be
 * done, the report is as it was, with the reason, and what was remembered stays.
 */
export async function askedThroughCloudFront(report: RunReport, edge: EdgeContext): Promise<EdgeResult> {
  const { mode, configuration, accesses, scope, memory, signal, port } = edge;
  const before = edgeEntriesIn(memory);
  // Without a network nobody answers, which is told already.
  if (report.problems.some(({ code }) => code === "no-network")) return { report, entries: before, asked: null };
  const problems: RunProblem[] = [];
  const note = (found: readonly Omit<RunProblem, "scope">[], of: Scope) =>
    problems.push(...found.map((problem) => ({ ...problem, scope: of })));
  const scopes = accountsOfDistributions(configuration.distributions);
  const inEach = <T>(ids: readonly string[], ask: (access: AccountAccess, own: readonly string[]) => Promise<T>) =>
    inEachAccount(ids, (id) => id, scopes, accesses, ask);
  const tools = {
    lookup: edge.lookup,
    forbids: edge.forbids,
    userAgent,
    ...(port === null ? {} : { port }),
  };
  try {
    const run = await askThroughCloudFront(
      report.records,
      before,
      { mode, leastRequests: usualLeastRequests, ...configuration },
      {
        requests: async (ids) => {
          const all = await inEach(ids, async (access, own) => [...(await requestsOf(own, access, signal))]);
          return new Map(all.flat());
        },
        checkPaths: async (ids) => {
          const all = await inEach(ids, async (access, own) => {
            const read = await readCheckPaths(access.cloudFront, access.scope, own, signal, edge.tags);
            note(read.problems, access.scope);
            return [...read.checkPaths];
          });
          return new Map(all.flat());
        },
        responseHeaders: async (ids) => {
          const all = await inEach(ids, async (access) => {
            const read = await listResponseHeaders(access.cloudFront, signal);
            note(read.problems, access.scope);
            return Object.entries(read.headers);
          });
          return Object.fromEntries(all.flat());
        },
        ask: (question, within) => askEdge(question, { ...tools, context: edge.context(), signal: within }),
        pause: (ms, within) => setTimeout(ms, undefined, { signal: within }).catch(() => undefined),
        token: () => randomBytes(8).toString("hex"),
        chance: (of) => randomInt(of),
        clock: () => Date.now(),
      },
      signal,
    );
    const records = weighedByEdge(report.records, run, Date.now());
    return {
      report: { ...report, records, problems: [...report.problems, ...problems] },
      entries: run.entries,
      asked: edgeCounts(run),
    };
  } catch (thrown) {
    const what = printable(thrown instanceof Error ? thrown.message : String(thrown), 200);
    const message = `CloudFront's own answers could not be weighed: ${what}.`;
    const remedy = "This is a fault of Origin Watch: report it with the log record of the run.";
    const problem: RunProblem = { code: "details-unreadable", message, remedy, scope };
    return { report: { ...report, problems: [...report.problems, problem] }, entries: before, asked: null };
  }
}

/** CloudWatch has the last minutes late. */
const notYetCountedMs = 5 * 60_000;

/** Requests of the last hour that CloudWatch knows of. */
async function requestsOf(
  ids: readonly string[],
  access: AccountAccess,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const client = trafficClientOf(access);
  if (client === null) return new Map();
  const until = Math.floor((Date.now() - notYetCountedMs) / 60_000) * 60_000;
  const window = { from: until - hourMs, until };
  return await readRequests(client, ids, window, signal);
}
