/**
 * The lines of an output in which a runner of pipelines would see a command, as the runners read them: GitHub's takes
 * `##[name …]` anywhere in a line and `::name …::` at its start after blanks, Azure's `##vso[…]` and TeamCity's
 * `##teamcity[…]` anywhere. Wider than they are: they obey only names that they know.
 */
export function commandLines(output: string): readonly string[] {
  return output
    .split(/\r\n|[\n\r\u0085\u2028\u2029]/)
    .filter(
      (line) => /##\s*\w*\[/.test(line.replaceAll(invisible, "")) || /^\s*::/.test(line.replaceAll(invisible, "")),
    );
}

/** Comparisons by culture, which .NET makes unless told otherwise, pass over these. */
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]|(?![\t\n\r])\p{Cc}/gu;
