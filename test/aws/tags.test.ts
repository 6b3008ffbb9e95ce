import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cloudFrontClient } from "../../lambda/aws/cloudfront.ts";
import { readTagMutes } from "../../lambda/aws/tags.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { distribution } from "../sandbox/distributions.ts";

const scope = { accountId: "123456789012", accountName: null, partition: "aws" };

describe("readTagMutes", () => {
  let aws: AwsEndpoint;
  const client = () => cloudFrontClient();
  const read = (ids: readonly string[]) => readTagMutes(client(), scope, ids, undefined);
  beforeEach(async () => {
    aws = await startAwsEndpoint({
      distributions: ["E1", "E2", "E3"].map((id) =>
        distribution({ id, comment: "", origins: [], defaultBehavior: { target: "o" } }, "123456789012"),
      ),
      tags: {
        E1: { "origin-watch:mute-until": "2026-12-31", "origin-watch:mute-reason": "is <moved> & gone" },
        E2: { team: "web" },
        E3: { "origin-watch:mute-until": "whenever" },
      },
    });
    for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await aws.close();
  });

  test("reads the tags of each, and tells of a value that it does not understand", async () => {
    const { mutes, readOf, problems } = await read(["E1", "E2", "E3"]);
    expect(mutes).toMatchObject([{ account: "123456789012", distribution: "E1", reason: "is <moved> & gone" }]);
    expect([...readOf]).toEqual(["E1", "E2", "E3"]);
    expect(problems).toMatchObject([{ code: "mute-tag-unreadable", scope }]);
    expect(aws.calls.map(({ action, resource }) => [action, resource])).toEqual(
      ["E1", "E2", "E3"].map((id) => [
        "cloudfront:ListTagsForResource",
        `arn:aws:cloudfront::123456789012:distribution/${id}`,
      ]),
    );
  });

  test("mutes nothing where it may not read, says what is needed, and asks no further", async () => {
    aws.failNext("cloudfront:ListTagsForResource", "access-denied");
    const { mutes, readOf, problems } = await read(["E1", "E2"]);
    expect([mutes, [...readOf]]).toEqual([[], []]);
    expect(problems).toMatchObject([{ code: "details-unreadable", scope }]);
    expect(problems[0]?.remedy).toContain("cloudfront:ListTagsForResource");
    expect(problems[0]?.message).toContain("E1, E2 could not be read");
    expect(aws.calls).toHaveLength(1);
  });

  test("says whose tags it does not read, because they are too many", async () => {
    aws.setDistributions([]);
    const { problems } = await read(Array.from({ length: 103 }, (_, n) => `E${n}`));
    expect(aws.calls).toHaveLength(100);
    expect(problems.map(({ message }) => message)).toContainEqual(
      "The tags of distributions E100, E101, E102 were not asked for, because a run asks for 100; what they mute is not muted.",
    );
  });

  test("takes no page of a proxy for a distribution without tags", async () => {
    aws.failNext("cloudfront:ListTagsForResource", "proxy-page");
    const { problems } = await read(["E1"]);
    expect(problems).toMatchObject([{ message: expect.stringContaining("E1 could not be read (not found in") }]);
  });

  test("asks nobody when there is nothing to tell", async () => {
    expect(await read([])).toEqual({ mutes: [], readOf: new Set(), problems: [] });
    expect(aws.calls).toEqual([]);
  });
});
