/** One step of an address: `name` and, of something repeated, its index with the brackets, else nothing. */
export type AddressStep = { readonly name: string; readonly index: string };

/**
 * The steps of an address such as `module.shop["eu"].aws_lb.web[0]`, or of a reference such as `aws_lb.web[0].dns_name`
 * (https://developer.hashicorp.com/terraform/cli/state/resource-addressing). Keys may hold any text, also dots and
 * brackets.
 */
export function addressSteps(address: string): readonly AddressStep[] {
  const steps: AddressStep[] = [];
  let start = 0;
  let bracket = -1;
  let quoted = false;
  for (let at = 0; at <= address.length; at += 1) {
    const character = address.charAt(at);
    if (quoted) {
      if (character === "\\") at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "[" && bracket < 0) bracket = at;
    if (at < address.length && (quoted || character !== "." || isOpen(address, bracket, at))) continue;
    const end = bracket < 0 ? at : bracket;
    steps.push({ name: address.slice(start, end), index: address.slice(end, at) });
    start = at + 1;
    bracket = -1;
  }
  return steps;
}

/** Whether the bracket has not been closed right before this position. */
function isOpen(address: string, bracket: number, at: number): boolean {
  return bracket >= 0 && address.charAt(at - 1) !== "]";
}

/** The calls of modules that an address begins with. */
export function modulesOf(address: string): readonly AddressStep[] {
  const steps = addressSteps(address);
  const calls: AddressStep[] = [];
  for (let at = 0; steps[at]?.name === "module"; at += 2) {
    const call = steps[at + 1];
    if (call === undefined) break;
    calls.push(call);
  }
  return calls;
}

/** An address within a module. */
export function within(module: string, address: string): string {
  return module === "" ? address : `${module}.${address}`;
}

/** The address without the index of the resource itself, and without any. */
export function withoutIndexes(address: string): readonly string[] {
  const steps = addressSteps(address);
  const own = steps.map(({ name, index }, at) => (at === steps.length - 1 ? name : `${name}${index}`)).join(".");
  return [own, steps.map(({ name }) => name).join(".")];
}
