import type { OptionTable } from "../input/option.ts";
import type { Source } from "../input/source.ts";

/** What the help of a command says, beside what follows from its tables. */
export type HelpText = {
  /** The command's name and what it is for. */
  readonly title: string;
  /** Lines of usage, as they are. */
  readonly usage: readonly string[];
  readonly groups: readonly OptionGroup[];
  /** What there is to know beyond options. */
  readonly notes: readonly string[];
  readonly exitStatus: readonly string[];
  readonly examples: readonly string[];
};

/** Options under a heading. */
export type OptionGroup = { readonly heading: string; readonly options: OptionTable };

const width = 120;
const optionColumn = 24;
const sourceColumn = 50;

/** The help of a command. */
export function helpOf({ title, usage, groups, notes, exitStatus, examples }: HelpText): string {
  const section = (heading: string, lines: readonly string[]) => [heading, ...lines.map((line) => `  ${line}`), ""];
  return [
    `origin-watch ${title}`,
    "",
    ...section("Usage", usage),
    ...groups.flatMap(({ heading, options }) => [heading, ...Object.entries(options).flatMap(optionLines), ""]),
    ...notes,
    ...(notes.length === 0 ? [] : [""]),
    ...section("Exit status", exitStatus),
    ...section("Examples", examples),
  ].join("\n");
}

function optionLines([name, { short, value, help }]: [string, OptionTable[string]]): readonly string[] {
  const flag = `--${name}${short === undefined ? "" : `, -${short}`}${value === undefined ? "" : ` ${value}`}`;
  const start = Math.max(optionColumn, flag.length + 4);
  const [first = "", ...rest] = wrapped(help, start);
  return [`  ${flag}`.padEnd(start) + first, ...rest.map((line) => " ".repeat(optionColumn) + line)];
}

/** Lines of a text that begins at a column, and goes on at that of options. */
function wrapped(text: string, start: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const room = width - (lines.length === 0 ? start : optionColumn);
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

/** A line or more for each source, with what stands before it. */
export function sourceLines(sources: readonly Source[], before: string): readonly string[] {
  return sources.flatMap(({ name, argument, help: [first = "", ...rest] }) => [
    `${`${before}${name} ${argument}`.padEnd(sourceColumn - 2)}${first}`,
    ...rest.map((line) => " ".repeat(sourceColumn - 2) + line),
  ]);
}
