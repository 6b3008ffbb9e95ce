import { batchSchemaVersion } from "./batch-event.ts";
import { answerKey, type BatchReference, batchKey, storedAnswer } from "./batch-reference.ts";
import type { InvokeWorker } from "./elsewhere.ts";

/** Where batches and answers are put down. Neither throws. */
export type Exchange = {
  readonly put: (
    key: string,
    text: string,
    signal: AbortSignal,
  ) => Promise<
    | { readonly kind: "stored"; readonly etag: string }
    | { readonly kind: "failed"; readonly why: string; readonly final: boolean }
  >;
  /** That very version of an object, and no more of it than an answer may be. */
  readonly get: (
    key: string,
    etag: string,
    signal: AbortSignal,
  ) => Promise<{ readonly kind: "found"; readonly text: string } | { readonly kind: "failed"; readonly why: string }>;
};

/**
 * Hands batches to a worker by reference: writes each down, tells the worker where, and reads the answer from where that
 * worker may write. What cannot be read, or is not what the worker says it wrote, is no answer.
 */
export function byReference(invoke: InvokeWorker, { put, get }: Exchange, runId: string): InvokeWorker {
  let number = 0;
  return async (event, signal) => {
    const key = batchKey(runId, number);
    number += 1;
    if (key === null) return { kind: "failed", why: "there are more batches than a run may have", final: true };
    const stored = await put(key, event, signal);
    if (stored.kind === "failed") return stored;
    const reference: BatchReference = { schemaVersion: batchSchemaVersion, key, etag: stored.etag };
    const reply = await invoke(JSON.stringify(reference), signal);
    if (reply.kind === "failed") return reply;
    const etag = storedAnswer(reply.text);
    // It says why it stored nothing, which is read as the answer of any worker is.
    if (etag === null) return { kind: "answered", text: reply.text };
    const answer = await get(answerKey(key), etag, signal);
    return answer.kind === "found" ? { kind: "answered", text: answer.text } : { ...answer, final: false };
  };
}
