import type { OptionTable } from "../input/option.ts";
import type { Source } from "../input/source.ts";
import { brokenLines } from "./wrap.ts";

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

/** Columns of the narrowest terminal that people have. */
const width = 80;
const optionColumn = 24;

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
  return entry(`  ${flag}`, help, optionColumn);
}

/** A term, and from a column on what it means; below it where the term is too long. */
function entry(term: string, meaning: string, column: number): readonly string[] {
  const indented = brokenLines(meaning.split(" "), width - column).map((line) => " ".repeat(column) + line);
  const [first = "", ...rest] = indented;
  return term.length + 2 > column ? [term, ...indented] : [term + first.slice(term.length), ...rest];
}

/** A line or more for each source, with what stands before it. */
export function sourceLines(sources: readonly Source[], before: string): readonly string[] {
  // Two columns less: they are indented as a section is.
  return sources.flatMap(({ name, argument, help }) =>
    entry(`  ${before}${name} ${argument}`.trimEnd(), help, before === "" ? sourceColumn : usageColumn).map((line) =>
      line.slice(2),
    ),
  );
}

const sourceColumn = 26;
const usageColumn = 36;
