import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";

/** What each invocation is told that it was invoked by. */
export const FUNCTION_ARN = "arn:aws:lambda:us-east-1:123456789012:function:origin-watch";

/** The bundled handler in a process of its own, with an environment of its own. */
export type DeployedHandler = {
  /** One invocation; throws what the handler threw. `logs` are the lines that it wrote meanwhile. */
  invoke(options?: { readonly timeoutMs?: number; readonly event?: unknown }): Promise<Invocation>;
  close(): Promise<void>;
};

export type Invocation = { readonly value: unknown; readonly logs: readonly string[]; readonly ms: number };

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string };

/**
 * Starts an execution environment for the bundle, as it is deployed, on this Node.
 *
 * @param bundle path of the bundle's `index.js`
 * @param environment all of the handler's environment: nothing of this process's own gets in
 */
export async function deployHandler(
  bundle: string,
  environment: Readonly<Record<string, string>>,
): Promise<DeployedHandler> {
  const child = fork(join(import.meta.dirname, "handler-process.ts"), [bundle], {
    env: { ...environment },
    execArgv: ["--enable-source-maps"],
    silent: true,
  });
  // Lambda takes both streams to the log; they are kept apart here so that no line is torn.
  let output = "";
  let complaints = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString("utf8");
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    complaints += chunk.toString("utf8");
  });
  await nextMessage(child, () => complaints);
  return {
    async invoke({ timeoutMs = 300_000, event = {} } = {}) {
      output = "";
      complaints = "";
      const started = performance.now();
      child.send({ requestId: randomUUID(), functionArn: FUNCTION_ARN, timeoutMs, event });
      const outcome = (await nextMessage(child, () => complaints)) as Outcome;
      await quiet(child);
      if (!outcome.ok) throw new Error(outcome.error);
      const logs = `${output}\n${complaints}`.split("\n").filter(Boolean);
      return { value: outcome.value, logs, ms: performance.now() - started };
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The pipes of the output are not the channel of the messages: waits until no line has come for a while. */
function quiet({ stdout, stderr }: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stdout?.off("data", again);
      stderr?.off("data", again);
      resolve();
    };
    const timer = setTimeout(done, 60);
    const again = () => timer.refresh();
    stdout?.on("data", again);
    stderr?.on("data", again);
  });
}

function nextMessage(child: ChildProcess, complaints: () => string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`the handler's process ended (${code}): ${complaints()}`));
    child.once("exit", onExit);
    child.once("message", (message) => {
      child.off("exit", onExit);
      resolve(message);
    });
  });
}
