import { spawn, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { documentedSuites, groups, schemes } from "../lambda/cloudfront/profile.ts";
import { type Fault, serverName } from "./detection-targets.ts";

/** What a tool made of a target. */
export type Reading = "names the fault" | "shows a symptom" | "says nothing" | "quiet" | "false alarm" | "no result";

/** What a tool wrote, cut into what it reports as wrong and all of it. */
type Said = {
  /** What the tool itself marks as wrong. */
  readonly reported: string;
  /** What counts as an alarm for a healthy target, where that is not all of `reported`. */
  readonly alarm?: string;
  readonly all: string;
  /** It could not do its work at all. */
  readonly failed: boolean;
};

export type Tool = {
  readonly title: string;
  /** What it is called with; words are separated by single spaces. */
  readonly command: (where: Where) => string;
  /** The rule by which `reported` is cut out of its output, for the document. */
  readonly rule: string;
  /** Prints its version, and fails where it is not installed. */
  readonly version: readonly string[];
  /** Runs with this many targets at once. */
  readonly atOnce: number;
  readonly said: (output: Output) => Said;
};

export type Where = { readonly port: string; readonly rootFile: string; readonly jsonFile: string };
export type Output = { readonly text: string; readonly status: number | null; readonly timedOut: boolean };

/** No tool gets longer for one target. */
export const longestRunMs = 60_000;

/**
 * The rule that is the same for every tool. For a faulty target: it names the fault where what it reports as wrong has
 * the words of the fault, shows a symptom where it fails or lists the telling fact, and else says nothing. For a
 * healthy one: whatever it reports as wrong is a false alarm, and where it fails without a word there is no result. A run
 * that was ended before it was done has no result either, unless it had named the fault by then.
 */
export function readingOf(tool: Tool, output: Output, fault: Fault | null): Reading {
  const { reported, alarm = reported, all, failed } = tool.said(output);
  if (fault === null && alarm !== "") return "false alarm";
  if (fault === null) return failed || output.timedOut ? "no result" : "quiet";
  if (reported.split("\n").includes(fault.code) || fault.names.test(reported) || fault.states?.test(all) === true)
    return "names the fault";
  if (output.timedOut && fault.shows?.test(all) !== true) return "no result";
  return failed || fault.shows?.test(all) === true ? "shows a symptom" : "says nothing";
}

const check: Tool = {
  title: "this check",
  command: ({ port, rootFile }) =>
    `node bin/check.ts origin ${serverName}:${port} --connect-to 127.0.0.1 --allow-private --ca ${rootFile} --json`,
  rule: "Every finding but notes counts as reported. It names the fault when it has the code that is made for it.",
  version: ["node", "--version"],
  atOnce: 1,
  said: ({ text }) => {
    const record: unknown = JSON.parse(text.split("\n")[0] ?? "null");
    const findings = record !== null && typeof record === "object" && "findings" in record ? record.findings : [];
    const codes = (Array.isArray(findings) ? findings : []).flatMap((finding: { code: string; effect: string }) =>
      finding.effect === "note" ? [] : [finding.code],
    );
    return { reported: codes.join("\n"), all: "", failed: codes.length > 0 };
  },
};

const sClient: Tool = {
  title: "openssl s_client",
  command: ({ port, rootFile }) =>
    `openssl s_client -connect 127.0.0.1:${port} -servername ${serverName} -verify_hostname ${serverName} -CAfile ${rootFile} -no-CApath -no-CAstore -min_protocol TLSv1.2 -cipher ${suitesOfOpenssl}:@SECLEVEL=0 -groups ${groups.map(({ openssl }) => openssl).join(":")} -sigalgs ${schemes.map(({ openssl }) => openssl).join(":")}`,
  rule: "Lines with `verify error`, a verify return code other than 0, `alert`, `:error:` or `errno` count as reported. It is given CloudFront's suites, groups and schemes, which it would not know by itself.",
  version: ["openssl", "version"],
  atOnce: 1,
  said: (output) => {
    const all = output.text.replaceAll(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g, "");
    const reported = all.split("\n").filter((line) => /verify error|return code: [1-9]|alert|:error:|errno/.test(line));
    return { reported: reported.join("\n"), all, failed: reported.length > 0 };
  },
};

const sslscan: Tool = {
  title: "sslscan",
  command: ({ port }) => `sslscan --no-compression --show-certificate --sni-name=${serverName} 127.0.0.1:${port}`,
  rule: "What it prints in red or yellow, and lines with `ERROR`, `Could not` or `failed`, count as reported for a faulty target; for a healthy one yellow is no alarm. Without any accepted suite it has failed.",
  version: ["sslscan", "--version"],
  atOnce: 1,
  said: (output) => {
    const lines = output.text.split("\n");
    const written = (marks: readonly string[]) =>
      lines
        .filter((line) => marks.some((mark) => line.includes(mark)))
        .map((line) => stripVTControlCharacters(line))
        .join("\n");
    const alarm = written([red, "ERROR", "Could not", "failed"]);
    const reported = written([red, yellow, "ERROR", "Could not", "failed"]);
    const failed = !/Preferred|Accepted/.test(output.text);
    return { reported, alarm, all: stripVTControlCharacters(output.text), failed };
  },
};

const red = "\u001b[31m";
const yellow = "\u001b[33m";

const nmap: Tool = {
  title: "nmap ssl-enum-ciphers",
  command: ({ port }) =>
    `nmap -n -Pn -p ${port} --script ssl-enum-ciphers,ssl-cert --script-args tls.servername=${serverName} 127.0.0.1`,
  rule: "Its `warnings`, a least strength below A, and a port that is not open count as reported. Without any suite it has failed.",
  version: ["nmap", "--version"],
  atOnce: 1,
  said: (output) => {
    const warnings = output.text.match(/warnings:\s*\n((?:\|\s{6,}.*\n)+)/g) ?? [];
    const rest = output.text.match(/least strength: [B-F]|\/tcp +(closed|filtered)/g) ?? [];
    const failed = !output.text.includes("TLS_");
    return { reported: [...warnings, ...rest].join("\n"), all: output.text, failed };
  },
};

const testssl: Tool = {
  title: "testssl.sh",
  command: ({ port, rootFile, jsonFile }) =>
    `testssl --quiet --color 0 --warnings off -n none --add-ca ${rootFile} --ip 127.0.0.1 -p -S -P --jsonfile ${jsonFile} ${serverName}:${port}`,
  rule: "Findings of severity WARN, LOW to CRITICAL and FATAL count as reported for a faulty target, MEDIUM to FATAL as an alarm for a healthy one. Interrupted, or without a protocol that it finds offered, it has failed. Only its checks of protocols, server defaults and preferences are run, as the full run takes minutes, and six targets at once, as it waits most of the time.",
  version: ["testssl", "--version"],
  // Most of its time it waits.
  atOnce: 6,
  said: ({ text }) => {
    const reported = text.split("\n").filter((line) => /^(LOW|MEDIUM|HIGH|CRITICAL|FATAL|WARN) \w/.test(line));
    const failed = /Scan interrupted/.test(text) || !/^\S+ (SSLv3|TLS1(_\d)?) offered/m.test(text);
    const alarm = reported.filter((line) => !/^(LOW|WARN) /.test(line)).join("\n");
    return { reported: reported.join("\n"), alarm, all: text, failed };
  },
};

export const tools: readonly Tool[] = [check, sClient, sslscan, nmap, testssl];

/** The version of a tool that is installed. */
export function versionOf({ version: [program = "", ...args] }: Tool): string {
  const { stdout, stderr } = spawnSync(program, args, { encoding: "latin1" });
  const text = stripVTControlCharacters(`${stdout}${stderr}`);
  return /v?\d+\.\d+[\w.]*/.exec(text)?.[0] ?? "unknown version";
}

/** One line a finding: severity, id, text. A run that was cut off leaves JSON without an end. */
function findingsIn(file: string): string {
  try {
    const entries = readFileSync(file, "utf8").matchAll(
      /"id"\s*:\s*"([^"]*)"[^}]*?"severity"\s*:\s*"([^"]*)"[^}]*?"finding"\s*:\s*"([^"]*)"/g,
    );
    return [...entries].map(([, id, severity, finding]) => `${severity} ${id} ${finding}`).join("\n");
  } catch {
    return "";
  }
}

const suitesOfOpenssl = documentedSuites
  .map(({ openssl }) => openssl)
  .filter((name) => name !== "RC4-MD5" && name !== "DES-CBC3-SHA")
  .join(":");

/** How long a program's input stays open: s_client leaves at its end, and the refusals of TLS 1.3 come late. */
export const inputOpenMs = 300;

/** Runs a tool against a target, for at most `longestRunMs`; what it leaves in the JSON file is added to its output. */
export async function runTool({ command }: Tool, where: Where): Promise<Output> {
  rmSync(where.jsonFile, { force: true });
  const output = await runProgram(command(where).split(" "));
  return { ...output, text: `${output.text}\n${findingsIn(where.jsonFile)}` };
}

function runProgram([program = "", ...args]: readonly string[]): Promise<Output> {
  return new Promise((resolve, reject) => {
    const child = spawn(program === "node" ? process.execPath : program, args, {
      cwd: join(import.meta.dirname, ".."),
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let text = "";
    const take = (chunk: Buffer) => {
      text += chunk.toString("latin1");
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.stdin.on("error", () => undefined);
    const endOfInput = setTimeout(() => child.stdin.end(), inputOpenMs);
    let timedOut = false;
    // A shell script leaves its own children behind: the whole group is ended.
    const limit = setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, longestRunMs);
    child.once("error", reject);
    child.once("close", (status) => {
      clearTimeout(endOfInput);
      clearTimeout(limit);
      resolve({ text, status, timedOut });
    });
  });
}
