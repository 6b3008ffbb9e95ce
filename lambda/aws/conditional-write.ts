import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { untilAborted } from "./failure.ts";
import { isMissing, type ObjectLocation } from "./read-object.ts";
import { refusal } from "./refusal.ts";

export type ConditionalWrite =
  | { readonly kind: "written"; readonly etag: string }
  /** Somebody else wrote since it was read. */
  | { readonly kind: "conflict" }
  | { readonly kind: "failed"; readonly error: string };

/**
 * Replaces the JSON object with that ETag, or creates it where there must be none (null), by compare-and-swap (Amazon S3
 * User Guide, "How to prevent object overwrites with conditional writes").
 *
 * @returns failures too, in words; nothing is thrown
 */
export async function writeConditionally(
  client: S3Client,
  { bucket, key }: ObjectLocation,
  text: string,
  etag: string | null,
  signal: AbortSignal,
): Promise<ConditionalWrite> {
  const condition = etag === null ? { IfNoneMatch: "*" } : { IfMatch: etag };
  try {
    // Of a text the SDK would make bytes for the checksum, for the signature and for the socket, each anew.
    const body = Buffer.from(text);
    const input = { Bucket: bucket, Key: key, Body: body, ContentType: "application/json", ...condition };
    const sent = client.send(new PutObjectCommand(input), { abortSignal: signal });
    const { ETag } = await untilAborted(sent, signal);
    return ETag === undefined ? { kind: "failed", error: "S3 gave no ETag" } : { kind: "written", etag: ETag };
  } catch (thrown) {
    const { error, status } = refusal(thrown, `s3:PutObject on s3://${bucket}/${key}`, signal);
    // 412: the ETag has changed. 409: a concurrent conditional write. 404: deleted since we read.
    const conflict = status === 412 || status === 409 || (etag !== null && isMissing(thrown));
    return conflict ? { kind: "conflict" } : { kind: "failed", error };
  }
}
