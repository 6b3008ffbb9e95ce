import type { PlannedConnection } from "../../../lambda/plan/connection.ts";
import { plan } from "../../../lambda/plan/plan.ts";
import type { Options } from "./arguments.ts";
import { type Configuration, configurationOf } from "./configuration.ts";

/** What is to be checked, or one line that says why it cannot be known. */
export type Connections =
  | {
      readonly kind: "connections";
      readonly planned: readonly PlannedConnection[];
      /** What is missing from the list, a sentence each. */
      readonly problems: readonly string[];
    }
  | { readonly kind: "unreadable"; readonly message: string };

/** Finds the connections of an account, a saved configuration, a template or one origin. */
export async function connectionsOf({ source, timeoutMs }: Options): Promise<Connections> {
  const configuration = await configurationOf(source);
  return configuration.kind === "unreadable" ? configuration : connectionsIn(configuration, timeoutMs);
}

/** @param timeoutMs for one attempt, null for what the distributions say */
export function connectionsIn(
  { distributions, policies, problems, madeUp }: Extract<Configuration, { kind: "configuration" }>,
  timeoutMs: number | null,
): Extract<Connections, { kind: "connections" }> {
  const planned = plan(distributions, policies);
  const connections = planned.connections.map((each) => ({
    ...each,
    connection: {
      ...each.connection,
      ...(madeUp ? { uses: [] } : {}),
      ...(timeoutMs === null ? {} : { connectTimeoutMs: timeoutMs, connectAttempts: 1 }),
    },
  }));
  return { kind: "connections", planned: connections, problems: [...problems, ...planned.problems] };
}
