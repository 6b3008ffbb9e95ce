import { placeholder } from "./placeholder.ts";
import { addressSteps } from "./terraform-address.ts";
import {
  type Expression,
  isTreeObject,
  type TerraformResource,
  type Tree,
  type WrittenBlock,
  type WrittenModule,
} from "./terraform-document.ts";
import { followed, frameOf, type ModuleFrame } from "./terraform-references.ts";
import { type TerraformBlock, type TerraformShape, terraformShapes } from "./terraform-shape.ts";

/** A value with placeholders in place of what is not known or not to be read; undefined where it is not set. */
export type Settled = Exclude<Tree, readonly unknown[] | object> | undefined | readonly Settled[] | SettledBlock;
export type SettledBlock = { readonly [name: string]: Settled };

/** Settles resources. What waits for one and the same thing at several places must not pass for one and the same value. */
export type Settler = (resource: TerraformResource) => SettledBlock;

/** @param readLate the addresses of data sources that are read only during the apply */
export function settler(root: WrittenModule, readLate: readonly string[]): Settler {
  const taken = new Map<string, string>();
  const late = new Set(readLate.map(withoutAnyIndex));
  return (resource) => {
    const frame = frameOf(root, resource.address);
    const source = frame?.module.resources.get(ownName(resource.address, frame.address));
    const written = source?.block;
    const own: Place = { resource, frame, forEach: source?.forEach ?? [], taken, late };
    const { values, unknown, sensitive } = resource;
    const parts = { values: isTreeObject(values) ? values : {}, unknown, sensitive, written, path: "" };
    return block(terraformShapes[resource.type], parts, own);
  };
}

type Place = {
  readonly resource: TerraformResource;
  readonly frame: ModuleFrame | null;
  readonly forEach: readonly string[];
  /** Which place a placeholder stands for. */
  readonly taken: Map<string, string>;
  /** Data sources that are read only during the apply, by their addresses without indexes. */
  readonly late: ReadonlySet<string>;
};

type Parts<T extends Tree | undefined = Tree | undefined> = {
  readonly values: T;
  readonly unknown: Tree | undefined;
  readonly sensitive: readonly (Tree | undefined)[];
  /** Undefined where the source of the block is not known: the file lacks it, or the block is dynamic. */
  readonly written: WrittenBlock | undefined;
  readonly path: string;
};

/** `TYPE.NAME` of an address in a module, without an index. */
function ownName(address: string, module: string): string {
  const own = module === "" ? address : address.slice(module.length + 1);
  const bracket = own.indexOf("[");
  return bracket < 0 ? own : own.slice(0, bracket);
}

function block(shape: TerraformBlock, parts: Parts<{ readonly [name: string]: Tree }>, place: Place): SettledBlock {
  const settled: Record<string, Settled> = {};
  for (const [name, inner] of Object.entries(shape.block)) {
    const value = member(inner, name, parts, place);
    if (value !== undefined) settled[name] = value;
  }
  return settled;
}

function member(
  shape: TerraformShape,
  name: string,
  { values, unknown, sensitive, written, path }: Parts<{ readonly [name: string]: Tree }>,
  place: Place,
): Settled {
  const here = path === "" ? name : `${path}.${name}`;
  const hidden = sensitive.map((tree) => partOf(tree, name));
  if (hidden.includes(true)) return secret(here, place);
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  const open = partOf(unknown, name);
  const source = written === undefined || !Object.hasOwn(written, name) ? undefined : written[name];
  if (typeof shape === "string") {
    const expression = source !== undefined && "references" in source ? source : undefined;
    // What is computed where it is not set is unknown in a plan, although nobody waits for it.
    const isUnset = written !== undefined && expression === undefined;
    const wait = () => (isUnset ? undefined : waiting(shape, expression, here, place));
    if (open === true || (value === null && isReadLate(expression, place))) return wait();
    // Settings of text that are not set are empty.
    if (!Array.isArray(value)) return value === "" ? undefined : scalarOf(value);
    return (value as readonly Tree[]).map((item, index) => {
      if (hidden.some((tree) => itemOf(tree, index) === true)) return secret(`${here}[${index}]`, place);
      return itemOf(open, index) === true ? wait() : scalarOf(item);
    });
  }
  // A dynamic block that nobody knows the number of would be unknown as a whole too; nobody writes that of these blocks.
  if (open === true) return shape.computed ? undefined : waiting("leaf", undefined, here, place);
  if (value === undefined || value === null) return undefined;
  const items: readonly Tree[] = Array.isArray(value) ? value : [value];
  const blocks = source === undefined || "references" in source ? [] : source;
  return items.map((item, index) => {
    const at = `${here}[${index}]`;
    const ofItem = (tree: Tree | undefined) => (Array.isArray(value) ? itemOf(tree, index) : firstOf(tree));
    const inner = { unknown: ofItem(open), sensitive: hidden.map(ofItem), path: at };
    if (inner.sensitive.includes(true)) return secret(at, place);
    if (inner.unknown === true) return waiting("leaf", undefined, at, place);
    if (!isTreeObject(item)) return scalarOf(item);
    const match = writtenFor(item, blocks, lists.has(name) && blocks.length === items.length ? index : null);
    return block(shape, { ...inner, values: item, written: match }, place);
  });
}

/** Blocks whose order is that of the source; those of the others come in any order. */
const lists: ReadonlySet<string> = new Set([
  "default_cache_behavior",
  "ordered_cache_behavior",
  "cache_behavior",
  "member",
]);

/** `true` covers all below. */
function partOf(tree: Tree | undefined, name: string): Tree | undefined {
  if (tree === true) return true;
  return isTreeObject(tree) && Object.hasOwn(tree, name) ? tree[name] : undefined;
}

function itemOf(tree: Tree | undefined, index: number): Tree | undefined {
  if (tree === true) return true;
  return Array.isArray(tree) ? (tree as readonly Tree[])[index] : undefined;
}

function firstOf(tree: Tree | undefined): Tree | undefined {
  return Array.isArray(tree) ? (tree as readonly Tree[])[0] : tree;
}

/** A placeholder in a text of somebody's own would pass for one of ours. */
function scalarOf(value: Tree | undefined): Settled {
  if (typeof value === "string") return value.replaceAll("${", "$ {");
  if (value === null || value === undefined || typeof value !== "object") return value ?? undefined;
  return Array.isArray(value) ? [] : {};
}

function secret(path: string, { resource }: Place): string {
  return placeholder(`${resource.address}.${path} (marked sensitive)`);
}

/** What stands for a value that is known only after the apply: what it waits for. */
function waiting(kind: "leaf" | "link", expression: Expression | undefined, path: string, place: Place): string {
  const { resource, frame, forEach, taken } = place;
  const own = `${resource.address}.${path}`;
  const ends = expression === undefined || frame === null ? [] : followed(expression.references, frame, forEach);
  if (ends.length === 0) return placeholder(own);
  const name = ends.slice(0, mostNamed).join(" and ");
  if (kind === "link") return placeholder(name);
  const user = taken.get(name);
  taken.set(name, user ?? own);
  return placeholder(user === undefined || user === own ? name : `${name} for ${own}`);
}

/**
 * Whether a value comes from a data source that is read only during the apply: an argument of one that is not given, such
 * as the `id` of a policy that is found by its name, is no unknown in the plan but null, and so is what takes it.
 */
function isReadLate(expression: Expression | undefined, { frame, forEach, late }: Place): boolean {
  if (late.size === 0 || expression === undefined || frame === null) return false;
  return followed(expression.references, frame, forEach).some((end) => {
    const steps = addressSteps(end).map(({ name }) => name);
    return steps.some((_, count) => late.has(steps.slice(0, count + 1).join(".")));
  });
}

function withoutAnyIndex(address: string): string {
  return addressSteps(address)
    .map(({ name }) => name)
    .join(".");
}

const mostNamed = 5;

/**
 * The block as it is written of which a value comes: where order does not tell, what is constant does; where it tells
 * several, what any of them refers to counts.
 */
function writtenFor(
  value: { readonly [name: string]: Tree },
  blocks: readonly WrittenBlock[],
  index: number | null,
): WrittenBlock | undefined {
  const candidates = blocks.filter((each) => isConsistent(value, each));
  const same = index === null ? undefined : blocks[index];
  if (same !== undefined && candidates.includes(same)) return same;
  return candidates.length === 0 ? undefined : candidates.reduce(merged);
}

function isConsistent(value: { readonly [name: string]: Tree }, written: WrittenBlock): boolean {
  return Object.entries(written).every(([name, source]) => {
    if (!("references" in source)) {
      const inner = Object.hasOwn(value, name) ? value[name] : undefined;
      return !Array.isArray(inner) || inner.length >= source.length;
    }
    const known = Object.hasOwn(value, name) ? value[name] : undefined;
    const [a, b] = [plain(known), plain(source.constant)];
    return a === null || b === null || a === b;
  });
}

/** As text, because a number may be written as one; null for what cannot be compared. */
function plain(tree: Tree | undefined): string | null {
  return tree === undefined || tree === null || typeof tree === "object" ? null : String(tree);
}

function merged(one: WrittenBlock, other: WrittenBlock): WrittenBlock {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const [a, b] = [one, other].map((each) => (Object.hasOwn(each, name) ? each[name] : undefined));
      if (a === undefined || b === undefined) return [name, a ?? b ?? []];
      if (!("references" in a) || !("references" in b)) return [name, "references" in a ? b : a];
      return [name, { constant: undefined, references: [...a.references, ...b.references] }];
    }),
  );
}
