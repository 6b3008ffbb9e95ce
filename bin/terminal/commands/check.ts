import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { checkConnections } from "../../../lambda/run.ts";
import { jsonLine } from "../../../lambda/text/json-line.ts";
import { type OwnOptions, readArguments } from "../input/arguments.ts";
import { connectionsOf } from "../input/connections.ts";
import { shown, Wrong } from "../input/usage-error.ts";
import { flag, one } from "../input/values.ts";
import { checkHelp } from "../output/help.ts";
import { htmlReport } from "../output/html-report.ts";
import { junit } from "../output/junit.ts";
import { type Listing, listing } from "../output/listing.ts";
import { complain, exit, exitStatus, interruptedStatus, untilInterrupted } from "../output/output.ts";
import { progressOf } from "../output/progress.ts";
import { writeWhole } from "../output/write-whole.ts";
import { toolsFor } from "../tools.ts";

type CheckOptions = {
  readonly quiet: boolean;
  readonly sort: Listing["sort"];
  readonly junitFile: string | null;
  readonly reportFile: string | null;
};

const own: OwnOptions<CheckOptions> = {
  options: {
    quiet: { type: "boolean", short: "q" },
    sort: { type: "string" },
    junit: { type: "string" },
    report: { type: "string" },
  },
  read: (values) => {
    const sort = one(values, "sort") ?? "verdict";
    if (sort !== "verdict" && sort !== "expiry") {
      throw new Wrong(`--sort: expected verdict or expiry, got ${shown(sort)}`);
    }
    const file = (name: string) => one(values, name) ?? null;
    return { quiet: flag(values, "quiet"), sort, junitFile: file("junit"), reportFile: file("report") };
  },
};

/** `check`: says of every origin whether CloudFront would get through to it. */
export async function check(argv: readonly string[]): Promise<number> {
  const read = readArguments(argv, own);
  switch (read.kind) {
    case "help":
      process.stdout.write(checkHelp);
      return exit.healthy;
    case "wrong":
      complain(read.message);
      return exit.usage;
    case "given":
      break;
  }
  const { options, own: wanted } = read;
  const found = await connectionsOf(options);
  if (found.kind === "unreadable") {
    complain(found.message);
    return exit.usage;
  }
  for (const problem of found.problems) complain(problem);
  const interrupted = untilInterrupted();
  const startedAt = Date.now();
  const progress = progressOf(found.planned.length, !wanted.quiet);
  const records = await checkConnections(found.planned, toolsFor(options, interrupted.signal)(), progress.add);
  progress.end();
  const { stdout } = process;
  const { quiet, sort } = wanted;
  if (options.json) stdout.write(jsonLines(records, quiet));
  else stdout.write(listing(records, { quiet, sort, now: options.now ?? Date.now(), width: widthOf(stdout) }));
  const finishedAt = Date.now();
  const files = [
    ["--junit", wanted.junitFile, () => junit(records, found.problems)],
    [
      "--report",
      wanted.reportFile,
      () => htmlReport({ records, problems: found.problems, startedAt, finishedAt, now: options.now ?? finishedAt }),
    ],
  ] as const;
  for (const [option, file, text] of files) {
    const failure = file === null ? null : writeWhole(file, text());
    if (failure === null) continue;
    complain(`${option}: ${failure}`);
    return exit.usage;
  }
  if (interrupted.signal.aborted) return interruptedStatus();
  return exitStatus(
    records.map(({ verdict }) => verdict),
    found.problems.length > 0,
  );
}

function jsonLines(records: readonly ConnectionRecord[], quiet: boolean): string {
  return records
    .filter(({ verdict }) => !quiet || (verdict !== "healthy" && verdict !== "skipped"))
    .map((record) => `${jsonLine(record)}\n`)
    .join("");
}

/** Columns of a terminal, null where the text goes into a file or a pipe and nothing is shortened. */
function widthOf(stream: NodeJS.WriteStream): number | null {
  return stream.isTTY ? Math.max(60, stream.columns) : null;
}
