import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";

/** The program that is packed in a function's inline code, and the SHA-256 of it. */
export function programOf(zipFile: string): { readonly program: string; readonly sha256: string } {
  const packed = /^const packed = "([A-Za-z0-9+/=]+)";$/m.exec(zipFile)?.[1] ?? "";
  const program = gunzipSync(Buffer.from(packed, "base64"));
  return { program: program.toString("utf8"), sha256: createHash("sha256").update(program).digest("hex") };
}
