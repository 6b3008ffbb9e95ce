import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Ports } from "../incidents/ports.ts";
import { maxStateBytes } from "../incidents/state-format.ts";
import { type Patience, patience } from "./patience.ts";
import { refusal } from "./refusal.ts";

export type StateLocation = { readonly bucket: string; readonly key: string };

/**
 * A client for the region of the environment (AWS_REGION). A run makes few calls; adaptive retries, which
 * pace a stream of calls, would only make the one that was throttled wait for many seconds.
 */
export function s3Client(given: Patience = patience): S3Client {
  return new S3Client({ ...given, retryMode: "standard" });
}

/**
 * Keeps the state in one S3 object. Writing is compare-and-swap by ETag, so that of two runs at a time only one can
 * store what it told (Amazon S3 User Guide, "How to prevent object overwrites with conditional writes").
 */
export function s3State(
  client: S3Client,
  { bucket, key }: StateLocation,
): Pick<Ports, "readState" | "writeState" | "keepAside"> {
  const name = `s3://${bucket}/${key}`;
  const mayRead = `s3:GetObject on ${name}, and s3:ListBucket on the bucket, without which a missing object looks forbidden`;
  return {
    async readState() {
      try {
        const read = await get({});
        if (read.kind === "failed") return read;
        return { kind: "found", text: Buffer.from(read.bytes).toString("utf8"), etag: read.etag };
      } catch (thrown) {
        if (thrown instanceof NoSuchKey) return { kind: "missing" };
        return { kind: "failed", error: refusal(thrown, mayRead).error };
      }
    },

    async writeState(text, etag) {
      const condition = etag === null ? { IfNoneMatch: "*" } : { IfMatch: etag };
      try {
        const { ETag } = await client.send(
          new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType: "application/json", ...condition }),
        );
        return ETag === undefined ? { kind: "failed", error: "S3 gave no ETag" } : { kind: "written", etag: ETag };
      } catch (thrown) {
        const { error, status } = refusal(thrown, `s3:PutObject on ${name}`);
        // 412: another ETag by now. 409: another conditional write at the same time. 404: deleted since we read.
        const conflict = status === 412 || status === 409 || (etag !== null && thrown instanceof NoSuchKey);
        return conflict ? { kind: "conflict" } : { kind: "failed", error };
      }
    },

    async keepAside(etag) {
      // The same object always gets the same name, so a run that is repeated makes no second copy.
      const copy = `${key}.unreadable-${etag.replaceAll(/[^0-9A-Za-z]/g, "").slice(0, 64)}`;
      try {
        const read = await get({ IfMatch: etag });
        if (read.kind === "failed") return read;
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: copy,
            Body: read.bytes,
            ContentType: "application/octet-stream",
          }),
        );
        return { kind: "kept", location: `s3://${bucket}/${copy}` };
      } catch (thrown) {
        return {
          kind: "failed",
          error: refusal(thrown, `s3:GetObject on ${name} and s3:PutObject on ${name}.*`).error,
        };
      }
    },
  };

  async function get(condition: { readonly IfMatch?: string }): Promise<Got> {
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key, ...condition }));
    if (object.Body === undefined || object.ETag === undefined) return { kind: "failed", error: "S3 gave no object" };
    if ((object.ContentLength ?? 0) > maxStateBytes) {
      await object.Body.transformToWebStream().cancel();
      return { kind: "failed", error: `${name} is larger than ${maxStateBytes} bytes` };
    }
    return { kind: "got", bytes: await object.Body.transformToByteArray(), etag: object.ETag };
  }
}

type Got =
  | { readonly kind: "got"; readonly bytes: Uint8Array; readonly etag: string }
  | { readonly kind: "failed"; readonly error: string };
