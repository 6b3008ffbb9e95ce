import { describe, expect, it } from "vitest";
import { chooseByParameter } from "../../../lib/one-file/choose.ts";
import type { JsonObject } from "../../../lib/one-file/json.ts";

function chosen(...resources: readonly JsonObject[]) {
  const variants = resources.map((each, index) => [`choice-${index}`, { Resources: { Thing: each } }] as const);
  return chooseByParameter(new Map(variants), "ByChoice", "Choice");
}

const lookup = (attribute: string) => ({ "Fn::FindInMap": ["ByChoice", { Ref: "Choice" }, attribute] });

describe("chooseByParameter", () => {
  it("leaves what is the same, and looks up what differs", () => {
    const { template, mapping } = chosen(
      { Type: "A::B::C", Properties: { Same: { Ref: "X" }, Number: 1, List: ["a", { Deep: "b" }] } },
      { Type: "A::B::C", Properties: { Same: { Ref: "X" }, Number: 2, List: ["a", { Deep: "c" }] } },
    );
    expect(template).toEqual({
      Resources: {
        Thing: {
          Type: "A::B::C",
          Properties: {
            Same: { Ref: "X" },
            Number: lookup("ThingNumber"),
            List: ["a", { Deep: lookup("ThingList1Deep") }],
          },
        },
      },
    });
    expect(mapping).toEqual({
      "choice-0": { ThingNumber: "1", ThingList1Deep: "b" },
      "choice-1": { ThingNumber: "2", ThingList1Deep: "c" },
    });
  });

  it("looks up what is joined", () => {
    const joined = (text: string) => ({ Properties: { Text: { "Fn::Join": ["", [text, { Ref: "X" }]] } } });
    const { template } = chosen(joined("a"), joined("b"));
    expect(template).toEqual({
      Resources: { Thing: { Properties: { Text: { "Fn::Join": ["", [lookup("ThingTextFnJoin10"), { Ref: "X" }]] } } } },
    });
  });

  it.each<[where: string, (value: string) => JsonObject]>([
    ["outside of properties", (value) => ({ DeletionPolicy: value })],
    ["in a reference", (Ref) => ({ Properties: { A: { Ref } } })],
    ["in a function that takes no other", (value) => ({ Properties: { A: { "Fn::Sub": value } } })],
    ["in an attribute", (value) => ({ Properties: { A: { "Fn::GetAtt": ["X", value] } } })],
  ])("refuses a difference %s", (_where, make) => {
    expect(() => chosen(make("a"), make("b"))).toThrow("depends on Choice where it cannot");
  });

  it.each<[what: string, JsonObject, JsonObject]>([
    ["one more property", { A: 1 }, { A: 1, B: 1 }],
    ["another property", { A: 1 }, { B: 1 }],
    ["a longer list", { A: ["a"] }, { A: ["a", "b"] }],
    ["a list in the place of a text", { A: "a" }, { A: ["a"] }],
    ["a switch", { A: true }, { A: false }],
  ])("refuses %s", (_what, one, other) => {
    expect(() => chosen({ Properties: one }, { Properties: other })).toThrow("has not the same form");
  });

  it("refuses two places with one name", () => {
    const twice = (value: string) => ({ Properties: { "A.B": value, AB: value } });
    expect(() => chosen(twice("a"), twice("b"))).toThrow("ThingAB is taken");
  });
});
