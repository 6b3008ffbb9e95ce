import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { judge } from "../../lambda/judge/judge.ts";
import type { Observation, Transcript } from "../../lambda/probe/observation.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { type Authority, createAuthority, type Issued } from "../sandbox/authority.ts";
import { startDeafOrigin } from "../sandbox/deaf-origin.ts";
import { startDnsServer } from "../sandbox/dns-server.ts";
import { type Listener, reserveRefusingPort } from "../sandbox/listener.ts";
import { startRawOrigin } from "../sandbox/raw-origin.ts";
import { serverFlight } from "../sandbox/server-flight.ts";
import { startTlsOrigin } from "../sandbox/tls-origin.ts";
import { checked, codesOf, connection } from "./checked.ts";

let root: Authority;
const open: Listener[] = [];

beforeAll(async () => {
  root = await createAuthority({ name: "Trusted Root", key: "rsa-2048" });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

const guard = ["255.255.255.255/32", "ff02::/16"];

/** The record of both.test, which shows the leaf by IPv4 and has an IPv6 address that Linux refuses at once. */
async function besideUnreachable(leaf: Issued) {
  const origin = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
  const dns = await startDnsServer({ "both.test": { A: ["127.0.0.1"], AAAA: ["ff02::1"] } });
  open.push(origin);
  const record = await checked({
    connection: { domain: "both.test", port: origin.port, ipAddressType: "dualstack" },
    dns: [dns.address],
    connectTo: null,
    guard: ["127.0.0.0/8", ...guard],
    trusted: [root.certificatePem],
  });
  await dns.close();
  return record;
}

describe("what we cannot see from here", () => {
  it.runIf(process.platform === "linux")("connection-timed-out after every attempt, and no verdict", async () => {
    const deaf = await startDeafOrigin();
    if (deaf === null) throw new Error("the deaf origin hears");
    open.push(deaf);
    const started = performance.now();
    const record = await checked({ connection: { port: deaf.port, connectTimeoutMs: 150, connectAttempts: 3 } });
    expect(record).toMatchObject({
      verdict: "unknown",
      findings: [{ code: "connection-timed-out", effect: "unseen", evidence: { attempts: 3, timeoutMs: 150 } }],
    });
    expect(performance.now() - started).toBeGreaterThan(445);
  });

  it.runIf(process.platform === "linux").each(["accepts", "refuses"] as const)(
    "connection-timed-out where the port for HTTP %s: quoted, and no other effect",
    async (answer) => {
      const [deaf, accepting] = [await startDeafOrigin(), await startRawOrigin({ kind: "silent" })];
      if (deaf === null) throw new Error("the deaf origin hears");
      const refusing = await reserveRefusingPort();
      open.push(deaf, accepting, refusing);
      const { port } = answer === "accepts" ? accepting : refusing;
      const { verdict, findings } = await checked({
        connection: { port: deaf.port, httpPort: port, connectTimeoutMs: 150, connectAttempts: 1 },
      });
      expect([verdict, findings.map(({ code, effect }) => [code, effect])]).toEqual([
        "unknown",
        [["connection-timed-out", "unseen"]],
      ]);
      const quoted = answer === "accepts";
      expect(findings[0]?.evidence.acceptedOn).toBe(quoted ? port : undefined);
      expect(findings[0]?.cause.includes(`port ${port} accepts connections`)).toBe(quoted);
      expect(accepting.connections()).toBe(quoted ? 1 : 0);
    },
  );

  // Linux refuses TCP to a broadcast or multicast address at once, without a packet.
  it.runIf(process.platform === "linux").each([
    ["connection-unreachable", "255.255.255.255", "ipv4", "unknown", "unseen"],
    ["ipv6-not-testable", "ff02::1", "ipv6", "unknown", "unseen"],
    ["ipv6-not-testable", "ff02::1", "dualstack", "unknown", "unseen"],
  ] as const)("%s for %s as %s: %s", async (code, address, ipAddressType, verdict, effect) => {
    const record = await checked({ connection: { port: 443, ipAddressType }, connectTo: address, guard });
    expect(record).toMatchObject({ verdict, findings: [{ code, effect, address }] });
    expect(record.findings).toHaveLength(1);
  });

  it.runIf(process.platform === "linux")("ipv6-not-testable as a note beside a healthy IPv4 address", async () => {
    const leaf = await root.leaf({ names: ["both.test"] });
    const record = await besideUnreachable(leaf);
    expect(record).toMatchObject({ verdict: "healthy", findings: [{ code: "ipv6-not-testable", effect: "note" }] });
  });

  it.runIf(process.platform === "linux")(
    "a defect on all addresses but an IPv6 one that cannot be tested",
    async () => {
      const leaf = await root.leaf({ names: ["both.test"], notBefore: -92, notAfter: -2 });
      const record = await besideUnreachable(leaf);
      expect(record).toMatchObject({
        verdict: "failing",
        findings: [
          { code: "certificate-expired", effect: "502", address: "127.0.0.1" },
          { code: "ipv6-not-testable", address: "ff02::1" },
        ],
      });
    },
  );

  it("probe-failed for a fault of our own, told as such", async () => {
    // No port is that high, so that Node throws.
    const record = await checked({ connection: { port: 70_000 } });
    expect(record).toMatchObject({
      verdict: "unknown",
      findings: [{ code: "probe-failed", effect: "unseen", evidence: { seen: expect.stringContaining("70000") } }],
    });
  });

  it("certificate-unreadable after a handshake of which no certificate is known", () => {
    const transcript: Transcript = {
      bytesReceived: 5_000,
      protocol: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      group: "x25519",
      signatureScheme: null,
      certificates: [],
      clientCertificateRequested: false,
      warnings: [],
      unreadable: "protected record that does not authenticate",
    };
    const completed = {
      kind: "handshake-completed",
      openssl: { ok: true },
      alpn: null,
      listedVersionsOnly: null,
    } as const;
    const observation: Observation = {
      dns: { kind: "given", addresses: ["127.0.0.1"] },
      addresses: [{ address: "127.0.0.1", outcome: { ...completed, transcript }, ms: 10 }],
      addressesLeftOut: 0,
    };
    const planned = { kind: "probe", connection: connection({}) } as const;
    const findings = judge(planned, [{ vantage: "here", observation }], {
      now: 0,
      expiryWarningDays: 21,
      anchors: trustAnchors(),
    });
    expect(findings).toMatchObject([
      { code: "certificate-unreadable", effect: "unseen", evidence: { seen: transcript.unreadable } },
    ]);
  });

  it("certificate-invalid for what cannot be decoded beside what can", async () => {
    const leaf = await root.leaf({ names: ["origin.test"], key: "rsa-2048" });
    const certificates = [leaf.der, Buffer.from("3003020100", "hex")];
    const origin = await startRawOrigin(serverFlight({ version: 0x0303, cipherSuite: 0x000a, certificates }));
    open.push(origin);
    const record = await checked({ trusted: [root.certificatePem], connection: { port: origin.port } });
    expect(record).toMatchObject({
      verdict: "failing",
      findings: [{ code: "certificate-invalid", evidence: { position: 2 } }],
    });
  });
});

describe("what may fail", () => {
  it("certificate-path-ambiguous where OpenSSL goes the wrong one of two ways", async () => {
    const stranger = await createAuthority({ name: "Stranger" });
    const issuing = await root.intermediate({ name: "Issuing CA" });
    const leaf = await issuing.leaf({ names: ["origin.test"] });
    const astray = await stranger.crossSign(issuing);
    const chain = [leaf, astray, issuing].map(({ certificatePem }) => certificatePem);
    const origin = await startTlsOrigin({ chain, keyPem: leaf.keyPem });
    open.push(origin);
    const record = await checked({ trusted: [root.certificatePem], connection: { port: origin.port } });
    expect(record.verdict).toBe("failing");
    expect(record.findings.filter(({ effect }) => effect !== "note")).toMatchObject([
      { code: "certificate-path-ambiguous", effect: "502" },
    ]);
    expect(codesOf(record)).not.toContain("chain-incomplete");
  });

  it.each([
    ["expired", { notBefore: -700, notAfter: -3 }],
    ["not yet valid", { notBefore: 3, notAfter: 700 }],
  ])("certificate-path-ambiguous where the way that OpenSSL goes is %s", async (_, validity) => {
    const lapsed = await root.intermediate({ name: "Lapsed CA", ...validity });
    const policy = await root.intermediate({ name: "Policy CA" });
    const issuing = await lapsed.intermediate({ name: "Issuing CA" });
    const leaf = await issuing.leaf({ names: ["origin.test"] });
    const chain = [leaf, issuing, lapsed, await policy.crossSign(issuing), policy];
    const origin = await startTlsOrigin({
      chain: chain.map(({ certificatePem }) => certificatePem),
      keyPem: leaf.keyPem,
    });
    open.push(origin);
    const check = { trusted: [root.certificatePem], connection: { port: origin.port } };
    const record = await checked(check);
    expect(record.verdict).toBe("failing");
    expect(record.findings.filter(({ effect }) => effect !== "note")).toMatchObject([
      { code: "certificate-path-ambiguous", effect: "502" },
    ]);
    // OpenSSL looks at the clock. As of a time at which every certificate is valid, its word on dates is none.
    const whenAllAreValid = Date.now() + (validity.notBefore > 0 ? 10 : -500) * 86_400_000;
    const others = await checked({ ...check, now: whenAllAreValid });
    expect(codesOf(others)).not.toContain("certificate-path-ambiguous");
  });

  // OpenSSL gives up on every message of more than 100 kB before the limit, so a real server hardly gets so far.
  it("handshake-too-large", () => {
    const transcript: Transcript = {
      bytesReceived: 262_145,
      protocol: "TLSv1.2",
      cipherSuite: "TLS_RSA_WITH_AES_128_CBC_SHA",
      group: null,
      signatureScheme: null,
      certificates: [],
      clientCertificateRequested: false,
      warnings: [],
      unreadable: null,
    };
    const failure = { kind: "too-much-data", limitBytes: 262_144 } as const;
    const outcome = { kind: "handshake-failed", failure, transcript, experiments: [] } as const;
    const observation: Observation = {
      dns: { kind: "given", addresses: ["127.0.0.1"] },
      addresses: [{ address: "127.0.0.1", outcome, ms: 10 }],
      addressesLeftOut: 0,
    };
    const planned = { kind: "probe", connection: connection({}) } as const;
    const findings = judge(planned, [{ vantage: "here", observation }], {
      now: 0,
      expiryWarningDays: 21,
      anchors: trustAnchors(),
    });
    expect(findings).toMatchObject([{ code: "handshake-too-large", effect: "may" }]);
  });
});
