import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import type { BoardKept } from "../../lambda/board/keep-board.ts";
import type { Delivery } from "../../lambda/incidents/delivery.ts";
import type { MemoryKept } from "../../lambda/memory/keep-memory.ts";
import { chainIncomplete, connectionRecord, incident, report, runTime, use } from "../tell/records.ts";

const run = report([
  connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] }),
  connectionRecord("vpc.example.com", { verdict: "unknown", reproduce: null, observed: { addresses: [] } }),
]);
const delivery: Delivery = {
  sent: [{ noticeId: run.runId, messageId: "m-1", subject: "[502] api.example.com" }],
  failures: [{ step: "write-state", error: "access denied", consequence: "It may come again." }],
  waiting: 0,
  yielded: false,
  updates: [
    {
      status: "opened",
      incident: incident(),
    },
  ],
  problems: [],
};
const memory: MemoryKept = { kind: "failed", error: "time ran out" };
const board: BoardKept = { kind: "failed", error: "access denied: the function's role needs s3:PutObject" };

/** What a process of its own writes, as a Lambda function would: warnings go to standard error, and come last here. */
async function written(...args: readonly unknown[]): Promise<string> {
  const telemetry = fileURLToPath(new URL("../../lambda/telemetry/powertools.ts", import.meta.url));
  const script = `
    const { powertoolsTelemetry } = await import(${JSON.stringify(telemetry)});
    const telemetry = powertoolsTelemetry("mine");
    const [run, delivery, kept, choice = { kind: "everything", isLarge: false }] = ${JSON.stringify(args)};
    choice.wasNotHealthy = () => false;
    telemetry.recordResults(run, delivery.updates, choice);
    telemetry.recordRun(run, delivery, kept);`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  return `${stdout}${stderr}`;
}

async function recorded(...args: readonly unknown[]): Promise<Record<string, unknown>[]> {
  const lines = (await written(...args)).trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line));
}

describe("recordConnection", () => {
  test("logs at once what is in order, and leaves the rest to recordResults; nothing twice", async () => {
    const telemetry = fileURLToPath(new URL("../../lambda/telemetry/powertools.ts", import.meta.url));
    const some = report([
      connectionRecord("good.example.com", { verdict: "healthy", findings: [] }),
      connectionRecord("bad.example.com", { verdict: "failing", findings: [chainIncomplete] }),
      connectionRecord("s3.example.com", { verdict: "skipped", skipped: "s3-origin", findings: [] }),
    ]);
    const script = `
      const { powertoolsTelemetry } = await import(${JSON.stringify(telemetry)});
      const telemetry = powertoolsTelemetry("mine");
      const [run, delivery, kept] = ${JSON.stringify([some, delivery, { board, memory }])};
      for (const record of run.records) telemetry.recordConnection(run.runId, record);
      console.log(JSON.stringify({ message: "judged" }));
      telemetry.recordResults(run, delivery.updates, { kind: "everything" });
      telemetry.recordRun(run, delivery, kept);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
    const lines: Record<string, unknown>[] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const shown = lines.flatMap(({ message, origin }) =>
      message === "connection" ? [origin] : message === "judged" ? [message] : [],
    );
    expect(shown).toEqual(["good.example.com:443", "s3.example.com:443", "judged", "bad.example.com:443"]);
    expect(lines.filter(({ message }) => message === "connection").map(({ runId }) => runId)).toEqual(
      some.records.map(() => some.runId),
    );
  });
});

describe("recordRun", () => {
  let lines: Record<string, unknown>[];
  beforeAll(async () => {
    lines = await recorded(run, delivery, { board, memory });
  });

  test("logs each connection with all fields of its record at the top level, nulls included", () => {
    const [first, second] = lines;
    expect(first).toMatchObject({
      message: "connection",
      level: "INFO",
      service: "origin-watch",
      runId: run.runId,
      ...run.records[0],
    });
    expect(second).toMatchObject({ message: "connection", ...run.records[1] });
    expect(second).toHaveProperty("reproduce", null);
    expect(second).toHaveProperty("skipped", null);
  });

  test("has in front what queries ask for: a connection of many names has more fields than a query knows", () => {
    expect(Object.keys(lines[0] ?? {}).slice(0, 8)).toEqual([
      "level",
      "message",
      "timestamp",
      "service",
      "runId",
      "origin",
      "verdict",
      "distributionIds",
    ]);
    expect(lines[0]).toMatchObject({ origin: "api.example.com:443", distributionIds: "E1EXAMPLE" });
  });

  test("logs each origin and each incident", () => {
    expect(lines.slice(2, 5)).toMatchObject([
      { message: "origin", runId: run.runId, origin: "api.example.com:443", verdict: "failing" },
      { message: "origin", runId: run.runId, origin: "vpc.example.com:443", verdict: "unknown" },
      { message: "incident", runId: run.runId, origin: "api.example.com:443", status: "opened" },
    ]);
  });

  test("logs of connections and origins what is chosen, of all else everything, and says how many were left out", async () => {
    const some = report([
      connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] }),
      connectionRecord("good.example.com"),
    ]);
    const kept = { board, memory, unlogged: 1 };
    const sparse = await recorded(some, delivery, kept, { kind: "not-healthy" });
    const shown = sparse.flatMap(({ message, origin }) => (message === undefined ? [] : [[message, origin]]));
    expect(shown).toEqual([
      ["connection", "api.example.com:443"],
      ["origin", "api.example.com:443"],
      ["incident", "api.example.com:443"],
      ["run", undefined],
    ]);
    expect(sparse.find(({ message }) => message === "run")).toMatchObject({ connections: 2, unlogged: 1 });
    expect(sparse.find((record) => "_aws" in record)).toMatchObject({ OriginsHealthy: 1, OriginsFailing: 1 });
    const run = lines.find(({ message }) => message === "run");
    expect(run).not.toHaveProperty("unlogged");
  });

  test("shows what is invisible in a comment, an id, a path or a name, however the log is read", async () => {
    const text = "a\u202eb\u200bc\u0085d\u2028e\u001b[1m\nf##[group]g";
    const shown = "a\\u{202e}b\\u{200b}c\\u{85}d\\u{2028}e\\u{1b}[1m\\u{a}f##[group]g";
    const odd = connectionRecord(text, {
      verdict: "failing",
      uses: [use(text, { comment: text, originId: text, pathPatterns: [text], aliases: [text] })],
      findings: [{ ...chainIncomplete, title: text, evidence: { seen: text } }],
    });
    const updates = [{ status: "opened" as const, incident: incident({ domain: text, title: text, key: text }) }];
    const output = await written(report([odd]), { ...delivery, updates }, { board, memory });
    expect(output).not.toMatch(/[\p{Cf}\u0085\u2028]|\\u(202e|200b|0085|2028|001b)|##\[/u);
    const [first] = output
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { uses?: unknown });
    expect(first).toMatchObject({ connection: { domain: shown }, findings: [{ title: shown }] });
    expect(first?.uses).toMatchObject([
      { distributionId: shown, comment: shown, originId: shown, pathPatterns: [shown], aliases: [shown] },
    ]);
  });

  test("logs the run, with what was delivered and what failed", () => {
    const { updates: _, ...delivered } = delivery;
    expect(lines[6]).toMatchObject({
      message: "run",
      level: "WARN",
      runId: run.runId,
      finishedAt: runTime,
      distributions: 1,
      connections: 2,
      problems: [],
      board,
      memory,
      trouble:
        "write-state: access denied. It may come again. The status board was not stored: access denied: the function's role needs s3:PutObject. What to begin with in the next run was not stored: time ran out.",
    });
    expect(lines[6]?.delivery).toEqual(delivered);
    expect(lines[6]).not.toHaveProperty("records");
  });

  test("says that nothing hampered a run", async () => {
    const calm = { sent: [], failures: [], waiting: 0, yielded: false, updates: [] };
    for (const board of [null, { kind: "stored", bytes: 1_234 }]) {
      const kept = { board, memory: { kind: "unchanged" } };
      const last = (await recorded(report([]), calm, kept)).find(({ message }) => message === "run");
      expect(last).toMatchObject({ level: "INFO", trouble: null, ...kept });
    }
  });

  test("keeps the text on what hampered a run short, and within the fields that a query knows", async () => {
    const problems = Array.from({ length: 300 }, (_, index) => ({
      code: "distribution-unreadable",
      scope: null,
      message: `E${index} makes no sense.`,
      remedy: "Look at it.",
    }));
    const last = (
      await recorded(report([], { problems: problems as never }), delivery, {
        board: null,
        memory: { kind: "unchanged" },
      })
    ).at(-1);
    expect(String(last?.trouble)).toMatch(/^E0 makes no sense\. E1 /);
    expect(String(last?.trouble)).toHaveLength(2_000);
    expect(Object.keys(last ?? {}).indexOf("trouble")).toBeLessThan(8);
  });

  test("emits the metrics in the embedded metric format, as all of these functions together and as this one", () => {
    const emf = lines[5] as {
      _aws: {
        CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }[];
      };
    };
    const [definition] = emf._aws.CloudWatchMetrics;
    expect(definition?.Namespace).toBe("OriginWatch");
    expect(definition?.Dimensions).toEqual([["service"], ["service", "function_name"]]);
    expect(definition?.Metrics).toContainEqual({ Name: "RunCompleted", Unit: "Count" });
    expect(definition?.Metrics).toContainEqual({ Name: "RunDuration", Unit: "Milliseconds" });
    expect(emf).toMatchObject({
      service: "origin-watch",
      function_name: "mine",
      RunCompleted: 1,
      OriginsFailing: 1,
      OriginsUnknown: 1,
      MessageFailures: 1,
    });
    expect(lines).toHaveLength(7);
  });
});
