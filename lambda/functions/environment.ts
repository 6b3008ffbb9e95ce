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
