import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, describe, expect, it } from "vitest";
import flags from "../../cdk.json" with { type: "json" };
import { OriginWatch, type OriginWatchProps } from "../../lib/origin-watch.ts";
import { BOARD_KEY, STATE_BUCKET, STATE_KEY } from "../sandbox/deployment.ts";
import { isAllowed, roleStatements, type Statement } from "./iam.ts";

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

function templateWith(props: (stack: Stack) => OriginWatchProps): Template {
  const stack = new Stack(new App({ context: flags.context }), "Mine");
  new OriginWatch(stack, "Watch", props(stack));
  return Template.fromStack(stack);
}

const template = templateWith(() => ({}));
const own = (of: Template) => {
  const found = Object.values(of.findResources("AWS::Lambda::Function", { Properties: { Timeout: 15 } }));
  expect(found).toHaveLength(1);
  return found[0]!.Properties;
};

/** The statements of the role, with the names of the box in them. */
function statements(of: Template): Statement[] {
  return roleStatements(of.toJSON() as never, own(of).Role["Fn::GetAtt"][0], (id) => {
    if (id === "AWS::Region") return "us-east-1";
    const { Type } = of.toJSON().Resources[id];
    const arns: Readonly<Record<string, string>> = {
      "AWS::S3::Bucket": `arn:aws:s3:::${STATE_BUCKET}`,
      "AWS::Logs::LogGroup": "arn:aws:logs:us-east-1:123456789012:log-group:widget:*",
      "AWS::KMS::Key": "arn:aws:kms:us-east-1:123456789012:key/1",
    };
    const arn = arns[Type];
    if (arn === undefined) throw new Error(`no ARN for ${Type}`);
    return arn;
  });
}

describe("the function behind the status board", () => {
  it("is told where board and state are, and nothing else", () => {
    const { Environment, MemorySize, LoggingConfig, DeadLetterConfig } = own(template);
    expect(Object.keys(Environment.Variables).toSorted()).toEqual([
      "BOARD_KEY",
      "NODE_OPTIONS",
      "STALE_AFTER_MINUTES",
      "STATE_BUCKET",
      "STATE_KEY",
    ]);
    expect(Environment.Variables).toMatchObject({ BOARD_KEY, STATE_KEY, STALE_AFTER_MINUTES: "45" });
    expect([MemorySize, LoggingConfig.LogFormat, DeadLetterConfig]).toEqual([1_024, "JSON", undefined]);
  });

  it("may be invoked by nobody but those whom the account lets", () => {
    template.resourceCountIs("AWS::Lambda::Permission", 0);
    template.resourceCountIs("AWS::Lambda::Url", 0);
  });

  it("may do nothing to everything", () => {
    expect(statements(template).flatMap(({ resources }) => resources)).not.toContain("*");
  });

  it("may not write, and not read what else is in the bucket", () => {
    const policy = statements(template);
    const object = (key: string) => `arn:aws:s3:::${STATE_BUCKET}/${key}`;
    for (const key of [BOARD_KEY, STATE_KEY]) {
      expect(isAllowed(policy, { action: "s3:GetObject", resource: object(key) })).toBe(true);
      expect(isAllowed(policy, { action: "s3:PutObject", resource: object(key) })).toBe(false);
    }
    expect(isAllowed(policy, { action: "s3:GetObject", resource: object(`${STATE_KEY}.unreadable-1`) })).toBe(false);
  });

  it("may decrypt with a key of one's own, and its log is encrypted with it", () => {
    const encrypted = templateWith((stack) => ({ encryptionKey: new Key(stack, "Key") }));
    const key = statements(encrypted).find(({ resources }) => resources.some((arn) => arn.includes(":kms:")));
    expect(key?.actions).toEqual(["kms:Decrypt"]);
    expect(key?.via).toContain("s3.us-east-1.amazonaws.com");
    const groups = Object.values(encrypted.findResources("AWS::Logs::LogGroup"));
    expect(groups).toHaveLength(2);
    for (const { Properties } of groups) expect(Properties.KmsKeyId["Fn::GetAtt"][1]).toBe("Arn");
    expect(own(encrypted).LoggingConfig.LogGroup.Ref).toMatch(/StatusBoard/);
  });
});
