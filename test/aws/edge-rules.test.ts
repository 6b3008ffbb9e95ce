import type { ResponseHeadersPolicySummary } from "@aws-sdk/client-cloudfront";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cloudFrontClient } from "../../lambda/aws/cloudfront.ts";
import { listResponseHeaders, readCheckPaths } from "../../lambda/aws/edge-rules.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { distribution } from "../sandbox/distributions.ts";

const scope = { accountId: "123456789012", accountName: null, partition: "aws" };
const signal = new AbortController().signal;
const secret = "CANARY-VALUE-OF-A-HEADER";

function policy(id: string, set: readonly string[], removed: readonly string[] = []): ResponseHeadersPolicySummary {
  const Items = set.map((Header) => ({ Header, Value: secret, Override: true }));
  const RemoveHeadersConfig = { Quantity: removed.length, Items: removed.map((Header) => ({ Header })) };
  const CustomHeadersConfig = { Quantity: Items.length, Items };
  const ResponseHeadersPolicyConfig = { Name: id, CustomHeadersConfig, RemoveHeadersConfig };
  const LastModifiedTime = new Date("2026-11-01T00:00:00Z");
  return { Type: "custom", ResponseHeadersPolicy: { Id: id, LastModifiedTime, ResponseHeadersPolicyConfig } };
}

let aws: AwsEndpoint;
async function start(options: Parameters<typeof startAwsEndpoint>[0]) {
  aws = await startAwsEndpoint(options);
  for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
}
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

describe("what response headers policies change", () => {
  test("is read as names, from all pages", async () => {
    const many = Array.from({ length: 150 }, (_, n) => policy(`p${n}`, ["X-Powered-By"]));
    await start({ responseHeadersPolicies: [...many, policy("last", ["Set-Cookie", "X-Team"], ["Server"])] });
    const { headers, problems } = await listResponseHeaders(cloudFrontClient(), signal);
    expect(problems).toEqual([]);
    expect(Object.keys(headers)).toHaveLength(151);
    expect(headers.last).toEqual(["set-cookie", "x-team", "server"]);
    expect(JSON.stringify(headers)).not.toContain(secret);
    expect(aws.calls.map(({ action }) => action)).toEqual([
      "cloudfront:ListResponseHeadersPolicies",
      "cloudfront:ListResponseHeadersPolicies",
    ]);
  });

  test("is not known of a policy that is cut off", async () => {
    const cut = policy("cut", ["X-Team"]);
    Object.assign(cut.ResponseHeadersPolicy?.ResponseHeadersPolicyConfig?.CustomHeadersConfig ?? {}, { Quantity: 2 });
    await start({ responseHeadersPolicies: [cut, policy("whole", ["X-Team"])] });
    const { headers, problems } = await listResponseHeaders(cloudFrontClient(), signal);
    expect(headers).toEqual({ whole: ["x-team"] });
    expect(problems).toMatchObject([{ code: "details-unreadable" }]);
  });

  test("is said to be unknown where it may not be read", async () => {
    await start({});
    aws.failNext("cloudfront:ListResponseHeadersPolicies", "access-denied");
    const { headers, problems } = await listResponseHeaders(cloudFrontClient(), signal);
    expect(headers).toEqual({});
    expect(problems).toMatchObject([
      { code: "details-unreadable", remedy: 'Allow cloudfront:ListResponseHeadersPolicies on resource "*".' },
    ]);
  });
});

describe("what owners say of asking", () => {
  beforeEach(() =>
    start({
      distributions: ["E1", "E2", "E3", "E4"].map((id) =>
        distribution({ id, comment: "", origins: [], defaultBehavior: { target: "o" } }, "123456789012"),
      ),
      tags: {
        E1: { "origin-watch:check-path": "/health " },
        E2: { "origin-watch:check-path": "never" },
        E3: { "origin-watch:check-path": "/a?b=c" },
      },
    }),
  );

  test("is read from the tag, and a value that is none is told", async () => {
    const { checkPaths, problems } = await readCheckPaths(
      cloudFrontClient(),
      scope,
      ["E1", "E2", "E3", "E4", "no id"],
      signal,
    );
    expect(Object.fromEntries(checkPaths)).toEqual({
      E1: { kind: "path", path: "/health" },
      E2: { kind: "never" },
      E3: { kind: "invalid" },
      E4: { kind: "unsaid" },
    });
    expect(problems.map(({ code }) => code)).toEqual(["check-path-unreadable", "details-unreadable"]);
    expect(problems[0]?.message).toBe(
      'The tag origin-watch:check-path of distribution E3 is "/a?b=c", so nothing is asked through it.',
    );
  });

  test("is not taken for nothing where tags cannot be read", async () => {
    aws.failNext("cloudfront:ListTagsForResource", "access-denied");
    const { checkPaths, problems } = await readCheckPaths(cloudFrontClient(), scope, ["E1", "E4"], signal);
    expect(checkPaths.size).toBe(0);
    expect(problems).toMatchObject([{ code: "details-unreadable" }]);
    expect(aws.calls).toHaveLength(1);
  });
});
