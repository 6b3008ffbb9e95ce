import { type ConfigurationProblem, unclear } from "../../../../lambda/configuration/configuration.ts";
import { noPolicies, type Policies } from "../../../../lambda/configuration/policies.ts";
import { readInventory } from "../../../../lambda/configuration/read-inventory.ts";
import { readPolicies } from "../../../../lambda/configuration/read-policies.ts";
import { readJson } from "../read-file.ts";
import type { Reading, Unreadable } from "../source.ts";

/**
 * Reads what was saved from the AWS CLI.
 *
 * @param file a path, or `-` for standard input
 * @param policiesFile null where none is given
 */
export function readConfig(file: string, policiesFile: string | null): Reading {
  const json = readJson(file);
  if (json.kind === "unreadable") return json;
  const inventory = readInventory(json.value);
  if (inventory.kind === "unrecognised") return { kind: "unreadable", message: inventory.problem };
  const saved = readPoliciesFile(policiesFile);
  if (saved.kind === "unreadable") return saved;
  return { ...inventory, policies: saved.policies, problems: [...inventory.problems, ...saved.problems] };
}

type SavedPolicies = {
  readonly kind: "policies";
  readonly policies: Policies;
  readonly problems: readonly ConfigurationProblem[];
};

/** @param file null where none is given */
function readPoliciesFile(file: string | null): SavedPolicies | Unreadable {
  if (file === null) return { kind: "policies", policies: noPolicies, problems: [] };
  const json = readJson(file);
  if (json.kind === "unreadable") return json;
  const read = readPolicies(json.value);
  if (read.kind === "unrecognised") return { kind: "unreadable", message: read.problem };
  return { ...read, problems: unclear(read.problems) };
}
