import { createServer } from "node:net";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { judge } from "../../lambda/judge/judge.ts";
import { originAdvice } from "../../lambda/judge/origin-advice.ts";
import { verdictOf } from "../../lambda/judge/verdict.ts";
import type { Connection, PlannedConnection, Use } from "../../lambda/plan/connection.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { type Authority, createAuthority } from "../sandbox/authority.ts";
import { type Listener, listen, reserveRefusingPort } from "../sandbox/listener.ts";
import { startTlsOrigin } from "../sandbox/tls-origin.ts";
import { use } from "../tell/records.ts";
import { checked, codesOf, connection } from "./checked.ts";

let root: Authority;
const open: Listener[] = [];

beforeAll(async () => {
  root = await createAuthority({ name: "Trusted Root" });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

const policy = { now: 0, expiryWarningDays: 21, anchors: trustAnchors() };

function judged(planned: PlannedConnection) {
  const findings = judge(planned, [], policy);
  return { verdict: verdictOf(planned, findings), codes: findings.map(({ code }) => code), findings };
}

const http = { scheme: "http", serverName: null, acceptedNames: [], originSslProtocols: [] } as const;

describe("a connection without TLS", () => {
  it("is skipped when the port accepts, with one TCP connection on which nothing is sent", async () => {
    const received: Buffer[] = [];
    const server = createServer((socket) => socket.on("data", (chunk: Buffer) => received.push(chunk)));
    const listener = await listen(server);
    open.push(listener);
    const record = await checked({ connection: { port: listener.port, ...http } });
    expect(record).toMatchObject({
      verdict: "skipped",
      skipped: "http-only",
      findings: [],
      observed: { addresses: [{ address: "127.0.0.1", outcome: "connection accepted", protocol: null, chain: [] }] },
      connection: { serverName: null, protocols: [] },
      reproduce: `nc -vz 127.0.0.1 ${listener.port}`,
    });
    expect([listener.connections(), Buffer.concat(received).length]).toEqual([1, 0]);
  });

  it("http-port-refused, and not connection-refused, when it refuses", async () => {
    const listener = await reserveRefusingPort();
    open.push(listener);
    const record = await checked({ connection: { port: listener.port, ...http } });
    expect(record).toMatchObject({
      verdict: "failing",
      skipped: null,
      findings: [{ code: "http-port-refused", effect: "502", severity: "critical", address: "127.0.0.1" }],
    });
  });

  it("dials no private address", async () => {
    const record = await checked({ connection: { port: 80, ...http }, guard: [] });
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["dns-private-address"]]);
  });

  it("grpc-without-https where gRPC is switched on for viewers over HTTPS", async () => {
    const listener = await listen(createServer());
    open.push(listener);
    const uses = [use("E1", { pathPatterns: ["/a/*", "*"], grpcPathPatterns: ["/a/*"], viewerSchemes: ["https"] })];
    const record = await checked({ connection: { port: listener.port, ...http, uses } });
    expect(record).toMatchObject({
      verdict: "at-risk",
      findings: [{ code: "grpc-without-https", effect: "may", evidence: { pathPatterns: ["/a/*"] } }],
    });
    const matching = uses.map((each) => ({ ...each, viewerSchemes: ["http" as const] }));
    const other = await checked({ connection: { port: listener.port, ...http, uses: matching } });
    expect(codesOf(other)).toEqual([]);
  });

  it("is unknown when the time is up", async () => {
    const record = await checked({ connection: { port: 80, ...http }, signal: AbortSignal.abort() });
    expect([record.verdict, codesOf(record)]).toEqual(["unknown", ["out-of-time"]]);
  });
});

describe("what the plan alone tells", () => {
  it("s3-website-over-https without dialling", () => {
    const domain = "site.s3-website-us-east-1.amazonaws.com";
    const planned = {
      kind: "foreseen",
      reason: "s3-website-over-https",
      connection: connection({ domain, originKind: "s3-website" }),
    } as const;
    expect(judged(planned)).toMatchObject({
      verdict: "failing",
      codes: ["s3-website-over-https"],
      findings: [{ effect: "504", evidence: { seen: domain } }],
    });
  });

  it.each([
    [{ kind: "viewer-host-unknown", why: "staging", expressions: [], parameters: [] }, "viewer-host-unknown"],
    [{ kind: "viewer-host-unknown", why: "multi-tenant", expressions: [], parameters: [] }, "viewer-host-unknown"],
    [
      { kind: "template-value-unresolved", expressions: ["Balancer.DNSName"], parameters: [] },
      "template-value-unresolved",
    ],
  ] as const)("%o is unknown", (reason, code) => {
    expect(judged({ kind: "unseen", reason, connection: connection({}) })).toMatchObject({
      verdict: "unknown",
      codes: [code],
    });
  });

  it("shows what GetVpcOrigin told", () => {
    const endpoint = {
      httpPort: 80,
      httpsPort: 8443,
      originProtocolPolicy: "https-only",
      originSslProtocols: ["TLSv1.2"],
      ipAddressType: "ipv4",
    } as const;
    const reason = { kind: "vpc-origin", vpcOriginId: "vo_1", ownerAccountId: null, endpoint } as const;
    expect(judged({ kind: "unseen", reason, connection: connection({}) }).findings[0]?.evidence).toEqual({
      vpcOriginId: "vo_1",
      originProtocolPolicy: "https-only",
      httpPort: 80,
      httpsPort: 8443,
      originSslProtocols: ["TLSv1.2"],
    });
    const shared = { ...reason, ownerAccountId: "999988887777", endpoint: null };
    expect(judged({ kind: "unseen", reason: shared, connection: connection({}) }).findings[0]?.evidence).toEqual({
      vpcOriginId: "vo_1",
      ownerAccountId: "999988887777",
    });
  });

  it("edge-function-may-reroute notes which functions, for which paths, and leaves the verdict alone", () => {
    const arn = "arn:aws:cloudfront::123456789012:function/route";
    const uses: Use[] = [
      use("E1", { reroutedBy: [{ pathPattern: "/a/*", arn }], pathPatterns: ["/a/*", "/b/*"] }),
      use("E2"),
    ];
    const planned = { kind: "probe", connection: connection({ uses }) } as const;
    const { verdict, findings } = judged(planned);
    expect(verdict).toBe("healthy");
    expect(findings).toMatchObject([
      {
        code: "edge-function-may-reroute",
        effect: "note",
        explanation: expect.stringContaining("The verdict is about the static configuration"),
        evidence: { functions: [arn], pathPatterns: ["/a/*"] },
      },
    ]);
    const skipped = { kind: "skipped", reason: "s3-origin", connection: connection({ uses }) } as const;
    expect(judged(skipped).codes).toEqual([]);
  });
});

describe("a name that few viewers use", () => {
  async function judgedAs(parts: Partial<Connection>, names = ["other.test"], notAfter = 90) {
    const leaf = await root.leaf({ names, notBefore: -90, notAfter });
    const origin = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
    open.push(origin);
    return checked({ connection: { port: origin.port, ...parts }, trusted: [root.certificatePem] });
  }

  it("makes a note of a name that the certificate need not have, and says who is hit", async () => {
    const full = await judgedAs({ forwardedHost: "d1.cloudfront.net" });
    const low = await judgedAs({ forwardedHost: "d1.cloudfront.net", weight: "low" });
    expect([full.verdict, low.verdict]).toEqual(["failing", "healthy"]);
    expect(low.findings).toMatchObject([
      {
        code: "certificate-name-mismatch",
        effect: "note",
        severity: "info",
        explanation: expect.stringContaining("Only viewers who use the name d1.cloudfront.net itself are affected"),
      },
    ]);
  });

  it("makes a risk of what else would be a 502", async () => {
    const record = await judgedAs({ forwardedHost: "d1.cloudfront.net", weight: "low" }, ["d1.cloudfront.net"], -2);
    expect(record).toMatchObject({ verdict: "at-risk", findings: [{ code: "certificate-expired", effect: "may" }] });
  });

  it("makes a note of what would be a risk", async () => {
    const record = await judgedAs({ forwardedHost: "d1.cloudfront.net", weight: "low" }, ["origin.test"]);
    expect(record).toMatchObject({
      verdict: "healthy",
      findings: [{ code: "certificate-host-mismatch", effect: "note", severity: "info" }],
    });
  });

  it("takes a sample's name for no more than a sample, and its certificate's dates in earnest", async () => {
    const sample = { forwardedHost: "origin-watch-sample.example.com", sampled: true };
    const named = await judgedAs(sample);
    expect(named).toMatchObject({
      verdict: "at-risk",
      findings: [{ code: "certificate-name-mismatch", effect: "may", explanation: expect.stringContaining("sample") }],
    });
    const expired = await judgedAs(sample, ["*.example.com"], -1);
    expect(expired).toMatchObject({ verdict: "failing", findings: [{ code: "certificate-expired", effect: "502" }] });
  });

  it.each([
    ["certificate-host-mismatch", "origin.test", "*.example.com"],
    ["certificate-name-mismatch", "other.test", "*.example.com"],
    ["certificate-name-mismatch", "other.test", "dxxxx.cloudfront.net"],
  ])("tells in a %s of a certificate for %s of %s, not of the sample for it", async (code, covered, told) => {
    const forwardedHost = told.replace(/^[^.]+/, "origin-watch-sample");
    const { findings } = await judgedAs({ forwardedHost, sampled: true }, [covered]);
    expect(findings.map((finding) => finding.code)).toEqual([code]);
    expect(JSON.stringify(findings)).not.toContain("origin-watch-sample");
    expect(findings[0]?.cause).toContain(`the forwarded Host ${told}`);
    const step = `Add ${told} to the certificate on the origin.`;
    expect(findings[0]?.remedy.includes(step)).toBe(told.startsWith("*"));
  });

  it("offers no alternative where nobody can get a certificate for the name", async () => {
    const { findings } = await judgedAs({ forwardedHost: "d1.cloudfront.net" });
    expect(findings[0]?.remedy[0]).toMatch(/^Stop forwarding Host, /);
    const named = await judgedAs({ forwardedHost: "www.example.com" });
    expect(named.findings[0]?.remedy[1]).toMatch(/^Or stop forwarding Host, /);
  });
});

describe("originAdvice", () => {
  const name = "certificate-name-mismatch";
  it.each([
    [name, "load-balancer", null, /Nobody but AWS can get a certificate/],
    [name, "load-balancer", "www.example.com", /Add a certificate for www\.example\.com .* listener/],
    [name, "network-load-balancer", "www.example.com", /listener/],
    [name, "ec2", null, /Nobody but AWS/],
    [name, "ec2", "www.example.com", null],
    [name, "global-accelerator", null, /Nobody but AWS/],
    [name, "api-gateway", "www.example.com", /AllViewerExceptHostHeader.*custom domain name/],
    [name, "api-gateway", null, null],
    ["server-name-rejected", "lambda-url", "www.example.com", /AllViewerExceptHostHeader/],
    [name, "cloudfront", "www.example.com", /another distribution/],
    [name, "mediastore", "www.example.com", /AllViewerExceptHostHeader/],
    [name, "host", "www.example.com", null],
    ["certificate-expired", "load-balancer", null, /ACM/],
    ["certificate-expired", "host", null, null],
    ["connection-refused", "load-balancer", null, null],
  ] as const)("for %s at a %s with Host %s: %s", (code, originKind, forwardedHost, expected) => {
    const advice = originAdvice(code, connection({ originKind, forwardedHost }));
    if (expected === null) expect(advice).toBeNull();
    else expect(advice).toMatch(expected);
  });

  it("comes before the general remedy", async () => {
    const leaf = await root.leaf({ names: ["other.test"] });
    const origin = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
    open.push(origin);
    const parts = { port: origin.port, originKind: "load-balancer" } as const;
    const record = await checked({ connection: parts, trusted: [root.certificatePem] });
    expect(record.findings[0]?.remedy[0]).toMatch(/Nobody but AWS/);
    expect(record.findings[0]?.remedy.length).toBeGreaterThan(1);
  });
});

describe("gRPC", () => {
  it("offers h2 by ALPN where the plan says so, and nothing otherwise", async () => {
    const offered: string[][] = [];
    const leaf = await root.leaf({ names: ["origin.test"] });
    const tls = {
      ALPNCallback: ({ protocols }: { protocols: string[] }) => {
        offered.push(protocols);
        return protocols[0];
      },
    };
    const origin = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem, tls });
    open.push(origin);
    for (const alpn of [[], ["h2"]]) {
      const record = await checked({ connection: { port: origin.port, alpn }, trusted: [root.certificatePem] });
      expect(record.verdict).toBe("healthy");
    }
    expect(offered).toEqual([["h2"]]);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("grpc-http2-not-agreed when a %s origin knows no ALPN", async (version) => {
    const leaf = await root.leaf({ names: ["origin.test"] });
    const versions = { minVersion: version, maxVersion: version };
    const origin = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem, ...versions });
    open.push(origin);
    const trusted = [root.certificatePem];
    const record = await checked({ connection: { port: origin.port, alpn: ["h2"] }, trusted });
    expect(record).toMatchObject({
      verdict: "at-risk",
      findings: [
        { code: "grpc-http2-not-agreed", effect: "may", evidence: { expected: "h2 by ALPN", seen: "no ALPN" } },
      ],
    });
    const usual = await checked({ connection: { port: origin.port, alpn: [] }, trusted });
    expect(usual.verdict).toBe("healthy");
  });
});
