import { createHash } from "node:crypto";
import { join } from "node:path";
import { App } from "aws-cdk-lib/core";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, expect, it } from "vitest";
import cdk from "../../cdk.json" with { type: "json" };
import { readConfig } from "../../lib/config.ts";
import { isObject, type Json, type JsonObject } from "../../lib/one-file/json.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";
import { objectOf, textOf } from "./one-file/evaluate.ts";

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

/** Keys in one order, and the hashes of the functions' code left out: their code changes with every version. */
function settled(value: Json): Json {
  if (typeof value === "string") return value.replaceAll(/[0-9a-f]{64}/g, "HASH");
  if (Array.isArray(value)) return value.map(settled);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, each]) => [key, settled(each)]));
}

/**
 * What a setting adds, no one gets who does not ask for it. A digest of each resource is kept; where a change of the plain
 * deployment is meant, `npx vitest run test/lib/plain.test.ts -u` writes them anew.
 */
it("a deployment with nothing but an address has the resources that it had, each as it was", async () => {
  const app = new App({ context: cdk.context });
  const stack = new OriginWatchStack(app, "OriginWatch", readConfig({ alertEmail: "ops@example.com" }));
  const template: JsonObject = app.synth().getStackArtifact(stack.artifactId).template;
  const digests = Object.entries(objectOf(template.Resources)).map(([id, resource]) => {
    const { Metadata: _, ...rest } = objectOf(resource);
    const digest = createHash("sha256")
      .update(JSON.stringify(settled(rest)))
      .digest("hex")
      .slice(0, 16);
    return `${id} ${textOf(rest.Type)} ${digest}`;
  });
  expect(digests.length).toBeGreaterThan(20);
  await expect(`${digests.toSorted().join("\n")}\n`).toMatchFileSnapshot(join(import.meta.dirname, "plain.txt"));
});
