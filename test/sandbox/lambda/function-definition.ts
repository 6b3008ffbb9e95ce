import { join } from "node:path";
import { type Assembly, logicalIdAt, type ResourceValues, resolver } from "./assembly.ts";
import { type Json, resolveText } from "./intrinsics.ts";

/** What a template says of a function, with its references resolved. */
export type FunctionDefinition = {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly runtime: string;
  /** `FILE.EXPORT` */
  readonly handler: string;
  readonly timeoutMs: number;
  /** MiB, as `MemorySize`. */
  readonly memoryMb: number;
  /** The directory of its asset. */
  readonly code: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly logGroup: string;
  readonly logFormat: string;
  /** Logical id of its role. */
  readonly roleId: string;
};

/**
 * Properties that are read here, or that say nothing of how the code runs. One that is neither would be a difference to
 * Lambda that nobody sees.
 */
const understood = new Set([
  "Architectures",
  "Code",
  "DeadLetterConfig",
  "Description",
  "Environment",
  "FunctionName",
  "Handler",
  "KmsKeyArn",
  "LoggingConfig",
  "MemorySize",
  "ReservedConcurrentExecutions",
  "Role",
  "Runtime",
  "Tags",
  "Timeout",
  // What it can reach from there is not stood for: everything is on loopback.
  "VpcConfig",
]);

/**
 * Reads a function from an assembly.
 *
 * @param path path of the function's construct, for example `OriginWatch/Watch/Watch/Function`
 * @throws when it is none, when a reference has no value, and when the template says what is not stood for here
 */
export function functionAt(assembly: Assembly, path: string, values: ResourceValues): FunctionDefinition {
  const logicalId = logicalIdAt(assembly, path);
  const { Type, Properties = {}, Metadata = {} } = assembly.template.Resources[logicalId] ?? { Type: "nothing" };
  if (Type !== "AWS::Lambda::Function") throw new Error(`${path} is ${Type} and no function`);
  const strange = Object.keys(Properties).find((property) => !understood.has(property));
  if (strange !== undefined) throw new Error(`${path} has ${strange}, for which nothing stands in here`);
  const resolve = resolver(assembly, values);
  const { FunctionName, Handler, Runtime, Role } = Properties;
  const name = FunctionName === undefined ? `${assembly.stackName}-${logicalId}` : resolveText(FunctionName, resolve);
  const pseudo = (parameter: string) => resolve(`AWS::${parameter}`, null);
  const logging = mapOf(Properties.LoggingConfig);
  const variables = Object.entries(mapOf(mapOf(Properties.Environment).Variables));
  return {
    name,
    arn: `arn:${pseudo("Partition")}:lambda:${pseudo("Region")}:${pseudo("AccountId")}:function:${name}`,
    region: pseudo("Region"),
    runtime: resolveText(Runtime, resolve),
    handler: resolveText(Handler, resolve),
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-function.html has the defaults.
    timeoutMs: numberOr(3, Properties.Timeout) * 1_000,
    memoryMb: numberOr(128, Properties.MemorySize),
    code: join(assembly.directory, resolveText(Metadata["aws:asset:path"], resolve)),
    variables: Object.fromEntries(variables.map(([key, value]) => [key, resolveText(value, resolve)])),
    logGroup: logging.LogGroup === undefined ? `/aws/lambda/${name}` : resolveText(logging.LogGroup, resolve),
    logFormat: logging.LogFormat === undefined ? "Text" : resolveText(logging.LogFormat, resolve),
    // `{"Fn::GetAtt": [ID, "Arn"]}`
    roleId: resolveText(Role, (id) => id),
  };
}

function mapOf(value: Json | undefined): { readonly [name: string]: Json } {
  if (value === undefined) return {};
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Error(`a map expected, got ${JSON.stringify(value)}`);
  }
  return value;
}

function numberOr(otherwise: number, value: Json | undefined): number {
  if (value === undefined) return otherwise;
  if (typeof value !== "number") throw new Error(`a number expected, got ${JSON.stringify(value)}`);
  return value;
}
