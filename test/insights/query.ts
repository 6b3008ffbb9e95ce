import { type Expression, expressionParser, type Row } from "./expression.ts";
import type { LogEvent, Reading, Value } from "./log-events.ts";
import { compareValues } from "./order.ts";

/** Columns in their order, and a value or nothing for each row. */
export type Result = { readonly columns: readonly string[]; readonly rows: readonly Row[] };

type Table = { readonly columns: readonly string[]; readonly rows: readonly Row[] };

/**
 * Runs a query in the part of the Logs Insights language that the saved queries use (CloudWatch Logs User Guide,
 * "CloudWatch Logs Insights language query syntax").
 *
 * @throws for everything else: a query must not pass because it was not understood
 */
export function runQuery(text: string, events: readonly LogEvent[], reading: Reading): Result {
  const newestFirst = events.toSorted((a, b) => b.timestamp - a.timestamp);
  const start: Table = {
    columns: ["@timestamp"],
    rows: newestFirst.map(({ timestamp, fields }) => new Map([["@timestamp", timestamp], ...fields])),
  };
  const { columns, rows } = commandsOf(text).reduce((table, command) => apply(command, table, reading), start);
  return { columns, rows: rows.map((row) => new Map([...row].filter(([name]) => columns.includes(name)))) };
}

/** The commands of a query: one after another, with `|` in between and comments left out. */
export function commandsOf(text: string): readonly string[] {
  const code = text.replaceAll(/^#.*$/gm, "");
  return code
    .split(/\|(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((command) => command.trim())
    .filter((command) => command !== "");
}

function apply(command: string, table: Table, reading: Reading): Table {
  const [, name = "", rest = ""] = /^(\w+)\s+(.+)$/s.exec(command) ?? [];
  switch (name) {
    case "filter": {
      const condition = wholeExpression(rest);
      return { ...table, rows: table.rows.filter((row) => condition(row) === 1) };
    }
    case "fields":
      return fields(rest, table);
    case "stats":
      return stats(rest, table, reading);
    case "sort":
      return sort(rest, table);
    case "limit":
      return { ...table, rows: table.rows.slice(0, wholeNumber(rest)) };
    default:
      throw new Error(`this evaluator does not know ${command}`);
  }
}

function wholeExpression(text: string): Expression {
  const parser = expressionParser(text);
  const expression = parser.expression();
  parser.end();
  return expression;
}

function fields(text: string, { rows }: Table): Table {
  const parser = expressionParser(text);
  const items = parser.list(() => {
    const written = parser.rest();
    const value = parser.expression();
    return {
      value,
      name: parser.takes("as") ? parser.name() : written.slice(0, written.length - parser.rest().length).trim(),
    };
  });
  parser.end();
  return {
    columns: items.map(({ name }) => name),
    rows: rows.map((row) =>
      withValues(
        row,
        items.map(({ name, value }) => [name, value(row)]),
      ),
    ),
  };
}

function withValues(row: Row, values: readonly (readonly [string, Value | undefined])[]): Row {
  return new Map([...row, ...values.filter((entry): entry is [string, Value] => entry[1] !== undefined)]);
}

type Aggregate = (rows: readonly Row[], reading: Reading) => Value | undefined;

function stats(text: string, { rows }: Table, reading: Reading): Table {
  const parser = expressionParser(text);
  const aggregates = parser.list(() => {
    const value = aggregate(parser);
    if (!parser.takes("as")) throw new Error(`a name is wanted for each aggregate in ${text}`);
    return { value, name: parser.name() };
  });
  if (!parser.takes("by")) throw new Error(`"by" is wanted in ${text}`);
  const keys = parser.list(() => parser.name());
  parser.end();
  const groups = Map.groupBy(rows, (row) => JSON.stringify(keys.map((key) => row.get(key) ?? null)));
  return {
    columns: [...keys, ...aggregates.map(({ name }) => name)],
    rows: [...groups.values()].map((group) => {
      const [first = new Map<string, Value>()] = group;
      const named = keys.map((key) => [key, first.get(key)] as const);
      return withValues(new Map(), [
        ...named,
        ...aggregates.map(({ name, value }) => [name, value(group, reading)] as const),
      ]);
    }),
  };
}

function aggregate(parser: ReturnType<typeof expressionParser>): Aggregate {
  const name = parser.name();
  parser.expect("(");
  if (name === "count") {
    parser.expect("*");
    parser.expect(")");
    return (rows) => rows.length;
  }
  const of = parser.expression();
  const percent = parser.takes(",") ? parser.number() : null;
  parser.expect(")");
  const numbers = (rows: readonly Row[]) =>
    rows
      .map(of)
      .filter((value): value is Value => value !== undefined)
      .map(Number)
      .toSorted((a, b) => a - b);
  switch (name) {
    case "max":
      return (rows) => numbers(rows).at(-1);
    case "pct":
      if (percent === null) throw new Error("pct wants a percentage");
      return (rows) => {
        const sorted = numbers(rows);
        return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
      };
    case "latest":
      // The newest come first.
      return (rows, { latest }) =>
        (latest === "newest-event" ? rows.slice(0, 1) : rows).map(of).find((value) => value !== undefined);
    default:
      throw new Error(`this evaluator does not know ${name}()`);
  }
}

function sort(text: string, table: Table): Table {
  const parser = expressionParser(text);
  const by = parser.name();
  const direction = parser.takes("desc") ? -1 : 1;
  if (direction === 1) parser.takes("asc");
  parser.end();
  const known = (row: Row) => {
    const value = row.get(by);
    if (value === undefined) throw new Error(`it is not documented where rows without ${by} are sorted to`);
    return value;
  };
  return {
    ...table,
    rows: table.rows.toSorted((a, b) => direction * compareValues(known(a), known(b))),
  };
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text.trim())) throw new Error(`a number is wanted, not ${text}`);
  return Number(text);
}
