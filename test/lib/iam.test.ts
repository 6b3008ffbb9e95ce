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

describe("kms:ViaService", () => {
  const services = { StringEquals: { "kms:ViaService": ["s3.eu-west-1.amazonaws.com"] } };
  const statement = { Effect: "Allow", Action: "kms:Decrypt", Resource: "arn:key", Condition: services };
  const policy = { Roles: [{ Ref: "R" }], PolicyDocument: { Statement: [statement] } };
  const template = { Resources: { P: { Type: "AWS::IAM::Policy", Properties: policy } } };

  it.each([
    [undefined, false],
    ["sns.eu-west-1.amazonaws.com", false],
    ["s3.eu-west-1.amazonaws.com", true],
  ])("lets a call through %s: %s", (via, expected) => {
    const call = { action: "kms:Decrypt", resource: "arn:key", ...(via === undefined ? {} : { via }) };
    expect(
      isAllowed(
        roleStatements(template as never, "R", () => ""),
        call,
      ),
    ).toBe(expected);
  });
});

describe("aws:RequestedRegion", () => {
  const condition = { StringEquals: { "aws:RequestedRegion": "us-east-1" } };
  const statement = { Effect: "Allow", Action: "cloudwatch:GetMetricData", Resource: "*", Condition: condition };
  const policy = { Roles: [{ Ref: "R" }], PolicyDocument: { Statement: [statement] } };
  const template = { Resources: { P: { Type: "AWS::IAM::Policy", Properties: policy } } };

  it.each([
    [undefined, false],
    ["eu-west-1", false],
    ["us-east-1", true],
  ])("lets a call to %s: %s", (region, expected) => {
    const call = { action: "cloudwatch:GetMetricData", resource: "*", ...(region === undefined ? {} : { region }) };
    const statements = roleStatements(template as never, "R", () => "");
    expect(isAllowed(statements, call)).toBe(expected);
  });
});

describe("lambda:SourceFunctionArn", () => {
  const actions = { Action: "ec2:DescribeSubnets", Resource: "*" };
  const deny = { Effect: "Deny", ...actions, Condition: { ArnEquals: { "lambda:SourceFunctionArn": "arn:worker" } } };
  const policy = {
    Roles: [{ Ref: "R" }],
    PolicyDocument: { Statement: [{ Effect: "Allow", ...actions }, deny] },
  };
  const template = { Resources: { P: { Type: "AWS::IAM::Policy", Properties: policy } } };

  it.each([
    [undefined, true],
    ["arn:other", true],
    ["arn:worker", false],
  ])("lets through what the code of %s asks for: %s", (sourceFunction, expected) => {
    const call = { action: "ec2:DescribeSubnets", resource: "*", ...(sourceFunction ? { sourceFunction } : {}) };
    const statements = roleStatements(template as never, "R", () => "");
    expect(isAllowed(statements, call)).toBe(expected);
  });
});

describe("unusedActions", () => {
  it("names what no call needed on one of its resources", () => {
    const [bucket, topic] = allow.resources.map((resource) => ({ ...allow, resources: [resource] }));
    const calls = [{ action: "s3:GetObject", resource: "arn:aws:s3:::bucket/state.json" }];
    expect(unusedActions([bucket!], calls)).toEqual(["sns:*"]);
    expect(unusedActions([topic!], calls)).toEqual(["s3:GetObject", "sns:*"]);
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

  const allowed = { Effect: "Allow", Action: "a:B", Resource: "*" };

  it.each([
    ["Condition", { ...allowed, Condition: { Bool: {} } }],
    ["Condition", { ...allowed, Condition: { StringEquals: { "kms:ViaService": [], "aws:PrincipalOrgID": "o-1" } } }],
    ["NotAction", { Effect: "Allow", NotAction: "a:B", Resource: "*" }],
    ["Effect", { ...allowed, Effect: "deny" }],
    ["Fn::Sub", { ...allowed, Resource: { "Fn::Sub": "x" } }],
  ])("refuses a statement with a %s that it does not understand, instead of guessing", (part, statement) => {
    expect(() => roleStatements(template(statement) as never, "R", () => "")).toThrow(part);
  });

  it.each(["ManagedPolicyArns", "Policies", "PermissionsBoundary"])("refuses a role with %s", (property) => {
    const { Resources } = template(allowed);
    const role = { Type: "AWS::IAM::Role", Properties: { [property]: [] } };
    expect(() => roleStatements({ Resources: { ...Resources, R: role } } as never, "R", () => "")).toThrow(property);
  });

  it.each([
    ["AWS::IAM::ManagedPolicy", { Roles: [{ Ref: "R" }] }],
    ["AWS::IAM::RolePolicy", { RoleName: { Ref: "R" } }],
  ])("refuses rights that come from %s, and passes those of other roles", (type, properties) => {
    const { Resources } = template(allowed);
    const attached = { Resources: { ...Resources, M: { Type: type, Properties: properties } } };
    expect(() => roleStatements(attached as never, "R", () => "")).toThrow(type);
    const elsewhere = JSON.parse(JSON.stringify(attached).replaceAll('"R"', '"Other"'));
    expect(roleStatements(elsewhere, "R", () => "")).toEqual([]);
  });
});
