import { describe, expect, test } from "vitest";
import type { MetricName } from "../../lambda/contract/metrics.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { runMetrics } from "../../lambda/telemetry/metrics.ts";
import { between } from "../../lambda/text/span.ts";
import {
  address,
  certificate,
  certificateExpiring,
  chainIncomplete,
  connectionRecord,
  report,
  runTime,
} from "../tell/records.ts";

function metrics(run: RunReport): Partial<Record<MetricName, number>> {
  return Object.fromEntries(runMetrics(run, { sent: 1, failures: 2 }).map(({ name, value }) => [name, value]));
}

describe("runMetrics", () => {
  test("counts origins by their worst connection", () => {
    const records = [
      connectionRecord("api.example.com"),
      connectionRecord("API.example.com", {
        connection: { key: "2" },
        verdict: "failing",
        findings: [chainIncomplete],
      }),
      connectionRecord("api.example.com", { connection: { key: "3", port: 8443 } }),
      connectionRecord("shop.example.com", { verdict: "at-risk", findings: [certificateExpiring] }),
      connectionRecord("vpc.example.com", { verdict: "unknown" }),
      connectionRecord("s3.example.com", { verdict: "skipped", skipped: "s3-origin", observed: { addresses: [] } }),
    ];
    const problem = {
      code: "out-of-time",
      scope: null,
      message: "Time was up.",
      remedy: "Give the run more time.",
    } as const;
    expect(metrics(report(records, { problems: [problem] }))).toEqual({
      RunCompleted: 1,
      RunDuration: 40_000,
      RunProblems: 1,
      OriginsChecked: 3,
      OriginsFailing: 1,
      OriginsAtRisk: 1,
      OriginsUnknown: 1,
      OriginsHealthy: 1,
      SoonestExpiryDays: 36,
      MessagesSent: 1,
      MessageFailures: 2,
    });
  });

  test("takes the soonest end of the server certificates, not of their issuers", () => {
    const days = (...ends: readonly string[]) =>
      metrics(
        report([
          connectionRecord("api.example.com", {
            observed: {
              addresses: ends.map((notAfter) =>
                address("x", {
                  chain: [certificate("x", { notAfter }), certificate("issuer", { notAfter: "2026-11-24T00:00:00Z" })],
                }),
              ),
            },
          }),
        ]),
      ).SoonestExpiryDays;
    expect(days("2027-01-01T00:00:00Z", "2026-12-03T03:12:40Z")).toBe(10);
    expect(days("2026-11-23T05:00:00Z")).toBe(0);
    expect(days("2026-11-23T01:00:00Z")).toBe(0);
    // As a message says of it at the same moment.
    expect(days("2026-11-21T00:00:00Z")).toBe(-2);
    expect(between("2026-11-21T00:00:00Z", runTime)).toBe("2 days");
    expect(days("no time")).toBeUndefined();
    expect(days()).toBeUndefined();
  });
});
