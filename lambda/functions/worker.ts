import type { Context } from "aws-lambda";
import type { BatchAnswer } from "../observe/batch-answer.ts";
import { clientContexts } from "../probe/client-context.ts";
import { lookups } from "../probe/dns.ts";
import { addressGuard } from "../probe/private-address.ts";
import { usualBounds } from "../probe/probe.ts";
import { trustAnchors } from "../x509/trust-anchors.ts";
import { answerByValue } from "./observe-batch.ts";
import { readWorkerSettings } from "./worker-settings.ts";

// Whom it may connect to, by whose names and with which anchors is its own affair: nothing in an event changes it.
const settings = readWorkerSettings(process.env);
const equipment = {
  lookup: lookups(settings.dnsServers),
  contextFor: clientContexts(trustAnchors(settings.extraAnchorsPem)),
  bounds: usualBounds,
  unanswered: new Set<string>(),
  forbids: addressGuard(settings.allowedPrivateNetworks),
  connectTo: null,
};

/**
 * Observes a batch of connections for the function that watches, and answers with what it saw. It has no rights but to
 * write its log: whoever else invokes it can have done what anybody on the internet can do.
 */
export async function handler(
  event: unknown,
  context: Pick<Context, "getRemainingTimeInMillis" | "invokedFunctionArn">,
): Promise<BatchAnswer> {
  const vantage = context.invokedFunctionArn.split(":")[3] ?? "";
  return answerByValue(event, vantage, equipment, context.getRemainingTimeInMillis());
}
