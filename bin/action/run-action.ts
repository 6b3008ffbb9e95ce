import { appendFileSync } from "node:fs";
import { printable } from "../../lambda/text/printable.ts";
import { readInput } from "../terminal/command.ts";
import { check, checkGiven } from "../terminal/commands/check.ts";
import { isInFolder } from "../terminal/input/place.ts";
import { annotations, command, showSummary, summary } from "../terminal/output/github.ts";
import { exit, warn } from "../terminal/output/output.ts";
import { printCommands } from "../terminal/output/print.ts";
import { resultsOf } from "../terminal/output/results.ts";
import { conclusionOf } from "./conclusion.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import { outputs } from "./outputs.ts";

/** Does what the step of a workflow asks for in its inputs, and gives the exit status: 0 where it passes. */
export async function runAction(environment: NodeJS.ProcessEnv): Promise<number> {
  const read = readInputs(environment);
  if (read.kind === "invalid") return failed(read.messages);
  const { inputs } = read;
  // A checkout may have links, and what is written must not follow them.
  const outside = Object.entries(inputs.files).filter(([, file]) => file !== "" && !isInFolder(file));
  if (outside.length > 0) return failed(outside.map(([name]) => `${name}: there is no such folder in the workspace`));
  const seen = await seenOf(inputs);
  if (seen.kind === "failed") return failed([seen.message]);
  const conclusion = conclusionOf(seen, inputs);
  const file = environment.GITHUB_OUTPUT;
  if (file !== undefined && file !== "") appendFileSync(file, outputs(conclusion, inputs.files));
  return conclusion.reasons.length === 0 ? exit.healthy : failed(conclusion.reasons);
}

type Seen = Parameters<typeof conclusionOf>[0];

/** Checks; what cannot be read at all is seen as a problem too. */
async function seenOf(inputs: Inputs): Promise<({ readonly kind: "seen" } & Seen) | ReturnType<typeof failure>> {
  const read = await readInput(inputs.argv, check);
  switch (read.kind) {
    case "help":
      return failure("help is no input of the action");
    case "wrong":
      return failure(read.message);
    case "unreadable": {
      const problems = [read.message];
      const results = resultsOf([], problems, { placeOf: () => null, whole: read.whole });
      warn(read.message);
      printCommands(annotations(results));
      showSummary(summary(results, []));
      return { kind: "seen", records: null, problems };
    }
    case "given": {
      for (const remark of read.given.remarks) printCommands(command("warning", {}, printable(remark, 1_000)));
      const signal = AbortSignal.timeout(inputs.timeLimitMs);
      const outcome = await checkGiven(read.given, { signal, mostConnections: inputs.mostConnections });
      return outcome.kind === "failed" ? outcome : { ...outcome, kind: "seen" };
    }
  }
}

function failure(message: string) {
  return { kind: "failed", message } as const;
}

function failed(messages: readonly string[]): number {
  for (const message of messages) printCommands(command("error", {}, printable(message, 1_000)));
  return exit.failing;
}
