import { describe, expect, it } from "vitest";
import type { Distribution } from "../../lambda/configuration/distribution.ts";
import { readDistribution } from "../../lambda/configuration/read-distribution.ts";
import { apiBehavior, apiConfig, apiOrigin, secret } from "../plan/api-answers.ts";

/** What is read, for inputs that are expected to be readable. */
function read(value: unknown): { distribution: Distribution; problems: readonly string[] } {
  const result = readDistribution(value);
  if (result.kind !== "distribution") throw new Error(result.problem);
  return result;
}

function readOrigin(parts: object, custom: object = {}) {
  const origin = apiOrigin("a.test", { ...parts }, { ...custom });
  const { distribution, problems } = read(apiConfig({ Origins: { Quantity: 1, Items: [origin] } }));
  return { origin: distribution.origins[0], problems };
}

describe("readDistribution, where a part is not as expected,", () => {
  it.each<[string, object, object, object, string]>([
    [
      "OriginProtocolPolicy",
      {},
      { OriginProtocolPolicy: "quic-only" },
      { originProtocolPolicy: "match-viewer" },
      'CustomOriginConfig.OriginProtocolPolicy: expected one of http-only, https-only, match-viewer, got "quic-only"; read as match-viewer',
    ],
    [
      "OriginProtocolPolicy that is absent",
      {},
      { OriginProtocolPolicy: undefined },
      { originProtocolPolicy: "match-viewer" },
      "CustomOriginConfig.OriginProtocolPolicy: expected one of http-only, https-only, match-viewer, got nothing; read as match-viewer",
    ],
    [
      "IpAddressType",
      {},
      { IpAddressType: "ipv7" },
      { ipAddressType: "dualstack" },
      'CustomOriginConfig.IpAddressType: expected one of ipv4, ipv6, dualstack, got "ipv7"; read as dualstack',
    ],
    [
      "IpAddressType that is long",
      {},
      { IpAddressType: "ipv\u202E".repeat(100) },
      { ipAddressType: "dualstack" },
      'CustomOriginConfig.IpAddressType: expected one of ipv4, ipv6, dualstack, got "ipv\\u{202e}ipv\\u{202e}ipv\\u{202e}ipv..."; read as dualstack',
    ],
    [
      "protocol",
      {},
      { OriginSslProtocols: { Quantity: 2, Items: ["TLSv1.1", "TLSv1.3"] } },
      { originSslProtocols: ["TLSv1.1"] },
      'CustomOriginConfig.OriginSslProtocols.Items[1]: expected one of SSLv3, TLSv1, TLSv1.1, TLSv1.2, got "TLSv1.3"; left out',
    ],
    [
      "absence of protocols",
      {},
      { OriginSslProtocols: undefined },
      { originSslProtocols: ["TLSv1"] },
      "CustomOriginConfig.OriginSslProtocols: expected at least one protocol, got none; read as TLSv1 and newer",
    ],
    [
      "HTTPSPort",
      {},
      { HTTPSPort: "443" },
      { httpsPort: 0 },
      "CustomOriginConfig.HTTPSPort: expected a port number, got a string",
    ],
    [
      "HTTPSPort beyond all ports",
      {},
      { HTTPSPort: 70_000 },
      { httpsPort: 0 },
      "CustomOriginConfig.HTTPSPort: expected a port number, got 70000",
    ],
    [
      "HTTPPort between two ports",
      {},
      { HTTPPort: 80.5 },
      { httpPort: 0 },
      "CustomOriginConfig.HTTPPort: expected a port number, got 80.5",
    ],
  ])("goes on conservatively with an unexpected %s", (_, parts, custom, expected, problem) => {
    const { origin, problems } = readOrigin(parts, custom);
    expect(origin?.kind).toMatchObject(expected);
    expect(problems).toEqual([`Origins.Items[0].${problem}`]);
  });

  it("finds a client certificate where the API's reference has it, and where the guide's example does", () => {
    const mtls = { OriginMtlsConfig: { ClientCertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/c" } };
    for (const { origin, problems } of [readOrigin({}, mtls), readOrigin(mtls, {})]) {
      expect([origin?.kind, problems]).toEqual([expect.objectContaining({ originMtls: true }), []]);
    }
  });

  it.each<[string, unknown, number, number]>([
    ["ConnectionTimeout", 0, 1, 3],
    ["ConnectionTimeout", 1e9, 10, 3],
    ["ConnectionTimeout", "5", 10, 3],
    ["ConnectionTimeout", Number.NaN, 10, 3],
    ["ConnectionAttempts", -1, 10, 1],
    ["ConnectionAttempts", 1_000, 10, 3],
  ])("keeps %s %j within what AWS allows", (name, value, connectionTimeout, connectionAttempts) => {
    const { origin, problems } = readOrigin({ [name]: value });
    expect(origin).toMatchObject({ connectionTimeout, connectionAttempts });
    expect(problems).toEqual([expect.stringContaining(`Origins.Items[0].${name}: expected a number from 1 to `)]);
  });

  it("goes on conservatively with an unexpected ViewerProtocolPolicy, ConnectionMode and flag", () => {
    const { distribution, problems } = read(
      apiConfig({
        DefaultCacheBehavior: apiBehavior("a.test", { ViewerProtocolPolicy: "h3-only", GrpcConfig: { Enabled: 1 } }),
        ConnectionMode: "both",
        Enabled: "false",
      }),
    );
    expect(distribution).toMatchObject({ multiTenant: false, enabled: true });
    expect(distribution.behaviors).toMatchObject([{ viewerProtocolPolicy: "allow-all", grpc: false }]);
    expect(problems).toEqual([
      'ConnectionMode: expected one of direct, tenant-only, got "both"; read as direct',
      "Enabled: expected true or false, got a string; read as true",
      'DefaultCacheBehavior.ViewerProtocolPolicy: expected one of allow-all, redirect-to-https, https-only, got "h3-only"; read as allow-all',
      "DefaultCacheBehavior.GrpcConfig.Enabled: expected true or false, got a number; read as false",
    ]);
  });

  it("keeps the other origins where one has a kind that it does not know", () => {
    const unknown = { Id: "new", DomainName: "new.test", MoonOriginConfig: { Crater: secret } };
    const { distribution, problems } = read(
      apiConfig({ Origins: { Quantity: 2, Items: [unknown, apiOrigin("a.test")] } }),
    );
    expect(distribution.origins.map(({ id }) => id)).toEqual(["a.test"]);
    expect(problems).toEqual([
      "Origins.Items[0]: expected S3OriginConfig, CustomOriginConfig or VpcOriginConfig, got none of them; the origin is left out",
    ]);
  });

  it("reads the first of two kinds of an origin", () => {
    const { origin, problems } = readOrigin({ S3OriginConfig: { OriginAccessIdentity: "" } });
    expect(origin?.kind.kind).toBe("custom");
    expect(problems).toEqual([
      "Origins.Items[0]: expected exactly one kind of origin, got CustomOriginConfig and S3OriginConfig; the first is read",
    ]);
  });

  it("leaves out entries that lack what identifies them, and says so", () => {
    const { distribution, problems } = read(
      apiConfig({
        Origins: { Items: [{ Id: "a" }, "text", apiOrigin("a.test"), apiOrigin("a.test", { DomainName: "b.test" })] },
        OriginGroups: { Items: [{ Members: {} }, { Id: "g", Members: { Items: [{}, { OriginId: 7 }] } }] },
        CacheBehaviors: { Items: [{ TargetOriginId: "a.test" }, { PathPattern: "/x" }, null] },
        Aliases: { Items: ["www.example.com", 7, null] },
        DefaultCacheBehavior: apiBehavior("a.test", {
          FunctionAssociations: { Items: [{ EventType: "viewer-request" }] },
        }),
      }),
    );
    expect(distribution).toMatchObject({
      aliases: ["www.example.com"],
      origins: [{ id: "a.test", domainName: "a.test" }],
      originGroups: [{ id: "g", members: [], failoverStatusCodes: [] }],
      behaviors: [{ pathPattern: "*", edgeFunctions: [] }],
    });
    expect(problems).toEqual([
      "Aliases.Items[1]: expected text, got a number",
      "Aliases.Items[2]: expected text, got nothing",
      "Origins.Items[0]: expected an origin with Id and DomainName, got an object; left out",
      "Origins.Items[1]: expected an origin with Id and DomainName, got a string; left out",
      "Origins.Items[3].Id: the same as that of an origin before it; left out",
      "OriginGroups.Items[0]: expected an origin group with Id, got an object; left out",
      "OriginGroups.Items[1].Members.Items[1].OriginId: expected text, got a number",
      "CacheBehaviors.Items[0]: expected a cache behavior with its path pattern and TargetOriginId, got an object; left out",
      "CacheBehaviors.Items[1]: expected a cache behavior with its path pattern and TargetOriginId, got an object; left out",
      "CacheBehaviors.Items[2]: expected a cache behavior with its path pattern and TargetOriginId, got nothing; left out",
      "DefaultCacheBehavior.FunctionAssociations.Items[0]: expected an association with FunctionARN and EventType, got an object; left out",
    ]);
  });

  it("notices lists that are cut short or no lists", () => {
    const { problems } = read(
      apiConfig({
        Aliases: { Quantity: 2, Items: ["a.example.com"] },
        CacheBehaviors: [],
        OriginGroups: { Items: {} },
      }),
    );
    expect(problems).toEqual([
      "Aliases: Quantity says 2, Items holds 1; the rest is not known",
      "OriginGroups.Items: expected a list, got an object; read as empty",
      "CacheBehaviors: expected an object with Items, got a list; read as empty",
    ]);
  });

  it("reads at most 250 origins, 250 behaviors and 500 aliases", () => {
    const { distribution, problems } = read(
      apiConfig({
        Origins: { Items: Array.from({ length: 300 }, (_, n) => apiOrigin(`o${n}.test`)) },
        CacheBehaviors: {
          Items: Array.from({ length: 300 }, (_, n) => apiBehavior("o1.test", { PathPattern: `/${n}` })),
        },
        Aliases: { Items: Array.from({ length: 600 }, (_, n) => `a${n}.test`) },
        Comment: "c".repeat(10_000),
      }),
    );
    expect(distribution.origins).toHaveLength(250);
    expect(distribution.behaviors).toHaveLength(251);
    expect(distribution.behaviors.at(-1)?.isDefault).toBe(true);
    expect(distribution.aliases).toHaveLength(500);
    expect(distribution.comment).toHaveLength(2_048);
    expect(problems).toEqual([
      "Comment: 10000 characters, of which the first 2048 are read",
      "Aliases.Items: 600 entries, of which the first 500 are read",
      "Origins.Items: 300 entries, of which the first 250 are read",
      "CacheBehaviors.Items: 300 entries, of which the first 250 are read",
    ]);
  });
});
