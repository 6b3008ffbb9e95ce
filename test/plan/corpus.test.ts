import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { cloudFrontClient, readAccount } from "../../lambda/aws/cloudfront.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { type AwsEndpoint, type AwsEndpointOptions, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { managedCachePolicies, managedOriginRequestPolicies } from "../sandbox/managed-policies.ts";
import { corpusPlan } from "./corpus-plan.ts";

const folder = join(import.meta.dirname, "corpus");
const situations = readdirSync(folder)
  .filter((name) => name.endsWith(".json") && !name.endsWith(".plan.json"))
  .map((name) => name.slice(0, -".json".length));

let aws: AwsEndpoint | undefined;
afterEach(() => aws?.close());

function parsed(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), "utf8"));
}

/** Saved answers of CloudFront's API, given back to the SDK over HTTP, and the plan that they must lead to. */
describe("the corpus", () => {
  it("has a situation for each of at least thirty", () => {
    expect(situations.length).toBeGreaterThanOrEqual(30);
  });

  it.each(situations)("%s", async (situation) => {
    const saved = parsed(`${situation}.json`) as AwsEndpointOptions;
    aws = await startAwsEndpoint({
      ...saved,
      cachePolicies: [...managedCachePolicies(), ...(saved.cachePolicies ?? [])],
      originRequestPolicies: [...managedOriginRequestPolicies(), ...(saved.originRequestPolicies ?? [])],
    });
    const client = cloudFrontClient({ ...aws.client, maxAttempts: 1 });
    const inventory = await readAccount(client);
    client.destroy();
    if (inventory.kind !== "configuration") throw new Error(inventory.message);
    const { connections, problems } = plan(inventory.distributions, inventory.policies);
    const told = [...inventory.problems.map(({ message }) => message), ...problems.map(({ message }) => message)];
    const planned: unknown = JSON.parse(JSON.stringify(corpusPlan(connections, told)));
    expect(planned).toEqual(parsed(`${situation}.plan.json`));
  });
});
