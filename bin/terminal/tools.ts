import { defaults } from "../../lambda/contract/defaults.ts";
import { clientContexts } from "../../lambda/probe/client-context.ts";
import { lookups } from "../../lambda/probe/dns.ts";
import { addressGuard } from "../../lambda/probe/private-address.ts";
import { usualBounds } from "../../lambda/probe/probe.ts";
import type { CheckTools } from "../../lambda/run.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import type { Options } from "./input/arguments.ts";

/** Makes the tools for any number of rounds: names are asked for anew in each. */
export function toolsFor(options: Options, signal: AbortSignal): () => CheckTools {
  const anchors = trustAnchors(options.extraAnchors);
  const contextFor = clientContexts(anchors);
  return () => ({
    equipment: {
      lookup: lookups(options.dnsServers),
      contextFor,
      bounds: { ...usualBounds, sockets: options.concurrency },
      unanswered: new Set(),
      signal,
      forbids: options.allowPrivate ? () => null : addressGuard([]),
      connectTo: options.connectTo,
    },
    policy: { now: options.now ?? Date.now(), expiryWarningDays: defaults.expiryWarningDays, anchors },
  });
}
