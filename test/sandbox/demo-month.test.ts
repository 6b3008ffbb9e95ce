import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { month } from "./demo-month.ts";

beforeEach(() => {
  for (const name of ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID"]) vi.stubEnv(name, "");
});
afterEach(() => vi.unstubAllEnvs());

test("a month full of trouble makes few messages, and the right ones", async () => {
  const messages = await month(20);
  const told = messages.map(({ at, subject }) => `${at.slice(5, 16)} ${/^\[[^\]]+\] [^\s,:]+/.exec(subject)?.[0]}`);
  expect(told).toEqual([
    "11-02T00:00 [EXPIRES IN 21 DAYS] shop.example.com",
    "11-04T10:00 [SOME 502] rollout.example.com",
    "11-04T11:00 [FIXED] rollout.example.com",
    "11-06T00:00 [502] two-nodes.example.com",
    "11-06T00:15 [FIXED] two-nodes.example.com",
    "11-06T00:30 [502] two-nodes.example.com",
    "11-07T00:30 [STILL 502] 2",
    "11-07T12:45 [FIXED] two-nodes.example.com",
    "11-10T01:30 [502] flapping.example.com",
    "11-11T01:30 [STILL 502] 2",
    "11-11T17:45 [FIXED] flapping.example.com",
    "11-12T12:00 [EXPIRES IN 10 DAYS] shop.example.com",
    "11-13T12:15 [502] 20",
    "11-13T14:30 [FIXED] 20",
    "11-17T18:00 [EXPIRES IN 5 DAYS] shop.example.com",
    "11-22T00:00 [EXPIRES IN 24 HOURS] shop.example.com",
    "11-23T00:15 [502] shop.example.com",
    "11-23T03:00 [FIXED] shop.example.com",
    "11-25T07:30 [NOT CHECKED] 20",
    "11-26T12:15 [FIXED] 20",
  ]);
  for (const { text } of messages) expect(text).toContain("Next message");
});
