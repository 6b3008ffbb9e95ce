import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleCommand } from "../../../bin/package/bundle-command.ts";
import { type Account, startAccount } from "../account.ts";
import { managedCachePolicies, managedOriginRequestPolicies } from "../managed-policies.ts";
import { backOffice } from "./back-office.ts";
import { type Presentation, presentationOf } from "./presentation.ts";
import type { Stage } from "./stand-in.ts";
import { cdkApp } from "./template-app.ts";

/** A shell in a folder of its own, whose commands meet the account in a box. */
export type Shell = {
  readonly account: Account;
  readonly folder: string;
  /** Runs a command line as bash does, with both streams in one as on a terminal. `$?` is that of the one before. */
  run(command: string, meanwhile?: Meanwhile): Promise<Ran>;
  /** What a page shows of a text that came out. */
  readonly presentation: Presentation;
  close(): Promise<void>;
};

export type Ran = { readonly status: number | null; readonly output: string };

/** Something that happens while a command runs, once its output has the text. */
export type Meanwhile = { readonly sees: string; readonly does: (account: Account) => Promise<void> };

const commands = ["origin-watch", "npm", "npx", "aws", "terraform"];

/** Starts the box and a shell in it. */
export async function startShell(): Promise<Shell> {
  const { account, started } = await accountOfOneDay();
  account.aws.setDistributions(backOffice(account));
  // The certificate of wrong-name.box.test is for this name, and the server is the same.
  account.dns.set("other.box.test", { A: ["127.0.0.1"] });
  const folder = mkdtempSync(join(tmpdir(), "origin-watch-shell-"));
  const work = join(folder, "work");
  const bin = join(folder, "bin");
  for (const each of [work, bin]) mkdirSync(each);
  const ports = Object.fromEntries(account.origins.map(({ domain, port }) => [domain, port]));
  const answers = savedAnswers(join(folder, "answers"), backOffice(account));
  cdkApp(work, ports);
  const command = join(folder, "command");
  await bundleCommand(command);
  for (const name of commands) {
    const file = join(bin, name);
    writeFileSync(
      file,
      `#!/bin/sh\nexec "${process.execPath}" "${join(import.meta.dirname, "stand-in.ts")}" ${name} "$@"\n`,
    );
    chmodSync(file, 0o755);
  }
  const stage: Stage = {
    command: join(command, "command.js"),
    answers,
    dnsServer: account.dns.address,
    caFile: account.caFile,
    ports,
  };
  const environment = {
    ...account.aws.environment,
    PATH: `${bin}:${process.env.PATH}`,
    HOME: folder,
    ORIGIN_WATCH_STAGE: JSON.stringify(stage),
    CDK_DISABLE_CLI_TELEMETRY: "true",
  };
  let last = 0;
  return {
    account,
    folder: work,
    presentation: presentationOf(account, started),
    async run(command, meanwhile) {
      const ran = await inBash(`exec 2>&1; (exit ${last}); ${command}`, work, environment, async (output) => {
        if (meanwhile === undefined || !output.includes(meanwhile.sees)) return false;
        await meanwhile.does(account);
        return true;
      });
      last = ran.status ?? 1;
      return ran;
    },
    async close() {
      await account.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** All certificates begin on one day, by which the dates in the output are moved. */
async function accountOfOneDay(): Promise<{ readonly account: Account; readonly started: number }> {
  for (;;) {
    const started = Date.now();
    const account = await startAccount({ privateAddress: "10.0.0.1" });
    if (new Date(started).getUTCDate() === new Date().getUTCDate()) return { account, started };
    await account.close();
  }
}

function savedAnswers(folder: string, distributions: ReturnType<typeof backOffice>): string {
  mkdirSync(folder);
  const save = (operation: string, answer: unknown) =>
    writeFileSync(join(folder, `${operation}.json`), `${JSON.stringify(answer, null, 4)}\n`);
  save("list-distributions", { DistributionList: { Items: distributions } });
  save("list-cache-policies", { CachePolicyList: { Items: managedCachePolicies() } });
  save("list-origin-request-policies", { OriginRequestPolicyList: { Items: managedOriginRequestPolicies() } });
  return folder;
}

/** @param onOutput is told all output so far, until it says that it need not hear more */
function inBash(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
  onOutput: (output: string) => Promise<boolean>,
): Promise<Ran> {
  const child = spawn("bash", ["-c", script], { cwd, env, stdio: ["ignore", "pipe", "ignore"] });
  let output = "";
  let isDone = false;
  return new Promise((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (isDone) return;
      isDone = true;
      onOutput(output).then((done) => {
        isDone = done;
      }, reject);
    });
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, output }));
  });
}
