import { describe, expect, it } from "vitest";
import { resolveText } from "./intrinsics.ts";

const resolve = (id: string, attribute: string | null) => (attribute === null ? `<${id}>` : `<${id}.${attribute}>`);

describe("resolveText", () => {
  it.each([
    ["a text", "a text"],
    [{ Ref: "Topic" }, "<Topic>"],
    [{ "Fn::GetAtt": ["Bucket", "Arn"] }, "<Bucket.Arn>"],
    [
      { "Fn::Join": [":", ["arn", { Ref: "AWS::Partition" }, { "Fn::Join": ["", ["a", "b"]] }]] },
      "arn:<AWS::Partition>:ab",
    ],
  ])("reads %j", (value, expected) => {
    expect(resolveText(value, resolve)).toBe(expected);
  });

  it.each([{ "Fn::Sub": "x" }, { "Fn::If": ["c", "a", "b"] }, ["a"], 21, true, null, undefined])(
    "guesses at nothing: %j",
    (value) => {
      expect(() => resolveText(value, resolve)).toThrow("expected");
    },
  );
});
