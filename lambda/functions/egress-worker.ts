import type { Context } from "aws-lambda";
import type { BatchAnswer } from "../observe/batch-answer.ts";
import { clientContexts } from "../probe/client-context.ts";
import { lookups } from "../probe/dns.ts";
import { egressVantage } from "../probe/observation.ts";
import { egressGuard } from "../probe/private-address.ts";
import { usualBounds } from "../probe/probe.ts";
import { trustAnchors } from "../x509/trust-anchors.ts";
import { answerByValue } from "./observe-batch.ts";
import { readVpcNetworkSettings } from "./vpc-worker-settings.ts";

// Where it is and whom it may connect to is its own affair: nothing in an event changes it.
const settings = readVpcNetworkSettings(process.env);
const vantage = egressVantage(settings.vpcId);
const equipment = {
  lookup: lookups(settings.dnsServers),
  contextFor: clientContexts(trustAnchors(settings.extraAnchorsPem)),
  bounds: usualBounds,
  unanswered: new Set<string>(),
  forbids: egressGuard(settings.networks),
  connectTo: null,
};

/**
 * Observes public origins from inside a VPC, so that they see the VPC's fixed addresses. It takes batches by value and
 * connects to nothing in the VPC: whoever else invokes it gets what anybody gets who comes by these addresses.
 */
export async function handler(
  event: unknown,
  context: Pick<Context, "getRemainingTimeInMillis">,
): Promise<BatchAnswer> {
  return answerByValue(event, vantage, equipment, context.getRemainingTimeInMillis());
}
