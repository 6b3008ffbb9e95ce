import { PutObjectCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { Ports, StateRead } from "../incidents/ports.ts";
import { maxStateBytes } from "../incidents/state-format.ts";
import { type ClientLimits, clientLimits } from "./client-limits.ts";
import { writeConditionally } from "./conditional-write.ts";
import { untilAborted } from "./failure.ts";
import { mayRead, type ObjectLocation, readObject } from "./read-object.ts";
import { refusal } from "./refusal.ts";

/**
 * A client for the region of the environment (AWS_REGION). A run makes few calls. Adaptive retries, which pace a stream
 * of calls, would only make a throttled one wait for many seconds.
 */
export function s3Client(given: ClientLimits = clientLimits, config: S3ClientConfig = {}): S3Client {
  return new S3Client({ ...given, retryMode: "standard", ...config });
}

/**
 * Stores the state in one S3 object. Writing is compare-and-swap by ETag, so that of two concurrent runs only one can
 * record its messages.
 */
export function s3State(
  client: S3Client,
  location: ObjectLocation,
): Pick<Ports, "readState" | "writeState" | "keepAside"> {
  const { bucket, key } = location;
  const name = `s3://${bucket}/${key}`;
  return {
    readState: (withinMs) => readState(client, location, AbortSignal.timeout(withinMs)),

    writeState: (text, etag, withinMs) =>
      writeConditionally(client, location, text, etag, AbortSignal.timeout(withinMs)),

    async keepAside(etag, withinMs) {
      const signal = AbortSignal.timeout(withinMs);
      // The same object always gets the same name, so a repeated run makes no second copy.
      const copy = `${key}.unreadable-${etag.replaceAll(/[^0-9A-Za-z]/g, "").slice(0, 64)}`;
      const needed = `s3:GetObject on ${name} and s3:PutObject on ${name}.*`;
      const read = await readObject(client, location, { mostBytes: maxStateBytes, needed, etag, signal });
      if (read.kind === "missing") return { kind: "failed", error: `${name} is gone` };
      if (read.kind === "failed") return { kind: "failed", error: read.error };
      try {
        const input = { Bucket: bucket, Key: copy, Body: read.bytes, ContentType: "application/octet-stream" };
        const sent = client.send(new PutObjectCommand(input), { abortSignal: signal });
        if ((await untilAborted(sent, signal)).ETag === undefined) return { kind: "failed", error: "S3 gave no ETag" };
        return { kind: "kept", location: `s3://${bucket}/${copy}` };
      } catch (thrown) {
        return { kind: "failed", error: refusal(thrown, needed, signal).error };
      }
    },
  };
}

/** Reads the state for readers that never write it. */
export async function readState(client: S3Client, location: ObjectLocation, signal: AbortSignal): Promise<StateRead> {
  const options = { mostBytes: maxStateBytes, needed: mayRead(location), signal };
  const read = await readObject(client, location, options);
  if (read.kind === "missing") return read;
  if (read.kind === "failed") return { kind: "failed", error: read.error };
  return { kind: "found", text: Buffer.from(read.bytes).toString("utf8"), etag: read.etag };
}
