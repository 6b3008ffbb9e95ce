import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { Delivery } from "../../lambda/incidents/delivery.ts";
import type { AlertPolicy } from "../../lambda/incidents/policy.ts";
import type { Message, Ports } from "../../lambda/incidents/ports.ts";
import type { ProcessMemory } from "../../lambda/incidents/process-memory.ts";
import type { Notice } from "../../lambda/incidents/state.ts";
import type { RunReport } from "../../lambda/report/record.ts";

/** What is used of the program as it was at `oldCommit`, whose state is of version 2. */
export type OldProgram = {
  readonly deliver: (
    run: { report: RunReport; policy: AlertPolicy; clock: () => number; deadline: number },
    ports: Ports,
    words: { render: (draft: unknown, report: RunReport, remarks: readonly string[]) => Message; late: Late },
    memory: ProcessMemory,
  ) => Promise<Delivery>;
  readonly renderDraft: (draft: unknown, report: RunReport, context: object, remarks: readonly string[]) => Message;
  readonly lateMessage: Late;
};
type Late = (notice: Notice) => Message;

export const oldCommit = "423b3c5";
const root = join(import.meta.dirname, "..", "..");

/** Whether the history of this clone has it; a shallow one has not. */
export function hasOldProgram(): boolean {
  try {
    execFileSync("git", ["cat-file", "-e", `${oldCommit}^{commit}`], { cwd: root, stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Takes the program out of the history, and bundles what delivers. */
export async function oldProgram(): Promise<OldProgram> {
  const folder = mkdtempSync(join(tmpdir(), "old-program-"));
  try {
    const archive = execFileSync("git", ["archive", oldCommit, "lambda"], { cwd: root, maxBuffer: 64 * 1024 * 1024 });
    execFileSync("tar", ["-x", "-C", folder], { input: archive });
    const outfile = join(folder, "deliver.mjs");
    await build({
      stdin: {
        contents: 'export * from "./lambda/incidents/deliver.ts"; export * from "./lambda/tell/message.ts";',
        resolveDir: folder,
      },
      outfile,
      bundle: true,
      platform: "node",
      format: "esm",
      nodePaths: [join(root, "node_modules")],
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
