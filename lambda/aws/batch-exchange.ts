import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { untilAborted } from "./failure.ts";
import { type ObjectLocation, readObject } from "./read-object.ts";
import { refusal } from "./refusal.ts";

export type Stored =
  | { readonly kind: "stored"; readonly etag: string }
  /** `final`: another try would end in the same way. */
  | { readonly kind: "failed"; readonly why: string; readonly final: boolean };

export type Fetched =
  | { readonly kind: "found"; readonly text: string }
  | { readonly kind: "failed"; readonly why: string };

/** Puts a batch, or the answer to one, down for the other side. Never rejects. */
export async function storeText(
  client: S3Client,
  { bucket, key }: ObjectLocation,
  text: string,
  signal: AbortSignal,
): Promise<Stored> {
  try {
    const body = Buffer.from(text);
    const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: "application/json" });
    const { ETag } = await untilAborted(client.send(command, { abortSignal: signal }), signal);
    return ETag === undefined ? failed("S3 gave no ETag", false) : { kind: "stored", etag: ETag };
  } catch (thrown) {
    const { error, denied } = refusal(thrown, `s3:PutObject on s3://${bucket}/${folderOf(key)}*`, signal);
    return failed(error, denied);
  }
}

/** Gets the very version that the other side says it stored. Never rejects. */
export async function fetchText(
  client: S3Client,
  location: ObjectLocation,
  { etag, mostBytes, signal }: { readonly etag: string; readonly mostBytes: number; readonly signal: AbortSignal },
): Promise<Fetched> {
  // Who may not list the bucket cannot tell a missing object from a forbidden one.
  const needed = `s3:GetObject on s3://${location.bucket}/${folderOf(location.key)}*, unless there is no such object`;
  const read = await readObject(client, location, { mostBytes, needed, etag, signal });
  switch (read.kind) {
    case "found":
      return { kind: "found", text: Buffer.from(read.bytes).toString("utf8") };
    case "missing":
      return { kind: "failed", why: `there is no s3://${location.bucket}/${location.key}` };
    case "failed":
      return { kind: "failed", why: read.error };
  }
}

function folderOf(key: string): string {
  return key.replace(/[^/]+\/[^/]+$/, "");
}

function failed(why: string, final: boolean): Stored {
  return { kind: "failed", why, final };
}
