import { describe, expect, test } from "vitest";
import { readMutes } from "../../lambda/contract/mutes.ts";
import { resolveMutes } from "../../lib/mutes.ts";

const mute = { origin: "api.example.com", until: "2026-12-31", reason: "works on it" };

describe("readMutes", () => {
  test("has nothing selected as null, and a moment in the place of a day", () => {
    expect(readMutes([{ ...mute, reason: " works on it " }])).toEqual({
      kind: "mutes",
      mutes: [{ distribution: null, code: null, ...mute, until: "2027-01-01T00:00:00.000Z" }],
    });
  });

  test("reads what the stack wrote as what was meant", () => {
    const given = [mute, { distribution: "E1", code: "certificate-expiring", until: mute.until, reason: "x" }];
    expect(readMutes(resolveMutes(given))).toEqual(readMutes(given));
  });

  test("takes as many as the stack may write, and not one more", () => {
    const written = (count: number) => JSON.stringify(resolveMutes(Array(count).fill(mute)));
    const most = Array.from({ length: 30 }, (_, count) => count).findLast((count) => {
      try {
        return Buffer.byteLength(written(count)) > 0;
      } catch {
        return false;
      }
    })!;
    expect(most).toBeGreaterThan(15);
    expect(readMutes(JSON.parse(written(most)))).toMatchObject({ kind: "mutes" });
    const problem = expect.stringMatching(/^expected at most 2000 bytes in all, got \d{4}$/);
    expect(readMutes(Array(most + 1).fill(mute))).toEqual({ kind: "wrong", problem });
  });

  test.each([
    [undefined, "expected a JSON array, got nothing"],
    [() => 1, "expected a JSON array, got nothing"],
    [[null], "entry 1: expected an object, got null"],
    [[{ ...mute, "a\u202eb": "x" }], "entry 1: unknown key a\\u{202e}b, expected distribution, origin"],
    [[mute, { ...mute, code: null }], "entry 2.code: expected text, got null"],
    [[{ ...mute, until: "2026-02-31T10:00:00Z" }], "entry 1.until: expected a day such as 2026-12-31, or a time"],
    [[{ ...mute, reason: "\u001b[2J" }], 'entry 1.reason: expected a line of at most 200 characters, got "\\\\u001b'],
    [[{ ...mute, origin: `${"a".repeat(300)}` }], "entry 1.origin: expected a domain name, got"],
    [[{ until: mute.until, reason: "x" }], "entry 1: expected a distribution, an origin or a code, got none of them"],
    [[{ origin: "a", reason: "x" }], "entry 1: expected until, a day"],
    [[{ origin: "a", until: mute.until }], "entry 1: expected reason, a line"],
  ])("refuses %j", (value, problem) => {
    const reading = readMutes(value);
    expect(reading).toEqual({ kind: "wrong", problem: expect.stringContaining(problem.replaceAll("\\\\", "\\")) });
    expect(JSON.stringify(reading).length).toBeLessThan(300);
  });
});
