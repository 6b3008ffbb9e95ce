import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bundleHandler } from "../lib/handler-bundle.ts";

/**
 * What a cold start loads: size of the bundle, and the time to load it in a fresh process, beside an otherwise empty
 * handler with the two SDK clients that any such function needs, bundled in the same way.
 */
const processes = 15;

const folder = mkdtempSync(join(tmpdir(), "origin-watch-bench-"));
try {
  const reference = join(import.meta.dirname, "reference.tmp.ts");
  writeFileSync(
    reference,
    `import { CloudFrontClient, paginateListDistributions } from "@aws-sdk/client-cloudfront";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
export const handler = () => [new CloudFrontClient({}), paginateListDistributions, new SNSClient({}), PublishCommand];
`,
  );
  const rows = [
    measured("an empty handler with the CloudFront and SNS clients", join(folder, "reference"), reference),
    measured("the handler", join(folder, "handler"), undefined),
  ];
  rmSync(reference);
  for (const { name, bytes, gzip, ms } of rows) {
    console.log(`${name}: ${kib(bytes)} KiB, ${kib(gzip)} KiB compressed, loads in ${ms.toFixed(1)} ms`);
  }
  const [base, own] = rows;
  if (base !== undefined && own !== undefined) console.log(`ratio of load times: ${(own.ms / base.ms).toFixed(2)}`);
} finally {
  rmSync(folder, { recursive: true });
}

function measured(name: string, directory: string, entry: string | undefined) {
  const { bytes } = bundleHandler(directory, entry);
  const file = join(directory, "index.js");
  return { name, bytes, gzip: gzipSync(readFileSync(file)).length, ms: medianLoadTime(file) };
}

/** Milliseconds of `require` in a fresh process, the median of several. */
function medianLoadTime(file: string): number {
  const script = `const t = performance.now(); require(${JSON.stringify(file)}); console.log(performance.now() - t);`;
  const environment = {
    PATH: process.env.PATH,
    AWS_REGION: "us-east-1",
    TOPIC_ARN: "arn:aws:sns:us-east-1:123456789012:topic",
    STATE_BUCKET: "bucket",
    STATE_KEY: "state.json",
  };
  const times = Array.from({ length: processes }, () => {
    const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8", env: environment });
    const ms = Number(stdout.trim());
    if (!(ms > 0)) throw new Error(stderr);
    return ms;
  });
  return times.toSorted((a, b) => a - b)[Math.floor(processes / 2)] ?? Number.NaN;
}

function kib(bytes: number): string {
  return (bytes / 1024).toFixed(0);
}
