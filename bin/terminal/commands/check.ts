import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import type { PlannedConnection } from "../../../lambda/plan/connection.ts";
import { connectionKey } from "../../../lambda/plan/connection-key.ts";
import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { jsonLine } from "../../../lambda/text/json-line.ts";
import { type Command, connectionsOf, type Given } from "../command.ts";
import type { OptionTable } from "../input/option.ts";
import { sources } from "../input/sources.ts";
import { type AskingCloudFront, asksCloudFront, throughCloudFrontOption } from "../input/through-cloudfront.ts";
import { shown, UsageError } from "../input/usage-error.ts";
import { flag, one, type Values } from "../input/values.ts";
import { sourceLines } from "../output/help.ts";
import { type Checked, htmlReport } from "../output/html-report.ts";
import { junit } from "../output/junit.ts";
import { type Listing, listing } from "../output/listing.ts";
import { exit, exitStatus, interruptedStatus, untilInterrupted, warn, widthOf } from "../output/output.ts";
import { printCommands, printResult, terminalText } from "../output/print.ts";
import { progressOf } from "../output/progress.ts";
import type { Result } from "../output/results.ts";
import { writeWhole } from "../output/write-whole.ts";
import { checkAll, toolsFor } from "../tools.ts";
import type { DeploymentPlace } from "./deployment.ts";

type CheckOptions = {
  readonly quiet: boolean;
  readonly sort: Listing["sort"];
  readonly github: boolean;
  /** Only what is not so in the signed-in account now. */
  readonly againstAccount: boolean;
  readonly askingCloudFront: AskingCloudFront;
  /** The deployment whose memory the report shows; null for none. */
  readonly deployment: DeploymentPlace | null;
  readonly files: readonly ((typeof files)[number] & { readonly path: string })[];
};

const options: OptionTable = {
  quiet: { type: "boolean", short: "q", help: "print only what needs attention; nothing if all is well" },
  sort: {
    type: "string",
    value: "ORDER",
    help: "verdict, or expiry for the certificate that expires first (default verdict)",
  },
  junit: { type: "string", value: "FILE", help: "write the result as JUnit XML, for a pipeline" },
  report: { type: "string", value: "FILE.html", help: "write the result as one HTML file, for people" },
  against: {
    type: "string",
    value: "account",
    help: "for template and terraform: only connections that the signed-in account does not make already",
  },
  stack: {
    type: "string",
    value: "NAME",
    help: "with account and --report: also what the Origin Watch of that stack knows: since when, and what is muted",
  },
  region: { type: "string", value: "REGION", help: "the Region of --stack (default: that of the AWS configuration)" },
  "through-cloudfront": throughCloudFrontOption,
  sarif: { type: "string", value: "FILE", help: "write the result as SARIF 2.1.0, for code scanning" },
  gitlab: { type: "string", value: "FILE", help: "write the result as a Code Quality report of GitLab" },
  github: { type: "boolean", help: "in a job of GitHub Actions, annotate the lines and add to the job's summary" },
};

/** What can be written into a file, by the option that names the file. */
const files: readonly {
  readonly option: string;
  readonly text: (
    checked: Checked,
    results: () => Promise<readonly Result[]>,
    source: string,
  ) => string | Promise<string>;
}[] = [
  { option: "junit", text: ({ records, problems }) => junit(records, problems) },
  { option: "report", text: htmlReport },
  {
    option: "sarif",
    text: async (_, results, source) => (await import("../output/sarif.ts")).sarif(await results(), source),
  },
  { option: "gitlab", text: async (_, results) => (await import("../output/gitlab.ts")).gitlab(await results()) },
];

/** `check`: says of every origin whether CloudFront can connect to it. */
export const check: Command<CheckOptions> = {
  help: {
    title: "check: which origins fail, and how to fix them",
    usage: [
      ...sourceLines(sources, "origin-watch check "),
      "In a clone of the project: npm run -s check -- account, and so on",
    ],
    groups: [{ heading: "For check", options }],
    notes: [],
    exitStatus: [
      "0 all healthy or skipped   1 something failing",
      "2 wrong usage or unreadable input",
      "3 nothing failing, something at risk or unknown, or a part of the input that",
      "  could not be read",
      "130 interrupted: shows what was known by then",
    ],
    examples: [
      "origin-watch check origin api.example.com --host www.example.com",
      "origin-watch check account --profile production --sort expiry",
      "origin-watch check template cdk.out --quiet --junit origin-watch.xml",
      "aws cloudfront list-distributions | origin-watch check config -",
    ],
  },
  read: (values, source) => {
    const sort = one(values, "sort") ?? "verdict";
    if (sort !== "verdict" && sort !== "expiry") {
      throw new UsageError(`--sort: expected verdict or expiry, got ${shown(sort)}`);
    }
    const named = files.flatMap(({ option, text }) => {
      const path = one(values, option);
      return path === undefined ? [] : [{ option, path, text }];
    });
    const places = new Map<string, string>();
    for (const { option, path } of named) {
      const other = places.get(resolve(path));
      if (other !== undefined) throw new UsageError(`--${other} and --${option} name the same file, ${shown(path)}`);
      places.set(resolve(path), option);
    }
    const github = flag(values, "github");
    if (github && flag(values, "json")) throw new UsageError("--github and --json exclude each other");
    const against = one(values, "against");
    if (against !== undefined && against !== "account") {
      throw new UsageError(`--against: expected account, got ${shown(against)}`);
    }
    if (against !== undefined && source.name !== "template" && source.name !== "terraform") {
      throw new UsageError("--against goes with template or terraform");
    }
    return {
      quiet: flag(values, "quiet"),
      sort,
      github,
      againstAccount: against !== undefined,
      askingCloudFront: asksCloudFront(values, source),
      deployment: deploymentIn(values, source.name),
      files: named,
    };
  },
  run: async (given) => {
    const interrupted = untilInterrupted();
    const outcome = await checkGiven(given, { signal: interrupted.signal, mostConnections: null });
    if (outcome.kind === "failed") {
      warn(outcome.message);
      return exit.usage;
    }
    if (interrupted.signal.aborted) return interruptedStatus();
    return exitStatus(
      outcome.records.map(({ verdict }) => verdict),
      outcome.problems.length > 0,
    );
  },
};

/** What a check has shown and written, or why it could not, in one line. */
export type CheckOutcome =
  | {
      readonly kind: "checked";
      readonly records: readonly ConnectionRecord[];
      /** What was not read or not checked, one sentence each. */
      readonly problems: readonly string[];
    }
  | { readonly kind: "failed"; readonly message: string };

export type CheckLimits = {
  /** When it is aborted, what was not reached by then is out of time. */
  readonly signal: AbortSignal;
  /** What is beyond is left out, and is a problem; null for all. */
  readonly mostConnections: number | null;
};

/** Checks what was given, prints the result, and writes the files. */
export async function checkGiven(given: Given<CheckOptions>, limits: CheckLimits): Promise<CheckOutcome> {
  const { options: common, own, configuration } = given;
  const connections = connectionsOf(configuration, given);
  const planned = connections.planned.slice(0, limits.mostConnections ?? undefined);
  const { failed, ...remembered } = await rememberedBy(own.deployment);
  const problems = [
    ...connections.problems,
    ...leftOut(connections.planned.length - planned.length, planned.length),
    ...(failed === undefined ? [] : [failed]),
  ];
  for (const problem of problems) warn(problem);
  const deployed = own.againstAccount ? await deployedConnections(given) : noConnections;
  if ("message" in deployed) return { kind: "failed", message: deployed.message };
  const startedAt = Date.now();
  const progress = progressOf(planned, !own.quiet);
  const seen = await checkAll(planned, toolsFor(common, given.source, limits.signal)(), progress.add);
  progress.end();
  const all =
    own.askingCloudFront.kind === "no"
      ? seen
      : await (await import("../ask-cloudfront.ts")).askedThroughCloudFront(
          seen,
          configuration,
          own.askingCloudFront,
          common,
          limits.signal,
        );
  const isNew = planned.map((each) => !deployed.has(whatIsSeen(each)));
  const records = all.filter((_, index) => isNew[index] !== false);
  const finishedAt = Date.now();
  const now = common.now ?? finishedAt;
  const { quiet, sort } = own;
  const made = async () => (await import("../output/results.ts")).resultsOf(records, problems, given.written);
  let making: Promise<readonly Result[]> | undefined;
  const results = () => (making ??= made());
  const listed = () => listing(records, { quiet, sort, now, width: widthOf(process.stdout) });
  if (common.json) printResult(jsonLines(records, quiet));
  else if (own.github) await onGithub(listed(), await results(), records, given.source.name);
  else printResult(listed());
  for (const { option, path, text } of own.files) {
    const checked = { records, problems, startedAt, finishedAt, now, ...remembered };
    const failure = writeWhole(path, await text(checked, results, given.source.name));
    if (failure !== null) return { kind: "failed", message: `--${option}: ${failure}` };
  }
  if (own.againstAccount) warn(comparedWithAccount(records, all));
  return { kind: "checked", records, problems };
}

/** @throws UsageError where nothing would be made of it */
function deploymentIn(values: Values, source: string): DeploymentPlace | null {
  const [stack, region] = [one(values, "stack"), one(values, "region")];
  if (stack === undefined && region !== undefined) throw new UsageError("--region goes with --stack");
  if (stack === undefined) return null;
  if (source !== "account" || one(values, "report") === undefined) {
    throw new UsageError("--stack goes with account and --report");
  }
  return { stack, region: region ?? null, profile: one(values, "profile") ?? null };
}

/** What the deployment remembers, for the report; without it the check is worth as much. */
async function rememberedBy(place: DeploymentPlace | null): Promise<Pick<Checked, "remembered"> & { failed?: string }> {
  if (place === null) return {};
  const remembered = await (await import("./deployment.ts")).readRemembered(place);
  return remembered.kind === "failed" ? { failed: `--stack: ${remembered.error}.` } : { remembered };
}

function leftOut(count: number, most: number): readonly string[] {
  return count === 0 ? [] : [`${count} of ${most + count} connections were not checked, because ${most} are the most.`];
}

const noConnections: ReadonlySet<string> = new Set();

/**
 * The connections that CloudFront makes already for the distributions of the signed-in account, by their keys: whatever is
 * wrong with one of them is not the change's doing.
 */
async function deployedConnections(given: Given<unknown>): Promise<ReadonlySet<string> | { readonly message: string }> {
  const { readSignedInAccount } = await import("../input/sources/read-account.ts");
  const account = await readSignedInAccount(null, false);
  if (account.kind === "unreadable") return { message: `--against: ${account.message}` };
  const { planned, problems } = connectionsOf(account, given);
  // What is missing from it makes more of the change look new, and hides nothing.
  for (const problem of problems) warn(`--against: ${problem}`);
  return new Set(planned.map(whatIsSeen));
}

/** The key of a connection but for how long CloudFront waits, which makes nothing wrong that was right. */
function whatIsSeen(planned: PlannedConnection): string {
  return connectionKey({
    ...planned,
    connection: { ...planned.connection, connectTimeoutMs: 10_000, connectAttempts: 3 },
  });
}

function comparedWithAccount(fresh: readonly ConnectionRecord[], all: readonly ConnectionRecord[]): string {
  const notInOrder = (some: readonly ConnectionRecord[]) =>
    some.filter(({ verdict }) => verdict !== "healthy" && verdict !== "skipped").length;
  return `new in this change: ${notInOrder(fresh)}; already so in the account: ${notInOrder(all) - notInOrder(fresh)}`;
}

/** The listing where nothing in it is obeyed, then annotations, and the summary of the job. */
async function onGithub(
  listed: string,
  results: readonly Result[],
  records: readonly ConnectionRecord[],
  source: string,
): Promise<void> {
  const { annotations, fenced, showSummary, summary } = await import("../output/github.ts");
  if (source === "account") warn("the log and the summary of a job in a public repository are public");
  printCommands(fenced(terminalText(listed), randomUUID()));
  printCommands(annotations(results));
  showSummary(summary(results, records));
}

function jsonLines(records: readonly ConnectionRecord[], quiet: boolean): string {
  return records
    .filter(({ verdict }) => !quiet || (verdict !== "healthy" && verdict !== "skipped"))
    .map((record) => `${jsonLine(record)}\n`)
    .join("");
}
