import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** A program as one file that CloudFormation can carry in a template. */
export type InlineCode = {
  /** All of `index.js`. */
  readonly text: string;
  /** Of the program that is in it, in hexadecimal. */
  readonly sha256: string;
  /** Size of the program that is in it. */
  readonly bytes: number;
};

/**
 * Packs a bundle for a function's `ZipFile`. CloudFormation writes that text into `index.js`, which is CommonJS
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html).
 *
 * Bundles as they are would soon fill the megabyte that a template may have. Compressed they take two fifths, and gzip is
 * what everybody has the tools to look into. The SHA-256 says which program it is: `npm run template` in a clone
 * prints the same one, and the few lines around the program (unpack.cjs) refuse to run another.
 *
 * There, `module._compile` is what Node runs a CommonJS file with. A script of `node:vm` cannot load modules while it
 * runs, as the SDK does, or only with a warning in the log that this is experimental.
 *
 * @param bundle what esbuild wrote; its reference to a source map, which a template has no place for, is left out
 * @param title one line that says what the program is
 * @throws Error for a bundle with characters beyond ASCII, which would be read wrongly
 */
export function inlineCode(bundle: string, title: string): InlineCode {
  const program = Buffer.from(bundle.replace(/\n\/\/# sourceMappingURL=\S+\n*$/, "\n"));
  if (program.some((byte) => byte > 127)) throw new Error(`${title}: the bundle is not ASCII`);
  const sha256 = createHash("sha256").update(program).digest("hex");
  const packed = gzipSync(program, { level: 9 }).toString("base64");
  const values: Readonly<Record<string, string>> = { title: title.replaceAll(/\s+/g, " "), sha256, packed };
  const text = unpacker.replaceAll(/\{\{(\w+)\}\}/g, (slot, name: string) => values[name] ?? slot);
  return { text, sha256, bytes: program.length };
}

const unpacker = readFileSync(join(import.meta.dirname, "unpack.cjs"), "utf8");
