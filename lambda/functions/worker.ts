import type { Context } from "aws-lambda";
import type { BatchAnswer } from "../observe/batch-answer.ts";
import { addressGuard } from "../probe/private-address.ts";
import { answerByValue, equipmentOf } from "./observe-batch.ts";
import { readWorkerSettings } from "./worker-settings.ts";

// Whom it may connect to, by whose names and with which anchors is its own affair: nothing in an event changes it.
const settings = readWorkerSettings(process.env);
const equipment = equipmentOf(settings, addressGuard(settings.allowedPrivateNetworks));

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
