import { describe, expect, it } from "vitest";
import { readMuteWindows } from "../../lambda/contract/mute-windows.ts";
import { resolveMuteWindows } from "../../lib/mute-windows.ts";

const window = { origin: "api.example.com", cron: "0 2 ? * SUN *", hours: 4, timeZone: "UTC", reason: "patches" };

describe("readMuteWindows", () => {
  it("reads what the stack wrote as what was meant", () => {
    const given = [
      { ...window, cron: "cron(0 2 ? * SUN *)" },
      { ...window, origin: undefined, distribution: "E1" },
    ];
    const read = readMuteWindows(given);
    expect(read).toMatchObject({
      windows: [
        { cron: window.cron, distribution: null },
        { origin: null, hours: 4 },
      ],
    });
    expect(JSON.stringify(readMuteWindows(JSON.parse(JSON.stringify(resolveMuteWindows(given)))))).toBe(
      JSON.stringify(read),
    );
  });

  const refused: readonly (readonly [entries: unknown, problem: string])[] = [
    ["x", 'expected a JSON array, got "x"'],
    [Array(11).fill(window), "expected at most 10 windows, got 11"],
    [Array(9).fill({ ...window, reason: "x".repeat(200) }), "expected at most 1500 bytes in all, got 2"],
    [[null], "entry 1: expected an object, got null"],
    [[window, { ...window, code: "x" }], "entry 2: unknown key code, expected distribution, origin, cron, timeZone"],
    [[{ ...window, origin: undefined }], "entry 1: expected either an origin or a distribution, got neither"],
    [[{ ...window, distribution: "E1" }], "entry 1: expected either an origin or a distribution, got both"],
    [[{ ...window, origin: "a b" }], 'entry 1.origin: expected a domain name, got "a b"'],
    [[{ ...window, cron: "0 2 * * SUN" }], "entry 1.cron: expected six fields, minutes, hours, days of the month"],
    [[{ ...window, cron: "0 2 31 2 ? *" }], "entry 1.cron: expected a day that comes"],
    [[{ ...window, cron: undefined }], "entry 1.cron: expected six fields such as 0 2 ? * SUN *, got nothing"],
    [[{ ...window, hours: 0 }], "entry 1.hours: expected a whole number from 1 to 24, got 0"],
    [[{ ...window, hours: 25 }], "entry 1.hours: expected a whole number from 1 to 24, got 25"],
    [[{ ...window, hours: "4" }], 'entry 1.hours: expected a whole number from 1 to 24, got "4"'],
    [[{ ...window, hours: 1.5 }], "entry 1.hours: expected a whole number from 1 to 24, got 1.5"],
    // No silence without an end.
    [[{ ...window, cron: "0 2 * * ? *", hours: 24 }], "entry 1.hours: expected less than the time from one start to"],
    [[{ ...window, cron: "0 2,5 ? * SUN *" }], "to the next, which can be 3 hours, got 4"],
    [[{ ...window, cron: "* * * * ? *", hours: 1 }], "to the next, which can be 0.02 hours, got 1"],
    [
      [{ ...window, timeZone: "Europe/Atlantis" }],
      "entry 1.timeZone: expected the name of a time zone such as Europe/",
    ],
    [[{ ...window, timeZone: "+01:00" }], "entry 1.timeZone: expected the name"],
    [[{ ...window, reason: "a\nb" }], "entry 1.reason: expected a line of at most 200 characters"],
    [[{ ...window, "a\u202eb": 1 }], "entry 1: unknown key a\\u{202e}b"],
  ];
  it.each(refused.map(([value, problem]) => [problem, value] as const))("says: %s", (problem, value) => {
    expect(readMuteWindows(value)).toEqual({ kind: "wrong", problem: expect.stringContaining(problem) });
  });
});
