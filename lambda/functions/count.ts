import { readFunctionErrors } from "../aws/function-errors.ts";
import { hasTraffic, mostTrafficAskings, readTraffic } from "../aws/traffic.ts";
import type { Distribution, EdgeFunction } from "../configuration/distribution.ts";
import type { Scope } from "../configuration/scope.ts";
import type { ViewerErrorsSetting } from "../contract/viewer-errors.ts";
import { muteOf, usesOf } from "../incidents/mute-of.ts";
import { pastFindings } from "../incidents/past-findings.ts";
import type { AlertPolicy } from "../incidents/policy.ts";
import type { Session } from "../incidents/session.ts";
import { countsIn, type Memory } from "../memory/memory.ts";
import type { ConnectionRecord, RunReport } from "../report/record.ts";
import { printable } from "../text/printable.ts";
import { type Counted, countErrors } from "../weighing/count-errors.ts";
import type { Asking, FunctionAsking } from "../witness/askings.ts";
import type { Accesses } from "./accounts.ts";
import { accountsOfDistributions, inEachAccount, trafficClientOf } from "./by-account.ts";

export type CountContext = {
  readonly setting: ViewerErrorsSetting;
  readonly scope: Scope;
  readonly session: Session;
  readonly memory: Memory;
  /** Those of the settings and of `mutes.json`. A tag mutes its whole distribution, and so what is told of it by the count too. */
  readonly mutes: AlertPolicy["mutes"];
  readonly distributions: readonly Distribution[];
  readonly accesses: Accesses;
  /** Milliseconds that it may take; with none left, nothing is asked. */
  readonly withinMs: number;
};

/**
 * What CloudFront counted, weighed with what the run saw. It never fails the run: where it cannot be done, the report is as
 * it was, with the reason.
 */
export async function counted(report: RunReport, context: CountContext): Promise<Counted | null> {
  const { setting, scope, session, memory, mutes, distributions, accesses, withinMs } = context;
  // Without a network nobody answers, which is told already.
  if (setting === "off" || withinMs <= 0 || report.problems.some(({ code }) => code === "no-network")) return null;
  const now = new Date();
  const signal = AbortSignal.timeout(withinMs);
  const byId = new Map(distributions.map((each) => [each.id, each]));
  try {
    const scopes = accountsOfDistributions(distributions);
    const read = async (askings: readonly Asking[]) => {
      const all = await inEachAccount(askings, idOf, scopes, accesses, async (access, own) => {
        const client = trafficClientOf(access);
        return client && { ...(await readTraffic(client, own, signal)), scope: access.scope };
      });
      return all.filter((each) => each !== null);
    };
    const readFunctions = async (askings: readonly FunctionAsking[]) => {
      const all = await inEachAccount(askings, idOf, scopes, accesses, async (access, own) => {
        const client = trafficClientOf(access);
        return client === null ? [] : [...(await readFunctionErrors(client, own, signal))];
      });
      return new Map(all.flat());
    };
    const isMuted = (record: ConnectionRecord, code: string) =>
      muteOf({ code, domain: record.connection.domain, uses: usesOf([record]) }, mutes, now) !== undefined;
    return await countErrors(report, {
      pace: setting,
      read: hasTraffic(scope.partition ?? "aws") ? read : null,
      readFunctions,
      functionsOf: (id) => functionsOf(byId.get(id)),
      most: mostTrafficAskings,
      remembered: countsIn(memory),
      failingSince: memory.countsFailSince ?? null,
      past: pastFindings(session),
      isMuted,
      now: now.getTime(),
    });
  } catch (thrown) {
    const what = printable(thrown instanceof Error ? thrown.message : String(thrown), 200);
    const message = `What CloudFront counted could not be weighed: ${what}.`;
    const remedy = "This is a fault of Origin Watch: report it with the log record of the run.";
    const problems = [...report.problems, { code: "traffic-unreadable" as const, message, remedy, scope }];
    return { report: { ...report, problems }, counts: countsIn(memory), failingSince: null, asked: null };
  }
}

function functionsOf(distribution: Distribution | undefined): readonly EdgeFunction[] {
  if (distribution === undefined) return [];
  return distribution.behaviors.flatMap(({ edgeFunctions }) => edgeFunctions);
}

function idOf({ distributionId }: { readonly distributionId: string }): string {
  return distributionId;
}
