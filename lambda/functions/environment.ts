import { vpcIdForm, vpcVariables } from "../contract/vpc.ts";

/** The variables that a function is started with; lib/ sets them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that may be left out, null where it is; one that is empty counts as left out. */
export function optional(environment: Environment, name: string): string | null {
  return environment[name] || null;
}

/** The entries of a variable that is a list with commas, none where it is left out. */
export function listed(value: string | undefined): readonly string[] {
  return (value ?? "").split(",").filter((entry) => entry !== "");
}

/** @throws with the variable's name when it is left out: then the deployment is broken */
export function required(environment: Environment, name: string): string {
  const value = optional(environment, name);
  if (value === null) throw new Error(`environment variable ${name} is not set`);
  return value;
}

/** The name of a function, null where it is left out. @throws with the variable's name for what is none */
export function functionName(environment: Environment, name: string): string | null {
  const value = optional(environment, name);
  if (value !== null && !/^[A-Za-z0-9_-]{1,64}$/.test(value))
    throw new Error(`environment variable ${name}: expected a function's name`);
  return value;
}

/** The id of a VPC. @throws with the variable's name for what is none */
export function vpcIdIn(environment: Environment): string {
  const vpcId = environment[vpcVariables.vpcId] ?? "";
  if (!vpcIdForm.test(vpcId)) throw new Error(`environment variable ${vpcVariables.vpcId}: expected the id of a VPC`);
  return vpcId;
}
