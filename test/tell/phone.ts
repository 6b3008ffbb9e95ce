/** A text as a phone of so many columns shows it: words go on the next line, and those that are longer are split. */
export function wrapped(text: string, columns = 45): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const rows: string[] = [];
    let row = "";
    for (const word of line.split(" ")) {
      const joined = row === "" ? word : `${row} ${word}`;
      if (joined.length <= columns) {
        row = joined;
        continue;
      }
      if (row !== "") rows.push(row);
      row = word;
      while (row.length > columns) {
        rows.push(row.slice(0, columns));
        row = row.slice(columns);
      }
    }
    return [...rows, row];
  });
}

/** The row in which the first step ends, counted from 1; null where there is none. Subject and its empty line count. */
export function rowOfFirstStep(subject: string, text: string): number | null {
  const [before = "", steps] = text.split(/^(?=Do first:)/m);
  if (steps === undefined) return null;
  const [first = ""] = steps.split(/\n(?=2\. )|\n\n/);
  return wrapped(`${subject}\n\n${before}${first}`).length;
}
