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
  const lines: string[] = [];
  let current = indent;
  for (const word of line.slice(indent.length).split(" ")) {
    const begins = current.trim() === "";
    if (!begins && columns(current) + 1 + columns(word) > width) {
      lines.push(current);
      current = `${indent}  ${word}`;
    } else {
      current += begins ? word : ` ${word}`;
    }
  }
  return [...lines, current].join("\n");
}

function columns(text: string): number {
  return stripVTControlCharacters(text).length;
}
