import { Readable } from "node:stream";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { abortedBy, untilAborted } from "./failure.ts";
import { refusal } from "./refusal.ts";

/** Where an object is: the name of a bucket and a key in it. */
export type ObjectLocation = { readonly bucket: string; readonly key: string };

export type ObjectRead =
  | { readonly kind: "found"; readonly bytes: Uint8Array; readonly etag: string }
  | { readonly kind: "missing" }
  | { readonly kind: "failed"; readonly error: string; readonly denied: boolean };

export type ReadOptions = {
  /** A larger object is not ours and is not read. */
  readonly mostBytes: number;
  /** The permissions that are missing when access is denied. */
  readonly needed: string;
  /** Only this version. @default the newest */
  readonly etag?: string;
  readonly signal?: AbortSignal;
};

/**
 * Reads an object as a whole. S3 distinguishes a missing object from a forbidden one only for callers that may list the
 * bucket.
 *
 * @returns failures too, in words; nothing is thrown
 */
export async function readObject(
  client: S3Client,
  { bucket, key }: ObjectLocation,
  { mostBytes, needed, etag, signal }: ReadOptions,
): Promise<ObjectRead> {
  const command = new GetObjectCommand({ Bucket: bucket, Key: key, ...(etag === undefined ? {} : { IfMatch: etag }) });
  try {
    const object = await untilAborted(client.send(command, abortedBy(signal)), signal);
    if (!(object.Body instanceof Readable) || object.ETag === undefined) return failed("S3 gave no object");
    const bytes = await untilAborted(bytesOf(object.Body, mostBytes), signal);
    if (bytes === null) return failed(`s3://${bucket}/${key} is larger than ${mostBytes} bytes`);
    return { kind: "found", bytes, etag: object.ETag };
  } catch (thrown) {
    if (isMissing(thrown)) return { kind: "missing" };
    const { error, denied } = refusal(thrown, needed, signal);
    return failed(error, denied);
  }
}

/** Whether S3 says that there is no such object. Its bundle has no class for the error, so the name tells. */
export function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === "NoSuchKey";
}

function failed(error: string, denied = false): ObjectRead {
  return { kind: "failed", error, denied };
}

/** Null when there are more; then the rest is not read from the connection. */
async function bytesOf(body: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > most) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The permissions to read an object and to learn that it is missing. */
export function mayRead({ bucket, key }: ObjectLocation): string {
  return `s3:GetObject on s3://${bucket}/${key}, and s3:ListBucket on the bucket, without which a missing object looks forbidden`;
}
