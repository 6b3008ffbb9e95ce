import { describe, expect, it } from "vitest";
import { letsThrough, readFilterPolicy } from "./filter-policy.ts";

const text = (value: string) => ({ dataType: "String", value });
const list = (...values: readonly string[]) => ({ dataType: "String.Array", value: JSON.stringify(values) });
const message = {
  schemaVersion: { dataType: "Number", value: "1" },
  severity: text("critical"),
  accountIds: list("111111111111", "222222222222"),
};

describe("a filter policy", () => {
  it.each([
    ["{}", true],
    ['{"severity": ["critical"]}', true],
    ['{"severity": ["warning", "critical"]}', true],
    ['{"severity": ["warning"]}', false],
    ['{"accountIds": ["222222222222"]}', true],
    ['{"accountIds": ["22222222222"]}', false],
    ['{"accountIds": ["333333333333"]}', false],
    ['{"accountIds": ["222222222222"], "severity": ["warning"]}', false],
    ['{"accountIds": ["222222222222"], "severity": ["critical"]}', true],
    ['{"schemaVersion": [1]}', true],
    ['{"schemaVersion": ["1"]}', false],
    ['{"codes": ["no-network"]}', false],
    ['{"codes": [{"exists": false}]}', true],
    ['{"severity": [{"exists": false}]}', false],
    ['{"severity": [{"prefix": "crit"}]}', true],
    ['{"severity": [{"anything-but": ["info"]}]}', true],
    ['{"accountIds": [{"anything-but": ["111111111111"]}]}', true],
  ])("%s lets the message through: %s", (policy, expected) => {
    expect(letsThrough(readFilterPolicy(policy), message)).toBe(expected);
  });

  it.each([
    "[]",
    "null",
    '{"severity": "critical"}',
    '{"severity": []}',
    '{"severity": [{"cidr": "10.0.0.0/8"}]}',
    '{"a": ["1"], "b": ["1"], "c": ["1"], "d": ["1"], "e": ["1"], "f": ["1"]}',
    JSON.stringify({ a: Array.from({ length: 16 }, String), b: Array.from({ length: 10 }, String) }),
  ])("%s is refused", (policy) => {
    expect(() => readFilterPolicy(policy)).toThrow();
  });
});
