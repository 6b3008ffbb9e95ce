import { describe, expect, it } from "vitest";
import { instantAt, isTimeZone } from "../../lambda/text/local-time.ts";

const at = (text: string, timeZone: string) => {
  const [year = 0, month = 0, date = 0, hour = 0, minute = 0] = text.split(/\D/).map(Number);
  return new Date(instantAt({ year, month, date, minutes: hour * 60 + minute }, timeZone)).toISOString().slice(0, 16);
};

describe("instantAt", () => {
  it.each([
    ["2026-07-01 12:00", "UTC", "2026-07-01T12:00"],
    ["2026-07-01 12:00", "Europe/Berlin", "2026-07-01T10:00"],
    ["2026-01-01 00:30", "Europe/Berlin", "2025-12-31T23:30"],
    ["2026-07-01 12:00", "Asia/Kathmandu", "2026-07-01T06:15"],
    ["2026-07-01 12:00", "America/St_Johns", "2026-07-01T14:30"],
    ["2026-07-01 12:00", "Pacific/Kiritimati", "2026-06-30T22:00"],
    // Clocks skip from 02:00 to 03:00: by the offset from before.
    ["2026-03-29 01:59", "Europe/Berlin", "2026-03-29T00:59"],
    ["2026-03-29 02:30", "Europe/Berlin", "2026-03-29T01:30"],
    ["2026-03-29 03:00", "Europe/Berlin", "2026-03-29T01:00"],
    ["2026-03-08 02:30", "America/New_York", "2026-03-08T07:30"],
    // Clocks show 02:00 to 03:00 twice: the first time.
    ["2026-10-25 01:59", "Europe/Berlin", "2026-10-24T23:59"],
    ["2026-10-25 02:30", "Europe/Berlin", "2026-10-25T00:30"],
    ["2026-10-25 03:00", "Europe/Berlin", "2026-10-25T02:00"],
    ["2026-11-01 01:30", "America/New_York", "2026-11-01T05:30"],
    // Half an hour only, and on the southern half in April.
    ["2026-04-05 01:45", "Australia/Lord_Howe", "2026-04-04T14:45"],
    ["2026-10-04 02:15", "Australia/Lord_Howe", "2026-10-03T15:45"],
  ])("takes %s in %s for %s", (local, timeZone, utc) => {
    expect(at(local, timeZone)).toBe(utc);
  });
});

describe("isTimeZone", () => {
  it.each(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])("knows %s", (name) => {
    expect(isTimeZone(name)).toBe(true);
  });
  it.each(["", "+01:00", "Europe/Atlantis", "CEST", "Europe/Berlin\n", "../etc", "local"])(
    "does not know %j",
    (name) => {
      expect(isTimeZone(name)).toBe(false);
    },
  );
});
