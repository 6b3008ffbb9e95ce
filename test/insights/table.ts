import type { Result } from "./query.ts";

/** A result as the console's table, in plain text; `@timestamp` as the console shows it. */
export function tableOf({ columns, rows }: Result): string {
  const cells = rows.map((row) => columns.map((column) => shown(column, row.get(column))));
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const line = (values: readonly string[]) =>
    values
      .map((value, index) => value.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(columns), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)].join("\n");
}

function shown(column: string, value: string | number | undefined): string {
  if (column === "@timestamp") return new Date(Number(value)).toISOString().replace("T", " ").replace("Z", "");
  return value === undefined ? "" : String(value);
}
