import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import {
  type App,
  Aws,
  BootstraplessSynthesizer,
  CfnCondition,
  type FileAssetLocation,
  type FileAssetSource,
  Fn,
  type IStackSynthesizer,
  type Stack,
  Token,
} from "aws-cdk-lib/core";
import { sourceMaps } from "../bundled-function.ts";
import { defaults } from "../origin-watch-props.ts";
import { OriginWatchStack } from "../origin-watch-stack.ts";
import { type InlineCode, inlineCode } from "./inline-code.ts";
import { addParameters, chosen, expressionOf, type Rate } from "./parameters.ts";

/** A function of the stack, with the code that the template carries for it. */
export type InlineFunction = { readonly logicalId: string; readonly code: InlineCode };

/** The functions and the stack that has them. */
export type OneFileStack = { readonly stack: Stack; readonly functions: readonly InlineFunction[] };

/**
 * The stack as it is deployed by the CDK, made to need no bucket for its code and to take parameters where constructs
 * take values that are known only later. What the schedule is, they must know now: it is fixed here.
 *
 * @param version of the project, for people who look into the template
 * @throws Error when a function's code cannot be in a template
 */
export function oneFileStack(app: App, rate: Rate, version: string): OneFileStack {
  const stack = new OriginWatchStack(
    app,
    "OriginWatch",
    {
      ...defaults,
      alertEmails: [chosen.email],
      logRetentionDays: chosen.logRetention,
      schedule: ScheduleExpression.expression(expressionOf(rate)),
    },
    // CDK's own types disagree about what may be undefined.
    { synthesizer: new NoBucketSynthesizer() as IStackSynthesizer },
  );
  stack.templateOptions.templateFormatVersion = "2010-09-09";
  stack.templateOptions.metadata = { OriginWatch: { Version: version } };
  addParameters(stack);
  const found = stack.node.findAll().filter((each) => each instanceof CfnFunction);
  for (const each of found) letReserve(each);
  return { stack, functions: found.map((each) => putInline(each, app.outdir, version)) };
}

/** In the place of a bucket's name. CDK takes it for one, and S3 would not. */
export const noBucket = "in_the_template";

/** Leaves assets where the app has staged them, and tells by the "key" where that is. */
class NoBucketSynthesizer extends BootstraplessSynthesizer {
  override addFileAsset({ fileName = "" }: FileAssetSource): FileAssetLocation {
    return { bucketName: noBucket, objectKey: fileName, httpUrl: noBucket, s3ObjectUrl: noBucket };
  }
}

/** What a function was given, once there are no tokens left in it. */
type Given = {
  readonly code: { readonly s3Bucket?: string; readonly s3Key?: string };
  readonly environment?: { readonly variables?: Readonly<Record<string, unknown>> };
};

function putInline(each: CfnFunction, assembly: string, version: string): InlineFunction {
  const { code, environment }: Given = each.stack.resolve({ code: each.code, environment: each.environment });
  const logicalId: string = each.stack.resolve(each.logicalId);
  if (code.s3Bucket !== noBucket || code.s3Key === undefined || each.handler !== "index.handler") {
    throw new Error(`${each.node.path}: expected a bundle of this project with an index.handler`);
  }
  const bundle = readFileSync(join(assembly, code.s3Key, "index.js"), "utf8");
  const inline = inlineCode(bundle, `Origin Watch ${version}: ${each.description ?? logicalId}`);
  each.code = { zipFile: inline.text };
  // There is no source map to enable.
  const given = environment?.variables?.NODE_OPTIONS;
  const options = typeof given === "string" ? given.replace(sourceMaps, "").trim() : "";
  const variable = "Environment.Variables.NODE_OPTIONS";
  if (options === "") each.addPropertyDeletionOverride(variable);
  else each.addPropertyOverride(variable, options);
  return { logicalId, code: inline };
}

/** Makes a reservation depend on what the person chose. */
function letReserve(each: CfnFunction): void {
  if (each.reservedConcurrentExecutions === undefined) return;
  const { stack } = each;
  const id = "ConcurrencyIsReserved";
  if (stack.node.tryFindChild(id) === undefined) {
    new CfnCondition(stack, id, { expression: Fn.conditionEquals(chosen.reserveConcurrency, "yes") });
  }
  const reserved = Fn.conditionIf(id, each.reservedConcurrentExecutions, Aws.NO_VALUE);
  each.reservedConcurrentExecutions = Token.asNumber(reserved);
}
