import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { MemoryStore } from "../memory/keep-memory.ts";
import { maxMemoryBytes } from "../memory/memory-format.ts";
import { untilAborted } from "./failure.ts";
import { mayRead, type ObjectLocation, readObject } from "./read-object.ts";
import { refusal } from "./refusal.ts";

/** Keeps the memory in one S3 object, without a condition: it is best effort, and whole in itself. */
export function memoryStore(client: S3Client, location: ObjectLocation): MemoryStore {
  const { bucket, key } = location;
  return {
    async read(withinMs) {
      const signal = AbortSignal.timeout(withinMs);
      const options = { mostBytes: maxMemoryBytes, needed: mayRead(location), signal };
      const read = await readObject(client, location, options);
      if (read.kind === "missing") return read;
      if (read.kind === "failed") return { kind: "failed", error: read.error };
      return { kind: "found", text: Buffer.from(read.bytes).toString("utf8") };
    },

    async write(text, withinMs) {
      const signal = AbortSignal.timeout(withinMs);
      // Of a text the SDK would make bytes for the checksum, for the signature and for the socket, each anew.
      const body = Buffer.from(text);
      const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: "application/json" });
      try {
        const { ETag } = await untilAborted(client.send(command, { abortSignal: signal }), signal);
        return ETag === undefined ? { kind: "failed", error: "S3 gave no ETag" } : { kind: "written" };
      } catch (thrown) {
        return { kind: "failed", error: refusal(thrown, `s3:PutObject on s3://${bucket}/${key}`, signal).error };
      }
    },
  };
}
