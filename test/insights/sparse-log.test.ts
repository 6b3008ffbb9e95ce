import { beforeAll, describe, expect, test } from "vitest";
import type { ConnectionRecord, RunReport } from "../../lambda/report/record.ts";
import { distributionPlaceholder, originPlaceholder, queryText, savedQueries } from "../../lib/saved-queries.ts";
import {
  address,
  certificate,
  connectionRecord,
  connectionRefused,
  report,
  silentAddress,
  use,
} from "../tell/records.ts";
import { eventsOf, type LogEvent, type Reading, readings, type Value } from "./log-events.ts";
import { runQuery } from "./query.ts";
import { logOf } from "./sample-log.ts";

// What the saved queries answer where runs have more than 5,000 connections, so that most of them are not in the log of each.

const quarter = 15 * 60_000;
const day = 96;
const start = Date.parse("2026-11-23T03:00:00.000Z");
const bucket = connectionRecord("bucket", { verdict: "skipped", skipped: "s3-origin", observed: { addresses: [] } });
const buckets = Array.from({ length: 5_000 }, (_, index): ConnectionRecord => {
  const domain = `b${index}.s3.amazonaws.com`;
  return { ...bucket, connection: { ...bucket.connection, domain, key: domain } };
});

function seen(domain: string, ms: number): ConnectionRecord {
  const chain = [certificate(domain, { notAfter: "2027-02-01T00:00:00Z" })];
  return connectionRecord(domain, {
    uses: [use("E2EXAMPLE")],
    observed: { addresses: [address(domain, { ms, chain })] },
  });
}

function refused(domain: string): ConnectionRecord {
  return connectionRecord(domain, {
    uses: [use("E2EXAMPLE")],
    verdict: "failing",
    findings: [connectionRefused],
    observed: { addresses: [silentAddress("connection refused", { ms: 2 })] },
  });
}

/** `media` is down in the third and fourth run of the first day; `www` is always up, `old` always down. */
function run(index: number): RunReport {
  const at = new Date(start + index * quarter).toISOString();
  const isDown = index === 2 || index === 3;
  return report(
    [
      seen("www.example.com", 40),
      isDown ? refused("media.example.com") : seen("media.example.com", 60 + index),
      refused("old.example.com"),
      ...buckets,
    ],
    { runId: `run-${index}`, startedAt: at, finishedAt: at },
  );
}

/** Those of the first day that matter, and one a day later, with runs in between that nothing happens in. */
const indexes = [0, 1, 2, 3, 4, 5, 6, 91, 92, 93, 94];
let lines: readonly string[];
/** The events of the log, by how nulls are read. */
let events: ReadonlyMap<Reading["nulls"], readonly LogEvent[]>;
beforeAll(() => {
  lines = logOf(Array.from({ length: 95 }, (_, index) => run(index)));
  events = new Map((["missing", "present"] as const).map((nulls) => [nulls, eventsOf(lines, { nulls })]));
});

/** The rows of a query over the log after the run with this index, of so many runs. */
function ask(name: string, last: number, runs: number): readonly Record<string, Value>[] {
  const query = savedQueries.find((each) => each.name === name);
  const text = queryText(query ?? { name, lines: [] })
    .replaceAll(distributionPlaceholder, "E2EXAMPLE")
    .replaceAll(originPlaceholder, "media.example.com:443");
  const [until, from] = [start + last * quarter, start + (last - runs + 1) * quarter];
  const answers = readings.map((reading) => {
    const within = (events.get(reading.nulls) ?? []).filter(({ timestamp }) => timestamp >= from && timestamp <= until);
    return runQuery(text, within, reading).rows.map((row) => Object.fromEntries(row));
  });
  const visible = answers.map((rows) => rows.map((row) => Object.entries(row).filter(([, value]) => value !== "")));
  for (const answer of visible) expect(answer).toEqual(visible[0]);
  return answers[0] ?? [];
}

const short = (row: Record<string, Value>) => String(row.origin).split(".")[0];
const isServer = (row: Record<string, Value>) => !String(row.origin).includes(".s3.");
const servers = (rows: readonly Record<string, Value>[]) => rows.filter(isServer);

test("a run of more than 5,000 connections says how many of them are not in the log, and every 23 hours none is", () => {
  const runs = lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ message }) => message === "run")
    .map(({ unlogged }) => unlogged);
  expect(indexes.map((index) => runs[index])).toEqual([
    0, 5_002, 5_001, 5_001, 5_001, 5_002, 5_002, 5_002, 0, 5_002, 5_002,
  ]);
});

describe("over a log in which most runs have only what is not healthy", () => {
  test.each(indexes)("the latest verdict of each origin is that of the last run, after the run %i", (index) => {
    const rows = ask("Latest verdict of each origin", index, day);
    const down = index === 2 || index === 3;
    expect(new Map(servers(rows).map((row) => [short(row), row.result]))).toEqual(
      new Map([
        ["old", "failing"],
        ["media", down ? "failing" : "healthy"],
        ["www", "healthy"],
      ]),
    );
    expect(rows[0]).toMatchObject({ result: "failing", seenAt: new Date(start + index * quarter).toISOString() });
  });

  test("that of a shorter time has what is not healthy, and no failure that is over", () => {
    const verdicts = (index: number, runs: number) =>
      ask("Latest verdict of each origin", index, runs).map((row) => `${short(row)} ${row.result}`);
    expect(verdicts(3, 2)).toEqual(["media failing", "old failing"]);
    expect(verdicts(4, 2)).toEqual(["old failing", "media healthy"]);
    expect(verdicts(6, 2)).toEqual(["old failing"]);
  });

  test("incidents and changes are all there", () => {
    const open = (index: number) => ask("Open incidents", index, 1).map((row) => `${short(row)} ${row.state}`);
    expect([1, 2, 3, 4].map(open)).toEqual([
      ["old open"],
      ["media opened", "old open"],
      ["media open", "old open"],
      ["old open"],
    ]);
    expect(ask("Changes in 7 days", 94, 95).map((row) => `${short(row)} ${row.status}`)).toEqual([
      "media resolved",
      "media opened",
      "old opened",
    ]);
    expect(ask("Hampered runs", 94, 95)).toEqual([]);
  });

  test("the history of an origin has when it broke and when it was over", () => {
    const rows = ask("History of one origin", 94, 95).filter(({ message }) => message === "origin");
    const times = rows.map((row) => [(Number(row["@timestamp"]) - start) / quarter, row.result]);
    expect(times).toEqual([
      [92, "healthy"],
      [4, "healthy"],
      [3, "failing"],
      [2, "failing"],
      [0, "healthy"],
    ]);
  });

  test("everything about a distribution has its connections as they are, once a day those that are healthy", () => {
    const rows = ask("Everything about one distribution", 94, day).filter(({ message }) => message === "connection");
    const of = (origin: string) => rows.filter((row) => short(row) === origin).map(({ result }) => result);
    expect(of("media")).toEqual(["healthy", "healthy", "failing", "failing", "healthy"].slice(0, of("media").length));
    expect(of("www")).toEqual(["healthy", "healthy"]);
    expect(of("old")).toHaveLength(95);
  });

  test.each([0, 4, 91, 94])("every certificate has its end, as it was last logged, after the run %i", (index) => {
    const rows = ask("Certificates by expiry", index, day);
    const end = "2027-02-01T00:00:00Z";
    expect(new Map(rows.map((row) => [short(row), row.expires]))).toEqual(
      new Map([
        ["www", end],
        ["media", end],
      ]),
    );
    for (const { days, seenAt } of rows) {
      expect(days).toBe(Math.floor((Date.parse(end) - Date.parse(String(seenAt))) / 86_400_000));
    }
  });

  test("how slow an origin is says of how many runs that is known", () => {
    const rows = ask("Slowest origins", 94, 95);
    expect(rows.map((row) => [short(row), row.slowest, row.median, row.runs])).toEqual([
      ["media", 152, 60, 5],
      ["www", 40, 40, 2],
      ["old", 2, 2, 95],
    ]);
  });
});
