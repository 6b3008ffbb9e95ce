import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import manifest from "../../../package.json" with { type: "json" };
import { terraformPlan } from "./terraform-plan.ts";

/**
 * Stands for the commands of the documentation, as the first argument names them, so that a page shows what a person
 * types and the box gets what it needs:
 *
 * - `origin-watch`, `npx origin-watch` and `npx ./…/origin-watch-VERSION.tgz` run the terminal command as the package has
 *   it, `npm run -s SCRIPT -- …` from its source. What leads into the box is added: its name server, its root
 *   certificate, and leave to dial loopback alone. `origin HOST` becomes `origin HOST:PORT`, because each origin of the box has
 *   a port of its own.
 * - `aws cloudfront …` prints what the AWS CLI would print for the account in the box, from files.
 * - `terraform show -json …` prints a plan for two origins of the box.
 * - `npx cdk …` is the CDK of this project, once in a folder: what it makes of the same application is the same.
 */
export type Stage = {
  /** The bundled terminal command. */
  readonly command: string;
  /** Folder with a JSON file for each answer of the AWS CLI. */
  readonly answers: string;
  readonly dnsServer: string;
  readonly caFile: string;
  readonly ports: Readonly<Record<string, number>>;
};

const root = join(import.meta.dirname, "..", "..", "..");
const [, , name, ...given] = process.argv;
switch (name) {
  case "origin-watch":
    await runCommand(stage().command, given);
    break;
  case "npm":
    await npm(given);
    break;
  case "npx":
    await npx(given);
    break;
  case "aws":
    aws(given);
    break;
  case "terraform":
    terraform(given);
    break;
  default:
    refuse(`the box has no ${name}`);
}

async function npm(args: readonly string[]): Promise<void> {
  const [run, silent, script = "", dashes, ...rest] = args;
  const scripts: Readonly<Record<string, string>> = manifest.scripts;
  const file = /^node (bin\/[\w-]+\.ts)$/.exec(scripts[script] ?? "")?.[1];
  if (run !== "run" || silent !== "-s" || dashes !== "--" || file === undefined) {
    return refuse(`the box does not know npm ${args.join(" ")}`);
  }
  await runCommand(file, rest);
}

async function npx(args: readonly string[]): Promise<void> {
  const [program = "", ...rest] = args[0] === "--yes" ? args.slice(1) : args;
  const isOurs = program === manifest.name || program.endsWith(`/${manifest.name}-${manifest.version}.tgz`);
  if (isOurs) return await runCommand(stage().command, rest);
  if (program !== "cdk") return refuse(`the box does not know npx ${program}`);
  if (rest[0] === "synth" && existsSync("cdk.out")) return;
  // With credentials the CDK would ask AWS whose they are.
  const environment = Object.entries(process.env).filter(([key]) => !key.startsWith("AWS_"));
  const cdk = spawnSync(process.execPath, [join(root, "node_modules", "aws-cdk", "bin", "cdk"), ...rest], {
    env: { ...Object.fromEntries(environment), AWS_EC2_METADATA_DISABLED: "true" },
    stdio: "inherit",
  });
  process.exitCode = cdk.status ?? 1;
}

function aws([service, operation = ""]: readonly string[]): void {
  if (service === "cloudfront" && /^[a-z-]+$/.test(operation)) {
    process.stdout.write(readFileSync(join(stage().answers, `${operation}.json`)));
  } else refuse(`the box does not know aws ${service} ${operation}`);
}

function terraform([command, option]: readonly string[]): void {
  if (command === "show" && option === "-json") {
    process.stdout.write(JSON.stringify(terraformPlan(stage().ports)));
  } else if (command !== "plan") refuse(`the box does not know terraform ${command}`);
}

/** As `node FILE …`, in this process. */
async function runCommand(file: string, args: readonly string[]): Promise<void> {
  const path = resolve(root, file);
  process.argv = [process.execPath, path, ...intoTheBox(args)];
  await import(path);
}

function intoTheBox(args: readonly string[]): readonly string[] {
  const source = args.findIndex((arg) => ["account", "config", "template", "terraform", "origin"].includes(arg));
  if (source < 0 || args.includes("--help")) return args;
  const { dnsServer, caFile, ports } = stage();
  const host = args[source] === "origin" ? args[source + 1] : undefined;
  const port = host === undefined ? undefined : ports[host];
  const withPort = port === undefined ? args : args.with(source + 1, `${host}:${port}`);
  return [...withPort, "--dns-server", dnsServer, "--ca", caFile, "--allow-network", "127.0.0.0/8"];
}

function stage(): Stage {
  return JSON.parse(process.env.ORIGIN_WATCH_STAGE ?? "") as Stage;
}

function refuse(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 127;
}
