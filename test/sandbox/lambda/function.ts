import type { Assembly, ResourceValues } from "./assembly.ts";
import { type ExecutionEnvironment, startExecutionEnvironment } from "./execution-environment.ts";
import { type FunctionDefinition, functionAt } from "./function-definition.ts";
import { reservedVariables } from "./reserved-variables.ts";
import type { RuntimeError } from "./runtime-api.ts";

/** A function of a template, running on this machine. */
export type LocalFunction = {
  readonly definition: FunctionDefinition;
  /**
   * One invocation; one at a time. Rejects with a `FunctionError` when the function fails, be it by itself or by a limit.
   * After a process has ended, the next invocation starts a new one, as in Lambda.
   */
  invoke(options?: InvokeOptions): Promise<Invocation>;
  /** Ends the process, as a machine does that fails: an invocation that is under way fails with it. */
  kill(): Promise<void>;
  close(): Promise<void>;
};

export type InvokeOptions = {
  /** @default {} */
  readonly event?: unknown;
  /** After this the function is ended. @default the template's */
  readonly timeoutMs?: number;
  /**
   * The time that it is told is left, to see what a function does that runs out of it. It is not ended when that is over:
   * how far it got by then would be a matter of what else this machine does. @default `timeoutMs`
   */
  readonly remainingMs?: number;
  /** How much later it is for the function than on this machine, so that a test sees tomorrow. @default 0 */
  readonly clockAheadMs?: number;
};

export type Invocation = {
  readonly value: unknown;
  /** Lines that were written to both output streams since the last invocation. */
  readonly logs: readonly string[];
  readonly ms: number;
  /** The most memory that the process has had resident so far, MiB; null where the system does not tell. */
  readonly peakMemoryMb: number | null;
  /** Seconds of processor time that the process took for it; null where the system does not tell. */
  readonly cpuSeconds: number | null;
};

/** What Lambda answers when a function fails; `errorType` is the function's, or Lambda's own. */
export class FunctionError extends Error {
  override readonly name = "FunctionError";
  readonly errorType: string;
  /** Lines of the function's stack. */
  readonly trace: readonly string[];
  readonly logs: readonly string[];

  constructor({ errorType, errorMessage, trace }: RuntimeError, logs: readonly string[]) {
    super([`${errorType}: ${errorMessage}`, ...trace.slice(1)].join("\n"));
    this.errorType = errorType;
    this.trace = trace;
    this.logs = logs;
  }
}

export type FunctionOptions = {
  /** What the template's references lead to. */
  readonly values: ResourceValues;
  /** Variables beside those of the template and of Lambda; none of theirs can be changed. @default none */
  readonly additions?: Readonly<Record<string, string>>;
  /** Milliseconds to load the code in. @default 10 seconds, as in Lambda */
  readonly initTimeoutMs?: number;
};

/**
 * Starts a function of a template as Lambda would: its asset from the assembly, with the environment, the timeout and the
 * memory of the template. What is enforced how stands at `startExecutionEnvironment`.
 *
 * @param path path of the function's construct, for example `OriginWatch/Watch/Watch/Function`
 * @throws FunctionError when the code cannot be loaded
 */
export async function startFunction(
  assembly: Assembly,
  path: string,
  { values, additions = {}, initTimeoutMs = 10_000 }: FunctionOptions,
): Promise<LocalFunction> {
  const definition = functionAt(assembly, path, values);
  const own = { ...definition.variables, ...reservedVariables(definition, "") };
  const taken = Object.keys(additions).find((name) => name in own);
  if (taken !== undefined) throw new Error(`${taken} is set by the template or by Lambda`);
  const start = () => initialised(definition, additions, initTimeoutMs);
  let environment = await start();
  return {
    definition,
    async invoke(options = {}) {
      const { event = {}, timeoutMs = definition.timeoutMs, clockAheadMs = 0 } = options;
      const { remainingMs = timeoutMs } = options;
      if (!environment.isAlive()) {
        await environment.end();
        environment = await start();
      }
      const cpuBefore = environment.cpuSeconds();
      const started = performance.now();
      const answer = await environment.invoke(event, { timeoutMs, remainingMs, clockAheadMs });
      const ms = performance.now() - started;
      const cpuAfter = environment.cpuSeconds();
      const cpuSeconds = cpuBefore === null || cpuAfter === null ? null : cpuAfter - cpuBefore;
      const logs = environment.takeLogs();
      if (answer.kind === "failed") throw new FunctionError(answer.error, logs);
      return { value: answer.value, logs, ms, peakMemoryMb: environment.peakMemoryMb(), cpuSeconds };
    },
    kill: () => environment.kill(),
    close: () => environment.end(),
  };
}

async function initialised(
  definition: FunctionDefinition,
  additions: Readonly<Record<string, string>>,
  initTimeoutMs: number,
): Promise<ExecutionEnvironment> {
  const environment = await startExecutionEnvironment(definition, additions, initTimeoutMs);
  if (environment.initError === null) return environment;
  const logs = environment.takeLogs();
  await environment.end();
  throw new FunctionError(environment.initError, logs);
}
