import { spawn } from "node:child_process";
import { join } from "node:path";
import type { ConnectionRecord } from "../../lambda/report/record.ts";

export type CheckRun = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

type RunOptions = {
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** The folder in which it runs; that of the tests where it is left out. */
  readonly cwd?: string;
};

/** Runs `check` as a person does, in a process of its own. */
export function runCheck(args: readonly string[], options: RunOptions = {}): Promise<CheckRun> {
  return runBin("check.ts", args, options);
}

/** Runs any of the commands: the first argument names it. */
export function runCommand(args: readonly string[], options: RunOptions = {}): Promise<CheckRun> {
  return runBin("command.ts", args, options);
}

function runBin(file: string, args: readonly string[], options: RunOptions): Promise<CheckRun> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "..", "..", "bin", file), ...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOME: "/nonexistent",
      AWS_EC2_METADATA_DISABLED: "true",
      ...options.environment,
    },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  child.stdin.end(options.stdin ?? "");
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}

export function recordsIn({ stdout }: CheckRun): ConnectionRecord[] {
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as ConnectionRecord);
}
