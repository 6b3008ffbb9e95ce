import { scopeId } from "../configuration/scope.ts";
import type { FunctionErrors } from "../report/distribution-record.ts";
import type { Past } from "../report/past.ts";
import type { ConnectionRecord, RecordWitness, RunProblem, RunReport } from "../report/record.ts";
import {
  type AccountTraffic,
  type Asking,
  type AskingPace,
  askings,
  type FunctionAsking,
  type TrafficAnswer,
} from "../witness/askings.ts";
import { afterAsking, type RememberedCount } from "../witness/remembered-count.ts";
import { weighDistribution } from "./distribution-records.ts";
import { withRaised } from "./raise.ts";
import { isInDoubt, type UsedDistribution, usedDistributions } from "./used-distributions.ts";

/** What a run has for weighing CloudFront's own count. */
export type CountInputs = {
  readonly pace: AskingPace;
  /** Asks CloudWatch in each account, and never throws; null where it is not known in which Region CloudFront's metrics are. */
  readonly read: ((askings: readonly Asking[]) => Promise<readonly AccountTraffic[]>) | null;
  /** Asks how often edge functions failed, by the id of the distribution, and never throws. */
  readonly readFunctions: (
    askings: readonly FunctionAsking[],
  ) => Promise<ReadonlyMap<string, readonly FunctionErrors[]>>;
  /** The edge functions of a distribution. */
  readonly functionsOf: (distributionId: string) => FunctionAsking["functions"];
  /** How many distributions are asked in one run. */
  readonly most: number;
  /** What is remembered of each distribution, by its id. */
  readonly remembered: ReadonlyMap<string, RememberedCount>;
  /** Since when nothing is answered, ISO 8601; null where the last asking was. */
  readonly failingSince: string | null;
  readonly past: Past;
  /** Whether a finding of the connection is held back by a mute. */
  readonly isMuted: (record: ConnectionRecord, code: string) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
};

export type Counted = {
  /** With risks raised, and what CloudFront counted beside what was seen. */
  readonly report: RunReport;
  /** What is to be remembered of each distribution, by its id. */
  readonly counts: ReadonlyMap<string, RememberedCount>;
  readonly failingSince: string | null;
  /** Null where nothing could be asked for a reason that the report has. */
  readonly asked: CountAsked | null;
};

/** What became of the asking, for the log. */
export type CountAsked =
  | { readonly kind: "asked"; readonly distributions: number; readonly answered: number; readonly error: string | null }
  | { readonly kind: "not-available"; readonly reason: string };

/** Whose distributions' counts a record has: of some hundred it would be a list of its own. */
const mostWitnesses = 10;
/** One throttled call is no news; the right to ask that is missing is. A little less than an hour: runs are not to the second. */
const toldAfter = 55 * 60_000;

const notAvailable = "it is not known where this partition of AWS keeps CloudFront's metrics";

/**
 * Asks what CloudFront counted, and weighs what was seen by it: risks become errors where the count says so, and viewers who
 * get errors that nothing else explains are told of. What cannot be asked is said, and changes nothing.
 */
export async function countErrors(report: RunReport, inputs: CountInputs): Promise<Counted> {
  const { pace, read, most, remembered, past, now } = inputs;
  const used = usedDistributions(report.records);
  if (read === null) {
    const asked = { kind: "not-available", reason: notAvailable } as const;
    const unknown = { problem: notAvailable, problems: [], functionErrors: new Map() };
    return { ...weighed(report, used, new Map(), { ...inputs, ...unknown }), failingSince: null, asked };
  }
  const asked = askings(
    [...used.values()].map((distribution) => {
      const count = remembered.get(distribution.id);
      const episode = count?.errors !== undefined || past.viewersGetErrors(distribution.id);
      return {
        distributionId: distribution.id,
        account: scopeId(distribution.scope),
        isInDoubt: episode || isInDoubt(distribution, past),
        asksAgain: count?.asksAgain === true,
        last: count?.last ?? null,
      };
    }),
    pace,
    now,
    most,
  );
  const answers = asked.length === 0 ? [] : await read(asked);
  const answer = togetherOf(answers);
  const counts = new Map(
    [...used.keys()].flatMap((id): (readonly [string, RememberedCount])[] => {
      const before = remembered.get(id) ?? null;
      const current = answer.traffic.get(id);
      const after = current === undefined ? before : afterAsking(before, current);
      return after === null ? [] : [[id, after]];
    }),
  );
  const failingSince = asked.length === 0 ? inputs.failingSince : failingAfter(answer, inputs);
  const problems = answers.flatMap((each) => problemsOf(each, failingSince, now));
  const functionErrors = await inputs.readFunctions(functionAskings(answer, counts, inputs));
  return {
    ...weighed(report, used, counts, { ...inputs, problem: answer.problem, problems, functionErrors }),
    failingSince,
    asked: { kind: "asked", distributions: asked.length, answered: answer.traffic.size, error: answer.problem },
  };
}

function togetherOf(answers: readonly AccountTraffic[]): TrafficAnswer {
  return {
    traffic: new Map(answers.flatMap(({ traffic }) => [...traffic])),
    problem: answers.find(({ problem }) => problem !== null)?.problem ?? null,
    denied: answers.some(({ denied }) => denied),
  };
}

type Used = ReadonlyMap<string, UsedDistribution>;

function failingAfter({ problem }: TrafficAnswer, { failingSince, now }: CountInputs): string | null {
  return problem === null ? null : (failingSince ?? new Date(now).toISOString());
}

/** With what is known of each distribution's count, which may be nothing. */
function weighed(
  report: RunReport,
  used: Used,
  counts: ReadonlyMap<string, RememberedCount>,
  { past, isMuted, now, problem, problems, functionErrors }: CountInputs & Known,
): Pick<Counted, "report" | "counts"> {
  const raised = report.records.map((record) => withTraffic(withRaised(record, used, counts, past), counts));
  // The same list where nothing changed: what is known of that list is not found out again.
  const records = raised.every((record, index) => record === report.records[index]) ? report.records : raised;
  const all = [...usedDistributions(records).values()].map((distribution) => {
    const context = { past, isMuted, functionErrors: functionErrors.get(distribution.id) ?? [], problem, now };
    return weighDistribution(distribution, counts.get(distribution.id) ?? null, context);
  });
  return {
    report: {
      ...report,
      records,
      distributionRecords: all.map(({ record }) => record),
      problems: [...report.problems, ...problems],
    },
    counts: new Map(all.flatMap(({ record, count }) => (count === null ? [] : [[record.distributionId, count]]))),
  };
}

type Known = {
  /** Why counts are not known, where they are not. */
  readonly problem: string | null;
  readonly problems: readonly RunProblem[];
  readonly functionErrors: ReadonlyMap<string, readonly FunctionErrors[]>;
};

/** Of the distributions whose viewers get errors by this run's count. */
function functionAskings(
  { traffic }: TrafficAnswer,
  counts: ReadonlyMap<string, RememberedCount>,
  { functionsOf }: CountInputs,
): readonly FunctionAsking[] {
  return [...traffic].flatMap(([distributionId, { from, until }]) => {
    const functions = functionsOf(distributionId);
    if (counts.get(distributionId)?.errors === undefined || functions.length === 0) return [];
    return [{ distributionId, functions, window: { from: Date.parse(from), until: Date.parse(until) } }];
  });
}

/** What is healthy needs no witness, and may be logged already. */
function withTraffic(record: ConnectionRecord, counts: ReadonlyMap<string, RememberedCount>): ConnectionRecord {
  if (record.verdict === "healthy" || record.verdict === "skipped") return record;
  const ids = [...new Set(record.uses.map(({ distributionId }) => distributionId))];
  const traffic = ids.flatMap((distributionId) => {
    const count = counts.get(distributionId);
    return count === undefined ? [] : [{ distributionId, ...count.last }];
  });
  if (traffic.length === 0) return record;
  const witness: RecordWitness = { ...record.witness, traffic: traffic.slice(0, mostWitnesses) };
  return { ...record, witness };
}

function problemsOf(
  { problem, denied, scope }: AccountTraffic,
  failingSince: string | null,
  now: number,
): readonly RunProblem[] {
  if (problem === null || failingSince === null) return [];
  if (!denied && now - Date.parse(failingSince) < toldAfter) return [];
  const remedy = denied
    ? "Deploy the stack again, which grants it, or set `viewerErrors` to `off`."
    : "If it stays so, look at AWS's service health, or set `viewerErrors` to `off`.";
  const message = `What CloudFront counted could not be read: ${problem}. Errors that only CloudFront sees are not told meanwhile.`;
  return [{ code: "traffic-unreadable", message, remedy, scope }];
}
