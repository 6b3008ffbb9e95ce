import { printable } from "../text/printable.ts";

const mostNamed = 5;

/** How to decide at a terminal what a template leaves open; empty where no parameter decides it. */
export function parameterAdvice(parameters: readonly string[]): readonly string[] {
  if (parameters.length === 0) return [];
  const given = parameters.slice(0, mostNamed).map((name) => `\`--parameter ${printable(name, 64)}=VALUE\``);
  return [`Give ${given.length === 1 ? "the parameter's value" : "the parameters' values"}: ${given.join(" and ")}.`];
}
