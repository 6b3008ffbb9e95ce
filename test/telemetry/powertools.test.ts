import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import type { Delivery } from "../../lambda/incidents/deliver.ts";
import { chainIncomplete, connectionRecord, report, runTime } from "../tell/records.ts";

const run = report([
  connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] }),
  connectionRecord("vpc.example.com", { verdict: "unknown", reproduce: null, observed: { addresses: [] } }),
]);
const delivery: Delivery = {
  sent: [{ noticeId: run.runId, messageId: "m-1", subject: "[502] api.example.com" }],
  failures: [{ step: "write-state", error: "access denied", consequence: "It may come again." }],
  waiting: 0,
  yielded: false,
};

/** What a process of its own writes, as a Lambda function would: warnings go to standard error, and come last here. */
async function recorded(): Promise<Record<string, unknown>[]> {
  const telemetry = fileURLToPath(new URL("../../lambda/telemetry/powertools.ts", import.meta.url));
  const script = `
    const { powertoolsTelemetry } = await import(${JSON.stringify(telemetry)});
    powertoolsTelemetry().recordRun(${JSON.stringify(run)}, ${JSON.stringify(delivery)});`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  return `${stdout}${stderr}`
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

describe("recordRun", () => {
  let lines: Record<string, unknown>[];
  beforeAll(async () => {
    lines = await recorded();
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

  test("logs the run, with what was delivered and what failed", () => {
    expect(lines[3]).toMatchObject({
      message: "run",
      level: "WARN",
      runId: run.runId,
      finishedAt: runTime,
      distributions: 1,
      connections: 2,
      problems: [],
      delivery,
    });
    expect(lines[3]).not.toHaveProperty("records");
  });

  test("emits the metrics in the embedded metric format, with one dimension", () => {
    const emf = lines[2] as {
      _aws: {
        CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }[];
      };
    };
    const [definition] = emf._aws.CloudWatchMetrics;
    expect(definition?.Namespace).toBe("OriginWatch");
    expect(definition?.Dimensions).toEqual([["service"]]);
    expect(definition?.Metrics).toContainEqual({ Name: "RunCompleted", Unit: "Count" });
    expect(definition?.Metrics).toContainEqual({ Name: "RunDuration", Unit: "Milliseconds" });
    expect(emf).toMatchObject({
      service: "origin-watch",
      RunCompleted: 1,
      OriginsFailing: 1,
      OriginsUnknown: 1,
      MessageFailures: 1,
    });
    expect(lines).toHaveLength(4);
  });
});
