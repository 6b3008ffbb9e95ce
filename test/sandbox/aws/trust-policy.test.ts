import { describe, expect, it } from "vitest";
import { type AssumeRequest, type TrustPolicy, trusts } from "./trust-policy.ts";

const hub = "arn:aws:iam::111111111111:role/hub";
const caller: AssumeRequest = {
  principalArn: hub,
  organizationId: "o-boxorg0001",
  sessionName: "origin-watch-1",
  externalId: null,
};
const statement = {
  Effect: "Allow",
  Principal: { AWS: "arn:aws:iam::111111111111:root" },
  Action: "sts:AssumeRole",
  Condition: {
    ArnEquals: { "aws:PrincipalArn": hub },
    StringEquals: { "aws:PrincipalOrgID": "o-boxorg0001" },
    StringLike: { "sts:RoleSessionName": "origin-watch-*" },
  },
};

function policy(...changes: readonly object[]): TrustPolicy {
  return { Statement: changes.map((change) => ({ ...statement, ...change })) };
}

describe("trusts", () => {
  it.each([
    ["the caller that everything is about", {}, true],
    ["another role of its account", { principalArn: "arn:aws:iam::111111111111:role/other" }, false],
    ["a role whose name begins alike", { principalArn: `${hub}2` }, false],
    ["a user of that name", { principalArn: "arn:aws:iam::111111111111:user/hub" }, false],
    ["a role of that name in another account", { principalArn: "arn:aws:iam::222222222222:role/hub" }, false],
    ["another organization", { organizationId: "o-another0001" }, false],
    ["no organization", { organizationId: null }, false],
    ["another session", { sessionName: "somebody" }, false],
  ])("%s", (_name, change, expected) => {
    expect(trusts(policy({}), { ...caller, ...change })).toBe(expected);
  });

  it("takes each part of an ARN by itself, so that an asterisk does not reach into the next", () => {
    const any = policy({ Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/hub" } } });
    expect(trusts(any, caller)).toBe(true);
    const crossing = policy({ Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*role/hub" } } });
    expect(trusts(crossing, caller)).toBe(false);
  });

  it("asks for an external id where there is one", () => {
    const asks = policy({ Condition: { StringEquals: { "sts:ExternalId": "secret" } } });
    expect(trusts(asks, caller)).toBe(false);
    expect(trusts(asks, { ...caller, externalId: "secret" })).toBe(true);
  });

  it("lets a deny win", () => {
    expect(trusts(policy({}, { Effect: "Deny", Condition: {} }), caller)).toBe(false);
  });

  it.each([
    ["NotPrincipal", { NotPrincipal: {} }],
    ["sts:TagSession", { Action: ["sts:AssumeRole", "sts:TagSession"] }],
    ["Service", { Principal: { AWS: "*", Service: "lambda.amazonaws.com" } }],
    ["Bool", { Condition: { Bool: { "aws:PrincipalIsAWSService": "true" } } }],
    ["aws:SourceIp", { Condition: { StringEquals: { "aws:SourceIp": "192.0.2.1" } } }],
    ["IAM refuses", { Principal: { AWS: "arn:aws:iam::*:role/hub" } }],
  ])("refuses %s instead of guessing", (part, change) => {
    expect(() => trusts(policy(change), caller)).toThrow(part);
  });
});
