import type { S3Client } from "@aws-sdk/client-s3";
import {
  type BoardQuestions,
  maxQuestionsBytes,
  parseQuestions,
  serializeQuestions,
} from "../incidents/board-questions.ts";
import {
  emptyMuteFile,
  type MuteFile,
  maxMuteFileBytes,
  muteFileProblem,
  parseMuteFile,
  serializeMuteFile,
} from "../incidents/mute-file.ts";
import { writeConditionally } from "./conditional-write.ts";
import { type ObjectLocation, readObject } from "./read-object.ts";

export type Changed =
  | { readonly kind: "changed" }
  /** There was nothing to change. */
  | { readonly kind: "unchanged" }
  | { readonly kind: "failed"; readonly error: string };

/** Two who write at once are rare, and three at once are told. */
const attempts = 3;

/** Changes `mutes.json` by compare-and-swap. One that cannot be understood stays as it is. */
export function changeMutes(
  client: S3Client,
  location: ObjectLocation,
  change: (file: MuteFile) => MuteFile | null,
  signal: AbortSignal,
): Promise<Changed> {
  return changeObject(client, location, maxMuteFileBytes, signal, (text) => {
    const parsed = text === null ? { kind: "mutes" as const, file: emptyMuteFile } : parseMuteFile(text);
    if (parsed.kind === "unreadable") return { problem: `mutes.json cannot be understood: ${parsed.problem}` };
    const next = change(parsed.file);
    const problem = next === null ? null : muteFileProblem(next);
    return problem === null ? { next: next === null ? null : serializeMuteFile(next) } : { problem };
  });
}

/** The same for the questions of the board. */
export function changeQuestions(
  client: S3Client,
  location: ObjectLocation,
  change: (questions: BoardQuestions) => BoardQuestions | null,
  signal: AbortSignal,
): Promise<Changed> {
  return changeObject(client, location, maxQuestionsBytes, signal, (text) => {
    const next = change(parseQuestions(text ?? ""));
    return { next: next === null ? null : serializeQuestions(next) };
  });
}

type Next = { readonly next: string | null } | { readonly problem: string };

async function changeObject(
  client: S3Client,
  location: ObjectLocation,
  mostBytes: number,
  signal: AbortSignal,
  change: (text: string | null) => Next,
): Promise<Changed> {
  const needed = `s3:GetObject on s3://${location.bucket}/${location.key}`;
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const read = await readObject(client, location, { mostBytes, needed, signal });
    // The role may not list the bucket, so S3 says "forbidden" of what is missing. Where it is there, writing it anew fails.
    if (read.kind === "failed" && !read.denied) return { kind: "failed", error: read.error };
    const isThere = read.kind === "found";
    const changed = change(isThere ? Buffer.from(read.bytes).toString("utf8") : null);
    if ("problem" in changed) return { kind: "failed", error: changed.problem };
    if (changed.next === null) return { kind: "unchanged" };
    const written = await writeConditionally(client, location, changed.next, isThere ? read.etag : null, signal);
    if (written.kind === "written") return { kind: "changed" };
    if (written.kind === "failed") return written;
  }
  return { kind: "failed", error: "somebody else wrote at the same time, again and again, or it may not be read" };
}
