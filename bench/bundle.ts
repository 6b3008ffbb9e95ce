import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { bundleHandler, handlerEntry } from "../lib/handler-bundle.ts";
import { inlineCode } from "../lib/one-file/inline-code.ts";

/**
 * What a cold start loads: size of the bundle, and the time to load it in a fresh process, beside an otherwise empty
 * handler with the two SDK clients that any such function needs, bundled as CDK's NodejsFunction does it; and the same
 * bundle as the one-file template carries it.
 */
const processes = 15;

const folder = mkdtempSync(join(tmpdir(), "origin-watch-bench-"));
try {
  const own = bundleHandler(join(folder, "handler"));
  const widget = bundleHandler(join(folder, "widget"), handlerEntry("status-board"));
  const reference = join(folder, "reference.js");
  bundleReference(reference);
  const bundled = join(own.directory, "index.js");
  const inline = join(folder, "inline.js");
  writeFileSync(inline, inlineCode(readFileSync(bundled, "utf8"), "the handler").text);
  const files = [reference, bundled, inline, join(widget.directory, "index.js")] as const;
  // In turn, so that whatever else the machine does hits all alike.
  const rounds = Array.from({ length: processes }, () => files.map(loaded));
  const rows = files.map((file, index) => ({
    bytes: readFileSync(file).length,
    gzip: gzipSync(readFileSync(file)).length,
    ms: median(rounds.map((round) => round[index]?.ms ?? Number.NaN)),
    rss: median(rounds.map((round) => round[index]?.rss ?? Number.NaN)),
  }));
  const names = [
    "an empty handler with the CloudFront and SNS clients",
    "the handler",
    "the handler in one template",
    "the status board",
  ];
  for (const [index, { bytes, gzip, ms, rss }] of rows.entries()) {
    const size = `${kib(bytes)} KiB, ${kib(gzip)} KiB compressed`;
    console.log(`${names[index]}: ${size}, loads in ${ms.toFixed(1)} ms, then takes ${(rss / 1e6).toFixed(0)} MB`);
  }
  const [base, handler] = rows;
  if (base !== undefined && handler !== undefined) {
    console.log(`ratio of load times: ${(handler.ms / base.ms).toFixed(2)}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function bundleReference(outfile: string): void {
  const contents = `import { CloudFrontClient, paginateListDistributions } from "@aws-sdk/client-cloudfront";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
export const handler = () => [new CloudFrontClient({}), paginateListDistributions, new SNSClient({}), PublishCommand];
`;
  buildSync({
    stdin: { contents, resolveDir: import.meta.dirname },
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    mainFields: ["module", "main"],
    minify: true,
    logLevel: "silent",
  });
  writeFileSync(join(dirname(outfile), "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);
}

/** Milliseconds of `require` in a fresh process, and bytes of memory after it. */
function loaded(file: string): { readonly ms: number; readonly rss: number } {
  const script = `const t = performance.now(); require(${JSON.stringify(file)});
    console.log(JSON.stringify({ ms: performance.now() - t, rss: process.memoryUsage.rss() }));`;
  const environment = {
    PATH: process.env.PATH,
    AWS_REGION: "us-east-1",
    AWS_LAMBDA_FUNCTION_NAME: "watch",
    TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:topic",
    STATE_BUCKET: "bucket",
    STATE_KEY: "state.json",
    BOARD_KEY: "board.json.gz",
    STALE_AFTER_MINUTES: "45",
  };
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8", env: environment });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as { ms: number; rss: number };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function kib(bytes: number): string {
  return (bytes / 1024).toFixed(0);
}
