import { describe, expect, it } from "vitest";
import { readConfig } from "../../lib/config.ts";

const minimal = { alertEmail: "ops@example.com" };

describe("readConfig", () => {
  it("needs nothing but an address", () => {
    expect(
      readConfig({
        ...minimal,
        "@aws-cdk/core:flag": true,
        "cli-telemetry": false,
        "aws:cdk:x": 1,
        "availability-zones:account=1": [],
      }),
    ).toMatchObject({
      alertEmails: ["ops@example.com"],
      schedule: { expressionString: "rate(15 minutes)" },
      includeDistributions: [],
      excludeDistributions: [],
      expiryWarningDays: 21,
      logRetentionDays: 90,
      memoryMb: 512,
      reserveConcurrency: true,
    });
  });

  it.each([
    ["a@example.com,b@example.com", ["a@example.com", "b@example.com"]],
    ['["a@example.com","b@example.com"]', ["a@example.com", "b@example.com"]],
    [["a@example.com", "a@example.com"], ["a@example.com"]],
  ])("reads the addresses %j", (alertEmail, expected) => {
    expect(readConfig({ alertEmail }).alertEmails).toEqual(expected);
  });

  it.each([
    ["5", "rate(5 minutes)"],
    [60, "rate(1 hour)"],
    ["rate(1 hour)", "rate(1 hour)"],
    ["cron(0 6 * * ? *)", "cron(0 6 * * ? *)"],
  ])("reads the schedule %j", (schedule, expected) => {
    expect(readConfig({ ...minimal, schedule }).schedule.expressionString).toBe(expected);
  });

  it.each([
    [{}, "context alertEmail: expected an e-mail address"],
    [{ alertEmail: "ops" }, 'context alertEmail: expected an e-mail address, got "ops"'],
    [{ alertEmail: 7 }, "context alertEmail: expected a word, a comma-separated list or a JSON array, got 7"],
    [{ alertEmail: "[" }, "context alertEmail: expected a JSON array"],
    [{ ...minimal, alertMail: "x" }, "context alertMail: unknown key, expected one of alertEmail, schedule"],
    [
      { ...minimal, "exclude-distributions": "E1" },
      "context exclude-distributions: unknown key, expected excludeDistributions",
    ],
    [
      { ...minimal, ExcludeDistributions: "E1" },
      "context ExcludeDistributions: unknown key, expected excludeDistributions",
    ],
    [{ ...minimal, exclude_ids: "E1" }, "context exclude_ids: unknown key, expected one of alertEmail, schedule"],
    [{ ...minimal, memoryMb: ["512"] }, "context memoryMb: expected a whole number from 256 to 10240"],
    [
      { ...minimal, schedule: "hourly" },
      'context schedule: expected rate(15 minutes), cron(0 6 * * ? *) or a number of minutes, got "hourly"',
    ],
    [{ ...minimal, schedule: "0" }, "context schedule"],
    [{ ...minimal, expiryWarningDays: "three" }, "context expiryWarningDays: expected a whole number from 1 to 365"],
    [{ ...minimal, logRetentionDays: "10" }, "context logRetentionDays: expected a retention that CloudWatch Logs has"],
    [{ ...minimal, reserveConcurrency: "no" }, 'context reserveConcurrency: expected true or false, got "no"'],
    [{ ...minimal, memoryMb: 64 }, "context memoryMb: expected a whole number from 256 to 10240, got 64"],
    [
      { ...minimal, includeDistributions: "e123" },
      'context includeDistributions: expected distribution ids such as E1A2B3C4D5E6F7, got "e123"',
    ],
    [
      { ...minimal, includeDistributions: "E1", excludeDistributions: "E1,E2" },
      "context excludeDistributions: E1 is in includeDistributions too",
    ],
  ])("refuses %j", (context, message) => {
    expect(() => readConfig(context)).toThrow(message);
  });
});
