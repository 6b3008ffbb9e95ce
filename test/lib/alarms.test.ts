import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App, Duration, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, describe, expect, it } from "vitest";
import flags from "../../cdk.json" with { type: "json" };
import { functionDimension, metricsNamespace, service } from "../../lambda/contract/metrics.ts";
import { runMetrics } from "../../lambda/telemetry/metrics.ts";
import { keyStatements } from "../../lib/encryption-key.ts";
import { OriginWatch } from "../../lib/origin-watch.ts";
import { inWords, rhythmOf, silenceOf } from "../../lib/rhythm.ts";

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

// biome-ignore lint/suspicious/noExplicitAny: a template has no type
type Resource = { readonly Type: string; readonly Properties: any };

function resourcesOf(make: (stack: Stack) => unknown): Record<string, Resource> {
  const stack = new Stack(new App({ context: flags.context }), "Mine");
  make(stack);
  return Template.fromStack(stack).toJSON().Resources;
}

function ofType(resources: Record<string, Resource>, type: string): [id: string, resource: Resource][] {
  return Object.entries(resources).filter(([, resource]) => resource.Type === type);
}

/** Why an alarm's action would not get through to the topic's subscribers; empty when it would. */
function obstacles(resources: Record<string, Resource>): string[] {
  const found: string[] = [];
  for (const [id, alarm] of ofType(resources, "AWS::CloudWatch::Alarm")) {
    const { AlarmActions = [], OKActions = [], InsufficientDataActions = [], TreatMissingData } = alarm.Properties;
    if (AlarmActions.length === 0) found.push(`${id} tells nobody`);
    if (TreatMissingData === "missing" && InsufficientDataActions.length === 0)
      found.push(`${id} is silent on silence`);
    for (const action of [...AlarmActions, ...OKActions, ...InsufficientDataActions]) {
      const topic = resources[action.Ref];
      if (topic?.Type !== "AWS::SNS::Topic") {
        found.push(`${id} acts on something that is no topic of the stack`);
        continue;
      }
      const policies = ofType(resources, "AWS::SNS::TopicPolicy").filter(([, { Properties }]) =>
        Properties.Topics.some((each: { Ref: string }) => each.Ref === action.Ref),
      );
      if (!policies.some(([, policy]) => allows(policy.Properties.PolicyDocument, "sns:Publish"))) {
        found.push(`${id} may not publish to ${action.Ref}`);
      }
      const key = topic.Properties.KmsMasterKeyId?.["Fn::GetAtt"]?.[0];
      if (key === undefined) continue;
      for (const call of ["kms:Decrypt", "kms:GenerateDataKey*"]) {
        if (!allows(resources[key]?.Properties.KeyPolicy, call)) found.push(`${id} lacks ${call} on ${key}`);
      }
    }
  }
  return found;
}

// biome-ignore lint/suspicious/noExplicitAny: a policy in a template has no type
function allows(document: any, action: string): boolean {
  return document.Statement.some(
    // biome-ignore lint/suspicious/noExplicitAny: see above
    ({ Effect, Principal, Action }: any) =>
      Effect === "Allow" && Principal?.Service === "cloudwatch.amazonaws.com" && [Action].flat().includes(action),
  );
}

describe("alarms", () => {
  const resources = resourcesOf((stack) => new OriginWatch(stack, "Watch"));
  const alarms = ofType(resources, "AWS::CloudWatch::Alarm");
  const publishing = alarms.filter(([id]) => !id.startsWith("WatchAlarmsOriginsFailing"));

  it("reach the topic's subscribers, but for the one on origins, which the alerts say better", () => {
    expect(publishing).toHaveLength(6);
    expect(obstacles(resources)).toEqual([expect.stringMatching(/^WatchAlarmsOriginsFailing\w+ tells nobody$/)]);
  });

  it("include one on failing origins, which keeps its state where no run says otherwise", () => {
    const [alarm, another] = alarms.filter((each) => !publishing.includes(each));
    expect(another).toBeUndefined();
    expect(alarm?.[1].Properties).toMatchObject({
      MetricName: "OriginsFailing",
      Statistic: "Maximum",
      Period: 900,
      EvaluationPeriods: 2,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "ignore",
    });
    const { AlarmActions = [], OKActions = [] } = alarm?.[1].Properties ?? {};
    expect([...AlarmActions, ...OKActions]).toEqual([]);
  });

  it("reach them through a key of the same app", () => {
    const encrypted = resourcesOf((stack) => new OriginWatch(stack, "Watch", { encryptionKey: new Key(stack, "Key") }));
    expect(ofType(encrypted, "AWS::CloudWatch::Alarm")).toHaveLength(7);
    expect(obstacles(encrypted)).toHaveLength(1);
    const [[, key] = []] = ofType(encrypted, "AWS::KMS::Key");
    const without = key?.Properties.KeyPolicy.Statement.filter(
      (each: { Sid?: string }) => each.Sid !== "OriginWatchAlarms",
    );
    expect(without).not.toHaveLength(0);
    if (key !== undefined) key.Properties.KeyPolicy.Statement = without;
    expect(obstacles(encrypted)).toContainEqual(expect.stringContaining("lacks kms:Decrypt"));
  });

  it("would be seen not to reach them without the topic's policy", () => {
    const crippled = Object.fromEntries(
      Object.entries(resources).filter(([, { Type }]) => Type !== "AWS::SNS::TopicPolicy"),
    );
    expect(obstacles(crippled).length).toBeGreaterThanOrEqual(6);
  });

  it("look at metrics of the function's own under the names that it emits", () => {
    const report = { runId: "", startedAt: "", finishedAt: "", distributions: 0, records: [], problems: [] };
    const emitted = runMetrics(report, { sent: 0, failures: 0 }).map(({ name }) => name as string);
    const own = alarms
      .map(([, { Properties }]) => Properties)
      .filter(({ Namespace }) => Namespace === metricsNamespace);
    expect(own.map(({ MetricName }): string => MetricName).toSorted()).toEqual(["MessageFailures", "OriginsFailing"]);
    for (const { MetricName, Dimensions } of own) {
      expect(Dimensions).toEqual([
        { Name: functionDimension, Value: { Ref: expect.stringMatching(/^WatchFunction/) } },
        { Name: service.dimension, Value: service.value },
      ]);
      expect(emitted).toContain(MetricName);
    }
  });

  it("say when they are over, but for the one that the first run would make say so before all else", () => {
    const quiet = publishing.filter(([, { Properties }]) => (Properties.OKActions ?? []).length === 0);
    expect(quiet.map(([id]) => id)).toEqual([expect.stringContaining("NoCompletedRun")]);
  });

  it("count completed runs by what Lambda has counted all along, so that an update of a stack sets off no alarm", () => {
    const silence = alarms.find(([id]) => id.includes("NoCompletedRun"))?.[1].Properties;
    expect(silence).not.toHaveProperty("MetricName");
    expect(silence).toMatchObject({
      TreatMissingData: "missing",
      Threshold: 1,
      ComparisonOperator: "LessThanThreshold",
    });
    const dimensions = [{ Name: "FunctionName", Value: { Ref: expect.stringMatching(/^WatchFunction/) } }];
    const stat = (MetricName: string) => ({
      Metric: { Namespace: "AWS/Lambda", MetricName, Dimensions: dimensions },
      Period: 900,
      Stat: "Sum",
    });
    expect(silence?.Metrics).toEqual([
      { Id: "expr_1", Label: "completed runs", Expression: "started - FILL(failed, 0)", ReturnData: true },
      { Id: "started", MetricStat: stat("Invocations"), ReturnData: false },
      { Id: "failed", MetricStat: stat("Errors"), ReturnData: false },
    ]);
  });

  it("are explained where their descriptions say", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/operations.md"), "utf8");
    const texts = alarms.map(([, { Properties }]) => JSON.stringify(Properties.AlarmDescription));
    const names = texts.map((text) => /docs\/operations\.md, (\w+)\./.exec(text)?.[1]);
    expect(names).not.toContain(undefined);
    for (const name of [...names, "RelayErrors"]) expect(page).toContain(`\n### ${name}\n`);
  });

  it("name the stack as it is called where it is deployed", () => {
    for (const [, { Properties }] of alarms) {
      const [, parts] = Properties.AlarmDescription["Fn::Join"];
      expect(parts.slice(-2)).toEqual([expect.stringMatching(/ Stack: $/), { Ref: "AWS::StackName" }]);
    }
  });

  it("need of an imported key what docs/operations.md says, and of a key of the app the same", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/operations.md"), "utf8");
    const documented = /<!-- key-statements -->\n```json\n(.*?)\n```/s.exec(page)?.[1] ?? "";
    const stack = new Stack(new App({ context: flags.context }), "Mine", {
      env: { account: "123456789012", region: "eu-west-1" },
    });
    const statements = stack.resolve(keyStatements(stack).map((each) => each.toStatementJson()));
    const expected = documented.replaceAll("ACCOUNT", "123456789012").replaceAll("REGION", "eu-west-1");
    expect(statements).toEqual(JSON.parse(expected));
  });

  it("can be left out", () => {
    const none = resourcesOf((stack) => new OriginWatch(stack, "Watch", { alarms: false }));
    expect(ofType(none, "AWS::CloudWatch::Alarm")).toEqual([]);
  });
});

describe("silence", () => {
  const silence = (expression: string) => silenceOf(rhythmOf(ScheduleExpression.expression(expression)), undefined);

  it.each([
    ["rate(1 minute)", "15 minutes"],
    ["rate(5 minutes)", "15 minutes"],
    ["rate(15 minutes)", "45 minutes"],
    ["rate(1 hour)", "3 hours"],
    ["rate(7 hours)", "21 hours"],
    ["rate(1 day)", "3 days"],
    ["rate(2 days)", "6 days"],
    ["rate(60 hours)", "7 days"],
    ["rate(3 days)", "7 days"],
    ["rate(6 days)", "7 days"],
    ["cron(0 6 * * ? *)", "4 days"],
    ["cron(0 6 ? * MON-FRI *)", "4 days"],
    ["cron(0 6 ? * MON,WED *)", "6 days"],
    ["cron(0 6 ? * SUN,SAT *)", "7 days"],
  ])("is for %s one of %s", (expression, expected) => {
    const found = silence(expression);
    expect(found === null ? null : inWords(found)).toBe(expected);
  });

  it.each(["rate(7 days)", "rate(8641 minutes)", "cron(0 6 ? * MON *)", "cron(0 6 1 * ? *)"])(
    "is more than an alarm can see with %s: another day after its runs lies beyond the seven that CloudWatch looks back",
    (expression) => {
      expect(silence(expression)).toBeNull();
    },
  );

  it("is there for every rate of up to six days, and longer than the time between two runs", () => {
    const odd = Array.from({ length: 8_640 }, (_, index) => index + 1).filter((minutes) => {
      const found = silence(`rate(${minutes} minutes)`);
      if (found === null) return true;
      const { periodSeconds, periods } = found;
      const longest = periodSeconds < 3_600 ? 86_400 : 604_800;
      return periodSeconds % 60 !== 0 || periodSeconds * periods > longest || periodSeconds * periods <= minutes * 60;
    });
    expect(odd).toEqual([]);
  });

  it.each(Array.from({ length: 168 }, (_, index) => index + 1))("of %i hours is one that CloudWatch takes", (hours) => {
    const found = silenceOf(rhythmOf(ScheduleExpression.expression("rate(5 minutes)")), Duration.hours(hours));
    const { periodSeconds, periods } = found!;
    expect(periodSeconds % 60).toBe(0);
    expect(periodSeconds).toBeLessThanOrEqual(86_400);
    expect(periodSeconds * periods).toBeLessThanOrEqual(periodSeconds < 3_600 ? 86_400 : 604_800);
    expect(periodSeconds * periods).toBeGreaterThanOrEqual(hours * 3_600);
    expect(periodSeconds * periods).toBeLessThan((hours + periods) * 3_600);
  });
});
