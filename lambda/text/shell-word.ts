/**
 * A word for a POSIX shell, quoted unless every character is harmless. Two `#` stand apart, in quotes of their own: a
 * terminal would show the second one as something else (bin/terminal/output/print.ts), and the command would be another.
 */
export function shellWord(text: string): string {
  if (/^[A-Za-z0-9._:/[\]-]+$/.test(text)) return text;
  return `'${text.replaceAll("'", "'\\''").replaceAll(/#(?=#)/g, "#''")}'`;
}
