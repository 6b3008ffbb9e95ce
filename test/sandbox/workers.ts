import type { AwsEndpoint } from "./aws/endpoint.ts";
import type { BoxFunction } from "./aws/lambda.ts";
import { RESOURCES } from "./deployment.ts";
import { type Assembly, readAssembly } from "./lambda/assembly.ts";
import { FunctionError, type LocalFunction, startFunction } from "./lambda/function.ts";
import { functionAt } from "./lambda/function-definition.ts";

/** A worker of a Region, with as many execution environments as its reservation allows. */
export type BoxWorker = {
  readonly arn: string;
  /** As the stack has it; a test may put something else in its place. */
  readonly invoke: BoxFunction;
  /** The most memory that one of its processes has had resident, MiB; null where the system does not tell. */
  readonly peakMemoryMb: () => number | null;
  /** Seconds of processor time that its processes took so far. */
  readonly cpuSeconds: () => number;
  readonly logs: readonly string[];
  readonly close: () => Promise<void>;
};

export type WorkerPlace = {
  /** Region of the worker; that of the hub has its worker in the hub's own stack. */
  readonly region: string;
  /** Execution environments at most. */
  readonly places: number;
  /** Path of its construct in the hub's stack, where it is none of a Region. */
  readonly construct?: string;
  /** What only tests may set. */
  readonly additions?: Readonly<Record<string, string>>;
};

/** Path of the worker's function in its stack. */
const path = (assembly: Assembly, region: string) =>
  region === RESOURCES["AWS::Region"] ? "OriginWatch/Watch/Worker/Function" : `${assembly.stackName}/Worker/Function`;

/** Deploys a worker as its template describes it: from now on the hub's SDK reaches it. Environments start when needed. */
export function deployWorker(
  hub: Assembly,
  aws: AwsEndpoint,
  { region, places, construct: inHub, additions = {} }: WorkerPlace,
): BoxWorker {
  const isOwn = region === RESOURCES["AWS::Region"];
  const assembly = isOwn ? hub : readAssembly(hub.directory, `${hub.stackName}-${region}`);
  const logs = `/aws/lambda/origin-watch-worker-${region}`;
  const construct = inHub ?? path(assembly, region).replace(/\/Function$/, "");
  const values = {
    ...RESOURCES,
    "AWS::Region": region,
    [`${construct}/Logs`]: logs,
    [`${construct}/Logs.Arn`]: `arn:aws:logs:${region}:${RESOURCES["AWS::AccountId"]}:log-group:${logs}:*`,
  };
  const { arn } = functionAt(assembly, `${construct}/Function`, values);
  const idle: LocalFunction[] = [];
  const started: Promise<LocalFunction>[] = [];
  const lines: string[] = [];
  let [peak, cpu]: [number | null, number] = [null, 0];

  const take = async (): Promise<LocalFunction | null> => {
    const free = idle.pop();
    if (free !== undefined) return free;
    if (started.length >= places) return null;
    const starting = startFunction(assembly, `${construct}/Function`, { values, additions });
    started.push(starting);
    return starting;
  };
  const invoke: BoxFunction = async (event) => {
    const free = await take();
    if (free === null) return null;
    try {
      const {
        value,
        logs: written,
        peakMemoryMb,
        cpuSeconds,
      } = await free.invoke({ event: JSON.parse(event.toString("utf8")) });
      lines.push(...written);
      peak = peakMemoryMb === null ? peak : Math.max(peak ?? 0, peakMemoryMb);
      cpu += cpuSeconds ?? 0;
      return { payload: JSON.stringify(value ?? null) };
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      lines.push(...error.logs);
      return { payload: JSON.stringify({ errorType: error.errorType, errorMessage: error.message }), failed: true };
    } finally {
      idle.push(free);
    }
  };
  aws.functions.set(arn, invoke);
  return {
    arn,
    invoke,
    peakMemoryMb: () => peak,
    cpuSeconds: () => cpu,
    logs: lines,
    async close() {
      aws.functions.delete(arn);
      await Promise.allSettled((await Promise.all(started)).map((each) => each.close()));
    },
  };
}
