import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import type { AwsRequest } from "./exchange.ts";

/** The object in a PutObject request, or what S3 would say of it. */
export type Payload =
  | { readonly kind: "object"; readonly body: Buffer; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "invalid"; readonly code: string; readonly message: string };

/**
 * Takes the object out of a PutObject request and verifies its checksums.
 *
 * The SDK sends bodies of known length as they are with a checksum header, and streams as `aws-chunked` with the
 * checksum in a trailer (Amazon S3 API reference, "Signature calculations: including trailing headers").
 */
export function readPayload(request: AwsRequest): Payload {
  const chunked = request.headers["x-amz-content-sha256"]?.startsWith("STREAMING-") ?? false;
  const decoded = chunked ? decodeChunks(request.body) : { body: request.body, trailers: {} };
  if (decoded === undefined) return invalid("IncompleteBody", "The request body terminated unexpectedly");
  const { body } = decoded;
  const length = request.headers["x-amz-decoded-content-length"];
  if (length !== undefined && Number(length) !== body.length) {
    return invalid(
      "IncompleteBody",
      "You did not provide the number of bytes specified by the Content-Length HTTP header",
    );
  }
  const signed = request.headers["x-amz-content-sha256"];
  if (signed !== undefined && /^[0-9a-f]{64}$/.test(signed) && signed !== digest(body, "sha256", "hex")) {
    return invalid(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  }
  const headers: Record<string, string> = {};
  for (const [name, checksum] of Object.entries(CHECKSUMS)) {
    const value = decoded.trailers[name] ?? request.headers[name];
    if (value === undefined) continue;
    if (value !== checksum(body))
      return invalid("BadDigest", `The ${name} you specified did not match what we received.`);
    headers[name] = value;
  }
  const contentType = request.headers["content-type"];
  return {
    kind: "object",
    body,
    headers: contentType === undefined ? headers : { ...headers, "content-type": contentType },
  };
}

/** `SIZE[;chunk-signature=…]CRLF DATA CRLF … 0[;…]CRLF trailer:value CRLF CRLF`; undefined when it is cut short. */
function decodeChunks(raw: Buffer): { readonly body: Buffer; readonly trailers: Record<string, string> } | undefined {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = raw.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(raw.toString("latin1", at, lineEnd), 16);
    if (!Number.isInteger(size)) return undefined;
    at = lineEnd + 2;
    if (size === 0) return { body: Buffer.concat(chunks), trailers: parseTrailers(raw.toString("latin1", at)) };
    if (at + size + 2 > raw.length) return undefined;
    chunks.push(raw.subarray(at, at + size));
    at += size + 2;
  }
}

function parseTrailers(text: string): Record<string, string> {
  const lines = text.split("\r\n").filter((line) => line.includes(":"));
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

function digest(body: Buffer, algorithm: string, encoding: "hex" | "base64"): string {
  return createHash(algorithm).update(body).digest(encoding);
}

function crc32Base64(body: Buffer): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes.toString("base64");
}

function invalid(code: string, message: string): Payload {
  return { kind: "invalid", code, message };
}

const CHECKSUMS: Readonly<Record<string, (body: Buffer) => string>> = {
  "content-md5": (body) => digest(body, "md5", "base64"),
  "x-amz-checksum-crc32": crc32Base64,
  "x-amz-checksum-sha1": (body) => digest(body, "sha1", "base64"),
  "x-amz-checksum-sha256": (body) => digest(body, "sha256", "base64"),
};
