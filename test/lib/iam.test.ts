import { describe, expect, it } from "vitest";
import { isAllowed, roleStatements, type Statement, unusedActions } from "./iam.ts";

const allow: Statement = {
  effect: "Allow",
  actions: ["s3:GetObject", "sns:*"],
  resources: ["arn:aws:s3:::bucket/state.json", "arn:aws:sns:*:1:topic"],
};

describe("isAllowed", () => {
  it.each([
    ["s3:GetObject", "arn:aws:s3:::bucket/state.json", true],
    ["S3:getobject", "arn:aws:s3:::bucket/state.json", true],
    ["s3:GetObject", "arn:aws:s3:::bucket/state_json", false],
    ["s3:GetObject", "arn:aws:s3:::bucket/state.json.bak", false],
    ["s3:GetObjectAcl", "arn:aws:s3:::bucket/state.json", false],
    ["sns:Publish", "arn:aws:sns:eu-west-1:1:topic", true],
    ["sns:Publish", "arn:aws:sns:eu-west-1:2:topic", false],
  ])("%s on %s: %s", (action, resource, expected) => {
    expect(isAllowed([allow], { action, resource })).toBe(expected);
  });

  it("lets a denial win", () => {
    const deny: Statement = { effect: "Deny", actions: ["s3:*"], resources: ["*"] };
    expect(isAllowed([allow, deny], { action: "s3:GetObject", resource: "arn:aws:s3:::bucket/state.json" })).toBe(
      false,
    );
  });
});

describe("unusedActions", () => {
  it("names what no call needed", () => {
    expect(unusedActions([allow], [{ action: "s3:GetObject", resource: "x" }])).toEqual(["sns:*"]);
  });
});

describe("roleStatements", () => {
  const template = (statement: object) => ({
    Resources: {
      P: {
        Type: "AWS::IAM::Policy",
        Properties: { Roles: [{ Ref: "R" }], PolicyDocument: { Statement: [statement] } },
      },
    },
  });

  it("resolves references and joins", () => {
    const resource = { "Fn::Join": ["", [{ "Fn::GetAtt": ["B", "Arn"] }, "/x"]] };
    const statements = roleStatements(
      template({ Effect: "Allow", Action: "s3:GetObject", Resource: resource }) as never,
      "R",
      (id, attribute) => `<${id}.${attribute}>`,
    );
    expect(statements).toEqual([{ effect: "Allow", actions: ["s3:GetObject"], resources: ["<B.Arn>/x"] }]);
  });

  it("refuses what it does not understand instead of guessing", () => {
    const conditional = { Effect: "Allow", Action: "a:B", Resource: "*", Condition: { Bool: {} } };
    expect(() => roleStatements(template(conditional) as never, "R", () => "")).toThrow("Condition");
  });
});
