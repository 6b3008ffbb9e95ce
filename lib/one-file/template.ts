import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Validations } from "aws-cdk-lib/core";
import cdk from "../../cdk.json" with { type: "json" };
import { chooseByParameter } from "./choose.ts";
import { isObject, type Json, type JsonObject } from "./json.ts";
import { parameter, type Rate, rates } from "./parameters.ts";
import { type InlineFunction, noBucket, oneFileStack } from "./stack.ts";

/** The stack as one CloudFormation template that needs nothing beside it. */
export type OneFileTemplate = {
  readonly text: string;
  readonly functions: readonly InlineFunction[];
};

/**
 * What CloudFormation takes of a template that comes from S3, which is where the console puts an uploaded one; in a
 * request of its own only 51,200 bytes (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).
 * AWS says 1 MB, and this is the smaller reading of it. The limit of 4 MB for a `ZipFile` lies beyond it.
 */
export const longestTemplate = 1_000_000;

/**
 * Makes the template: the stack once for each rate, put together with a mapping for what differs.
 *
 * @throws Error when it would be more than CloudFormation takes, or cannot be made of what the stack has
 */
export function oneFileTemplate(version: string): OneFileTemplate {
  const made = inTemporaryFolder((folder) => rates.map((rate) => [rate, synthesized(rate, version, folder)] as const));
  const variants = new Map(made.map(([rate, { template }]) => [rate, template]));
  const { template, mapping } = chooseByParameter(variants, mappingName, parameter.schedule);
  // What a reader looks for stands before the many resources.
  const { Resources, Outputs, Mappings, ...head } = template;
  const mappings = { ...(isObject(Mappings) ? Mappings : {}), [mappingName]: mapping };
  const text = `${JSON.stringify({ ...head, Outputs, Mappings: mappings, Resources }, null, 1)}\n`;
  if (text.includes(noBucket)) throw new Error("the stack has an asset that is no function's code");
  checkSize(text);
  return { text, functions: made[0]?.[1].functions ?? [] };
}

const mappingName = "BySchedule";

/** @throws Error for a template that CloudFormation would refuse for its size */
export function checkSize(text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > longestTemplate) {
    throw new Error(`the template has ${bytes} bytes, and CloudFormation takes ${longestTemplate}`);
  }
}

type Synthesized = { readonly template: JsonObject; readonly functions: readonly InlineFunction[] };

function synthesized(rate: Rate, version: string, folder: string): Synthesized {
  const app = new App({ outdir: join(folder, rate), context: cdk.context, analyticsReporting: false });
  const { stack, functions } = oneFileStack(app, rate, version);
  // The mapping refers to it, which comes later.
  Validations.of(stack).acknowledge({ id: "CloudFormation-Validate::W2001", reason: "the schedule is not yet chosen" });
  const template: Json = app.synth().getStackArtifact(stack.artifactId).template;
  if (!isObject(template)) throw new Error("a template is an object");
  return { template, functions };
}

/** One for all variants, because a function that was bundled for the first is there for the others. */
function inTemporaryFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "origin-watch-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
