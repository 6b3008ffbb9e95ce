import { spawnSync } from "node:child_process";
import type { DistributionSummary } from "@aws-sdk/client-cloudfront";
import { cloudFrontClient, readAccount } from "../lambda/aws/cloudfront.ts";
import { readDistribution } from "../lambda/configuration/read-distribution.ts";
import { plan } from "../lambda/plan/plan.ts";
import { startAwsEndpoint } from "../test/sandbox/aws/endpoint.ts";
import { customOrigin, distribution } from "../test/sandbox/distributions.ts";
import { managedCachePolicies, managedOriginRequestPolicies } from "../test/sandbox/managed-policies.ts";

/**
 * What it costs to plan a full account: 500 distributions of 20 origins. Planning is measured in a process of its own,
 * so that its memory is not that of the AWS endpoint, which runs in this one.
 */
const distributions = 500;
const originsEach = 20;

if (process.argv[2] === "plan") measurePlan();
else {
  spawnSync(process.execPath, [import.meta.filename, "plan"], { stdio: "inherit" });
  await countCalls();
}

function measurePlan(): void {
  // As the SDK gives it: without its own answers held in memory, which are dropped page by page.
  const account = Array.from({ length: distributions }, (_, number) => {
    const result = readDistribution(summary(number));
    if (result.kind !== "distribution") throw new Error(result.problem);
    return result.distribution;
  });
  const started = performance.now();
  const { connections, problems } = plan(account, { cache: {}, originRequest: {} });
  const ms = performance.now() - started;
  if (problems.length > 0) throw new Error(problems[0]?.message);
  console.log(
    `${distributions} distributions of ${originsEach} origins, 2 aliases, 20 behaviors, a third forwarding Host`,
  );
  console.log(`  ${connections.length} connections planned in ${Math.round(ms)} ms`);
  console.log(`  largest memory of the process: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
}

async function countCalls(): Promise<void> {
  const aws = await startAwsEndpoint({
    distributions: Array.from({ length: distributions }, (_, number) => summary(number)),
    cachePolicies: managedCachePolicies(),
    originRequestPolicies: managedOriginRequestPolicies(),
  });
  const credentials = { accessKeyId: "AKIASANDBOX", secretAccessKey: "sandbox" };
  const client = cloudFrontClient({ endpoint: aws.url, region: "us-east-1", credentials });
  try {
    const started = performance.now();
    const inventory = await readAccount(client);
    const ms = performance.now() - started;
    if (inventory.kind !== "configuration" || inventory.problems.length > 0)
      throw new Error("the account could not be read");
    const calls = Map.groupBy(aws.calls, ({ action }) => action.replace("cloudfront:", ""));
    const counted = [...calls].map(([action, made]) => `${made.length} ${action}`).join(", ");
    console.log(`  read through the SDK in ${Math.round(ms)} ms with ${aws.calls.length} calls: ${counted}`);
  } finally {
    client.destroy();
    await aws.close();
  }
}

function summary(number: number): DistributionSummary {
  const name = (index: number) => `o${(number * 7 + index) % 5_000}.example.net`;
  const origins = Array.from({ length: originsEach }, (_, index) => customOrigin(name(index), 443));
  return distribution(
    {
      id: `E${1_000_000 + number}`,
      comment: `Site ${number}`,
      aliases: [`www.site${number}.example.com`, `*.site${number}.example.com`],
      origins,
      defaultBehavior: { target: name(0), originRequestPolicy: "AllViewer" },
      behaviors: origins.slice(1).map(({ Id }, index) => ({
        pathPattern: `/${index}/*`,
        target: Id ?? "",
        ...(index % 3 === 0 ? { originRequestPolicy: "AllViewer" } : {}),
      })),
    },
    "123456789012",
  );
}
