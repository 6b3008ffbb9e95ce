import { printable } from "../text/printable.ts";
import { isObject, member, type Part } from "./api-value.ts";
import { emptyContext, type TemplateContext } from "./template-context.ts";
import { unrolled } from "./template-loop.ts";
import { asText } from "./template-open.ts";
import { decideCondition, resolveValue } from "./template-value.ts";

/** A template that somebody gave. */
export type TemplateFile = {
  /** What its stack is called among several; empty for the only one. */
  readonly name: string;
  /** With slashes, from the folder in which all are; empty where there is none. */
  readonly path: string;
  readonly template: unknown;
};

/** A template as it is deployed once: a nested one as often as it is nested. */
export type Stack = {
  readonly context: TemplateContext;
  readonly outputs: unknown;
  readonly resources: readonly Resource[];
  /** Loops over resources whose list is not known. */
  readonly loops: readonly { readonly name: string; readonly body: unknown }[];
  readonly file: TemplateFile;
};

export type Resource = { readonly id: string; readonly type: string; readonly value: Part };

/** CloudFormation's own bound for a template. */
const mostResources = 500;

export type StackInputs = {
  readonly file: TemplateFile;
  readonly prefix: string;
  /** Values of parameters, by name. */
  readonly given: ReadonlyMap<string, unknown>;
  readonly shared: Pick<TemplateContext, "settledBy" | "budget" | "exported">;
  readonly output: TemplateContext["output"];
};

/** Prepares a template for reading, null where it has no Resources. */
export function stackOf(inputs: StackInputs, problems: string[]): Stack | null {
  const { file, prefix, given, shared, output } = inputs;
  const root: Part = { path: "", value: file.template };
  const resources = member(root, "Resources").value;
  if (!isObject(resources)) return null;
  const parameters = member(root, "Parameters").value;
  const types = new Map<string, string>();
  const context: TemplateContext = {
    ...emptyContext(),
    ...shared,
    prefix,
    output,
    ...parametersOf(parameters, given),
    mappings: member(root, "Mappings").value,
    conditions: member(root, "Conditions").value,
    typeOf: (logicalId) => types.get(logicalId),
  };
  const { members, left } = unrolled(resources, context);
  const entries = Object.entries(members).filter(([id]) => !left.includes(id));
  if (entries.length > mostResources) {
    problems.push(`${entries.length} resources, of which the first ${mostResources} are read`);
  }
  const found = entries.slice(0, mostResources).flatMap(([id, value]): Resource[] => {
    const part: Part = { path: id, value };
    const type = member(part, "Type").value;
    if (typeof type !== "string") return [];
    types.set(id, type);
    return [{ id, type, value: part }];
  });
  const isThere = ({ value }: Resource) => {
    const condition = member(value, "Condition").value;
    return condition === undefined || decideCondition(condition, context) !== false;
  };
  const loops = left.map((name) => ({ name, body: members[name] }));
  return { context, outputs: member(root, "Outputs").value, resources: found.filter(isThere), loops, file };
}

/** Nested stacks, one in the other, and all of them. */
const deepest = 5;
const mostStacks = 500;
/** From one stack to what another one puts out, and on from there. */
const mostCrossings = 20;

export type Stacks = {
  readonly stacks: readonly Stack[];
  /** Resources that are templates of elsewhere, by the stack that has them. */
  readonly elsewhere: readonly { readonly stack: Stack; readonly resource: Resource; readonly where: string }[];
  /** Files in which there are no Resources. */
  readonly empty: readonly TemplateFile[];
  readonly problems: readonly string[];
  /** How much may still be worked out of all of them. */
  readonly budget: TemplateContext["budget"];
};

/**
 * The stacks that some templates make: each by itself, and those that another one nests in its place. What one exports
 * or puts out is known to the others.
 *
 * @param given values for parameters; a stack gets those that it has
 */
export function stacksOf(files: readonly TemplateFile[], given: ReadonlyMap<string, string>): Stacks {
  const first = buildStacks(files, given, new Map());
  // One nested stack may get what another one puts out, whichever stands first.
  return first.children.size === 0 ? first : buildStacks(files, given, first.children);
}

function buildStacks(
  files: readonly TemplateFile[],
  given: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, Stack>,
): Stacks & { readonly children: ReadonlyMap<string, Stack> } {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const nested = new Set(files.flatMap((file) => nestedPaths(file, byPath)));
  const stacks: Stack[] = [];
  const elsewhere: { stack: Stack; resource: Resource; where: string }[] = [];
  const empty: TemplateFile[] = [];
  const problems: string[] = [];
  const children = new Map(before);
  let crossings = 0;
  const { settledBy, budget } = emptyContext();
  const shared = { settledBy, budget, exported };
  for (const file of files.filter(({ path }) => !nested.has(path))) {
    add(file, file.name === "" ? "" : `${file.name}/`, new Map(), 0);
  }
  return { stacks, elsewhere, empty, problems, budget, children };

  function add(file: TemplateFile, prefix: string, passed: ReadonlyMap<string, unknown>, depth: number): Stack | null {
    const own = [...given].filter(([name]) => name.startsWith("AWS::") || isDeclared(file.template, name));
    const output = (logicalId: string, name: string) => {
      const child = children.get(`${prefix}${logicalId}`);
      return child === undefined ? undefined : valueOfOutput(child, member(part(child.outputs), name).value);
    };
    const stack = stackOf({ file, prefix, given: new Map([...own, ...passed]), shared, output }, problems);
    if (stack === null) {
      empty.push(file);
      return null;
    }
    stacks.push(stack);
    for (const resource of stack.resources.filter(({ type }) => isTemplate(type))) {
      const path = pathOf(file, resource);
      const inner = path === null ? undefined : byPath.get(path);
      if (inner === undefined || depth >= deepest || stacks.length >= mostStacks) {
        elsewhere.push({ stack, resource, where: locationOf(resource, stack.context) });
        continue;
      }
      const parameters = resolveValue(member(member(resource.value, "Properties"), "Parameters").value, stack.context);
      const values = isObject(parameters) ? Object.entries(parameters) : [];
      const child = add(inner, `${prefix}${resource.id}/`, new Map(values), depth + 1);
      if (child !== null) children.set(`${prefix}${resource.id}`, child);
    }
    return stack;
  }

  function exported(name: string): unknown {
    for (const stack of stacks) {
      const outputs = Object.values(isObject(stack.outputs) ? stack.outputs : {});
      for (const output of outputs) {
        const written = member(member(part(output), "Export"), "Name").value;
        if (written !== undefined && crossing(stack, written) === name) return valueOfOutput(stack, output);
      }
    }
    return undefined;
  }

  function valueOfOutput(stack: Stack, output: unknown): unknown {
    return crossing(stack, member(part(output), "Value").value);
  }

  /** A value of another stack; one that hangs on itself is not known. */
  function crossing(stack: Stack, value: unknown): unknown {
    if (crossings >= mostCrossings) return undefined;
    crossings += 1;
    try {
      return resolveValue(value, stack.context);
    } finally {
      crossings -= 1;
    }
  }
}

function part(value: unknown): Part {
  return { path: "", value };
}

function isDeclared(template: unknown, parameter: string): boolean {
  return member(member(part(template), "Parameters"), parameter).value !== undefined;
}

/** Whether a resource of this type makes resources of another template. */
export function isTemplate(type: string): boolean {
  return type === "AWS::CloudFormation::Stack" || type === "AWS::Serverless::Application" || type.endsWith("::MODULE");
}

function nestedPaths(file: TemplateFile, byPath: ReadonlyMap<string, TemplateFile>): readonly string[] {
  const resources = member(part(file.template), "Resources").value;
  return Object.entries(isObject(resources) ? resources : {}).flatMap(([id, value]) => {
    const type = member(part(value), "Type").value;
    if (typeof type !== "string" || !isTemplate(type)) return [];
    const path = pathOf(file, { id, type, value: part(value) });
    return path !== null && byPath.has(path) && path !== file.path ? [path] : [];
  });
}

/** Where a nested template lies beside this one: the CDK says so in the metadata, and before packaging the URL does. */
function pathOf(file: TemplateFile, { value }: Resource): string | null {
  const asset = member(member(value, "Metadata"), "aws:asset:path").value;
  const url = member(member(value, "Properties"), "TemplateURL").value;
  const location = member(member(value, "Properties"), "Location").value;
  const relative = [asset, url, location].find((each) => typeof each === "string");
  if (typeof relative !== "string" || file.path === "" || /^[a-z][a-z0-9+.-]*:/i.test(relative)) return null;
  const segments = file.path.split("/").slice(0, -1);
  for (const segment of relative.split("/")) {
    if (segment === "..") {
      // Nothing outside of the folder is read.
      if (segments.pop() === undefined) return null;
    } else if (segment !== "." && segment !== "") segments.push(segment);
  }
  return segments.join("/");
}

function locationOf({ value }: Resource, context: TemplateContext): string {
  const properties = member(value, "Properties");
  const given = member(properties, "TemplateURL").value ?? member(properties, "Location").value;
  return printable(asText(resolveValue(given, context)) ?? "", 200);
}

/** The parameters whose values are known: given, or by a default that is the value itself. */
function parametersOf(
  parameters: unknown,
  given: ReadonlyMap<string, unknown>,
): Pick<TemplateContext, "parameters" | "allowedValues" | "isParameter"> {
  const region = given.get("AWS::Region");
  const values = new Map<string, unknown>(pseudoParameters(typeof region === "string" ? region : ""));
  const allowedValues = new Map<string, readonly string[]>();
  const declared = isObject(parameters) ? parameters : {};
  for (const [name, declaration] of Object.entries(declared)) {
    const type = member(part(declaration), "Type").value;
    const fallback = member(part(declaration), "Default").value;
    const allowed = member(part(declaration), "AllowedValues").value;
    if (Array.isArray(allowed))
      allowedValues.set(
        name,
        allowed.map(asText).filter((value) => value !== null),
      );
    // The default of such a parameter is the name under which Systems Manager keeps the value.
    const isElsewhere = typeof type === "string" && type.startsWith("AWS::SSM::");
    const value = given.get(name) ?? (isElsewhere ? undefined : fallback);
    if (value === undefined || value === null) continue;
    const isList = typeof type === "string" && (type === "CommaDelimitedList" || type.startsWith("List<"));
    values.set(name, isList && typeof value === "string" ? value.split(",").map((item) => item.trim()) : value);
  }
  for (const [name, value] of given) if (name.startsWith("AWS::")) values.set(name, value);
  const isParameter = (name: string) => Object.hasOwn(declared, name) || pseudo.has(name);
  return { parameters: values, allowedValues, isParameter };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html */
const pseudo: ReadonlySet<string> = new Set([
  "AWS::AccountId",
  "AWS::Partition",
  "AWS::Region",
  "AWS::StackId",
  "AWS::StackName",
  "AWS::URLSuffix",
]);

function pseudoParameters(region: string): [string, string][] {
  const china = region.startsWith("cn-");
  const gov = region.startsWith("us-gov-");
  return [
    ["AWS::Partition", china ? "aws-cn" : gov ? "aws-us-gov" : "aws"],
    ["AWS::URLSuffix", china ? "amazonaws.com.cn" : "amazonaws.com"],
  ];
}
