import { scopeId } from "../configuration/scope.ts";
import { inTurns } from "../text/in-turns.ts";
import type { RunProblem } from "./record.ts";

/** Problems in an order in which the first ones are of as many accounts as there are, so that none takes the place of all. */
export function problemsInTurns(problems: readonly RunProblem[]): readonly RunProblem[] {
  return inTurns(problems, ({ scope }) => scopeId(scope));
}
