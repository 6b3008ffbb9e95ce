import { describe, expect, it } from "vitest";
import type { Distribution } from "../../lambda/configuration/distribution.ts";
import { readDistribution } from "../../lambda/configuration/read-distribution.ts";
import { unknownScope } from "../../lambda/configuration/scope.ts";
import { apiBehavior, apiConfig, apiOrigin, apiSummary, secret } from "../plan/api-answers.ts";
import { cachingOptimized } from "../plan/fixtures.ts";
import { everythingDistribution } from "../sandbox/aws/everything-distribution.ts";

/** What is read, for inputs that are expected to be readable. */
function read(value: unknown): { distribution: Distribution; problems: readonly string[] } {
  const result = readDistribution(value);
  if (result.kind !== "distribution") throw new Error(result.problem);
  return result;
}

function readBehavior(parts: object) {
  const { distribution, problems } = read(apiConfig({ DefaultCacheBehavior: apiBehavior("a.test", { ...parts }) }));
  return { behavior: distribution.behaviors[0], problems };
}

describe("readDistribution", () => {
  const everything: Distribution = {
    id: "E1EVERYTHING00",
    scope: { accountId: "123456789012", accountName: null, partition: "aws" },
    domainName: "d111111abcdef8.cloudfront.net",
    comment: "Everything",
    enabled: true,
    staging: true,
    multiTenant: everythingDistribution.ConnectionMode === "tenant-only",
    aliases: ["www.example.com", "*.example.org"],
    primary: null,
    tenants: null,
    errorPages: [{ path: "/sorry.html", statusCodes: [502] }],
    replacedErrors: [{ replaces: 502, shownAs: 200 }],
    viewerMtls: true,
    origins: [
      {
        id: "custom",
        domainName: "origin.example.com",
        connectionTimeout: 10,
        connectionAttempts: 3,
        originShield: "eu-central-1",
        kind: {
          kind: "custom",
          httpPort: 8080,
          httpsPort: 8443,
          originProtocolPolicy: "match-viewer",
          originSslProtocols: ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"],
          ipAddressType: "dualstack",
          originMtls: true,
        },
      },
      {
        id: "bucket",
        domainName: "bucket.s3.eu-central-1.amazonaws.com",
        connectionTimeout: 10,
        connectionAttempts: 3,
        kind: { kind: "s3" },
      },
      {
        id: "vpc",
        domainName: "internal-alb.example.internal",
        connectionTimeout: 10,
        connectionAttempts: 3,
        kind: { kind: "vpc", vpcOriginId: "vo_BQwjxxQxjCaBcQLzJUFkDM", ownerAccountId: "111122223333", endpoint: null },
      },
    ],
    originGroups: [{ id: "group", members: ["custom", "bucket"], failoverStatusCodes: [500, 502, 503] }],
    behaviors: [
      modern("/modern/*", false),
      {
        pathPattern: "/legacy/*",
        isDefault: false,
        targetOriginId: "custom",
        viewerProtocolPolicy: "allow-all",
        cachePolicyId: null,
        originRequestPolicyId: null,
        forwardedHeaders: ["Host", "Accept"],
        grpc: false,
        allowedMethods: ["GET", "HEAD"],
        cachedMethods: ["GET", "HEAD"],
        edgeFunctions: [],
      },
      modern("*", true),
    ],
  };

  function modern(pathPattern: string, isDefault: boolean) {
    return {
      pathPattern,
      isDefault,
      targetOriginId: "group",
      viewerProtocolPolicy: "https-only" as const,
      cachePolicyId: cachingOptimized,
      originRequestPolicyId: "216adef6-5c7f-47e4-b989-5492eafa07d3",
      forwardedHeaders: null,
      grpc: true,
      allowedMethods: ["HEAD", "GET", "OPTIONS"],
      cachedMethods: ["HEAD", "GET"],
      edgeFunctions: [
        {
          arn: "arn:aws:cloudfront::123456789012:function/route",
          eventType: "viewer-request",
          runtime: "cloudfront-functions" as const,
        },
        {
          arn: "arn:aws:lambda:us-east-1:123456789012:function:rewrite:7",
          eventType: "origin-request",
          runtime: "lambda-at-edge" as const,
        },
      ],
      signedOnly: true as const,
      responseHeadersPolicyId: "67f7725c-6f97-4210-82d7-5512b31e9d03",
    };
  }

  it("keeps what decides a connection, and only that, of a summary by the SDK", () => {
    expect(readDistribution(everythingDistribution)).toEqual({
      kind: "distribution",
      distribution: everything,
      problems: [],
    });
  });

  it("reads the same from what the AWS CLI prints", () => {
    const printed: unknown = JSON.parse(JSON.stringify(everythingDistribution));
    expect(readDistribution(printed)).toMatchObject({ distribution: everything, problems: [] });
  });

  it("reads the same from get-distribution", () => {
    const { Id, ARN, Status, DomainName, ...DistributionConfig } = everythingDistribution;
    const answer = { Id, ARN, Status, DomainName, DistributionConfig };
    expect(readDistribution(answer)).toMatchObject({ distribution: everything, problems: [] });
  });

  it("names a bare configuration as it is told to", () => {
    const named = { distribution: { id: "file.json", domainName: null }, problems: [] };
    expect(readDistribution(apiConfig(), "file.json")).toMatchObject(named);
    expect(readDistribution({ DistributionConfig: apiConfig(), ETag: "E" }, "file.json")).toMatchObject(named);
    expect(read(apiConfig()).distribution.id).toBe("unnamed");
  });

  it("takes AWS's defaults for what is absent", () => {
    const result = readDistribution({
      Origins: {
        Items: [{ Id: "a", DomainName: "a.test", CustomOriginConfig: { OriginProtocolPolicy: "http-only" } }],
      },
      DefaultCacheBehavior: { TargetOriginId: "a", ViewerProtocolPolicy: "allow-all" },
      Aliases: { Quantity: 0 },
      CacheBehaviors: { Quantity: 0 },
      OriginGroups: null,
    });
    expect(result).toEqual({
      kind: "distribution",
      distribution: {
        id: "unnamed",
        scope: unknownScope,
        domainName: null,
        comment: "",
        enabled: true,
        staging: false,
        multiTenant: false,
        aliases: [],
        primary: null,
        tenants: null,
        origins: [
          {
            id: "a",
            domainName: "a.test",
            connectionTimeout: 10,
            connectionAttempts: 3,
            kind: {
              kind: "custom",
              httpPort: 80,
              httpsPort: 443,
              originProtocolPolicy: "http-only",
              originSslProtocols: ["TLSv1"],
              ipAddressType: "ipv4",
              originMtls: false,
            },
          },
        ],
        originGroups: [],
        behaviors: [
          {
            pathPattern: "*",
            isDefault: true,
            targetOriginId: "a",
            viewerProtocolPolicy: "allow-all",
            cachePolicyId: null,
            originRequestPolicyId: null,
            forwardedHeaders: null,
            grpc: false,
            allowedMethods: ["GET", "HEAD"],
            cachedMethods: ["GET", "HEAD"],
            edgeFunctions: [],
          },
        ],
      },
      problems: [],
    });
  });

  it("takes legacy ForwardedValues without headers for forwarding none", () => {
    expect(readBehavior({ CachePolicyId: "", ForwardedValues: { QueryString: false } }).behavior).toMatchObject({
      cachePolicyId: null,
      forwardedHeaders: [],
    });
  });

  it.each<[string, unknown, string | null, string]>([
    ["nothing", undefined, null, "the value: expected a distribution, got nothing"],
    ["null", null, null, "the value: expected a distribution, got nothing"],
    ["a list", [], null, "the value: expected a distribution, got a list"],
    ["text", secret, null, "the value: expected a distribution, got a string"],
    ["an empty object", {}, null, "Origins: expected an object with Items, got nothing"],
    [
      "origins that are text",
      apiSummary("E1", { Origins: secret }),
      "E1",
      "Origins: expected an object with Items, got a string",
    ],
    [
      "no default behavior",
      apiSummary("E1", { DefaultCacheBehavior: undefined }),
      "E1",
      "DefaultCacheBehavior: expected an object, got nothing",
    ],
    [
      "a configuration without origins",
      { Id: "E1", DistributionConfig: {} },
      "E1",
      "DistributionConfig.Origins: expected an object with Items, got nothing",
    ],
    [
      "a configuration that is text",
      { Id: "E1", DistributionConfig: secret },
      "E1",
      "DistributionConfig: expected a distribution, got a string",
    ],
  ])("does not read %s", (_, value, id, problem) => {
    expect(readDistribution(value, "fallback")).toEqual({ kind: "unreadable", id, problem });
  });

  it("never keeps or repeats a custom header's value, wherever else the answer is broken", () => {
    const headers = apiOrigin("a.test").CustomHeaders;
    const broken = [
      apiSummary("E1"),
      apiSummary("E1", {
        Origins: { Items: [apiOrigin("a.test", { DomainName: headers, ConnectionTimeout: secret })] },
      }),
      apiSummary("E1", { Origins: { Items: [apiOrigin("a.test", { CustomOriginConfig: secret })] } }),
      apiSummary("E1", { Origins: { Items: [apiOrigin("a.test", {}, { HTTPSPort: secret })] } }),
      apiSummary("E1", { Aliases: { Items: [headers] }, CacheBehaviors: secret }),
      apiSummary("E1", { DefaultCacheBehavior: secret }),
      { Id: "E1", Origins: secret },
    ];
    for (const value of broken) expect(JSON.stringify(readDistribution(value))).not.toContain(secret);
  });

  it("does not take inherited members for the answer's own", () => {
    expect(readDistribution(Object.create(apiSummary("E1")))).toMatchObject({ kind: "unreadable" });
  });
});

describe("Origin Shield", () => {
  const shieldOf = (shield: unknown) => {
    const { distribution, problems } = read(
      apiConfig({ Origins: { Items: [{ ...apiOrigin("a.test"), OriginShield: shield }] } }),
    );
    expect(problems).toEqual([]);
    return distribution.origins[0]?.originShield;
  };

  it("is where it is on, and nowhere where it is off or makes no sense", () => {
    expect(shieldOf({ Enabled: true, OriginShieldRegion: "eu-central-1" })).toBe("eu-central-1");
    for (const shield of [
      undefined,
      null,
      { Enabled: false },
      { Enabled: false, OriginShieldRegion: "eu-central-1" },
      { Enabled: "true", OriginShieldRegion: "eu-central-1" },
      { Enabled: true },
      { Enabled: true, OriginShieldRegion: "eu-central-1\u001b[2J" },
      { Enabled: true, OriginShieldRegion: { Ref: "AWS::Region" } },
    ]) {
      expect(shieldOf(shield)).toBeUndefined();
    }
  });
});
