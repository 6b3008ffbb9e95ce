import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, CloudFormationValidatePlugin } from "aws-cdk-lib";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import cdk from "../../../cdk.json" with { type: "json" };
import { readConfig } from "../../../lib/config.ts";
import { isObject, type Json, type JsonObject } from "../../../lib/one-file/json.ts";
import { rates } from "../../../lib/one-file/parameters.ts";
import { checkSize, longestTemplate, type OneFileTemplate, oneFileTemplate } from "../../../lib/one-file/template.ts";
import { OriginWatchStack } from "../../../lib/origin-watch-stack.ts";
import { evaluate, objectOf, textOf } from "./evaluate.ts";
import { programOf } from "./program-of.ts";

const email = "ops@example.com";

let made: OneFileTemplate;
let template: JsonObject;

beforeAll(() => {
  made = oneFileTemplate("1.2.3");
  template = JSON.parse(made.text);
});

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

/** The stack as `cdk deploy` has it, and where its functions' code is. */
function stackWith(context: object): { readonly template: JsonObject; readonly assembly: string } {
  const app = new App({ context: cdk.context });
  const stack = new OriginWatchStack(app, "OriginWatch", readConfig({ alertEmail: email, ...context }));
  const assembly = app.synth();
  return { template: assembly.getStackArtifact(stack.artifactId).template, assembly: assembly.directory };
}

const bootstrap = { Parameters: ["BootstrapVersion"], Rules: ["CheckBootstrapVersion"] } as const;

/**
 * A template without what may differ between the two, and with the rest in one form. Logical ids are made of construct
 * paths, so what has the same id has the same path; but a subscription's is made of an address, where there is one.
 */
function comparable(given: JsonObject): JsonObject {
  const { Resources, Metadata: _, AWSTemplateFormatVersion: __, ...rest } = given;
  const others = Object.entries(rest).filter(([name, section]) => {
    const ofBootstrap: readonly string[] = Object.entries(bootstrap).find(([each]) => each === name)?.[1] ?? [];
    return !(ofBootstrap.length > 0 && Object.keys(objectOf(section)).every((each) => ofBootstrap.includes(each)));
  });
  const resources = Object.entries(objectOf(Resources)).map(([id, resource]) => {
    const { Type, Properties } = objectOf(resource);
    if (Type === "AWS::SNS::Subscription")
      return [`subscription of ${textOf(objectOf(Properties).Endpoint)}`, resource];
    return [id, Type === "AWS::Lambda::Function" ? withoutCode(objectOf(resource)) : resource];
  });
  return objectOf(withTexts({ ...Object.fromEntries(others), Resources: Object.fromEntries(resources) }));
}

function withoutCode(resource: JsonObject): JsonObject {
  const { Code, ...properties } = objectOf(resource.Properties);
  const variables = { ...objectOf(objectOf(properties.Environment).Variables) };
  if ("S3Key" in objectOf(Code)) {
    const others = textOf(variables.NODE_OPTIONS ?? "")
      .replace("--enable-source-maps", "")
      .trim();
    if (others === "") Reflect.deleteProperty(variables, "NODE_OPTIONS");
    else variables.NODE_OPTIONS = others;
  }
  return { ...resource, Properties: { ...properties, Environment: { Variables: variables } } };
}

/** CloudFormation takes "900" for 900, and a parameter or a mapping gives nothing else. */
function withTexts(value: Json): Json {
  if (Array.isArray(value)) return value.map(withTexts);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withTexts(each)]));
  return typeof value === "number" ? String(value) : value;
}

function functionsOf(given: JsonObject): [id: string, properties: JsonObject][] {
  return Object.entries(objectOf(given.Resources))
    .map(([id, resource]) => [id, objectOf(resource)] as const)
    .filter(([, { Type }]) => Type === "AWS::Lambda::Function")
    .map(([id, { Properties }]) => [id, objectOf(Properties)]);
}

describe("the one-file template", () => {
  it("is the stack, when nothing but the address is chosen", () => {
    const found = comparable(evaluate(template, { AlertEmail: email }));
    expect(Object.keys(objectOf(found.Resources)).length).toBeGreaterThan(20);
    expect(found).toEqual(comparable(stackWith({}).template));
  });

  it.each(rates)("is the stack with the schedule %s, in its alarms and in all else", (rate) => {
    const schedule = `rate(${rate.replace("-", " ")})`;
    const found = comparable(evaluate(template, { AlertEmail: email, Schedule: rate }));
    expect(JSON.stringify(found)).toContain(`"ScheduleExpression":"${schedule}"`);
    expect(found).toEqual(comparable(stackWith({ schedule }).template));
  });

  it("is the stack with another retention, and without a reserved execution", () => {
    const found = evaluate(template, { AlertEmail: email, LogRetentionDays: "7", ReserveConcurrency: "no" });
    expect(comparable(found)).toEqual(
      comparable(stackWith({ logRetentionDays: 7, reserveConcurrency: false }).template),
    );
  });

  it("offers the retentions that the stack takes", () => {
    const { AllowedValues } = objectOf(objectOf(template.Parameters).LogRetentionDays);
    const all = Array.from({ length: 3_653 }, (_, index) => String(index + 1));
    const taken = all.filter((logRetentionDays) => {
      try {
        return readConfig({ alertEmail: email, logRetentionDays }) !== null;
      } catch {
        return false;
      }
    });
    expect(AllowedValues).toEqual(taken);
  });

  it("has every default among the values that it allows, as the same text", () => {
    const listed = Object.entries(objectOf(template.Parameters)).filter(
      ([, each]) => "AllowedValues" in objectOf(each),
    );
    expect(listed.length).toBeGreaterThan(2);
    for (const [name, parameter] of listed) {
      const { AllowedValues, Default } = objectOf(parameter);
      expect([name, Array.isArray(AllowedValues) && AllowedValues.includes(Default ?? null)]).toEqual([name, true]);
    }
  });

  it.each(["", "ops", "ops@example.com,b@example.com", "ops @example.com", "@example.com"])(
    "does not take '%s' for an address",
    (address) => {
      expect(() => evaluate(template, { AlertEmail: address })).toThrow("AlertEmail may not be");
    },
  );

  it("asks for an address, and for nothing else that has no default", () => {
    expect(() => evaluate(template, {})).toThrow("no value for AlertEmail");
  });

  it("labels and groups every parameter for the console, and explains it", () => {
    const form = objectOf(objectOf(template.Metadata)["AWS::CloudFormation::Interface"]);
    const parameters = Object.entries(objectOf(template.Parameters));
    const names = parameters.map(([name]) => name);
    const grouped = (form.ParameterGroups as JsonObject[]).flatMap(({ Parameters }) => Parameters as string[]);
    expect(grouped.toSorted()).toEqual(names.toSorted());
    expect(Object.keys(objectOf(form.ParameterLabels)).toSorted()).toEqual(names.toSorted());
    for (const [name, parameter] of parameters) {
      expect([name, objectOf(parameter).Description]).toEqual([name, expect.stringMatching(/^[A-Z].{30,}\.$/)]);
    }
  });

  it("needs nothing beside it: no bootstrap, no bucket, no code of CloudFormation's own", () => {
    expect(made.text).not.toMatch(
      /cdk-|bootstrap|"S3Key"|Custom::|AWS::CloudFormation::(?:CustomResource|Stack|Macro)/i,
    );
    expect(template).not.toHaveProperty("Transform");
  });

  it("names no role or policy by itself, so that CAPABILITY_IAM is enough", () => {
    const resources = Object.entries(objectOf(template.Resources)).map(([id, each]) => [id, objectOf(each)] as const);
    const identities = resources.filter(([, { Type }]) => textOf(Type).startsWith("AWS::IAM::"));
    expect(identities.length).toBeGreaterThan(2);
    for (const [id, { Type, Properties }] of identities) {
      // An inline policy's name is one within its role.
      const names = Object.keys(objectOf(Properties)).filter((name) => name.endsWith("Name"));
      expect([id, Type, names]).toEqual([id, Type, Type === "AWS::IAM::Policy" ? ["PolicyName"] : []]);
    }
  });

  it("passes CloudFormation's own validation without a word", () => {
    const folder = mkdtempSync(join(tmpdir(), "origin-watch-"));
    try {
      const templatePath = join(folder, "template.json");
      writeFileSync(templatePath, made.text);
      const stack = { stackConstructPath: "OriginWatch", accountId: "123456789012", region: "us-east-1" };
      const validation = new CloudFormationValidatePlugin().validate({
        appConstruct: new App(),
        templatePaths: [templatePath],
        stackTemplates: [{ templatePath, ...stack }],
      });
      expect(validation).toEqual({ success: true, violations: [] });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("fits, with room for half as much code again", () => {
    expect(1.5 * Buffer.byteLength(made.text)).toBeLessThan(longestTemplate);
    expect(() => checkSize("x".repeat(longestTemplate))).not.toThrow();
    expect(() => checkSize(`${"x".repeat(longestTemplate - 1)}é`)).toThrow("has 1000001 bytes");
  });
});

describe("the code in the one-file template", () => {
  it("is that of the stack's functions, byte for byte but for the way to a source map", () => {
    const { template: stack, assembly } = stackWith({});
    const inTemplate = new Map(functionsOf(template));
    expect(functionsOf(stack).length).toBeGreaterThan(0);
    for (const [id, { Code }] of functionsOf(stack)) {
      const asset = `asset.${textOf(objectOf(Code).S3Key).replace(/\.zip$/, "")}`;
      const bundle = readFileSync(join(assembly, asset, "index.js"), "utf8");
      const { ZipFile, ...others } = objectOf(inTemplate.get(id)?.Code);
      expect(others).toEqual({});
      const { program, sha256 } = programOf(textOf(ZipFile));
      expect(`${program}//# sourceMappingURL=index.js.map\n`).toBe(bundle);
      expect(made.functions.find(({ logicalId }) => logicalId === id)?.code).toMatchObject({
        sha256,
        bytes: program.length,
      });
    }
  });

  it("says what it is", () => {
    for (const [, { Code, Description }] of functionsOf(template)) {
      expect(objectOf(Code).ZipFile).toMatch(/^\/\/ Origin Watch 1\.2\.3: /);
      expect(objectOf(Code).ZipFile).toContain(`: ${textOf(Description)}\n`);
    }
  });
});
