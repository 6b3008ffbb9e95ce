/**
 * A value as one line of JSON in which every control, format and separator character beyond ASCII is escaped too: some
 * readers take U+0085 or U+2028 for the end of a line, and terminals obey U+009B. What the line says stays the same.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
