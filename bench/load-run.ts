import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAwsEndpoint } from "../test/sandbox/aws/endpoint.ts";
import { deployFunction, FUNCTIONS, STATE_BUCKET, TOPIC_ARN } from "../test/sandbox/deployment.ts";
import { startDnsServer } from "../test/sandbox/dns-server.ts";
import { synthesise } from "../test/sandbox/lambda/assembly.ts";
import { FunctionError } from "../test/sandbox/lambda/function.ts";
import { managedCachePolicies, managedOriginRequestPolicies } from "../test/sandbox/managed-policies.ts";
import type { LoadResult, LoadTask } from "./load.ts";

/**
 * One run of the function that watches, as it is deployed: in a process with the heap of its memory, which inherits the
 * descriptors of this one. Gets a LoadTask, sends a LoadResult.
 */
process.once("message", (task: LoadTask) => void run(task).then((result) => process.send?.(result)));

async function run({ distributions, zone, rootPem }: LoadTask): Promise<LoadResult> {
  const folder = mkdtempSync(join(tmpdir(), "origin-watch-load-"));
  const caFile = join(folder, "root.pem");
  writeFileSync(caFile, rootPem);
  const assembly = await synthesise();
  const dns = await startDnsServer(zone);
  const aws = await startAwsEndpoint({
    distributions,
    cachePolicies: managedCachePolicies(),
    originRequestPolicies: managedOriginRequestPolicies(),
    topics: [TOPIC_ARN],
    buckets: [STATE_BUCKET],
  });
  const handler = await deployFunction(assembly, FUNCTIONS.watch, aws, {
    DNS_SERVERS: dns.address,
    ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
    EXTRA_TRUST_ANCHORS_FILES: caFile,
  });
  const started = performance.now();
  try {
    const { logs, ms, peakMemoryMb, cpuSeconds } = await handler.invoke();
    return {
      kind: "done",
      seconds: ms / 1_000,
      cpuSeconds: cpuSeconds ?? Number.NaN,
      peakMemoryMb: peakMemoryMb ?? Number.NaN,
      subjects: aws.messages.map(({ subject }) => subject ?? ""),
      ...counted(logs),
    };
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    return { kind: "failed", error: error.message, seconds: (performance.now() - started) / 1_000 };
  } finally {
    await Promise.all([handler.close(), dns.close(), aws.close()]);
    assembly.remove();
    rmSync(folder, { recursive: true });
  }
}

type Logged = {
  readonly message?: string;
  readonly verdict?: string;
  readonly findings?: readonly { readonly code: string }[];
};

function counted(logs: readonly string[]): Pick<Extract<LoadResult, { kind: "done" }>, "verdicts" | "codes"> {
  const verdicts: Record<string, number> = {};
  const codes: Record<string, number> = {};
  for (const line of logs) {
    const { message, verdict = "", findings = [] } = JSON.parse(line) as Logged;
    if (message !== "connection") continue;
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    for (const code of new Set(findings.map((each) => each.code))) codes[code] = (codes[code] ?? 0) + 1;
  }
  return { verdicts, codes };
}
