import type { Configuration } from "../../lambda/configuration/configuration.ts";
import type { PlannedConnection } from "../../lambda/plan/connection.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { commonOptions, type Options, type OwnOptions, readArguments } from "./input/arguments.ts";
import { type Place, type PlaceOf, placeOfFile } from "./input/place.ts";
import type { Source } from "./input/source.ts";
import { sourceOptions } from "./input/sources.ts";
import { type HelpText, helpOf, type OptionGroup } from "./output/help.ts";
import { exit, warn } from "./output/output.ts";
import { printResult } from "./output/print.ts";

/** A command of the terminal: what its help says, what it takes, and what it does. */
export type Command<T> = {
  /** Its options stand in groups. */
  readonly help: HelpText;
  readonly read: OwnOptions<T>["read"];
  /** Gives the exit status. */
  readonly run: (given: Given<T>) => Promise<number>;
};

/** A command line that was understood, and the configuration that it names. */
export type Given<T> = {
  readonly source: Source;
  readonly options: Options;
  readonly own: T;
  readonly configuration: Configuration;
  /** What somebody should know of the input although it was read, one sentence each. */
  readonly remarks: readonly string[];
  /** Where origins are written, and the place of what is written nowhere. */
  readonly written: { readonly placeOf: PlaceOf; readonly whole: Place };
};

/** Does what every command does first: reads the command line, then the configuration. Gives the exit status. */
export async function runCommand<T>(argv: readonly string[], command: Command<T>): Promise<number> {
  const read = await readInput(argv, command);
  switch (read.kind) {
    case "help":
      printResult(wholeHelp(command.help));
      return exit.healthy;
    case "wrong":
    case "unreadable":
      warn(read.message);
      return exit.usage;
    case "given":
      for (const remark of read.given.remarks) warn(remark);
      return command.run(read.given);
  }
}

/** What a command line comes to, with its configuration. */
export type Input<T> =
  | { readonly kind: "given"; readonly given: Given<T> }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string }
  | { readonly kind: "unreadable"; readonly message: string; readonly whole: Place };

/** Reads the command line, then the configuration that it names. */
export async function readInput<T>(
  argv: readonly string[],
  { help, read: readOwn }: Pick<Command<T>, "help" | "read">,
): Promise<Input<T>> {
  const read = readArguments(argv, { options: optionsOf(help), read: readOwn });
  if (read.kind !== "given") return read;
  const { source, opened, options, own } = read;
  const whole = placeOfFile(opened.file ?? "-");
  const configuration = await opened.read();
  if (configuration.kind === "unreadable") return { ...configuration, whole };
  // Right for some, but a pipeline that looks at the wrong place would be green for ever.
  const why = configuration.whyEmpty ?? `there is no CloudFront distribution in ${opened.place}`;
  const empty = isEmpty(configuration) ? [why] : [];
  const remarks = [...empty, ...(configuration.remarks ?? [])];
  const written = { placeOf: configuration.placeOf ?? (() => null), whole };
  return { kind: "given", given: { source, options, own, configuration, remarks, written } };
}

/** The help with the options that every command takes. */
export function wholeHelp(help: HelpText): string {
  const own = optionsOf(help);
  const ofSources = sourceOptions.filter(({ name }) => !Object.hasOwn(own, name));
  const byTakers = Map.groupBy(ofSources, ({ takenBy }) => takenBy.join(" and "));
  const groups = [...byTakers].map(
    ([takers, options]): OptionGroup => ({
      heading: `For ${takers}`,
      options: Object.fromEntries(options.map(({ name, option }) => [name, option])),
    }),
  );
  return helpOf({ ...help, groups: [...help.groups, ...groups, { heading: "For all", options: commonOptions }] });
}

function optionsOf({ groups }: HelpText): OptionGroup["options"] {
  return Object.assign({}, ...groups.map(({ options }) => options));
}

function isEmpty({ distributions, problems }: Configuration): boolean {
  return distributions.length === 0 && !problems.some(({ code }) => code === "distribution-unreadable");
}

/** What is to be checked, and what is missing from it, a sentence each. */
export type Connections = { readonly planned: readonly PlannedConnection[]; readonly problems: readonly string[] };

/** The connections of a configuration, as the command line wants them made. */
export function connectionsOf(
  { distributions, policies, problems }: Configuration,
  { source, options: { timeoutMs } }: Pick<Given<unknown>, "source" | "options">,
): Connections {
  const { connections, problems: ofPlan } = plan(distributions, policies);
  const planned = connections.map((each) => ({
    ...each,
    connection: {
      ...each.connection,
      ...(source.originsAlone ? { uses: [] } : {}),
      ...(timeoutMs === null ? {} : { connectTimeoutMs: timeoutMs, connectAttempts: 1 }),
    },
  }));
  return { planned, problems: [...problems.map(inOneLine), ...ofPlan.map(({ message }) => message)] };
}

function inOneLine({ message, remedy }: Configuration["problems"][number]): string {
  return `${message} ${remedy}`.trim();
}
