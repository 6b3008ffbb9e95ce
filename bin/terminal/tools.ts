import { defaults } from "../../lambda/contract/defaults.ts";
import { observerHere } from "../../lambda/observe/in-process.ts";
import type { PlannedConnection } from "../../lambda/plan/connection.ts";
import { clientContexts } from "../../lambda/probe/client-context.ts";
import { lookups } from "../../lambda/probe/dns.ts";
import { addressGuard } from "../../lambda/probe/private-address.ts";
import { usualBounds } from "../../lambda/probe/probe.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { type CheckTools, checkConnections, type OnRecord } from "../../lambda/run.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import type { Options } from "./input/arguments.ts";
import type { Source } from "./input/source.ts";
import { warn } from "./output/output.ts";

/** Makes the tools for any number of rounds: names are asked for anew in each. */
export function toolsFor(
  options: Options,
  { beforeDeployment }: Pick<Source, "beforeDeployment">,
  signal: AbortSignal,
): () => CheckTools {
  const occasion = beforeDeployment === true ? "before-deployment" : "terminal";
  const [dnsServer] = options.dnsServers;
  const anchors = trustAnchors(options.extraAnchors);
  const contextFor = clientContexts(anchors);
  return () => ({
    observer: observerHere("here", {
      lookup: lookups(options.dnsServers),
      contextFor,
      bounds: { ...usualBounds, sockets: options.concurrency },
      unanswered: new Set(),
      forbids: guardOf(options),
      connectTo: options.connectTo,
    }),
    signal,
    policy: { now: options.now ?? Date.now(), expiryWarningDays: defaults.expiryWarningDays, anchors, occasion },
    ...(dnsServer === undefined ? {} : { dnsServer }),
  });
}

/** What may not be connected to, by which address it has. */
export function guardOf({ privateNetworks }: Pick<Options, "privateNetworks">): (address: string) => string | null {
  return privateNetworks === "all" ? () => null : addressGuard(privateNetworks);
}

/** Checks every planned connection, and warns of what hampered that. Gives the records in the order of the plan. */
export async function checkAll(
  planned: readonly PlannedConnection[],
  tools: CheckTools,
  onRecord?: OnRecord,
): Promise<readonly ConnectionRecord[]> {
  const { records, problems } = await checkConnections(planned, tools, onRecord);
  for (const { message, remedy } of problems) warn(`${message} ${remedy}`);
  return records;
}
