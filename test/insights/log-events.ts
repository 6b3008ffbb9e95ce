/** An event of a log group, as CloudWatch Logs Insights sees it. */
export type LogEvent = {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** The discovered fields, by their names. */
  readonly fields: ReadonlyMap<string, Value>;
};

export type Value = string | number;

/** What is open about the language, and must make no difference to a query. */
export type Reading = {
  /** Whether a field that is null in JSON is there. */
  readonly nulls: "missing" | "present";
  /** Whether `latest` of a field looks at the newest event only, or at the newest that has the field. */
  readonly latest: "newest-event" | "newest-value";
};

export const readings: readonly Reading[] = (["missing", "present"] as const).flatMap((nulls) =>
  (["newest-event", "newest-value"] as const).map((latest) => ({ nulls, latest })),
);

/** CloudWatch Logs User Guide, "Supported logs and discovered fields": no more fields of a JSON event are found. */
export const mostFields = 200;

/**
 * Reads lines of JSON as Insights does: names of nested fields are joined by dots, entries of a list by their numbers.
 * Which 200 fields of an event are found is not documented; that they are the first ones is the worst for what stands
 * further back.
 */
export function eventsOf(lines: readonly string[], { nulls }: Pick<Reading, "nulls">): readonly LogEvent[] {
  return lines.map((line) => {
    const json: unknown = JSON.parse(line);
    const fields = new Map<string, Value>();
    discover(json, "", fields, nulls);
    // Lambda gives each event the time at which it was written, which the records have in themselves.
    const timestamp = Date.parse(String(fields.get("timestamp"))) || Number(fields.get("_aws.Timestamp"));
    if (Number.isNaN(timestamp)) throw new Error(`an event without a time: ${line.slice(0, 100)}`);
    return { timestamp, fields };
  });
}

function discover(value: unknown, name: string, into: Map<string, Value>, nulls: Reading["nulls"]): void {
  if (into.size >= mostFields) return;
  if (typeof value === "object" && value !== null) {
    for (const [key, entry] of Object.entries(value))
      discover(entry, name === "" ? key : `${name}.${key}`, into, nulls);
  } else if (value === null) {
    if (nulls === "present") into.set(name, "");
  } else into.set(name, typeof value === "number" || typeof value === "string" ? value : JSON.stringify(value));
}
