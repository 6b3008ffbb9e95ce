import { visible } from "../../../lambda/text/printable.ts";

// Everything that a terminal or the log of a pipeline gets is written here.

export function printResult(text: string): void {
  process.stdout.write(terminalText(text));
}

/** What the runner of a pipeline is to obey: whoever makes it has encoded what comes from outside. */
export function printCommands(text: string): void {
  process.stdout.write(text);
}

export function printError(text: string): void {
  process.stderr.write(terminalText(text));
}

/** Writes over the line of standard error on which the cursor is; without a text it is empty then. */
export function rewriteLine(text = ""): void {
  process.stderr.write(`\r\u001b[K${terminalText(text)}`);
}

/**
 * A finished text of one or more lines for standard output or standard error. Only line breaks and colours keep their
 * effect, and what a runner of pipelines would obey is shown instead: GitHub's obeys `##[command]` anywhere in a line and
 * `::command::` at its start, Azure's `##vso[command]` and TeamCity's `##teamcity[command]` anywhere. It comes last,
 * because breaking a text into lines makes new starts.
 */
export function terminalText(text: string): string {
  return text
    .split(kept)
    .map((piece, index) => (index % 2 === 0 ? visible(piece) : piece))
    .join("")
    .replaceAll(/(?<=#)#/g, shown)
    .replaceAll(/^([^\S\n]*):(?=:)/gm, (_, blanks: string) => `${blanks}${shown(":")}`);
}

/** Line breaks, and the colours of colour.ts. */
const esc = "\u001b";
const kept = new RegExp(`(\\n|${esc}\\[(?:1|2|22|3[1-6]|39)m)`);

function shown(character: string): string {
  return `\\u{${character.charCodeAt(0).toString(16)}}`;
}
