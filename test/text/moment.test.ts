import { describe, expect, test } from "vitest";
import { endOf, readMoment } from "../../lambda/text/moment.ts";

describe("readMoment", () => {
  test.each([
    ["2026-12-31", true, "2026-12-31T00:00:00.000Z", "2027-01-01T00:00:00.000Z"],
    ["2026-12-31T18:00:00Z", false, "2026-12-31T18:00:00.000Z", "2026-12-31T18:00:00.000Z"],
    ["2026-12-31T18:00:00.125Z", false, "2026-12-31T18:00:00.125Z", "2026-12-31T18:00:00.125Z"],
    ["2026-12-31T18:00+01:00", false, "2026-12-31T17:00:00.000Z", "2026-12-31T17:00:00.000Z"],
    ["2028-02-29", true, "2028-02-29T00:00:00.000Z", "2028-03-01T00:00:00.000Z"],
  ])("reads %s", (text, isDay, at, end) => {
    const moment = readMoment(text)!;
    expect({ ...moment, at: new Date(moment.at).toISOString() }).toEqual({ at, isDay });
    expect(new Date(endOf(moment)).toISOString()).toBe(end);
  });

  test.each([
    "",
    "soon",
    " 2026-12-31",
    "2026-12-31\n",
    "31.12.2026",
    "2026-1-1",
    "20261231",
    "2026-02-31",
    "2026-02-31T10:00:00Z",
    "2027-02-29",
    "2026-12-31T18:00",
    "2026-12-31T18Z",
    "2026-12-31T25:00:00Z",
    "2026-12-31 18:00:00Z",
    "+012026-12-31",
  ])("takes %j for none", (text) => {
    expect(readMoment(text)).toBeNull();
  });
});
