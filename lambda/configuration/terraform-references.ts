import { type AddressStep, addressSteps, modulesOf, within } from "./terraform-address.ts";
import { type WrittenModule, writtenPath } from "./terraform-document.ts";

/** A module as it is called at one place. */
export type ModuleFrame = {
  readonly module: WrittenModule;
  /** The address of the call, empty for the root. */
  readonly address: string;
  /** Null for the root. */
  readonly caller: { readonly frame: ModuleFrame; readonly call: string } | null;
};

/** Deeper than modules are nested, and more than one expression refers to. */
const most = { steps: 200, depth: 50 };

/** The module that a resource stands in, null where the configuration is not there. */
export function frameOf(root: WrittenModule, address: string): ModuleFrame | null {
  const calls = modulesOf(address);
  const path = writtenPath(root, address);
  if (path.length <= calls.length) return null;
  let frame: ModuleFrame = { module: root, address: "", caller: null };
  for (const call of calls) {
    const next = calledFrom(frame, call);
    if (next === null) return null;
    frame = next;
  }
  return frame;
}

/** A block of the source, and the folder that it stands in. */
export type WrittenAt = {
  /** From the folder of the root module, with slashes; it may lead out of it. */
  readonly folder: string;
  /** The words before its brace: `resource TYPE NAME`, or `module NAME` for what comes from elsewhere. */
  readonly block: readonly [keyword: string, ...labels: string[]];
};

/** Where a resource is written, null where its configuration is not there. */
export function writtenAt(root: WrittenModule, address: string): WrittenAt | null {
  let folder = ".";
  let module = root;
  const calls = modulesOf(address);
  for (const { name } of calls) {
    const call = module.calls.get(name);
    if (call === undefined) return null;
    if (!/^\.\.?\//.test(call.source)) return { folder, block: ["module", name] };
    folder = `${folder}/${call.source}`;
    module = call.module;
  }
  const [type, name] = addressSteps(address).slice(2 * calls.length);
  return type === undefined || name === undefined ? null : { folder, block: ["resource", type.name, name.name] };
}

function calledFrom(frame: ModuleFrame, { name, index }: AddressStep): ModuleFrame | null {
  const call = frame.module.calls.get(name);
  if (call === undefined) return null;
  return {
    module: call.module,
    address: within(frame.address, `module.${name}${index}`),
    caller: { frame, call: name },
  };
}

/**
 * What an expression waits for: the attributes of resources that it refers to, through variables and outputs of modules.
 * What is always known in a plan (variables of the root, `each.key`, `count.index`) is left out.
 *
 * @param forEach what `for_each` of the resource refers to
 */
export function followed(
  references: readonly string[],
  frame: ModuleFrame,
  forEach: readonly string[],
): readonly string[] {
  const ends = new Set<string>();
  let steps = most.steps;
  follow(references, frame, forEach, 0);
  return [...ends];

  function follow(some: readonly string[], from: ModuleFrame, each: readonly string[], depth: number): void {
    for (const reference of longest(some)) {
      steps -= 1;
      if (steps < 0) return;
      const [first, second, third] = addressSteps(reference);
      if (first === undefined) continue;
      const name = second?.name ?? "";
      switch (first.name) {
        case "each":
          if (name === "key") break;
          if (each.length > 0 && depth < most.depth) follow(each, from, [], depth + 1);
          else ends.add(within(from.address, reference));
          break;
        case "count":
        case "path":
        case "terraform":
          break;
        case "var": {
          const call = from.caller?.frame.module.calls.get(from.caller.call);
          const given = call?.arguments.get(name);
          if (from.caller === null || call === undefined || given === undefined) break;
          if (depth < most.depth) follow(given, from.caller.frame, call.forEach, depth + 1);
          else ends.add(within(from.address, reference));
          break;
        }
        case "module": {
          const child = second === undefined ? null : calledFrom(from, second);
          const output = child?.module.outputs.get(third?.name ?? "");
          if (child !== null && output !== undefined && depth < most.depth) follow(output, child, [], depth + 1);
          else ends.add(within(from.address, reference));
          break;
        }
        default:
          ends.add(within(from.address, reference));
      }
    }
  }
}

/** Beside `aws_lb.web.dns_name` the list has `aws_lb.web` too. */
function longest(references: readonly string[]): readonly string[] {
  const sorted = [...new Set(references)].toSorted();
  return sorted.filter((each, index) => {
    const next = sorted.slice(index + 1, index + 1 + 50);
    return !next.some((other) => other.startsWith(`${each}.`) || other.startsWith(`${each}[`));
  });
}
