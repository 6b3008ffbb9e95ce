import { describe, expect, it } from "vitest";
import type { Distribution } from "../../lambda/configuration/distribution.ts";
import { noPolicies } from "../../lambda/configuration/policies.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { allViewer, behavior, customOrigin, distribution, outline, placeholder } from "./fixtures.ts";

const api = customOrigin("api.example.com", { id: "api" });
const toApi = { targetOriginId: "api" };

describe("plan, where nothing is dialled", () => {
  const https = "sni=api.example.com TLSv1.2 ipv4";
  const elsewhere = { behaviors: [behavior({ targetOriginId: "web" })] };
  const unknownPolicies = { cachePolicyId: "c-1", originRequestPolicyId: "o-1" };
  it.each<[string, Partial<Distribution> & Pick<Distribution, "origins">, object]>([
    [
      "skips an S3 origin",
      { origins: [customOrigin("bucket.s3.amazonaws.com", { kind: { kind: "s3" } })] },
      {
        kind: "skipped",
        reason: "s3-origin",
        connection: { key: "https://bucket.s3.amazonaws.com:443 sni=bucket.s3.amazonaws.com ipv4 skipped=s3-origin" },
      },
    ],
    [
      "foresees what an S3 website endpoint makes of HTTPS",
      { origins: [customOrigin("site.s3-website-us-east-1.amazonaws.com")] },
      {
        kind: "foreseen",
        reason: "s3-website-over-https",
        connection: { originKind: "s3-website", scheme: "https", port: 443 },
      },
    ],
    [
      "does not know the names of a staging distribution's viewers without its primary",
      { staging: true, origins: [api], behaviors: [behavior({ ...toApi, originRequestPolicyId: allViewer })] },
      {
        kind: "unseen",
        reason: { kind: "viewer-host-unknown", why: "staging" },
        connection: { key: "https://api.example.com:443 TLSv1.2 ipv4 unseen=viewer-host-unknown", serverName: null },
      },
    ],
    [
      "does not know the names of a multi-tenant distribution's viewers without its tenants",
      { multiTenant: true, origins: [api], behaviors: [behavior({ ...toApi, originRequestPolicyId: allViewer })] },
      { kind: "unseen", reason: { kind: "viewer-host-unknown", why: "multi-tenant" } },
    ],
    [
      "does not know what a template leaves open",
      { origins: [customOrigin(placeholder("Balancer.DNSName"))] },
      { kind: "unseen", reason: { kind: "template-value-unresolved", expressions: ["Balancer.DNSName"] } },
    ],
    [
      "skips the origins of a disabled distribution",
      { enabled: false, origins: [api] },
      {
        kind: "skipped",
        reason: "distribution-disabled",
        connection: {
          key: `https://api.example.com:443 ${https} skipped=distribution-disabled`,
          uses: [{ distributionId: "E1", pathPatterns: ["*"] }],
        },
      },
    ],
    [
      "skips an origin that no behavior uses",
      { origins: [api], ...elsewhere },
      {
        kind: "skipped",
        reason: "origin-unused",
        connection: {
          key: `https://api.example.com:443 ${https} skipped=origin-unused`,
          uses: [{ originId: "api", pathPatterns: [], group: null }],
        },
      },
    ],
    [
      "skips an origin of a group that no behavior uses",
      { origins: [api], originGroups: [{ id: "g", members: ["api"], failoverStatusCodes: [] }], ...elsewhere },
      { kind: "skipped", reason: "origin-unused" },
    ],
    [
      "does not see into a VPC origin",
      {
        origins: [
          customOrigin("internal.example.com", {
            kind: { kind: "vpc", vpcOriginId: "vo_1", ownerAccountId: null, endpoint: null },
          }),
        ],
      },
      {
        kind: "unseen",
        reason: { kind: "vpc-origin", vpcOriginId: "vo_1" },
        connection: { key: "https://internal.example.com:443 sni=internal.example.com ipv4 unseen=vpc-origin:vo_1" },
      },
    ],
    [
      "does not know the tenants' parameters",
      { origins: [customOrigin("{{tenant}}.{{ region }}.example.com")] },
      { kind: "unseen", reason: { kind: "tenant-parameters-unresolved", parameters: ["tenant", "region"] } },
    ],
    [
      "does not know the name where a policy is not known",
      { origins: [api], behaviors: [behavior({ ...toApi, ...unknownPolicies })] },
      {
        kind: "unseen",
        reason: { kind: "policy-unresolved", policyIds: ["c-1", "o-1"] },
        connection: { key: "https://api.example.com:443 TLSv1.2 ipv4 unseen=policy-unresolved", serverName: null },
      },
    ],
  ])("%s", (_, parts, expected) => {
    const { connections } = plan([distribution(parts)], noPolicies);
    expect(connections).toHaveLength(1);
    expect(connections[0]).toMatchObject(expected);
  });

  it("checks a VPC origin as any other where a vantage is inside its VPC, each name that viewers use included", () => {
    const endpoint = {
      httpPort: 80,
      httpsPort: 8443,
      originProtocolPolicy: "https-only",
      originSslProtocols: ["TLSv1.2"],
      ipAddressType: "ipv4",
    } as const;
    const inside = { kind: "found", vpcId: "vpc-1", addresses: ["10.0.0.5"] } as const;
    const kind = { kind: "vpc", vpcOriginId: "vo_1", ownerAccountId: null, endpoint, inside } as const;
    const parts = { origins: [customOrigin("internal.example.com", { kind })], aliases: ["www.example.com"] };
    const toIt = { targetOriginId: "internal.example.com", forwardedHeaders: ["Host"] };
    const { connections } = plan([distribution({ ...parts, behaviors: [behavior(toIt)] })], noPolicies);
    const inVpc = { vpcOriginId: "vo_1", vpcId: "vpc-1", addresses: ["10.0.0.5"] };
    const key = (name: string) => `https://internal.example.com:8443 sni=${name} TLSv1.2 ipv4 vpc-origin=vo_1`;
    expect(connections).toMatchObject([
      { kind: "probe", connection: { key: key("www.example.com"), serverName: "www.example.com", inVpc } },
      { kind: "probe", connection: { key: expect.stringContaining("vpc-origin=vo_1"), inVpc } },
    ]);
  });

  it("takes the S3 website endpoint of an http-only origin for what it is", () => {
    const origin = customOrigin("site.s3-website.eu-central-1.amazonaws.com", { originProtocolPolicy: "http-only" });
    const { connections } = plan([distribution({ origins: [origin] })], noPolicies);
    expect(connections).toMatchObject([{ kind: "probe", connection: { scheme: "http", originKind: "s3-website" } }]);
  });

  it.each([
    ["http-only", "allow-all", ["http 8080"]],
    ["http-only", "https-only", ["http 8080"]],
    ["https-only", "allow-all", ["https 443"]],
    ["match-viewer", "allow-all", ["https 443", "http 8080"]],
    ["match-viewer", "redirect-to-https", ["https 443"]],
    ["match-viewer", "https-only", ["https 443"]],
  ] as const)("connects to an %s origin for viewers of %s by %j", (policy, viewerProtocolPolicy, legs) => {
    const { connections } = plan(
      [
        distribution({
          origins: [customOrigin("a.test", { originProtocolPolicy: policy, httpPort: 8080 })],
          behaviors: [behavior({ targetOriginId: "a.test", viewerProtocolPolicy })],
        }),
      ],
      noPolicies,
    );
    expect(connections.map(({ kind, connection }) => `${kind} ${connection.scheme} ${connection.port}`)).toEqual(
      legs.map((leg) => `probe ${leg}`),
    );
  });

  it("has no server name and no protocols where it connects without TLS", () => {
    const origin = customOrigin("a.test", { originProtocolPolicy: "http-only" });
    const { connections } = plan([distribution({ aliases: ["www.test"], origins: [origin] })], noPolicies);
    expect(connections).toMatchObject([
      { connection: { key: "http://a.test:80 ipv4", serverName: null, acceptedNames: [], originSslProtocols: [] } },
    ]);
  });

  it("gives every policy of viewers an HTTPS connection where the origin matches the viewer", () => {
    for (const viewerProtocolPolicy of ["redirect-to-https", "https-only"] as const) {
      const { connections } = plan(
        [
          distribution({
            origins: [customOrigin("a.test", { originProtocolPolicy: "match-viewer" })],
            behaviors: [behavior({ targetOriginId: "a.test", viewerProtocolPolicy })],
          }),
        ],
        noPolicies,
      );
      expect(connections).toMatchObject([{ kind: "probe", connection: { scheme: "https", port: 443 } }]);
    }
  });

  it("gathers the unknown policies of all distributions that leave one connection open", () => {
    const open = (id: string, cachePolicyId: string) =>
      distribution({ id, origins: [api], behaviors: [behavior({ ...toApi, cachePolicyId })] });
    const { connections } = plan([open("E1", "c-2"), open("E2", "c-1")], noPolicies);
    expect(connections).toMatchObject([
      { kind: "unseen", reason: { kind: "policy-unresolved", policyIds: ["c-1", "c-2"] } },
    ]);
    expect(connections[0]?.connection.uses.map((use) => use.distributionId)).toEqual(["E1", "E2"]);
  });

  it("keeps a skipped connection apart from the same one that is made elsewhere", () => {
    const { connections } = plan(
      [distribution({ id: "E1", origins: [api] }), distribution({ id: "E2", enabled: false, origins: [api] })],
      noPolicies,
    );
    expect(Object.values(outline(connections))).toEqual([["E1/api direct *"], ["E2/api direct *"]]);
  });

  it.each([
    [
      "a space",
      "api example.com",
      443,
      'the origin domain "api example.com" contains a space or a character that is not ASCII',
    ],
    ["a colon", "api.example.com:8443", 443, 'the origin domain "api.example.com:8443" contains a colon'],
    ["an IPv4 address", "192.0.2.1", 443, 'the origin domain "192.0.2.1" is an IP address, not a domain name'],
    ["an IPv6 address", "2001:db8::1", 443, 'the origin domain "2001:db8::1" contains a colon'],
    ["port 0", "api.example.com", 0, "the HTTPS port 0 is none of 80, 443 and 1024 to 65535"],
    ["port 444", "api.example.com", 444, "the HTTPS port 444 is none of 80, 443 and 1024 to 65535"],
    ["port 65536", "api.example.com", 65_536, "the HTTPS port 65536 is none of 80, 443 and 1024 to 65535"],
    ["port 8443.5", "api.example.com", 8443.5, "the HTTPS port 8443.5 is none of 80, 443 and 1024 to 65535"],
  ])("does not dial an origin with %s, which CloudFront refuses", (_, domain, httpsPort, detail) => {
    const { connections } = plan([distribution({ origins: [customOrigin(domain, { httpsPort })] })], noPolicies);
    expect(connections).toMatchObject([{ kind: "unseen", reason: { kind: "origin-invalid", detail } }]);
  });

  it("shows nothing of an invalid domain that could forge a line or an address", () => {
    const domain = `evil\n\u202Eexample.com${"x".repeat(5_000)}`;
    const { connections } = plan([distribution({ origins: [customOrigin(domain, { id: "evil" })] })], noPolicies);
    const [{ connection }] = connections as [(typeof connections)[number]];
    expect(connection.domain.length).toBeLessThanOrEqual(253);
    expect(JSON.stringify(connections)).not.toMatch(/\\n|\u202E/);
  });

  it.each([80, 443, 1024, 8443, 65_535])("dials port %i", (httpsPort) => {
    const { connections } = plan([distribution({ origins: [customOrigin("a.test", { httpsPort })] })], noPolicies);
    expect(connections).toMatchObject([{ kind: "probe", connection: { port: httpsPort } }]);
  });

  it("plans a distribution at the bounds of AWS's quotas: 75 behaviors, 100 origins, 100 aliases", () => {
    const origins = Array.from({ length: 100 }, (_, n) => customOrigin(`o${n}.test`));
    const aliases = Array.from({ length: 100 }, (_, n) => `a${n}.example.com`);
    const behaviors = Array.from({ length: 75 }, (_, n) =>
      behavior({
        targetOriginId: `o${n}.test`,
        pathPattern: n === 74 ? "*" : `/${n}/*`,
        ...(n < 10 ? { originRequestPolicyId: allViewer } : {}),
      }),
    );
    const { connections, problems } = plan([distribution({ aliases, origins, behaviors })], noPolicies);
    const kinds = Map.groupBy(connections, ({ kind }) => kind);
    // Ten origins by every alias and the distribution's own name, 65 by their own, 25 that nobody uses.
    expect([kinds.get("probe")?.length, kinds.get("skipped")?.length, problems]).toEqual([10 * 101 + 65, 25, []]);
  });
});
