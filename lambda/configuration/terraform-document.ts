import { type JsonFault, type JsonReader, readJson, type Scalar } from "./json-reader.ts";
import { modulesOf, within } from "./terraform-address.ts";
import { isTerraformType, type TerraformShape, type TerraformType, terraformShapes } from "./terraform-shape.ts";

/** What is kept of a value: only what its shape names. */
export type Tree = Scalar | readonly Tree[] | { readonly [name: string]: Tree };

/** What the source says of an argument: the value where it is written there, and what it refers to. */
export type Expression = { readonly constant: Tree | undefined; readonly references: readonly string[] };

/** The arguments and blocks of a block as they are written. Blocks that are `dynamic` are not among them. */
export type WrittenBlock = { readonly [name: string]: Expression | readonly WrittenBlock[] };

export type TerraformResource = {
  readonly address: string;
  readonly type: TerraformType;
  /** What the plan does with it; empty in a state. */
  readonly actions: readonly string[];
  readonly values: Tree;
  /** True at what is known only after the apply; null for nothing. */
  readonly unknown: Tree;
  /** The same for what is marked sensitive; each source of values has its own. */
  readonly sensitive: readonly Tree[];
};

/** A module as it is written. */
export type WrittenModule = {
  /** By `TYPE.NAME`, of data sources `data.TYPE.NAME`. */
  readonly resources: ReadonlyMap<string, WrittenResourceBlock>;
  readonly calls: ReadonlyMap<string, WrittenCall>;
  /** What each output refers to. */
  readonly outputs: ReadonlyMap<string, readonly string[]>;
};

export type WrittenResourceBlock = {
  readonly block: WrittenBlock;
  /** What `for_each` refers to: where `each.value` comes from. */
  readonly forEach: readonly string[];
};

export type WrittenCall = {
  /** As that of a resource. */
  readonly forEach: readonly string[];
  /** What each argument refers to. */
  readonly arguments: ReadonlyMap<string, readonly string[]>;
  /** Where the module comes from, as it is written: a folder begins with `./` or `../`. */
  readonly source: string;
  readonly module: WrittenModule;
};

export type TerraformDocument = {
  readonly kind: "plan" | "state";
  /** The plan says that it leaves something out. */
  readonly isIncomplete: boolean;
  readonly resources: readonly TerraformResource[];
  /** Of a provider that is not AWS's. */
  readonly foreign: readonly string[];
  readonly root: WrittenModule;
  /** There is more than is read. */
  readonly isCut: boolean;
};

export type DocumentResult =
  | ({ readonly kind: "document" } & { readonly document: TerraformDocument })
  | {
      readonly kind: "unrecognised";
      readonly problem: string;
      /** It is nothing of Terraform's. */
      readonly isOther: boolean;
    };

/** Far more than any configuration has, and little enough to be held. */
const most = { values: 1_000_000, items: 2_000, references: 200, names: 100, ofOne: 40 };

const makeState = "run `terraform show -json` in its folder (or `tofu show -json`) and give what it prints";
const makePlan =
  "run `terraform plan -out=FILE`, then `terraform show -json FILE` (or `tofu`), and give what the second prints";

/** Reads what `terraform show -json` or `tofu show -json` prints (https://developer.hashicorp.com/terraform/internals/json-format). */
export function readTerraformDocument(text: string): DocumentResult {
  const other = notJson(text);
  if (other !== null) return { kind: "unrecognised", ...other };
  const found = emptyFindings();
  const fault = readJson(text, (reader) => readRoot(reader, found));
  const problem = fault === null ? problemOf(found) : faultProblem(fault, found.names);
  return problem === null ? { kind: "document", document: documentOf(found) } : { kind: "unrecognised", ...problem };
}

type Unfit = { readonly problem: string; readonly isOther: boolean };

function ofTerraform(problem: string): Unfit {
  return { problem, isOther: false };
}

function notJson(text: string): Unfit | null {
  if (text.startsWith("PK\u0003\u0004")) {
    return ofTerraform(
      "this is a plan as Terraform itself reads it: run `terraform show -json FILE` (or `tofu show -json FILE`) and give what it prints",
    );
  }
  const first = /\S/.exec(text.slice(0, 10_000))?.[0];
  if (first === undefined) return { problem: `it is empty; ${makePlan}`, isOther: false };
  return first === "{" ? null : { problem: `it is no plan in JSON; ${makePlan}`, isOther: true };
}

function faultProblem(fault: JsonFault, names: ReadonlySet<string>): Unfit {
  switch (fault) {
    case "cut-off":
      return ofTerraform(`it is cut off; ${makePlan}`);
    case "too-deep":
      return ofTerraform("it is nested too deeply");
    case "malformed":
      // `terraform plan -json` writes an object a line.
      return names.has("@level") ? ofTerraform(logAdvice) : { problem: `it is no JSON; ${makePlan}`, isOther: true };
  }
}

const logAdvice = `this is the log of a run, and no plan: ${makePlan}`;

type Findings = {
  readonly names: Set<string>;
  readonly scalars: Map<string, Scalar>;
  readonly planned: Map<string, Valued>;
  readonly inState: Map<string, Valued>;
  readonly prior: Map<string, Valued>;
  readonly changes: Change[];
  readonly foreign: Set<string>;
  root: WrittenModule;
  left: number;
};

type Identity = { readonly address: string; readonly type: TerraformType; readonly isData: boolean };
type Valued = Identity & { readonly values: Tree; readonly sensitive: Tree };
type Change = Valued & {
  readonly actions: readonly string[];
  readonly unknown: Tree;
  readonly sensitiveBefore: Tree;
};

function emptyFindings(): Findings {
  return {
    names: new Set(),
    scalars: new Map(),
    planned: new Map(),
    inState: new Map(),
    prior: new Map(),
    changes: [],
    foreign: new Set(),
    root: nothingWritten,
    left: most.values,
  };
}

const nothingWritten: WrittenModule = { resources: new Map(), calls: new Map(), outputs: new Map() };

function readRoot(reader: JsonReader, found: Findings): void {
  reader.members((name) => {
    if (found.names.size < most.names) found.names.add(name);
    switch (name) {
      case "format_version":
      case "errored":
      case "complete":
        found.scalars.set(name, reader.scalar());
        break;
      case "planned_values":
        readRootModule(reader, found, found.planned);
        break;
      case "values":
        readRootModule(reader, found, found.inState);
        break;
      case "prior_state":
        reader.members((inner) => (inner === "values" ? readRootModule(reader, found, found.prior) : reader.skip()));
        break;
      case "resource_changes":
        reader.items(() => readChange(reader, found));
        break;
      case "deferred_changes":
        reader.items(() =>
          reader.members((inner) => (inner === "resource_change" ? readChange(reader, found) : reader.skip())),
        );
        break;
      case "configuration":
        reader.members((inner) => {
          if (inner === "root_module") found.root = readWrittenModule(reader, found);
          else reader.skip();
        });
        break;
      default:
        reader.skip();
    }
  });
}

/** What makes the file none that can be checked, null where nothing does. */
function problemOf({ names, scalars }: Findings): Unfit | null {
  const version = scalars.get("format_version");
  if (version === undefined) return withoutVersion(names);
  const [seen = "another one", major] = (typeof version === "string" && /^(\d{1,3})\.\d{1,3}$/.exec(version)) || [];
  if (Number(major) > 1) {
    return ofTerraform(
      `its format_version is ${seen}, and 1.x is read: what wrote it is newer than this version of Origin Watch, so look for a newer one`,
    );
  }
  if (major !== "1") {
    return ofTerraform(
      `its format_version is ${seen}, and 1.x is read: run \`terraform show -json\` of Terraform 1.1 or later, or \`tofu show -json\``,
    );
  }
  return scalars.get("errored") === true
    ? ofTerraform(
        `Terraform could not finish this plan, so that parts of it are missing: fix what it complained of, then ${makePlan}`,
      )
    : null;
}

function withoutVersion(names: ReadonlySet<string>): Unfit {
  if (names.has("@level")) return ofTerraform(logAdvice);
  if (names.has("serial") || (names.has("terraform_version") && names.has("resources"))) {
    return ofTerraform(`this is the file in which Terraform keeps its state: ${makeState}`);
  }
  if (names.has("resource") || names.has("module") || names.has("provider")) {
    return ofTerraform(`this is a configuration of Terraform, and no plan of it: ${makePlan}`);
  }
  return { problem: `it is no plan and no state of Terraform or OpenTofu; ${makePlan}`, isOther: true };
}

function documentOf(found: Findings): TerraformDocument {
  const isPlan = found.names.has("resource_changes") || found.names.has("planned_values");
  return {
    kind: isPlan ? "plan" : "state",
    isIncomplete: found.scalars.get("complete") === false || found.names.has("deferred_changes"),
    resources: isPlan ? plannedResources(found) : [...found.inState.values()].map((each) => unchanged(each)),
    foreign: [...found.foreign],
    root: found.root,
    isCut: found.left <= 0,
  };
}

function unchanged({ address, type, values, sensitive }: Valued): TerraformResource {
  return { address, type, actions: [], values, unknown: null, sensitive: [sensitive] };
}

/** What there is once the plan is applied: what it changes, what it leaves, and the data sources that it has read. */
function plannedResources({ planned, prior, changes }: Findings): readonly TerraformResource[] {
  const all = new Map<string, TerraformResource>();
  for (const each of prior.values()) if (each.isData) all.set(each.address, unchanged(each));
  for (const each of planned.values()) all.set(each.address, unchanged(each));
  for (const { address, type, actions, values, unknown, sensitive, sensitiveBefore } of changes) {
    if (actions.length > 0 && actions.every((action) => action === "delete" || action === "forget")) {
      all.delete(address);
      continue;
    }
    const beside = planned.get(address);
    all.set(address, {
      address,
      type,
      actions,
      values: isTreeObject(values) && isTreeObject(beside?.values) ? { ...beside.values, ...values } : values,
      unknown,
      sensitive: [sensitive, sensitiveBefore, ...(beside === undefined ? [] : [beside.sensitive])],
    });
  }
  return [...all.values()];
}

export function isTreeObject(tree: Tree | undefined): tree is { readonly [name: string]: Tree } {
  return typeof tree === "object" && tree !== null && !Array.isArray(tree);
}

function readRootModule(reader: JsonReader, found: Findings, into: Map<string, Valued>): void {
  reader.members((name) => (name === "root_module" ? readModule(reader, found, into) : reader.skip()));
}

function readModule(reader: JsonReader, found: Findings, into: Map<string, Valued>): void {
  reader.members((name) => {
    switch (name) {
      case "resources":
        reader.items(() => {
          const part = readParts(reader, ["values", "sensitive_values"]);
          const identity = identityOf(part, found);
          if (identity === null) return;
          into.set(identity.address, {
            ...identity,
            values: treeAt(reader, part.positions.get("values"), identity.type, found),
            sensitive: treeAt(reader, part.positions.get("sensitive_values"), identity.type, found),
          });
        });
        break;
      case "child_modules":
        reader.items(() => readModule(reader, found, into));
        break;
      default:
        reader.skip();
    }
  });
}

function readChange(reader: JsonReader, found: Findings): void {
  const part = readParts(reader, ["change"]);
  const change = part.positions.get("change");
  // A deposed object waits for its destruction; what takes its place has an entry of its own.
  if (change === undefined || part.scalars.has("deposed")) return;
  const identity = identityOf(part, found);
  if (identity === null) return;
  const actions: string[] = [];
  const trees = new Map<string, Tree>();
  reader.at(change, () => {
    reader.members((name) => {
      if (name === "actions") {
        reader.items(() => {
          const action = reader.scalar();
          if (typeof action === "string" && actions.length < most.names) actions.push(action);
        });
      } else if (changeTrees.has(name)) {
        trees.set(name, readTree(reader, terraformShapes[identity.type], found));
      } else reader.skip();
    });
  });
  found.changes.push({
    ...identity,
    actions,
    values: trees.get("after") ?? null,
    unknown: trees.get("after_unknown") ?? null,
    sensitive: trees.get("after_sensitive") ?? null,
    sensitiveBefore: trees.get("before_sensitive") ?? null,
  });
}

/** What was sensitive before is kept so: that a mark is taken away is no reason to show the value. */
const changeTrees = new Set(["after", "after_unknown", "after_sensitive", "before_sensitive"]);

type Parts = { readonly scalars: ReadonlyMap<string, Scalar>; readonly positions: ReadonlyMap<string, number> };

/** The scalars of an object, and where its larger parts begin: what they are to be read as stands beside them. */
function readParts(reader: JsonReader, larger: readonly string[]): Parts {
  const scalars = new Map<string, Scalar>();
  const positions = new Map<string, number>();
  reader.members((name) => {
    if (larger.includes(name)) {
      positions.set(name, reader.position());
      reader.skip();
    } else if (identityNames.has(name)) scalars.set(name, reader.scalar());
    else reader.skip();
  });
  return { scalars, positions };
}

const identityNames = new Set(["address", "module_address", "mode", "type", "name", "provider_name", "deposed"]);

/** Null for a resource of which nothing is read. */
function identityOf({ scalars }: Parts, found: Findings): Identity | null {
  const type = scalars.get("type");
  if (!isTerraformType(type)) return null;
  found.left -= most.ofOne;
  if (found.left <= 0) return null;
  const isData = scalars.get("mode") === "data";
  const [address, module, name] = ["address", "module_address", "name"].map((each) => asText(scalars.get(each)));
  const built = within(module ?? "", `${isData ? "data." : ""}${type}.${name ?? ""}`);
  const full = (address ?? built).slice(0, longestAddress);
  const provider = scalars.get("provider_name");
  if (provider !== undefined && !(typeof provider === "string" && isOfAws(provider))) {
    if (found.foreign.size < most.names) found.foreign.add(full);
    return null;
  }
  return { address: full, type, isData };
}

const longestAddress = 2_048;

function asText(value: Scalar | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** AWS's provider, from whichever registry; before Terraform 0.13 providers had no namespace. */
function isOfAws(provider: string): boolean {
  return provider === "aws" || /^(?:[^/]+\/)?(?:hashicorp|-)\/aws$/.test(provider);
}

function treeAt(reader: JsonReader, position: number | undefined, type: TerraformType, found: Findings): Tree {
  let tree: Tree = null;
  if (position !== undefined) {
    reader.at(position, () => {
      tree = readTree(reader, terraformShapes[type], found);
    });
  }
  return tree;
}

function readTree(reader: JsonReader, shape: TerraformShape, found: Findings): Tree {
  found.left -= 1;
  const kind = reader.next();
  if (found.left <= 0) {
    reader.skip();
    return null;
  }
  if (kind === "list") {
    const list: Tree[] = [];
    reader.items((index) => {
      if (index >= most.items) reader.skip();
      else list.push(readItem(reader, shape, found));
    });
    return list;
  }
  return readItem(reader, shape, found);
}

/** Only what the shape names of a block; what is no object is a scalar. */
function readItem(reader: JsonReader, shape: TerraformShape, found: Findings): Tree {
  found.left -= 1;
  if (typeof shape === "string" || reader.next() !== "object") return reader.scalar();
  const members: Record<string, Tree> = {};
  reader.members((name) => {
    const inner = Object.hasOwn(shape.block, name) ? shape.block[name] : undefined;
    if (inner === undefined) reader.skip();
    else members[name] = readTree(reader, inner, found);
  });
  return members;
}

function readWrittenModule(reader: JsonReader, found: Findings): WrittenModule {
  const resources = new Map<string, WrittenResourceBlock>();
  const calls = new Map<string, WrittenCall>();
  const outputs = new Map<string, readonly string[]>();
  reader.members((name) => {
    switch (name) {
      case "resources":
        reader.items(() => {
          const part = readParts(reader, ["expressions", "for_each_expression"]);
          const [type, own] = [part.scalars.get("type"), part.scalars.get("name")];
          const position = part.positions.get("expressions");
          if (!isTerraformType(type) || typeof own !== "string" || position === undefined) return;
          const prefix = part.scalars.get("mode") === "data" ? "data." : "";
          let forEach: readonly string[] = [];
          const repeated = part.positions.get("for_each_expression");
          if (repeated !== undefined) {
            reader.at(repeated, () => {
              forEach = readExpression(reader, found).references;
            });
          }
          reader.at(position, () => {
            const block = readWritten(reader, terraformShapes[type].block, found);
            resources.set(`${prefix}${type}.${own}`, { block, forEach });
          });
        });
        break;
      case "module_calls":
        reader.members((call) => {
          found.left -= most.ofOne;
          if (found.left > 0) calls.set(call, readCall(reader, found));
          else reader.skip();
        });
        break;
      case "outputs":
        reader.members((output) => {
          reader.members((inner) => {
            found.left -= most.ofOne;
            if (inner === "expression" && found.left > 0) outputs.set(output, readExpression(reader, found).references);
            else reader.skip();
          });
        });
        break;
      default:
        reader.skip();
    }
  });
  return { resources, calls, outputs };
}

function readCall(reader: JsonReader, found: Findings): WrittenCall {
  const given = new Map<string, readonly string[]>();
  let module = nothingWritten;
  let source = "";
  let forEach: readonly string[] = [];
  reader.members((name) => {
    if (name === "source") source = asText(reader.scalar())?.slice(0, longestAddress) ?? "";
    else if (name === "for_each_expression") forEach = readExpression(reader, found).references;
    else if (name === "expressions") {
      reader.members((argument) => given.set(argument, readExpression(reader, found).references));
    } else if (name === "module") module = readWrittenModule(reader, found);
    else reader.skip();
  });
  return { arguments: given, module, source, forEach };
}

function readWritten(
  reader: JsonReader,
  shapes: Readonly<Record<string, TerraformShape>>,
  found: Findings,
): WrittenBlock {
  const block: Record<string, Expression | readonly WrittenBlock[]> = {};
  reader.members((name) => {
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    if (shape === undefined) reader.skip();
    else if (typeof shape === "string") block[name] = readExpression(reader, found);
    else block[name] = readWrittenBlocks(reader, shape.block, found);
  });
  return block;
}

function readWrittenBlocks(
  reader: JsonReader,
  shapes: Readonly<Record<string, TerraformShape>>,
  found: Findings,
): readonly WrittenBlock[] {
  const blocks: WrittenBlock[] = [];
  if (reader.next() !== "list") return [readWritten(reader, shapes, found)];
  reader.items((index) => {
    if (index >= most.items) reader.skip();
    else blocks.push(readWritten(reader, shapes, found));
  });
  return blocks;
}

function readExpression(reader: JsonReader, found: Findings): Expression {
  let constant: Tree | undefined;
  const references: string[] = [];
  reader.members((name) => {
    if (name === "constant_value") constant = readTree(reader, "leaf", found);
    else if (name === "references") {
      reader.items((index) => {
        const reference = reader.scalar();
        found.left -= 1;
        if (typeof reference === "string" && index < most.references && found.left > 0) {
          references.push(reference.slice(0, longestAddress));
        }
      });
    } else reader.skip();
  });
  return { constant, references };
}

/** The written modules that an address leads through, the root first; shorter where the configuration lacks one. */
export function writtenPath(root: WrittenModule, address: string): readonly WrittenModule[] {
  const path = [root];
  for (const { name } of modulesOf(address)) {
    const next = path.at(-1)?.calls.get(name)?.module;
    if (next === undefined) break;
    path.push(next);
  }
  return path;
}
