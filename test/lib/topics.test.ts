import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { App, Stack, type StackProps } from "aws-cdk-lib/core";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import flags from "../../cdk.json" with { type: "json" };
import { alarmStatement } from "../../lib/alert-topic.ts";
import { readConfig } from "../../lib/config.ts";
import { OriginWatch, type OriginWatchProps } from "../../lib/origin-watch.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";
import { roleStatements } from "./iam.ts";

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());
afterEach(() => void vi.unstubAllEnvs());

const env = { account: "123456789012", region: "eu-west-1" };
const own = "arn:aws:sns:eu-west-1:123456789012:alerts";
const critical = "arn:aws:sns:eu-west-1:123456789012:pager";

function stackOf(context: object, props: StackProps = { env }): OriginWatchStack {
  return new OriginWatchStack(new App({ context: flags.context }), "OriginWatch", readConfig({ ...context }), props);
}

function inApp(make: (stack: Stack) => OriginWatchProps): { stack: Stack; template: Template } {
  const stack = new Stack(new App({ context: flags.context }), "Mine", { env });
  new OriginWatch(stack, "Watch", make(stack));
  return { stack, template: Template.fromStack(stack) };
}

function publishedTo(template: Template): Record<string, unknown> {
  const { Resources } = template.toJSON();
  const role = Object.keys(Resources).find((id) => id.startsWith("WatchRole") && !id.includes("Policy")) ?? "";
  const statements = roleStatements({ Resources } as never, role, (id) => id);
  const publishing = statements.filter(({ actions }) => actions.includes("sns:Publish"));
  return { resources: publishing.flatMap(({ resources }) => resources) };
}

describe("a topic that there is already", () => {
  it("takes the place of the stack's own: function, alarms, relay and mails use it", () => {
    const stack = stackOf({ alertTopicArn: own, alertEmail: "ops@example.com", eventBus: "default" });
    const template = Template.fromStack(stack);
    template.resourceCountIs("AWS::SNS::Topic", 0);
    template.allResourcesProperties("AWS::SNS::Subscription", { TopicArn: own });
    template.resourceCountIs("AWS::SNS::Subscription", 2);
    template.hasResourceProperties("AWS::CloudWatch::Alarm", { MetricName: "Throttles", AlarmActions: [own] });
    const functions = Object.values(template.findResources("AWS::Lambda::Function"));
    const topics = functions.map(({ Properties }) => Properties.Environment.Variables.TOPIC_ARN);
    expect(topics.filter((arn) => arn === own)).toHaveLength(2);
    expect(publishedTo(template)).toEqual({ resources: [own] });
    template.hasOutput("AlertTopicArn", { Value: own });
  });

  it("needs no address, because its subscribers are its own", () => {
    expect(() => readConfig({})).toThrow("expected an e-mail address");
    Template.fromStack(stackOf({ alertTopicArn: own })).resourceCountIs("AWS::SNS::Subscription", 0);
  });

  it("is warned of where its policy cannot be changed, and not where it can, or where no alarm publishes", () => {
    const warned = (stack: Stack) =>
      Annotations.fromStack(stack).findWarning("*", Match.stringLikeRegexp("A topic of yours")).length;
    expect(warned(stackOf({ alertTopicArn: own }))).toBe(1);
    expect(warned(stackOf({ alertTopicArn: own, alarms: false }))).toBe(0);
    expect(warned(stackOf({ alertEmail: "ops@example.com" }))).toBe(0);
    const { stack, template } = inApp((scope) => ({ topic: new Topic(scope, "Topic") }));
    expect(warned(stack)).toBe(0);
    template.hasResourceProperties("AWS::SNS::TopicPolicy", {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Sid: "LetAlarmsPublish" })]) },
    });
  });

  it("has in docs/operations.md the statement that its policy needs", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/operations.md"), "utf8");
    const documented = /<!-- topic-statement -->\n```json\n(.*?)\n```/s.exec(page)?.[1] ?? "";
    const stack = new Stack(new App({ context: flags.context }), "Mine", { env });
    const statement = stack.resolve(alarmStatement(stack, own).toStatementJson());
    const filled = documented.replaceAll("ACCOUNT", env.account).replaceAll("REGION", env.region);
    const json = JSON.parse(filled.replace("TOPIC", "alerts")) as object;
    expect(JSON.parse(JSON.stringify(statement).replaceAll('{"Ref":"AWS::Partition"}', '"aws"'))).toEqual(json);
  });

  it("with a key has the function use it through SNS alone", () => {
    const { template } = inApp((scope) => ({ topic: new Topic(scope, "Topic", { masterKey: new Key(scope, "Key") }) }));
    template.hasResourceProperties("AWS::IAM::Policy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: "UseKeyOfTopic1",
            Condition: {
              StringEquals: {
                "kms:ViaService": ["sns.eu-west-1.amazonaws.com", "sns.eu-west-1.amazonaws.com.cn"],
              },
            },
          }),
        ]),
      },
    });
  });

  it.each([
    [{ alertTopicArn: `${own}.fifo` }, "context alertTopicArn: expected a standard topic, got a FIFO topic"],
    [{ criticalTopicArn: `${critical}.fifo` }, "context criticalTopicArn: expected a standard topic"],
    [{ alertTopicArn: own.replace("123456789012", "210987654321") }, "got one of account 210987654321; if that is"],
    [{ alertTopicArn: own.replace("west", "north") }, "got one of eu-north-1; if that is meant, set allowForeignTopic"],
    [
      { alertTopicArn: own.replace("west", "north"), allowForeignTopic: true },
      "alarms of CloudWatch publish in their own Region only",
    ],
    [
      { criticalTopicArn: critical.replace("west", "north") },
      "context criticalTopicArn: expected a topic of this account",
    ],
    [{ alertTopicArn: "alerts" }, "context alertTopicArn: expected the ARN of a topic"],
    [{ criticalTopicArn: 1 }, "context criticalTopicArn: expected the ARN of a topic"],
  ])("is refused: %j", (context, message) => {
    expect(() => stackOf({ alertEmail: "ops@example.com", ...context })).toThrow(message);
  });

  it("may be of another account or Region where somebody says so", () => {
    const abroad = own.replace("west", "north").replace("123456789012", "210987654321");
    for (const context of [
      { alertTopicArn: abroad, allowForeignTopic: true, alarms: false },
      { alertTopicArn: own.replace("123456789012", "210987654321"), allowForeignTopic: true },
      { alertTopicArn: own, criticalTopicArn: abroad, allowForeignTopic: true },
    ]) {
      expect(() => stackOf(context)).not.toThrow();
    }
  });

  it("is compared, in a stack without account and Region, with those that the CDK's command line is used with", () => {
    vi.stubEnv("CDK_DEFAULT_ACCOUNT", "123456789012");
    vi.stubEnv("CDK_DEFAULT_REGION", "eu-central-1");
    expect(() => stackOf({ alertTopicArn: own }, {})).toThrow("got one of eu-west-1");
    vi.stubEnv("CDK_DEFAULT_REGION", "eu-west-1");
    expect(() => stackOf({ alertTopicArn: own }, {})).not.toThrow();
  });
});

describe("a topic for what is critical", () => {
  it("is one more to publish to, and no more than that", () => {
    const template = Template.fromStack(stackOf({ alertEmail: "ops@example.com", criticalTopicArn: critical }));
    template.hasResourceProperties("AWS::Lambda::Function", {
      Environment: { Variables: { CRITICAL_TOPIC_ARN: critical } },
    });
    expect(publishedTo(template)).toEqual({
      resources: [expect.stringMatching(/^WatchAlertsTopic/), critical],
    });
    expect(JSON.stringify(template.findResources("AWS::CloudWatch::Alarm"))).not.toContain(critical);
    const without = JSON.stringify(Template.fromStack(stackOf({ alertEmail: "ops@example.com" })).toJSON());
    expect(without).not.toMatch(/CRITICAL_TOPIC_ARN|PublishCriticalAlerts/);
  });
});
