import { type Branch, noBranch } from "./template-branch.ts";

/** What of a template is needed to work its values out. */
export type TemplateContext = {
  /** What stands before the names of one of several stacks, `Stack/`; empty for a single template. */
  readonly prefix: string;
  /** Values of parameters that are known: given, or by their default. */
  readonly parameters: ReadonlyMap<string, unknown>;
  /** The values that a parameter may have, where the template restricts them. */
  readonly allowedValues: ReadonlyMap<string, readonly string[]>;
  /** Parameters that somebody can give: those of the template, and pseudo parameters. */
  readonly isParameter: (name: string) => boolean;
  readonly mappings: unknown;
  readonly conditions: unknown;
  /** The type of a resource, undefined where there is none of this name. */
  readonly typeOf: (logicalId: string) => string | undefined;
  /** What another stack exports by this name, and what a nested stack puts out; undefined where it is not known. */
  readonly exported: (name: string) => unknown;
  readonly output: (logicalId: string, output: string) => unknown;
  readonly branch: Branch;
  /** The parameters to give for what is open, by the expression that stands for it. */
  readonly settledBy: Map<string, readonly string[]>;
  /** Values that may still be worked out: aliases let a small template be a large one. */
  readonly budget: { left: number };
};

/** More values than a template of 1 MB has. */
const mostValues = 400_000;

/** A template without anything in it. */
export function emptyContext(): TemplateContext {
  return {
    prefix: "",
    parameters: new Map(),
    allowedValues: new Map(),
    isParameter: () => false,
    mappings: undefined,
    conditions: undefined,
    typeOf: () => undefined,
    exported: () => undefined,
    output: () => undefined,
    branch: noBranch,
    settledBy: new Map(),
    budget: { left: mostValues },
  };
}
