import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { judge } from "../../lambda/judge/judge.ts";
import { verdictOf } from "../../lambda/judge/verdict.ts";
import type { UnseenReason } from "../../lambda/plan/connection.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { type Authority, createAuthority, type Issued } from "../sandbox/authority.ts";
import { type DnsServer, startDnsServer } from "../sandbox/dns-server.ts";
import { type Listener, listen } from "../sandbox/listener.ts";
import { startTlsOrigin } from "../sandbox/tls-origin.ts";
import { checked, codesOf, connection } from "./checked.ts";

let dns: DnsServer;
let root: Authority;
let leaf: Issued;
const open: Listener[] = [];

beforeAll(async () => {
  dns = await startDnsServer({
    "servfail.test": { rcode: "SERVFAIL" },
    "v6-only.test": { AAAA: ["2001:db8::1"] },
    "v4-only.test": { A: ["127.0.0.1"] },
    "metadata.test": { A: ["169.254.169.254"] },
    "loopback.test": { A: ["127.0.0.1"] },
    "mixed.test": { A: ["127.0.0.1", "10.0.0.1"] },
  });
  root = await createAuthority({ name: "Trusted Root" });
  leaf = await root.leaf({ names: ["*.v4-only.test", "v4-only.test", "mixed.test"] });
});

afterAll(() => dns.close());
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

function answeredByDns(domain: string, overrides = {}, guard: readonly string[] = ["127.0.0.0/8"]) {
  return checked({
    connection: { domain, port: 443, ...overrides },
    dns: [dns.address],
    connectTo: null,
    guard,
    trusted: [root.certificatePem],
  });
}

describe("DNS findings", () => {
  it.each([
    ["missing.test", "ipv4", "failing", "dns-name-not-found"],
    ["v6-only.test", "ipv4", "failing", "dns-no-address"],
    ["v4-only.test", "ipv6", "failing", "dns-no-address"],
    ["servfail.test", "ipv4", "unknown", "dns-lookup-failed"],
  ] as const)("%s asked for %s is %s: %s", async (domain, ipAddressType, verdict, code) => {
    const record = await answeredByDns(domain, { ipAddressType });
    expect([record.verdict, codesOf(record)]).toEqual([verdict, [code]]);
  });

  it("dns-name-not-found names where a CNAME leads, and says that the record exists", async () => {
    dns.set("dangling.test", { CNAME: "www.gone.test" });
    dns.set("www.gone.test", { CNAME: "gone.test" });
    const {
      findings: [found],
    } = await answeredByDns("dangling.test");
    expect(found).toMatchObject({
      code: "dns-name-not-found",
      effect: "502",
      title: "CNAME points to a name that does not exist",
      cause: "dangling.test is a CNAME for gone.test, which does not exist in public DNS (NXDOMAIN).",
      evidence: { target: "gone.test" },
    });
    expect(found?.remedy.join()).not.toContain("Create the DNS record");
    dns.set("endless.test", { CNAME: "endless.test" });
    expect(codesOf(await answeredByDns("endless.test"))).toEqual(["dns-lookup-failed"]);
  });

  it.each([
    ["AAAA", { A: ["127.0.0.1"] }],
    ["A", { AAAA: ["::1"] }],
  ])(
    "dns-lookup-failed where %s alone got no answer, because what is there was not looked at",
    async (type, records) => {
      const address = type === "AAAA" ? "127.0.0.1" : "::1";
      const issued = await root.leaf({ names: ["half.test"] });
      const origin = await startTlsOrigin({ chain: [issued.certificatePem], keyPem: issued.keyPem, address });
      open.push(origin);
      dns.set("half.test", { ...records, rcodeOf: { [type]: "SERVFAIL" } });
      const half = { port: origin.port, ipAddressType: "dualstack" };
      const record = await answeredByDns("half.test", half, ["127.0.0.0/8", "::1/128"]);
      expect(record.findings.filter(({ code }) => code === "dns-lookup-failed")).toMatchObject([
        {
          effect: "unseen",
          title: `DNS gives no answer for ${type} records`,
          evidence: { expected: `${type} records, or that there are none` },
        },
      ]);
      expect(record.observed.addresses).toHaveLength(1);
      expect(record.verdict).not.toBe("healthy");
      dns.set("half.test", records);
      expect(codesOf(await answeredByDns("half.test", half, ["127.0.0.0/8", "::1/128"]))).not.toContain(
        "dns-lookup-failed",
      );
    },
  );

  it.each(["metadata.test", "loopback.test"])("dns-private-address for %s, without dialling it", async (domain) => {
    const listener = await listen(createServer());
    open.push(listener);
    const record = await answeredByDns(domain, { port: listener.port }, []);
    expect(record).toMatchObject({ verdict: "failing", findings: [{ code: "dns-private-address", effect: "504" }] });
    expect(listener.connections()).toBe(0);
  });

  it("asks once for a name that several connections have", async () => {
    const before = dns.queries().length;
    await answeredByDns("v4-only.test");
    expect(dns.queries().length - before).toBe(1);
  });
});

describe("several addresses", () => {
  it("some-addresses-failing when one of two fails, and the defect only as a risk", async () => {
    const origin = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
    open.push(origin);
    const record = await answeredByDns("mixed.test", { port: origin.port });
    expect(record).toMatchObject({
      verdict: "at-risk",
      findings: [
        {
          code: "some-addresses-failing",
          title: "1 of 2 addresses fails",
          evidence: { seen: [{ address: "10.0.0.1", codes: ["dns-private-address"] }] },
        },
        { code: "dns-private-address", effect: "may", severity: "warning", address: "10.0.0.1" },
      ],
    });
    expect(origin.connections()).toBe(1);
  });
});

describe("what we could not see", () => {
  it("out-of-time when the deadline has passed, never the origin's fault", async () => {
    const record = await checked({ connection: { port: 443 }, signal: AbortSignal.abort() });
    expect([record.verdict, codesOf(record)]).toEqual(["unknown", ["out-of-time"]]);
  });

  it("out-of-time when the deadline comes during a handshake", async () => {
    const silent = await listen(createServer());
    open.push(silent);
    const record = await checked({
      connection: { port: silent.port, connectTimeoutMs: 10_000 },
      signal: AbortSignal.timeout(200),
    });
    expect([record.verdict, codesOf(record)]).toEqual(["unknown", ["out-of-time"]]);
  });

  it.each<[UnseenReason, string]>([
    [{ kind: "vpc-origin", vpcOriginId: "vo_1", ownerAccountId: null, endpoint: null }, "vpc-origin"],
    [{ kind: "tenant-parameters-unresolved", parameters: ["tenant"] }, "tenant-parameters-unresolved"],
    [{ kind: "policy-unresolved", policyIds: ["p"], parameters: [] }, "policy-unresolved"],
    [{ kind: "origin-invalid", detail: "port 0" }, "origin-invalid"],
  ])("%o is unknown", (reason, code) => {
    const planned = { kind: "unseen", reason, connection: connection({}) } as const;
    const findings = judge(planned, [], { now: 0, expiryWarningDays: 21, anchors: trustAnchors() });
    expect([verdictOf(planned, findings), findings.map((finding) => finding.code)]).toEqual(["unknown", [code]]);
  });

  it("origin-unused leaves the origin skipped", () => {
    const planned = { kind: "skipped", reason: "origin-unused", connection: connection({}) } as const;
    const findings = judge(planned, [], { now: 0, expiryWarningDays: 21, anchors: trustAnchors() });
    expect([verdictOf(planned, findings), findings.map(({ code }) => code)]).toEqual(["skipped", ["origin-unused"]]);
  });
});
