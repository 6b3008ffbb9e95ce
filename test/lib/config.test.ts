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
      reminderHours: 24,
      riskReminderDays: 7,
      weeklyDigest: false,
      mutes: [],
      muteWindows: [],
      logRetentionDays: 90,
      memoryMb: 512,
      reserveConcurrency: true,
      dashboard: true,
    });
  });

  it.each([
    ["a@example.com,b@example.com", ["a@example.com", "b@example.com"]],
    ['["a@example.com","b@example.com"]', ["a@example.com", "b@example.com"]],
    [["a@example.com", "a@example.com"], ["a@example.com"]],
  ])("reads the addresses %j", (alertEmail, expected) => {
    expect(readConfig({ alertEmail }).alertEmails).toEqual(expected);
  });

  it("names the stack", () => {
    expect(readConfig(minimal).stackName).toBe("OriginWatch");
    expect(readConfig({ ...minimal, stackName: "OriginWatchStaging" }).stackName).toBe("OriginWatchStaging");
  });

  it.each([
    ["5", "rate(5 minutes)"],
    [60, "rate(1 hour)"],
    ["rate(1 hour)", "rate(1 hour)"],
    ["cron(0 6 * * ? *)", "cron(0 6 * * ? *)"],
    ["cron(0/30 8-18 ? * MON-FRI *)", "cron(0/30 8-18 ? * MON-FRI *)"],
  ])("reads the schedule %j", (schedule, expected) => {
    expect(readConfig({ ...minimal, schedule }).schedule.expressionString).toBe(expected);
  });

  it("reads maintenance windows, and names the entry that it refuses", () => {
    const window = { origin: "a.example.com", cron: "0 2 ? * SUN *", hours: 4, timeZone: "Europe/Berlin", reason: "x" };
    expect(readConfig({ ...minimal, muteWindows: [window] }).muteWindows).toEqual([window]);
    expect(readConfig({ ...minimal, muteWindows: JSON.stringify([window]) }).muteWindows).toEqual([window]);
    const refused = [window, { ...window, hours: 25 }];
    expect(() => readConfig({ ...minimal, muteWindows: refused })).toThrow(
      "context muteWindows: entry 2.hours: expected",
    );
    expect(() => readConfig({ ...minimal, muteWindows: "x" })).toThrow("context muteWindows: expected a JSON array");
  });

  it("reads mutes, and takes a day for all of it", () => {
    const mutes = [
      { distribution: "E1A2B3", code: "certificate-expiring", until: "2026-12-31", reason: "is being moved" },
      { origin: "api.example.com", until: "2026-12-31T18:00:00+01:00", reason: "works on it" },
    ];
    const expected = [
      { ...mutes[0], until: "2027-01-01T00:00:00.000Z" },
      { ...mutes[1], until: "2026-12-31T17:00:00.000Z" },
    ];
    expect(readConfig({ ...minimal, mutes }).mutes).toEqual(expected);
    expect(readConfig({ ...minimal, mutes: JSON.stringify(mutes) }).mutes).toEqual(expected);
  });

  const mute = { origin: "api.example.com", until: "2026-12-31", reason: "works on it" };
  it.each([
    ["{}", "context mutes: expected a JSON array"],
    ["nonsense", "context mutes: expected a JSON array"],
    [["E1"], 'context mutes: entry 1: expected an object, got "E1"'],
    [
      [{ ...mute, id: "E1" }],
      "context mutes: entry 1: unknown key id, expected distribution, origin, code, until, reason",
    ],
    [[{ until: mute.until, reason: "x" }], "context mutes: entry 1: expected a distribution, an origin or a code"],
    [[mute, { ...mute, until: undefined }], "context mutes: entry 2.until: expected text, got nothing"],
    [[{ origin: "a.example.com", reason: "x" }], "context mutes: entry 1: expected until, a day such as 2026-12-31"],
    [[{ ...mute, until: "2026-02-31" }], "context mutes: entry 1.until: expected a day such as 2026-12-31"],
    [[{ ...mute, until: "tomorrow" }], 'got "tomorrow"'],
    [[{ ...mute, reason: "a\nb" }], "context mutes: entry 1.reason: expected a line"],
    [[{ ...mute, code: "No Code" }], "context mutes: entry 1.code: expected a finding's code"],
    [Array(30).fill(mute), "context mutes: expected at most 2000 bytes in all, got"],
  ])("refuses the mutes %j", (mutes, message) => {
    expect(() => readConfig({ ...minimal, mutes })).toThrow(message);
  });

  it("reads how often CloudFront's count is asked for", () => {
    expect(readConfig(minimal).viewerErrors).toBe("hourly");
    expect(readConfig({ ...minimal, viewerErrors: "off" }).viewerErrors).toBe("off");
  });

  it.each([
    [true, true],
    ["true", true],
    ["false", false],
  ])("reads weeklyDigest and dashboard %j", (value, expected) => {
    expect(readConfig({ ...minimal, weeklyDigest: value }).weeklyDigest).toBe(expected);
    expect(readConfig({ ...minimal, dashboard: value }).dashboard).toBe(expected);
  });

  it.each([
    [{}, "context alertEmail: expected an e-mail address"],
    [{ alertEmail: "ops" }, 'context alertEmail: expected an e-mail address, got "ops"'],
    [{ alertEmail: 7 }, "context alertEmail: expected a word, a comma-separated list or a JSON array, got 7"],
    [{ alertEmail: "[" }, "context alertEmail: expected a JSON array"],
    [
      { ...minimal, viewerErrors: "daily" },
      'context viewerErrors: expected one of hourly, every-run, off, got "daily"',
    ],
    [{ ...minimal, viewerErrors: false }, "context viewerErrors: expected one of hourly, every-run, off, got false"],
    [{ ...minimal, alertMail: "x" }, 'context alertMail: unknown key; did you mean "alertEmail"?'],
    [{ ...minimal, vantageRegion: "eu-west-1" }, 'context vantageRegion: unknown key; did you mean "vantageRegions"?'],
    [
      { ...minimal, "exclude-distributions": "E1" },
      "context exclude-distributions: unknown key, expected excludeDistributions",
    ],
    [
      { ...minimal, ExcludeDistributions: "E1" },
      "context ExcludeDistributions: unknown key, expected excludeDistributions",
    ],
    [{ ...minimal, exclude_ids: "E1" }, "context exclude_ids: unknown key, expected one of alertEmail, alertTopicArn"],
    [{ ...minimal, memoryMb: ["512"] }, "context memoryMb: expected a whole number from 256 to 10240"],
    [
      { ...minimal, schedule: "hourly" },
      'context schedule: expected rate(15 minutes), cron(0 6 * * ? *) or a number of minutes, got "hourly"',
    ],
    [{ ...minimal, schedule: "0" }, "context schedule"],
    [{ ...minimal, schedule: "cron(0 6 * * *)" }, "context schedule: expected six fields"],
    [{ ...minimal, schedule: "cron(0 6 * * * *)" }, "context schedule"],
    [{ ...minimal, schedule: "cron(0 6 ? * ? *)" }, "context schedule"],
    [{ ...minimal, schedule: "cron(61 * * * ? *)" }, 'context schedule: expected minutes from 0 to 59, got "61"'],
    [{ ...minimal, schedule: "at(2030-01-01T00:00:00)" }, "context schedule: expected rate(15 minutes)"],
    [
      { ...minimal, schedule: "rate(1 day)", silenceHours: 23 },
      "context silenceHours: expected at least 24, got 23: runs by rate(1 day) are up to 24 hours apart",
    ],
    [
      { ...minimal, schedule: "cron(0 6 ? * MON-FRI *)", silenceHours: 24 },
      "context silenceHours: expected at least 72, got 24: runs by cron(0 6 ? * MON-FRI *) are up to 72 hours apart",
    ],
    [
      { ...minimal, schedule: "rate(10 days)", silenceHours: 168 },
      "context silenceHours: expected nothing, got 168: runs by rate(10 days) are up to 240 hours apart",
    ],
    [{ ...minimal, stackName: "2nd" }, "context stackName: expected a name of letters, digits and hyphens"],
    [{ ...minimal, expiryWarningDays: "three" }, "context expiryWarningDays: expected a whole number from 1 to 365"],
    [{ ...minimal, reminderHours: 0 }, "context reminderHours: expected a whole number from 1 to 720, got 0"],
    [{ ...minimal, weeklyDigest: "yes" }, 'context weeklyDigest: expected true or false, got "yes"'],
    [{ ...minimal, dashboard: "off" }, 'context dashboard: expected true or false, got "off"'],
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
