import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip, gunzip } from "node:zlib";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { maxBoardBytes } from "../board/board.ts";
import type { BoardRead, StoreBoard } from "../board/keep-board.ts";
import { untilAborted } from "./failure.ts";
import { mayRead, type ObjectLocation, readObject } from "./read-object.ts";
import { refusal } from "./refusal.ts";

/** The records are bounded, and everything else is small. */
const mostBytes = maxBoardBytes + 1024 * 1024;

/**
 * Stores the board as gzip in one S3 object. The last writer wins: every board is complete, and either one of two
 * concurrent runs will do.
 */
export function boardStore(client: S3Client, { bucket, key }: ObjectLocation): StoreBoard {
  return async (pieces, withinMs, replacing) => {
    const signal = AbortSignal.timeout(withinMs);
    const body = await pipeline(inChunks(pieces), createGzip(), buffer);
    // No ContentEncoding: a client that decompresses by itself would do so without a bound.
    const input = { Bucket: bucket, Key: key, Body: body, ContentType: "application/gzip" };
    const command = new PutObjectCommand({ ...input, ...(replacing ? {} : { IfNoneMatch: "*" }) });
    try {
      const { ETag } = await untilAborted(client.send(command, { abortSignal: signal }), signal);
      if (ETag === undefined) return { kind: "failed", error: "S3 gave no ETag" };
      return { kind: "stored", bytes: body.length };
    } catch (thrown) {
      const needed = `s3:PutObject on s3://${bucket}/${key}, and kms:GenerateDataKey on the bucket's key if it has one`;
      const { error, status } = refusal(thrown, needed, signal);
      // 412: there is one. 409: somebody is writing one.
      return !replacing && (status === 412 || status === 409) ? { kind: "last-kept" } : { kind: "failed", error };
    }
  };
}

/** Puts small pieces together: each chunk takes a turn of the thread that compresses. */
function* inChunks(pieces: Iterable<string>): Generator<string, void> {
  let chunk = "";
  for (const piece of pieces) {
    chunk += piece;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}

const chunkLength = 64 * 1024;

/**
 * Reads the text of the board. Somebody else may have written the object, so no more is decompressed than a board has.
 */
export async function readBoard(client: S3Client, location: ObjectLocation, signal: AbortSignal): Promise<BoardRead> {
  const needed = `${mayRead(location)}; and kms:Decrypt on the bucket's key if it has one`;
  const read = await readObject(client, location, { mostBytes, needed, signal });
  if (read.kind === "missing") return read;
  if (read.kind === "failed") return { kind: "failed", error: read.error, denied: read.denied ? needed : null };
  try {
    const text = await promisify(gunzip)(read.bytes, { maxOutputLength: mostBytes });
    return { kind: "found", text: text.toString("utf8") };
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    return { kind: "unreadable", problem: tooLarge ? `it is larger than ${mostBytes} bytes` : "it is not gzip" };
  }
}
