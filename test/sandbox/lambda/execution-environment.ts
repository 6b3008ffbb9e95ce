import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import {
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { transform } from "esbuild";
import type { FunctionDefinition } from "./function-definition.ts";
import { cpuSeconds, heapFlags, memoryExceeded, peakMemoryMb, processorTime } from "./memory.ts";
import { reservedVariables } from "./reserved-variables.ts";
import { type Answer, type RuntimeError, startRuntimeApi } from "./runtime-api.ts";

/** In milliseconds. */
export type InvocationLimits = {
  /** After this the process is ended. */
  readonly timeoutMs: number;
  /** What the function is told is left when it begins. */
  readonly remainingMs: number;
  /** How much later it is for the function. */
  readonly clockAheadMs: number;
};

/** A process with a function's code in it, and the Runtime API that it serves. */
export type ExecutionEnvironment = {
  /** Null when the code could be loaded. */
  readonly initError: RuntimeError | null;
  /** One invocation. What breaks a limit ends the process and is answered with an error of Lambda's own. */
  invoke(event: unknown, limits: InvocationLimits): Promise<Answer>;
  isAlive(): boolean;
  /** What was written to both output streams since the last call. */
  takeLogs(): string[];
  /** The most memory that was resident so far, MiB; null where the system does not tell. */
  peakMemoryMb(): number | null;
  /** Seconds of processor time so far; null where the system does not tell. */
  cpuSeconds(): number | null;
  /** Ends the process in the middle of whatever it does; what was under way is answered with an error of Lambda's own. */
  kill(): Promise<void>;
  end(): Promise<void>;
};

/**
 * Starts an execution environment and loads the code. As in Lambda,
 *
 * - the process's environment is what the template and Lambda say, and nothing of this process's;
 * - it can write to a private folder in the place of /tmp and nowhere else, by Node's permission model, which also denies
 *   it processes and threads of its own. `TMPDIR` says where that folder is; Lambda has no need of such a variable;
 * - V8 has the heap that Lambda's runtime would give it, and a process that has had more memory resident than the function
 *   has is ended (on Linux; elsewhere the heap is all that is limited);
 * - an invocation that takes too long is ended with the process.
 *
 * Unlike in Lambda, the process is not frozen between invocations, has all processors of the machine, and the operating
 * system and architecture of the machine.
 *
 * @param additions variables beside those of the template
 * @param initTimeoutMs for loading the code; Lambda gives it 10 seconds
 *   (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html). Here they are of processor time, where
 *   the system tells it: how long that takes is a matter of what else this machine does
 */
export async function startExecutionEnvironment(
  definition: FunctionDefinition,
  additions: Readonly<Record<string, string>>,
  initTimeoutMs: number,
): Promise<ExecutionEnvironment> {
  const api = await startRuntimeApi();
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "origin-watch-lambda-"));
  const variables = {
    ...definition.variables,
    ...reservedVariables(definition, api.address),
    TMPDIR: join(folder, "tmp"),
    ...additions,
  };
  const clear = async () => {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const child = await start(folder, definition, variables).catch(async (error: unknown) => {
    await clear();
    throw error;
  });
  const ended = once(child, "exit").then(([code, signal]) => exitError(code, signal));
  const pid = child.pid ?? 0;
  let peak: number | null = null;
  let logged = 0;

  const isAlive = () => child.exitCode === null && child.signalCode === null;
  async function kill(): Promise<void> {
    child.kill("SIGKILL");
    await ended;
  }
  /** Null when all went well until `work` was done. Ends the process where that is why it went wrong. */
  async function limited(
    work: Promise<unknown>,
    timeout: (signal: AbortSignal) => Promise<RuntimeError>,
  ): Promise<RuntimeError | null> {
    const limits = new AbortController();
    const { signal } = limits;
    const cut = await Promise.race([
      work.then(() => null),
      ended,
      timeout(signal),
      memoryExceeded(pid, definition.memoryMb, signal).then(() => outOfMemory),
    ]).finally(() => limits.abort());
    peak = peakMemoryMb(pid) ?? peak;
    // It may have been more for a moment between two looks.
    const why = peak !== null && peak > definition.memoryMb ? outOfMemory : cut;
    if (why !== null && isAlive()) await kill();
    return why;
  }

  const initialised = api.initialised.then((error) => ({ error }));
  const failure = await limited(initialised, async (signal) => {
    await processorTime(pid, initTimeoutMs, signal);
    return timedOut(initTimeoutMs);
  });
  return {
    initError: failure ?? (await initialised).error,
    async invoke(event, { timeoutMs, remainingMs, clockAheadMs }) {
      const invocation = {
        requestId: randomUUID(),
        deadline: Date.now() + remainingMs,
        functionArn: definition.arn,
        traceId: traceId(),
        clockAheadMs,
        event,
      };
      const given: Answer[] = [];
      const answered = api.invoke(invocation).then((answer) => {
        given.push(answer);
        return api.idle();
      });
      const error = await limited(answered, (signal) => setTimeout(timeoutMs, timedOut(timeoutMs), { signal }));
      const [answer] = given;
      // A process that ends after its answer has answered all the same.
      if (answer !== undefined && (error === null || error.errorType === exited)) return answer;
      return { kind: "failed", error: error ?? exitError(null, null) };
    },
    isAlive,
    takeLogs() {
      const bytes = readLog(join(folder, "log"), logged);
      logged += bytes.length;
      return bytes.toString("utf8").split("\n").filter(Boolean);
    },
    peakMemoryMb: () => peak,
    cpuSeconds: () => cpuSeconds(pid),
    kill,
    async end() {
      if (isAlive()) await kill();
      await clear();
    },
  };
}

async function start(
  folder: string,
  { code, memoryMb }: FunctionDefinition,
  variables: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const bootstrap = join(folder, "bootstrap.mjs");
  writeFileSync(bootstrap, await compiledBootstrap());
  mkdirSync(join(folder, "tmp"));
  // A file takes each line whole and at once, so what was logged before an answer is there when the answer is.
  const log = openSync(join(folder, "log"), "a");
  const limits = ["--permission", "--allow-fs-read=*", `--allow-fs-write=${join(folder, "tmp")}/`];
  // Node 25 and newer ask for leave to use the network too, and warn of a flag that is young.
  const asksForNetwork = process.allowedNodeEnvironmentFlags.has("--allow-net");
  const network = asksForNetwork ? ["--allow-net", "--disable-warning=ExperimentalWarning"] : [];
  const flags = [...limits, ...network, ...heapFlags(memoryMb, variables.NODE_OPTIONS ?? "")];
  try {
    const child = spawn(process.execPath, [...flags, bootstrap], {
      cwd: code,
      env: variables,
      stdio: ["ignore", log, log],
    });
    await once(child, "spawn");
    return child;
  } finally {
    closeSync(log);
  }
}

/** Compiled once and here: Node's own way of reading TypeScript would take 18 MB of the function's memory. */
function compiledBootstrap(): Promise<string> {
  compiled ??= transform(readFileSync(join(import.meta.dirname, "bootstrap.ts"), "utf8"), { loader: "ts" }).then(
    ({ code }) => code,
  );
  return compiled;
}

let compiled: Promise<string> | undefined;

/** A hundred thousand connections take 230 MB; a text has an end at 512. */
const mostLogBytes = 400 * 1024 * 1024;

/** Throws when more than a run could write was written. */
function readLog(path: string, from: number): Buffer {
  const log = openSync(path, "r");
  try {
    const { size } = fstatSync(log);
    if (size - from > mostLogBytes) throw new Error(`the function logged ${size - from} bytes`);
    const bytes = Buffer.alloc(size - from);
    return bytes.subarray(0, readSync(log, bytes, 0, bytes.length, from));
  } finally {
    closeSync(log);
  }
}

/** Of a request that is not traced: https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader */
function traceId(): string {
  const [time, root, parent] = [Math.floor(Date.now() / 1_000).toString(16), hex(12), hex(8)];
  return `Root=1-${time}-${root};Parent=${parent};Sampled=0`;
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

const exited = "Runtime.ExitError";

function exitError(code: number | null, signal: NodeJS.Signals | null): RuntimeError {
  const how = signal === null ? `exit status ${code}` : `signal: ${signal} (${constants.signals[signal]})`;
  return { errorType: exited, errorMessage: `Error: Runtime exited with error: ${how}`, trace: [] };
}

function timedOut(timeoutMs: number): RuntimeError {
  const errorMessage = `Error: Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`;
  return { errorType: "Sandbox.Timedout", errorMessage, trace: [] };
}

const outOfMemory: RuntimeError = {
  errorType: "Runtime.OutOfMemory",
  errorMessage: "Error: Runtime exited with error: signal: killed",
  trace: [],
};
