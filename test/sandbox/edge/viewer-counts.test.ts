import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { clientLimits } from "../../../lambda/aws/client-limits.ts";
import { readTraffic, trafficClient } from "../../../lambda/aws/traffic.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../aws/endpoint.ts";

// Read as the product reads it: by the SDK, over HTTP.

const minute = 60_000;
const from = Date.parse("2026-11-27T09:00:00Z");
let aws: AwsEndpoint;

beforeEach(async () => {
  aws = await startAwsEndpoint();
  for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

async function counted(minutes: number) {
  const client = trafficClient("aws", { ...clientLimits, maxAttempts: 1 });
  if (client === null) throw new Error("no client");
  const asking = { distributionId: "E1", window: { from, until: from + minutes * minute } };
  return (await readTraffic(client, [asking], AbortSignal.timeout(60_000))).traffic.get("E1");
}

test("requests are counted in the minute in which they were answered", async () => {
  for (const [status, at] of [
    [200, from],
    [502, from + minute - 1],
    [404, from + minute],
    [504, from + 2 * minute],
  ] as const)
    aws.counts.add("E1", status, at);
  expect(await counted(2)).toMatchObject({ minutes: 2, requests: 3, errors: 1, byStatus: null });
  expect(await counted(3)).toMatchObject({ minutes: 3, requests: 4, errors: 2 });
});

test("a time can be scripted, and errors are counted by status where that is switched on", async () => {
  aws.counts.script("E1", from, from + 10 * minute, { requests: 100, errors: { 500: 1, 502: 20, 504: 4 } });
  aws.counts.script("E1", from + 5 * minute, from + 6 * minute, { requests: 0 });
  expect(await counted(15)).toMatchObject({ minutes: 9, requests: 900, errors: 225, byStatus: null });
  aws.counts.setAdditionalMetrics("E1", true);
  expect(await counted(15)).toMatchObject({ errors: 225, byStatus: { "502": 180, "504": 36 } });
  aws.counts.setAdditionalMetrics("E1", false);
  expect(await counted(15)).toMatchObject({ errors: 225, byStatus: null });
});

test("a time in the wrong unit is refused", () => {
  expect(() => aws.counts.script("E1", 0, Date.now(), { requests: 1 })).toThrow("more than");
});
