import { printable } from "../../../lambda/text/printable.ts";

/** Wrong usage, in one line that says what is wrong and what is expected. Thrown while arguments are read, only then. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What a person typed, fit to be shown back. */
export function shown(text: string | undefined): string {
  return `"${printable(text ?? "", 60)}"`;
}

/** The one argument, or undefined for none. @throws UsageError for more */
export function atMostOne([argument, ...rest]: readonly string[]): string | undefined {
  if (rest.length > 0) throw new UsageError(`unexpected argument ${shown(rest[0])}`);
  return argument;
}
