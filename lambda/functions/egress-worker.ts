import type { Context } from "aws-lambda";
import type { BatchAnswer } from "../observe/batch-answer.ts";
import { egressVantage } from "../probe/observation.ts";
import { egressGuard } from "../probe/private-address.ts";
import { answerByValue, equipmentOf } from "./observe-batch.ts";
import { readVpcNetworkSettings } from "./vpc-worker-settings.ts";

// Where it is and whom it may connect to is its own affair: nothing in an event changes it.
const settings = readVpcNetworkSettings(process.env);
const vantage = egressVantage(settings.vpcId);
const equipment = equipmentOf(settings, egressGuard(settings.networks));

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
