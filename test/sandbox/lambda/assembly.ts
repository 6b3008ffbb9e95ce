import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import cdk from "../../../cdk.json" with { type: "json" };
import type { Json, Resolve } from "./intrinsics.ts";

/** What `cdk synth` writes for a stack of an app. */
export type Assembly = {
  readonly directory: string;
  readonly stackName: string;
  readonly template: Template;
  /** Deletes the directory, unless others use it too. */
  readonly remove: () => void;
};

export type Template = { readonly Resources: Readonly<Record<string, Resource>> };

export type Resource = {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, Json>>;
  readonly Metadata?: Readonly<Record<string, Json>>;
};

/**
 * What references lead to: by the path of a construct for `Ref`, by `PATH.Attribute` for `Fn::GetAtt`, and by its own name
 * for a pseudo parameter such as `AWS::Region`.
 */
export type ResourceValues = Readonly<Record<string, string>>;

const projectRoot = join(import.meta.dirname, "..", "..", "..");

/** The variable with the folder of the assemblies that all test files of a run share; they only read them. */
export const sharedAssemblies = "SHARED_ASSEMBLIES";

/**
 * Lets the project's CDK app write its assembly into a temporary directory, as the CDK's command line does. Takes some
 * two seconds of two cores; in a run of the tests each context costs them once. Rejects with the app's own words when it
 * refuses the context.
 *
 * @param context what one would give with `-c`
 */
export async function synthesise(context: Readonly<Record<string, unknown>> = {}): Promise<Assembly> {
  const everything = { ...cdk.context, ...setByCommandLine, alertEmail: "ops@example.com", ...context };
  const folder = process.env[sharedAssemblies];
  if (folder === undefined) return written(everything);
  const name = createHash("sha256").update(JSON.stringify(everything)).digest("hex");
  const directory = join(folder, name);
  if (!existsSync(directory)) {
    const made = await written(everything);
    try {
      renameSync(made.directory, directory);
    } catch (error) {
      // Another file of the run was faster.
      made.remove();
      if (!existsSync(directory)) throw error;
    }
  }
  return { ...readAssembly(directory), remove: () => undefined };
}

async function written(everything: Readonly<Record<string, unknown>>): Promise<Assembly> {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), "origin-watch-cdk-out-"));
  const [, ...script] = cdk.app.split(" ");
  try {
    await promisify(execFile)(process.execPath, script, {
      cwd: projectRoot,
      env: {
        CDK_OUTDIR: directory,
        CDK_CONTEXT_JSON: JSON.stringify(everything),
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      },
    });
    return readAssembly(directory);
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Its defaults: where in the tree of constructs a resource comes from, and in which directory its code is. */
const setByCommandLine = { "aws:cdk:enable-path-metadata": true, "aws:cdk:enable-asset-metadata": true };

type Manifest = {
  readonly artifacts: Readonly<
    Record<string, { readonly type: string; readonly properties?: { readonly templateFile?: string } }>
  >;
};

/**
 * Reads one stack of an assembly that is there already.
 *
 * @param id by which the app knows the stack; the only one, or the one of the function that watches, when left out
 * @throws when there is none, or none of that id
 */
export function readAssembly(directory: string, id?: string): Assembly {
  const json = (file: string): unknown => JSON.parse(readFileSync(join(directory, file), "utf8"));
  const { artifacts } = json("manifest.json") as Manifest;
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === "aws:cloudformation:stack");
  const wanted = id ?? (stacks.length === 1 ? stacks[0]?.[0] : "OriginWatch");
  const stack = stacks.find(([name]) => name === wanted);
  if (stack === undefined) throw new Error(`no stack ${wanted}; there are ${stacks.map(([name]) => name).join(", ")}`);
  const [stackName, { properties }] = stack;
  return {
    directory,
    stackName,
    template: json(properties?.templateFile ?? "") as Template,
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** The logical id of the resource of a construct. Throws when there is none. */
export function logicalIdAt({ template }: Assembly, path: string): string {
  const found = Object.entries(template.Resources).find(([, resource]) => pathOf(resource) === path);
  if (found === undefined) {
    const functions = Object.values(template.Resources).filter(({ Type }) => Type === "AWS::Lambda::Function");
    throw new Error(`no resource at ${path}; there are functions at ${functions.map(pathOf).join(", ")}`);
  }
  return found[0];
}

/** Looks references up in a table, and throws for those that are not in it. */
export function resolver({ template }: Assembly, values: ResourceValues): Resolve {
  return (logicalId, attribute) => {
    const resource = template.Resources[logicalId];
    const path = resource === undefined ? logicalId : pathOf(resource);
    const key = attribute === null ? path : `${path}.${attribute}`;
    const value = values[key];
    if (value === undefined) throw new Error(`no value for ${key}`);
    return value;
  };
}

/** The path of the construct that a resource is the main one of. */
function pathOf({ Metadata }: Resource): string {
  const path = Metadata?.["aws:cdk:path"];
  return typeof path === "string" ? path.replace(/\/Resource$/, "") : "";
}
