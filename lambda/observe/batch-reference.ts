import * as v from "valibot";
import { answerPrefix, batchPrefix } from "../contract/vpc.ts";
import { parsedJson } from "../text/parsed-json.ts";
import { batchSchemaVersion } from "./batch-event.ts";

/**
 * What a worker inside a VPC is invoked with: where its batch lies. Whoever may invoke a worker could write an event;
 * a batch under this prefix can have been written by the function that watches alone (lib/batch-exchange.ts).
 */
export type BatchReference = {
  readonly schemaVersion: typeof batchSchemaVersion;
  readonly key: string;
  /** Of the very object that was written. */
  readonly etag: string;
};

/** What 500 connections can take, each at the bounds of its fields. */
export const mostBatchBytes = 4 * 1024 * 1024;
const key = v.pipe(v.string(), v.regex(/^fleet\/in\/[0-9a-f-]{36}\/\d{1,4}$/));
const etag = v.pipe(v.string(), v.regex(/^"?[0-9A-Za-z-]{1,128}"?$/));
const referenceSchema = v.strictObject({ schemaVersion: v.literal(batchSchemaVersion), key, etag });
const storedSchema = v.strictObject({
  schemaVersion: v.literal(batchSchemaVersion),
  kind: v.literal("stored"),
  etag,
});

/** The key of a batch; null where a run may have no such batch. */
export function batchKey(runId: string, number: number): string | null {
  const text = `${batchPrefix}${runId}/${number}`;
  return v.is(key, text) ? text : null;
}

/** Where the answer to a batch is stored. */
export function answerKey(keyOfBatch: string): string {
  return answerPrefix + keyOfBatch.slice(batchPrefix.length);
}

/** The run that a batch is of, by its key. */
export function runOf(keyOfBatch: string): string {
  return keyOfBatch.split("/")[2] ?? "";
}

export type ReferenceReading =
  | { readonly kind: "reference"; readonly reference: BatchReference }
  | { readonly kind: "refused"; readonly why: "other-release" | "not-a-batch" };

/** Reads what a worker inside a VPC was invoked with. A batch by value is none: it could be anybody's. */
export function readBatchReference(event: unknown): ReferenceReading {
  const version = v.safeParse(v.looseObject({ schemaVersion: v.number() }), event);
  if (version.success && version.output.schemaVersion !== batchSchemaVersion) {
    return { kind: "refused", why: "other-release" };
  }
  const parsed = v.safeParse(referenceSchema, event, { abortEarly: true });
  return parsed.success ? { kind: "reference", reference: parsed.output } : { kind: "refused", why: "not-a-batch" };
}

/** What such a worker answers once it has stored what it saw. */
export type AnswerReference = v.InferOutput<typeof storedSchema>;

/** The ETag of the answer that a worker says it has stored, null where it says something else. */
export function storedAnswer(text: string): string | null {
  const parsed = v.safeParse(storedSchema, parsedJson(text));
  return parsed.success ? parsed.output.etag : null;
}
