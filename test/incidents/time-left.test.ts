import fc from "fast-check";
import { expect, test } from "vitest";
import { timeForCall, timeToLog, timeToPublish } from "../../lambda/incidents/time-left.ts";

const left = (ms: number) => ({ clock: () => 1_000_000, deadline: 1_000_000 + ms });

test("calls that hang, one after the other, leave enough for the log", () => {
  fc.assert(
    fc.property(fc.integer({ min: 20_000, max: 900_000 }), fc.integer({ min: 1, max: 5 }), (ms, calls) => {
      let rest = ms;
      for (let call = 0; call < calls; call += 1) rest -= timeForCall(left(rest));
      expect(rest).toBeGreaterThanOrEqual(timeToLog);
    }),
  );
});

test("no call is given longer than the longest, nor no time at all", () => {
  expect(timeForCall(left(900_000))).toBe(20_000);
  expect(timeForCall(left(-5_000))).toBe(1_000);
});

test("no message is begun where its time would be that of the log", () => {
  expect(timeToPublish(left(timeToLog + 2_999))).toBeNull();
  expect(timeToPublish(left(timeToLog + 3_000))).toBe(3_000);
  expect(timeToPublish(left(65_000))).toBe(20_000);
});
