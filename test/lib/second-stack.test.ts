import { App } from "aws-cdk-lib/core";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, describe, expect, it } from "vitest";
import cdk from "../../cdk.json" with { type: "json" };
import { readConfig } from "../../lib/config.ts";
import { isObject, type Json, type JsonObject } from "../../lib/one-file/json.ts";
import { oneFileTemplate } from "../../lib/one-file/template.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";
import deployed from "./deployed.json" with { type: "json" };
import { evaluate, objectOf, textOf } from "./one-file/evaluate.ts";

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

type StackName = "Production" | "Staging";

/** The values of an account's references in a stack: of resources something of its own, as CloudFormation names them. */
function resolved(value: Json, stack: StackName): Json {
  if (Array.isArray(value)) return value.map((each) => resolved(each, stack));
  if (!isObject(value)) return value;
  const { Ref, "Fn::GetAtt": attribute, "Fn::Join": join, "Fn::Select": select, "Fn::Split": split } = value;
  if (Ref === "AWS::StackName") return stack;
  if (Ref === "AWS::StackId") return `arn:aws:cloudformation:eu-west-1:123456789012:stack/${stack}/${uuids[stack]}`;
  if (typeof Ref === "string") return Ref.startsWith("AWS::") ? Ref : `${stack}-${Ref}-${uuids[stack].slice(0, 8)}`;
  if (Array.isArray(attribute)) return `${stack}-${attribute.map(textOf).join("-")}`;
  if (Array.isArray(join)) {
    const [separator = "", parts = []] = join.map((each) => resolved(each, stack));
    return (Array.isArray(parts) ? parts : []).map(textOf).join(textOf(separator));
  }
  if (Array.isArray(split)) {
    const [separator = "", text = ""] = split.map((each) => resolved(each, stack));
    return textOf(text).split(textOf(separator));
  }
  if (Array.isArray(select)) {
    const [index = 0, list = []] = select.map((each) => resolved(each, stack));
    return Array.isArray(list) ? (list[Number(index)] ?? null) : null;
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolved(each, stack)]));
}

const uuids: Readonly<Record<StackName, string>> = {
  Production: "1b1b1b1b-0000-4000-8000-000000000001",
  Staging: "2c2c2c2c-0000-4000-8000-000000000002",
};

/** What a property holds that is called a name and is none that must be the account's only one. */
const notUnique = ["MetricName", "DisplayName", "PolicyName"];

/** Everything by which AWS tells one thing from another in an account and Region: names, and series of metrics. */
function identities(template: JsonObject, stack: StackName): string[] {
  return Object.values(objectOf(resolved(objectOf(template.Resources), stack))).flatMap((each) => {
    const { Type, Properties } = objectOf(each);
    const properties = objectOf(Properties);
    const names = Object.entries(properties).filter(([key]) => key.endsWith("Name") && !notUnique.includes(key));
    const stats = [properties, ...metricsOf(properties)].filter(({ MetricName }) => MetricName !== undefined);
    return [
      ...names.map(([key, name]) => `${textOf(Type)} ${key} ${JSON.stringify(name)}`),
      ...stats.map(({ Namespace, MetricName, Dimensions }) => JSON.stringify([Namespace, MetricName, Dimensions])),
    ];
  });
}

function metricsOf({ Metrics }: JsonObject): JsonObject[] {
  const metrics = Array.isArray(Metrics) ? Metrics.map((each) => objectOf(each)) : [];
  return metrics.flatMap(({ MetricStat }) => (MetricStat === undefined ? [] : [objectOf(objectOf(MetricStat).Metric)]));
}

function common(one: JsonObject, other: JsonObject): string[] {
  const others = new Set(identities(other, "Staging"));
  return identities(one, "Production").filter((each) => others.has(each));
}

function stackOf(context: object): JsonObject {
  const app = new App({ context: cdk.context });
  const stack = new OriginWatchStack(app, "OriginWatch", readConfig({ ...context }));
  return app.synth().getStackArtifact(stack.artifactId).template;
}

describe("two stacks in one account and Region have no name and no series of metrics in common", () => {
  it("from the one-file template", () => {
    const template = evaluate(JSON.parse(oneFileTemplate("1.2.3").text), { AlertEmail: "ops@example.com" });
    expect(identities(template, "Production").length).toBeGreaterThan(15);
    expect(common(template, template)).toEqual([]);
  });

  it("with every option", () => {
    const template = stackOf(deployed.everything.context);
    expect(identities(template, "Production").length).toBeGreaterThan(15);
    expect(common(template, template)).toEqual([]);
  });

  it("whose logical ids stay what they are, whatever it is called", () => {
    const named = stackOf({ ...deployed.everything.context, stackName: "Staging" });
    expect(named).toEqual(stackOf(deployed.everything.context));
  });

  it("and what they have in common would be seen", () => {
    const alarm = { Type: "AWS::CloudWatch::Alarm", Properties: { Namespace: "N", MetricName: "M", Dimensions: [] } };
    const queue = { Type: "AWS::SQS::Queue", Properties: { QueueName: "failed" } };
    const own = {
      Type: "AWS::SQS::Queue",
      Properties: { QueueName: { "Fn::Join": ["-", [{ Ref: "AWS::StackName" }]] } },
    };
    const template = { Resources: { alarm, queue, own } };
    expect(common(template, template)).toEqual(['["N","M",[]]', 'AWS::SQS::Queue QueueName "failed"']);
  });
});
