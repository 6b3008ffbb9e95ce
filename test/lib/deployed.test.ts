import { App } from "aws-cdk-lib/core";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, describe, expect, it } from "vitest";
import cdk from "../../cdk.json" with { type: "json" };
import { readConfig } from "../../lib/config.ts";
import type { JsonObject } from "../../lib/one-file/json.ts";
import { oneFileTemplate } from "../../lib/one-file/template.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";
import deployed from "./deployed.json" with { type: "json" };
import { identitiesIn, replacing } from "./deployed.ts";

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

function stackOf(context: object): JsonObject {
  const app = new App({ context: cdk.context });
  const stack = new OriginWatchStack(app, "OriginWatch", readConfig({ ...context }));
  return app.synth().getStackArtifact(stack.artifactId).template;
}

/**
 * A moved construct has another logical id, and the next deployment would make a new topic, whose subscribers must
 * confirm anew, or a new bucket without what was told. The list is what the first program made that was deployed, commit
 * 423b3c5. Nothing in it changes; what is new is free.
 */
describe("what is deployed stays, through an update,", () => {
  it.each([
    ["with the defaults", deployed.default.resources, () => stackOf(deployed.default.context)],
    ["with every option", deployed.everything.resources, () => stackOf(deployed.everything.context)],
    ["by the one-file template", deployed.oneFile.resources, () => JSON.parse(oneFileTemplate("1.2.3").text)],
  ] as const)("%s", (_, before, synthesised) => {
    const now = identitiesIn(synthesised());
    const kept = Object.fromEntries(Object.keys(before).map((id) => [id, now[id]]));
    expect(kept).toEqual(before);
  });

  it("in a list that has every type", () => {
    const types = Object.values(deployed.everything.resources).map(({ type }) => type);
    expect([...new Set(types)].toSorted()).toEqual(Object.keys(replacing).toSorted());
  });

  it("and would be seen to go, or to be replaced", () => {
    const topic = { Type: "AWS::SNS::Topic", Condition: "Wanted", Properties: { TopicName: "a", DisplayName: "b" } };
    expect(identitiesIn({ Resources: { Topic: topic } })).toEqual({
      Topic: { type: "AWS::SNS::Topic", condition: "Wanted", properties: { TopicName: "a" } },
    });
  });
});
