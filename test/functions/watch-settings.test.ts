import { describe, expect, test } from "vitest";
import { readSettings } from "../../lambda/functions/watch-settings.ts";
import { muteOf } from "../../lambda/incidents/mute-of.ts";
import { resolveMutes } from "../../lib/mutes.ts";

const minimal = { TOPIC_ARN: "arn:aws:sns:us-east-1:111122223333:t", STATE_BUCKET: "b", STATE_KEY: "k" };

describe("readSettings", () => {
  test("has the documented defaults for telling", () => {
    expect(readSettings(minimal).alertPolicy).toEqual({
      confirmations: 2,
      remindFailingAfter: 86_400_000,
      remindAtRiskAfter: 7 * 86_400_000,
      weeklyDigest: false,
      mutes: [],
    });
    expect(readSettings(minimal).expiryWarningDays).toBe(21);
  });

  test("reads how often CloudFront's count is asked for", () => {
    expect(readSettings(minimal).viewerErrors).toBe("hourly");
    for (const value of ["hourly", "every-run", "off"] as const) {
      expect(readSettings({ ...minimal, VIEWER_ERRORS: value }).viewerErrors).toBe(value);
    }
    expect(() => readSettings({ ...minimal, VIEWER_ERRORS: "daily" })).toThrow(
      'environment variable VIEWER_ERRORS: expected one of hourly, every-run, off, got "daily"',
    );
  });

  test("reads what the stack writes", () => {
    const mutes = resolveMutes([{ origin: "api.example.com", until: "2026-12-31", reason: "works on it" }]);
    const environment = {
      ...minimal,
      REMINDER_HOURS: "12",
      RISK_REMINDER_DAYS: "3",
      WEEKLY_DIGEST: "true",
      MUTES: JSON.stringify(mutes),
    };
    const { alertPolicy } = readSettings(environment);
    expect(alertPolicy).toMatchObject({
      remindFailingAfter: 43_200_000,
      remindAtRiskAfter: 259_200_000,
      weeklyDigest: true,
    });
    const incident = {
      code: "x",
      domain: "api.example.com",
      uses: [{ distributionId: "E1", accountId: "111122223333" }],
    };
    expect(muteOf(incident, alertPolicy.mutes, new Date("2026-12-31T23:59:59Z"))?.reason).toBe("works on it");
    expect(muteOf(incident, alertPolicy.mutes, new Date("2027-01-01T00:00:00Z"))).toBeUndefined();
  });

  test("takes a day for all of it, as the messages propose it to those without the CDK", () => {
    const text = '[{"origin":"api.example.com","until":"2026-12-31","reason":"works on it"}]';
    const { alertPolicy } = readSettings({ ...minimal, MUTES: text });
    const { mutes } = readSettings({ ...minimal, MUTES: JSON.stringify(resolveMutes(JSON.parse(text))) }).alertPolicy;
    expect(alertPolicy.mutes).toEqual(mutes);
    expect(alertPolicy.mutes).toMatchObject([{ until: "2027-01-01T00:00:00.000Z" }]);
  });

  test("keeps no board where it is not told a place for it", () => {
    expect(readSettings(minimal).boardKey).toBeNull();
    expect(readSettings({ ...minimal, BOARD_KEY: "" }).boardKey).toBeNull();
    expect(readSettings({ ...minimal, BOARD_KEY: "board.json.gz" }).boardKey).toBe("board.json.gz");
  });

  test.each([
    [{ REMINDER_HOURS: "soon" }, "environment variable REMINDER_HOURS"],
    [{ MUTES: "{" }, "environment variable MUTES: expected JSON"],
    [
      { MUTES: '[{"origin":"a","until":"tomorrow","reason":"x"}]' },
      "environment variable MUTES: entry 1.until: expected a day",
    ],
    [{ MUTES: '[{"origin":"a","until":"2026-02-31","reason":"x"}]' }, "environment variable MUTES: entry 1.until"],
    [
      { MUTES: '[{"until":"2026-12-31T00:00:00Z","reason":"x"}]' },
      "environment variable MUTES: entry 1: expected a distribution, an origin or a code, got none of them",
    ],
    [{ STATE_KEY: "" }, "environment variable STATE_KEY is not set"],
  ])("refuses %j", (environment, message) => {
    expect(() => readSettings({ ...minimal, ...environment })).toThrow(message);
  });
});
