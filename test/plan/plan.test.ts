import { describe, expect, it } from "vitest";
import type { Distribution } from "../../lambda/configuration/distribution.ts";
import { noPolicies } from "../../lambda/configuration/policies.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { allViewer, behavior, customOrigin, distribution, outline } from "./fixtures.ts";

const api = customOrigin("api.example.com", { id: "api" });
const web = customOrigin("web.example.com", { id: "web" });
const toApi = { targetOriginId: "api" };
const forwarding = { targetOriginId: "api", originRequestPolicyId: allViewer };

function planned(...distributions: Distribution[]) {
  const { connections, problems } = plan(distributions, noPolicies);
  return { outline: outline(connections), connections, problems: problems.map(({ message }) => message) };
}

describe("plan", () => {
  it("connects with the origin's domain name where Host is not forwarded", () => {
    const { connections, problems } = plan(
      [distribution({ id: "E123", comment: "shop", aliases: ["www.example.com"], origins: [api] })],
      noPolicies,
    );
    expect(problems).toEqual([]);
    expect(connections).toEqual([
      {
        kind: "probe",
        connection: {
          key: "https://api.example.com:443 sni=api.example.com TLSv1.2 ipv4",
          domain: "api.example.com",
          port: 443,
          httpPort: 80,
          scheme: "https",
          serverName: "api.example.com",
          forwardedHost: null,
          acceptedNames: ["api.example.com"],
          originSslProtocols: ["TLSv1.2"],
          ipAddressType: "ipv4",
          originMtls: false,
          connectTimeoutMs: 10_000,
          connectAttempts: 3,
          alpn: [],
          originKind: "host",
          weight: "full",
          sampled: false,
          uses: [
            {
              distributionId: "E123",
              scope: { accountId: "111122223333", accountName: null, partition: "aws" },
              distributionDomain: "d1.cloudfront.net",
              comment: "shop",
              originId: "api",
              pathPatterns: ["*"],
              aliases: ["www.example.com"],
              group: null,
              isDefault: true,
              enabled: true,
              staging: false,
              tenants: null,
              viewerSchemes: ["https"],
              failover: null,
              reroutedBy: [],
            },
          ],
        },
      },
    ]);
  });

  it("connects once for each alias where Host is forwarded and, with a low weight, for the distribution's own name", () => {
    const { outline, connections } = planned(
      distribution({
        aliases: ["www.example.com", "shop.example.com"],
        origins: [api],
        behaviors: [behavior(forwarding)],
      }),
    );
    expect(outline).toEqual({
      "https://api.example.com:443 sni=www.example.com TLSv1.2 ipv4": ["E1/api direct * www.example.com"],
      "https://api.example.com:443 sni=shop.example.com TLSv1.2 ipv4": ["E1/api direct * shop.example.com"],
      "https://api.example.com:443 sni=d1.cloudfront.net TLSv1.2 ipv4": ["E1/api direct *"],
    });
    expect(connections.map(({ connection }) => connection.weight)).toEqual(["full", "full", "low"]);
    expect(connections[0]?.connection).toMatchObject({
      serverName: "www.example.com",
      forwardedHost: "www.example.com",
      acceptedNames: ["www.example.com", "api.example.com"],
      sampled: false,
    });
  });

  it("plans both connections where some behaviors forward Host and others do not, each with its own patterns", () => {
    const { outline } = planned(
      distribution({
        aliases: ["www.example.com"],
        origins: [api],
        behaviors: [
          behavior({ ...forwarding, pathPattern: "/a/*" }),
          behavior({ ...toApi, pathPattern: "/b/*" }),
          behavior({ ...forwarding, pathPattern: "/c/*" }),
          behavior(toApi),
        ],
      }),
    );
    expect(outline).toEqual({
      "https://api.example.com:443 sni=api.example.com TLSv1.2 ipv4": ["E1/api direct /b/*,* www.example.com"],
      "https://api.example.com:443 sni=www.example.com TLSv1.2 ipv4": ["E1/api direct /a/*,/c/* www.example.com"],
      "https://api.example.com:443 sni=d1.cloudfront.net TLSv1.2 ipv4": ["E1/api direct /a/*,/c/*"],
    });
  });

  it("samples a wildcard alias with one fixed label and keeps the wildcard in the use", () => {
    const { outline, connections } = planned(
      distribution({ aliases: ["*.example.com"], origins: [api], behaviors: [behavior(forwarding)] }),
    );
    expect(outline).toEqual({
      "https://api.example.com:443 sni=origin-watch-sample.example.com TLSv1.2 ipv4": ["E1/api direct * *.example.com"],
      "https://api.example.com:443 sni=d1.cloudfront.net TLSv1.2 ipv4": ["E1/api direct *"],
    });
    expect(connections.map(({ connection }) => connection.sampled)).toEqual([true, false]);
  });

  it("uses the distribution's own name where Host is forwarded and there are no aliases", () => {
    const { outline, connections, problems } = planned(
      distribution({ origins: [api], behaviors: [behavior(forwarding)] }),
    );
    expect(outline).toEqual({
      "https://api.example.com:443 sni=d1.cloudfront.net TLSv1.2 ipv4": ["E1/api direct *"],
    });
    expect(connections[0]?.connection).toMatchObject({ weight: "full", sampled: false });
    expect(problems).toEqual([]);
  });

  it("samples the distribution's own name where a bare configuration does not tell it, and says so", () => {
    const { outline, problems } = planned(
      distribution({ domainName: null, origins: [api], behaviors: [behavior(forwarding)] }),
    );
    expect(Object.keys(outline)).toEqual([
      "https://api.example.com:443 sni=origin-watch-sample.cloudfront.net TLSv1.2 ipv4",
    ]);
    expect(problems).toEqual([
      "distribution E1: Host is forwarded, but its cloudfront.net name is not known; another such name is used as a sample",
    ]);
  });

  it("leaves out an alias that is no domain name, and says so", () => {
    const { outline, problems } = planned(
      distribution({
        aliases: ["www example\ncom", "www.example.com", "www.*.example.com"],
        origins: [api],
        behaviors: [behavior(forwarding)],
      }),
    );
    expect(Object.keys(outline)).toEqual([
      "https://api.example.com:443 sni=www.example.com TLSv1.2 ipv4",
      "https://api.example.com:443 sni=d1.cloudfront.net TLSv1.2 ipv4",
    ]);
    expect(problems).toEqual([
      'distribution E1: alias "www example\\u{a}com" is not a domain name and is not checked',
      'distribution E1: alias "www.*.example.com" is not a domain name and is not checked',
    ]);
  });

  it("makes one connection where the alias is the origin's domain name", () => {
    const { outline, connections } = planned(
      distribution({
        aliases: ["api.example.com"],
        origins: [api],
        behaviors: [behavior({ ...forwarding, pathPattern: "/a/*" }), behavior(toApi)],
      }),
    );
    expect(outline).toEqual({
      "https://api.example.com:443 sni=api.example.com TLSv1.2 ipv4": ["E1/api direct *,/a/* api.example.com"],
      "https://api.example.com:443 sni=d1.cloudfront.net TLSv1.2 ipv4": ["E1/api direct /a/*"],
    });
    expect(connections[0]?.connection).toMatchObject({ forwardedHost: null, acceptedNames: ["api.example.com"] });
    const always = planned(
      distribution({ aliases: ["api.example.com"], origins: [api], behaviors: [behavior(forwarding)] }),
    );
    expect(always.connections).toMatchObject([
      { kind: "probe", connection: { forwardedHost: null, acceptedNames: ["api.example.com"] } },
      { kind: "probe", connection: { forwardedHost: "d1.cloudfront.net", weight: "low" } },
    ]);
  });

  it("reaches both members of an origin group, each in its role", () => {
    const { outline } = planned(
      distribution({
        origins: [api, web],
        originGroups: [{ id: "both", members: ["api", "web"], failoverStatusCodes: [502] }],
        behaviors: [behavior({ targetOriginId: "api", pathPattern: "/api/*" }), behavior({ targetOriginId: "both" })],
      }),
    );
    expect(outline).toEqual({
      "https://api.example.com:443 sni=api.example.com TLSv1.2 ipv4": ["E1/api direct /api/*", "E1/api primary *"],
      "https://web.example.com:443 sni=web.example.com TLSv1.2 ipv4": ["E1/web secondary *"],
    });
  });

  it("makes one connection of identical ones, with every use", () => {
    const { outline } = planned(
      distribution({ id: "E1", origins: [customOrigin("API.Example.com.", { id: "api" })] }),
      distribution({ id: "E2", origins: [api, customOrigin("api.example.com", { id: "copy" })] }),
    );
    expect(outline).toEqual({
      "https://api.example.com:443 sni=api.example.com TLSv1.2 ipv4": ["E1/api direct *", "E2/api direct *"],
      "https://api.example.com:443 sni=api.example.com TLSv1.2 ipv4 skipped=origin-unused": ["E2/copy direct"],
    });
  });

  it.each([
    ["the port", { httpsPort: 8443 }, "https://api.example.com:8443 sni=api.example.com TLSv1.2 ipv4"],
    [
      "the protocols",
      { originSslProtocols: ["TLSv1.2", "TLSv1"] as const },
      "https://api.example.com:443 sni=api.example.com TLSv1,TLSv1.2 ipv4",
    ],
    [
      "the address family",
      { ipAddressType: "dualstack" as const },
      "https://api.example.com:443 sni=api.example.com TLSv1.2 dualstack",
    ],
    ["origin mTLS", { originMtls: true }, "https://api.example.com:443 sni=api.example.com TLSv1.2 ipv4 mtls"],
    [
      "the timeout",
      { connectionTimeout: 5 },
      "https://api.example.com:443 sni=api.example.com TLSv1.2 ipv4 timeout=5s",
    ],
    [
      "the attempts",
      { connectionAttempts: 1 },
      "https://api.example.com:443 sni=api.example.com TLSv1.2 ipv4 attempts=1",
    ],
  ])("keeps connections apart by %s", (_, settings, key) => {
    const { outline } = planned(
      distribution({ id: "E1", origins: [api] }),
      distribution({ id: "E2", origins: [customOrigin("api.example.com", settings)] }),
    );
    expect(Object.keys(outline)).toEqual(["https://api.example.com:443 sni=api.example.com TLSv1.2 ipv4", key]);
  });

  it("takes the protocols as a set", () => {
    const { outline } = planned(
      distribution({ id: "E1", origins: [customOrigin("a.test", { originSslProtocols: ["TLSv1.2", "TLSv1.1"] })] }),
      distribution({ id: "E2", origins: [customOrigin("a.test", { originSslProtocols: ["TLSv1.1", "TLSv1.2"] })] }),
    );
    expect(outline).toEqual({
      "https://a.test:443 sni=a.test TLSv1.1,TLSv1.2 ipv4": ["E1/a.test direct *", "E2/a.test direct *"],
    });
  });

  it.each([
    ["cloudfront-functions", "viewer-request", true],
    ["cloudfront-functions", "viewer-response", false],
    ["cloudfront-functions", "origin-request", true],
    ["lambda-at-edge", "origin-request", true],
    ["lambda-at-edge", "viewer-request", false],
    ["lambda-at-edge", "origin-response", false],
    ["lambda-at-edge", "connection-request", true],
  ] as const)("takes a function of %s on %s for one that may reroute: %s", (runtime, eventType, expected) => {
    const edgeFunctions = [{ arn: "arn:f", eventType, runtime }];
    const behaviors = [behavior({ targetOriginId: api.id, edgeFunctions })];
    const { connections } = plan([distribution({ origins: [api], behaviors })], noPolicies);
    expect(connections[0]?.connection.uses[0]?.reroutedBy).toHaveLength(expected ? 1 : 0);
  });

  it("reports a behavior and an origin group that lead nowhere", () => {
    const { problems } = planned(
      distribution({
        origins: [api],
        originGroups: [
          { id: "group", members: ["api", "lost"], failoverStatusCodes: [] },
          { id: "empty", members: [], failoverStatusCodes: [] },
        ],
        behaviors: [
          behavior({ targetOriginId: "nowhere", pathPattern: "/x/*" }),
          behavior({ targetOriginId: "empty", pathPattern: "/y/*" }),
          behavior({ targetOriginId: "group" }),
        ],
      }),
    );
    expect(problems).toEqual([
      'distribution E1: behavior "/x/*" targets "nowhere", which is not among the origins and origin groups that could be read',
      'distribution E1: behavior "/y/*" targets the origin group "empty", of which no member could be read',
      'distribution E1: origin group "group" has the member "lost", which is not among the origins that could be read',
    ]);
  });
});

describe("gRPC", () => {
  const group = { id: "both", members: ["api", "web"], failoverStatusCodes: [502] };
  const grpc = behavior({ targetOriginId: "both", pathPattern: "/orders.Orders/*", grpc: true });

  it("gets to the primary origin of a group only, because it does not fail over", () => {
    const { connections } = planned(distribution({ origins: [api, web], originGroups: [group], behaviors: [grpc] }));
    expect(
      connections.map(({ connection: { domain, alpn, uses } }) => [
        domain,
        alpn,
        uses.map(({ group: role, grpcPathPatterns }) => [role?.role, grpcPathPatterns]),
      ]),
    ).toEqual([
      ["api.example.com", ["h2"], [["primary", ["/orders.Orders/*"]]]],
      ["web.example.com", [], [["secondary", undefined]]],
    ]);
  });

  it("is told of the use where it shares a connection with other requests", () => {
    const plain = customOrigin("api.example.com", { id: "api", originProtocolPolicy: "http-only" });
    const behaviors = [behavior({ ...toApi, pathPattern: "/a", grpc: true }), behavior(toApi)];
    const { connections } = planned(distribution({ origins: [plain], behaviors }));
    expect(connections.map(({ connection: { scheme, uses } }) => [scheme, uses])).toMatchObject([
      ["http", [{ pathPatterns: ["/a", "*"], grpcPathPatterns: ["/a"] }]],
    ]);
  });
});

describe("a distribution to which nobody is sent", () => {
  it.each<[string, Partial<Distribution>]>([
    ["a staging one without an enabled policy", { staging: true, noViewers: "no-enabled-policy" }],
    ["a staging one whose primary is disabled", { staging: true, noViewers: "primary-disabled" }],
    ["a multi-tenant one without tenants", { multiTenant: true, tenants: { list: [], defaults: [] } }],
  ])("is skipped: %s", (_, parts) => {
    const behaviors = [behavior({ ...forwarding, pathPattern: "/b" }), behavior(toApi)];
    const { connections, problems } = planned(distribution({ origins: [api, web], behaviors, ...parts }));
    expect(connections.map((each) => [each.kind, each.kind === "skipped" && each.reason])).toEqual([
      ["skipped", "no-viewers"],
      ["skipped", "no-viewers"],
    ]);
    expect(problems).toEqual([]);
  });
});

it("lists a domain once that two tenants have between them", () => {
  const tenant = (id: string) => ({ id, domains: ["www.example.com", `${id}.example.com`], parameters: [] });
  const tenants = { list: [tenant("one"), tenant("two")], defaults: [] };
  const { connections } = planned(
    distribution({ origins: [api], behaviors: [behavior(toApi)], multiTenant: true, tenants }),
  );
  expect(connections[0]?.connection.uses).toMatchObject([
    { aliases: ["www.example.com", "one.example.com", "two.example.com"], tenants: 2 },
  ]);
});

it("has every account's share of the connections that a plan holds, and names whose are beyond them", () => {
  const aliases = Array.from({ length: 500 }, (_, n) => `a${n}.example.com`);
  const origins = Array.from({ length: 201 }, (_, n) => customOrigin(`o${n}.test`));
  const behaviors = origins.map(({ id }, n) =>
    behavior({ targetOriginId: id, pathPattern: `/${n}/*`, originRequestPolicyId: allViewer }),
  );
  const other = { accountId: "999988887777", accountName: null, partition: "aws" };
  const late = [customOrigin("late.test")];
  const { connections, problems } = plan(
    [
      distribution({ id: "E1", aliases, origins, behaviors, domainName: null }),
      distribution({ id: "E2", origins: late }),
      distribution({ id: "E3", origins: [customOrigin("other.test")], scope: other }),
    ],
    noPolicies,
  );
  // Whoever is read first has no more than who is read last.
  expect(connections.map(({ connection }) => connection.domain)).toContain("other.test");
  expect(problems.map(({ message, distributions, scope }) => [message, distributions, scope?.accountId])).toEqual([
    [
      "502 connections of E1 and E2 are not checked, because a run checks 100000 connections",
      ["E1", "E2"],
      "111122223333",
    ],
  ]);
});
