import type { Context } from "aws-lambda";
import { fetchText, storeText } from "../aws/batch-exchange.ts";
import { s3Client } from "../aws/state-s3.ts";
import { batchSchemaVersion, type Refusal, readBatchInVpc } from "../observe/batch-event.ts";
import {
  type AnswerReference,
  answerKey,
  type BatchReference,
  mostBatchBytes,
  readBatchReference,
  runOf,
} from "../observe/batch-reference.ts";
import { vpcGuard } from "../probe/private-address.ts";
import { parsedJson } from "../text/parsed-json.ts";
import { equipmentOf, logLine, observeBatch } from "./observe-batch.ts";
import { readVpcWorkerSettings } from "./vpc-worker-settings.ts";

// Where it is, whom it may connect to and where batches lie is its own affair: nothing in an event changes it.
const settings = readVpcWorkerSettings(process.env);
const equipment = equipmentOf(settings, vpcGuard(settings.networks));
const s3 = s3Client();

/** Milliseconds to get a batch, and to store the answer to one. */
const timeForS3 = 20_000;
/** Of Lambda's own time, for storing the answer. */
const timeToStore = 5_000;

type Refused = { readonly schemaVersion: typeof batchSchemaVersion; readonly kind: "refused"; readonly why: Refusal };

/**
 * Observes, from inside a VPC, what is behind VPC origins. It is told where a batch lies and stores its answer beside it: in
 * the bucket only the function that watches can have written a batch, so that whoever else may invoke this function reaches
 * no private address with it.
 */
export async function handler(
  event: unknown,
  context: Pick<Context, "getRemainingTimeInMillis">,
): Promise<AnswerReference | Refused> {
  const reading = readBatchReference(event);
  if (reading.kind === "refused") return refused(reading.why, "the event is no reference to a batch");
  const { reference } = reading;
  const batch = await batchAt(reference);
  if (batch.kind === "refused") return batch;
  const answer = await observeBatch(
    batch.batch,
    settings.vpcId,
    equipment,
    context.getRemainingTimeInMillis() - timeToStore,
  );
  const location = { bucket: settings.bucket, key: answerKey(reference.key) };
  const stored = await storeText(s3, location, JSON.stringify(answer), AbortSignal.timeout(timeForS3));
  if (stored.kind === "failed") return refused("answer-not-stored", stored.why);
  return { schemaVersion: batchSchemaVersion, kind: "stored", etag: stored.etag };
}

async function batchAt({ key, etag }: BatchReference) {
  const options = { etag, mostBytes: mostBatchBytes, signal: AbortSignal.timeout(timeForS3) };
  const fetched = await fetchText(s3, { bucket: settings.bucket, key }, options);
  if (fetched.kind === "failed") return refused("batch-unreadable", fetched.why);
  const reading = readBatchInVpc(parsedJson(fetched.text));
  if (reading.kind === "refused") return refused(reading.why, "what lies there is no batch");
  return reading.batch.runId === runOf(key) ? reading : refused("not-a-batch", "it is a batch of another run");
}

function refused(why: Refusal, reason: string): Refused {
  logLine({ level: "WARN", message: "batch refused", why, reason });
  return { schemaVersion: batchSchemaVersion, kind: "refused", why };
}
