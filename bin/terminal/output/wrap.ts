import { stripVTControlCharacters } from "node:util";

/**
 * Breaks the lines of a finished text between words, so that none is longer than the terminal. What follows hangs below
 * the first word of its line, and a word that is too long stays whole, because addresses and links are to be copied.
 *
 * @param width columns of the terminal, null where the text goes into a file or a pipe and nothing is broken
 */
export function wrapped(text: string, width: number | null): string {
  if (width === null) return text;
  return text
    .split("\n")
    .map((line) => hanging(line, width))
    .join("\n");
}

/** What is to be copied into a shell, where a line break would end it. */
const command = /^ *verify( one)?: /;

/** Two spaces more than the line itself, or as far as the text after `- ` begins. */
function hanging(line: string, width: number): string {
  if (columns(line) <= width || command.test(line)) return line;
  const indent = /^ */.exec(line)?.[0] ?? "";
  return brokenLines(line.slice(indent.length).split(" "), width - indent.length, "  ")
    .map((each) => indent + each)
    .join("\n");
}

/**
 * Words in lines of at most `width` columns; one that is longer stays whole.
 *
 * @param hang stands before every line but the first
 */
export function brokenLines(words: readonly string[], width: number, hang = ""): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of words) {
    const begins = line.trim() === "";
    if (!begins && columns(line) + 1 + columns(word) > width) {
      lines.push(line);
      line = hang + word;
    } else {
      line += begins ? word : ` ${word}`;
    }
  }
  return [...lines, line];
}

function columns(text: string): number {
  return stripVTControlCharacters(text).length;
}
