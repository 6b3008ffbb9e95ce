import type { S3Client } from "@aws-sdk/client-s3";
import { emptyMuteFile, type MuteFile, maxMuteFileBytes, parseMuteFile } from "../incidents/mute-file.ts";
import { mayRead, type ObjectLocation, readObject } from "./read-object.ts";

export type MuteFileRead =
  | {
      readonly kind: "mutes";
      readonly file: MuteFile;
      /** For a conditional write; null where there is no object yet. */
      readonly etag: string | null;
    }
  | { readonly kind: "failed"; readonly error: string };

/** Reads `mutes.json`, whole and within its bound. Where there is none, nothing is muted by it. */
export async function readMuteFile(
  client: S3Client,
  location: ObjectLocation,
  signal: AbortSignal,
): Promise<MuteFileRead> {
  const read = await readObject(client, location, { mostBytes: maxMuteFileBytes, needed: mayRead(location), signal });
  if (read.kind === "missing") return { kind: "mutes", file: emptyMuteFile, etag: null };
  if (read.kind === "failed") return { kind: "failed", error: read.error };
  const parsed = parseMuteFile(Buffer.from(read.bytes).toString("utf8"));
  return parsed.kind === "mutes"
    ? { kind: "mutes", file: parsed.file, etag: read.etag }
    : { kind: "failed", error: parsed.problem };
}
