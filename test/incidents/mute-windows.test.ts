import { describe, expect, it } from "vitest";
import { readMuteWindows } from "../../lambda/contract/mute-windows.ts";
import { windowClaims } from "../../lambda/incidents/mute-windows.ts";

const nightly = {
  origin: "api.example.com",
  cron: "30 2 * * ? *",
  hours: 2,
  timeZone: "Europe/Berlin",
  reason: "backup",
};

function untilAt(window: object, now: string): string | null {
  const reading = readMuteWindows([window]);
  if (reading.kind === "wrong") throw new Error(reading.problem);
  const [claim] = windowClaims(reading.windows, new Date(now));
  return claim?.until.slice(0, 16) ?? null;
}

describe("a maintenance window", () => {
  it("asks for a mute of what it selects, to its end", () => {
    const reading = readMuteWindows([nightly, { ...nightly, origin: undefined, distribution: "E1", reason: "works" }]);
    if (reading.kind === "wrong") throw new Error(reading.problem);
    const shared = { source: "window", account: null, code: null, until: "2026-07-01T02:30:00.000Z" };
    expect(windowClaims(reading.windows, new Date("2026-07-01T00:30:00Z"))).toEqual([
      { ...shared, distribution: null, origin: "api.example.com", reason: "backup" },
      { ...shared, distribution: "E1", origin: null, reason: "works" },
    ]);
  });

  it.each([
    // 02:30 to 04:30 by the clock.
    ["2026-07-01T00:29:59Z", null],
    ["2026-07-01T00:30:00Z", "2026-07-01T02:30"],
    ["2026-07-01T02:29:59Z", "2026-07-01T02:30"],
    ["2026-07-01T02:30:00Z", null],
    // On the day on which clocks skip 02:30 it starts when 02:30 would have been, at 03:30, and lasts as long.
    ["2026-03-29T01:29:59Z", null],
    ["2026-03-29T01:30:00Z", "2026-03-29T03:30"],
    ["2026-03-29T03:30:00Z", null],
    // On the day on which clocks show 02:30 twice it starts once, the first time.
    ["2026-10-25T00:29:59Z", null],
    ["2026-10-25T00:30:00Z", "2026-10-25T02:30"],
    ["2026-10-25T01:30:00Z", "2026-10-25T02:30"],
    ["2026-10-25T02:30:00Z", null],
  ])("at %s in Berlin lasts until %s", (now, until) => {
    expect(untilAt(nightly, now)).toBe(until);
  });

  it.each([
    // A window that is open while clocks change lasts its hours all the same.
    [{ cron: "0 23 ? * SAT *", hours: 6 }, "2026-03-28T22:00:00Z", "2026-03-29T04:00"],
    [{ cron: "0 23 ? * SAT *", hours: 6 }, "2026-10-24T21:00:00Z", "2026-10-25T03:00"],
    [{ cron: "0 12 L * ? *", hours: 24 }, "2026-03-01T10:59:59Z", "2026-03-01T11:00"],
    [{ cron: "0 12 L * ? *", hours: 24 }, "2026-03-01T11:00:00Z", null],
    [{ cron: "0 0 1 1 ? 2027", hours: 3 }, "2026-01-01T00:00:00Z", null],
    [{ cron: "0 0 1 1 ? 2027", hours: 3 }, "2026-12-31T23:00:00Z", "2027-01-01T02:00"],
    [{ cron: "0 0 1 * ? *", hours: 24, timeZone: "Pacific/Kiritimati" }, "2026-06-30T10:00:00Z", "2026-07-01T10:00"],
    [{ cron: "0 0 1 * ? *", hours: 24, timeZone: "Pacific/Pago_Pago" }, "2026-07-02T10:59:00Z", "2026-07-02T11:00"],
  ])("%j at %s lasts until %s", (given, now, until) => {
    expect(untilAt({ ...nightly, ...given }, now)).toBe(until);
  });
});
