import { describe, expect, it } from "vitest";
import { fleetProblems, observerFor, readVantageSettings } from "../../lambda/functions/vantages.ts";
import type { Observer } from "../../lambda/observe/observer.ts";

describe("what the function that watches is told of vantages", () => {
  it("is nothing where there is none", () => {
    const alone = { workerName: null, regions: [], fleet: false };
    expect(readVantageSettings({})).toMatchObject(alone);
  });

  it.each([
    [{ WORKER_NAME: "a b" }, "WORKER_NAME"],
    [{ WORKER_NAME: "x".repeat(65) }, "WORKER_NAME"],
    [{ VANTAGE_REGIONS: "eu-central-1,https://evil.example" }, "VANTAGE_REGIONS"],
    [{ WORKER_CONCURRENCY: "0" }, "WORKER_CONCURRENCY"],
    [{ WORKER_CONCURRENCY: "many" }, "WORKER_CONCURRENCY"],
  ])("is refused where it cannot be used: %j", (environment, variable) => {
    expect(() => readVantageSettings(environment)).toThrow(`environment variable ${variable}: `);
  });
});

it("observes from a Region under one name, be it by a fleet or not, so that taking the fleet out ends nothing", () => {
  const here: Observer = { vantages: ["us-east-1"], observe: () => (async function* () {})() };
  const run = { runId: "r", region: "us-east-1", deadline: 0 };
  const vantagesWith = (environment: object) =>
    observerFor(readVantageSettings({ WORKER_NAME: "worker", ...environment }), () => here, run).vantages;
  expect(vantagesWith({ FLEET: "true" })).toEqual(vantagesWith({}));
  const regions = { VANTAGE_REGIONS: "eu-central-1" };
  expect(vantagesWith({ FLEET: "true", ...regions })).toEqual(["us-east-1", "eu-central-1"]);
  expect(vantagesWith(regions)).toEqual(["us-east-1", "eu-central-1"]);
});

describe("more connections than one function can observe", () => {
  const without = readVantageSettings({});
  const fleet = readVantageSettings({ FLEET: "true", WORKER_NAME: "OriginWatch-worker-123456789012" });

  it("are a problem of the run beyond 20,000, which names the setting", () => {
    expect(fleetProblems(without, 20_000)).toEqual([]);
    const [problem, ...others] = fleetProblems(without, 20_001);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ code: "fleet-needed", scope: null });
    expect(problem?.message).toContain("There are 20001 connections to observe");
    expect(problem?.remedy).toContain("fleet=true");
  });

  it("are none for a fleet", () => {
    expect(fleetProblems(fleet, 100_000)).toEqual([]);
  });
});
