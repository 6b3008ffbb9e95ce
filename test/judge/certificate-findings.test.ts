import "reflect-metadata";
import { createPrivateKey } from "node:crypto";
import { ExtendedKeyUsage, ExtendedKeyUsageExtension, Extension } from "@peculiar/x509";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Authority, createAuthority, type Issued, type LeafOptions, selfSigned } from "../sandbox/authority.ts";
import { startBareOrigin } from "../sandbox/bare-origin.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startTlsOrigin, type TlsOriginOptions } from "../sandbox/tls-origin.ts";
import { type CheckOptions, checked, codesOf } from "./checked.ts";

let root: Authority;
let policy: Authority;
let issuing: Authority;
const open: Listener[] = [];

beforeAll(async () => {
  root = await createAuthority({ name: "Trusted Root" });
  policy = await root.intermediate({ name: "Policy CA" });
  issuing = await policy.intermediate({ name: "Issuing CA" });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

async function serve(
  issued: Issued,
  rest: readonly { certificatePem: string }[],
  check: Omit<CheckOptions, "connection"> & { connection?: Partial<CheckOptions["connection"]> } = {},
  server: Partial<TlsOriginOptions> = {},
) {
  const chain = [issued, ...rest].map(({ certificatePem }) => certificatePem);
  const origin = await startTlsOrigin({ chain, keyPem: issued.keyPem, ...server });
  open.push(origin);
  const record = await checked({
    trusted: [root.certificatePem],
    ...check,
    connection: { port: origin.port, ...check.connection },
  });
  return { record, connections: origin.connections() };
}

function leaf(options: Partial<LeafOptions> = {}): Promise<Issued> {
  return issuing.leaf({ names: ["origin.test"], ...options });
}

const forwarded = { connection: { forwardedHost: "www.example.com" } };

describe("a healthy origin", () => {
  it.each([
    ["TLS 1.3", {}],
    ["TLS 1.2", { maxVersion: "TLSv1.2" }],
    ["TLS 1.3 only", { minVersion: "TLSv1.3" }],
    ["X25519 only", { tls: { ecdhCurve: "X25519" } }],
    ["P-384 only", { tls: { ecdhCurve: "P-384" } }],
  ] as const)("is healthy after one connection with %s", async (_, server) => {
    const { record, connections } = await serve(await leaf(), [issuing, policy], {}, server);
    expect([codesOf(record), record.verdict, connections]).toEqual([[], "healthy", 1]);
  });

  it("is healthy with a wildcard certificate", async () => {
    const { record } = await serve(await leaf({ names: ["*.test"] }), [issuing, policy]);
    // OpenSSL takes no wildcard directly below a top-level domain; AWS's library does.
    expect([codesOf(record), record.verdict]).toEqual([["certificate-name-mismatch"], "at-risk"]);
    const deeper = await serve(await leaf({ names: ["*.origin.test"] }), [issuing, policy], {
      connection: { domain: "a.origin.test" },
    });
    expect(deeper.record.verdict).toBe("healthy");
  });

  it("is healthy with the forwarded Host in the certificate and nothing else", async () => {
    const { record } = await serve(await leaf({ names: ["www.example.com"] }), [issuing, policy], forwarded);
    expect(record.verdict).toBe("healthy");
  });

  it("is healthy below an intermediate that the operator trusts, without its root", async () => {
    const { record } = await serve(await leaf(), [issuing], { trusted: [policy.certificatePem] });
    expect([codesOf(record), record.verdict]).toEqual([[], "healthy"]);
  });

  it("tells what it saw", async () => {
    const { record } = await serve(await leaf(), [issuing, policy]);
    expect(record.observed.addresses).toMatchObject([
      {
        address: "127.0.0.1",
        outcome: "handshake completed",
        protocol: "TLSv1.3",
        group: "secp256r1",
        signatureScheme: "ecdsa_secp256r1_sha256",
        chain: [
          { names: ["origin.test"], key: "ECDSA P-256", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
          { subject: expect.stringContaining("CN=Issuing CA") },
          { subject: expect.stringContaining("CN=Policy CA"), issuer: expect.stringContaining("CN=Trusted Root") },
        ],
      },
    ]);
  });
});

describe("certificate findings", () => {
  it("certificate-expired, and not certificate-expiring", async () => {
    const { record } = await serve(await leaf({ notBefore: -92, notAfter: -2 }), [issuing, policy]);
    expect(record).toMatchObject({
      verdict: "failing",
      findings: [{ code: "certificate-expired", title: "certificate expired 2 days ago" }],
    });
    expect(record.findings).toHaveLength(1);
  });

  it("certificate-not-yet-valid", async () => {
    const { record } = await serve(await leaf({ notBefore: 2, notAfter: 92 }), [issuing, policy]);
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["certificate-not-yet-valid"]]);
  });

  it.each([
    [90, 20, ["certificate-expiring"]],
    [90, 22, []],
    [6, 2.5, []],
    [6, 1.5, ["certificate-expiring"]],
    [48, 11, ["certificate-expiring"]],
    [48, 13, []],
  ])("certificate-expiring, of %s days with %s left: %s", async (lifetime, left, expected) => {
    const { record } = await serve(await leaf({ notBefore: left - lifetime, notAfter: left }), [issuing, policy]);
    expect(codesOf(record)).toEqual(expected);
    expect(record.verdict).toBe(expected.length === 0 ? "healthy" : "at-risk");
  });

  it.each([
    [90, 21],
    [30, 7.5],
  ])(
    "tells programs when a certificate of %s days expires, and that the warning began %s days before",
    async (lifetime, window) => {
      const { record } = await serve(await leaf({ notBefore: 5 - lifetime, notAfter: 5 }), [issuing, policy]);
      const { expiresAt = "", warnedFrom = "" } = record.findings[0]?.facts ?? {};
      expect(expiresAt).toBe(record.observed.addresses[0]?.chain[0]?.notAfter);
      expect(Date.parse(expiresAt) - Date.parse(warnedFrom)).toBeCloseTo(window * 86_400_000, -4);
    },
  );

  it("judges as of the time it is given, whatever OpenSSL's clock says", async () => {
    const inTwoYears = Date.now() + 2 * 365 * 86_400_000;
    const { record } = await serve(await leaf(), [issuing, policy], { now: inTwoYears });
    expect(codesOf(record)).toEqual(["certificate-expired"]);
    const back = await serve(await leaf({ notBefore: -92, notAfter: -2 }), [issuing, policy], {
      now: Date.now() - 50 * 86_400_000,
    });
    expect(codesOf(back.record)).toEqual([]);
  });

  it("certificate-name-mismatch without a forwarded Host", async () => {
    const { record } = await serve(await leaf({ names: ["www.example.com"] }), [issuing, policy]);
    expect(record).toMatchObject({
      verdict: "failing",
      findings: [
        { code: "certificate-name-mismatch", evidence: { expected: ["origin.test"], seen: ["www.example.com"] } },
      ],
    });
  });

  it("certificate-name-mismatch with a forwarded Host when neither name is covered", async () => {
    const { record } = await serve(await leaf({ names: ["other.test"] }), [issuing, policy], forwarded);
    expect(codesOf(record)).toEqual(["certificate-name-mismatch"]);
  });

  it("finds the name behind thousands of others", async () => {
    const others = Array.from({ length: 4_000 }, (_, index) => `n${index}.test`);
    const { record } = await serve(await leaf({ names: [...others, "origin.test"] }), [issuing, policy]);
    expect([record.verdict, codesOf(record)]).toEqual(["healthy", []]);
  });

  it("certificate-host-mismatch when only the origin domain is covered", async () => {
    const { record } = await serve(await leaf(), [issuing, policy], forwarded);
    expect([record.verdict, codesOf(record)]).toEqual(["at-risk", ["certificate-host-mismatch"]]);
  });

  it("certificate-self-signed", async () => {
    const { record } = await serve(await selfSigned({ names: ["origin.test"] }), []);
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["certificate-self-signed"]]);
  });

  it("certificate-untrusted with the private root in the chain", async () => {
    const company = await createAuthority({ name: "Company" });
    const { record } = await serve(await company.leaf({ names: ["origin.test"] }), [company]);
    expect(codesOf(record)).toContain("certificate-untrusted");
    expect(codesOf(record)).not.toContain("chain-incomplete");
    expect(record.verdict).toBe("failing");
  });

  it("certificate-untrusted with the private root rightly left out", async () => {
    const company = await createAuthority({ name: "Company Root CA" });
    const companyIssuing = await company.intermediate({ name: "Company Issuing" });
    const { record } = await serve(await companyIssuing.leaf({ names: ["origin.test"] }), [companyIssuing]);
    expect(codesOf(record)).toEqual(["certificate-untrusted"]);
  });

  it("chain-incomplete, naming what is missing and where it is published", async () => {
    const aia = "http://ca.example.test/issuing.crt";
    const { record } = await serve(await leaf({ aia }), []);
    expect(record).toMatchObject({
      verdict: "failing",
      findings: [
        {
          code: "chain-incomplete",
          evidence: { expected: expect.stringContaining("CN=Issuing CA"), publishedAt: [aia] },
        },
      ],
    });
  });

  it("chain-incomplete with only the upper intermediate missing", async () => {
    const { record } = await serve(await leaf(), [issuing]);
    expect(record.findings).toMatchObject([
      { code: "chain-incomplete", evidence: { expected: expect.stringContaining("Policy CA") } },
    ]);
  });

  it("chain-incomplete says what would follow on the missing certificate, where that was sent", async () => {
    const { record } = await serve(await leaf(), [policy]);
    expect(record.findings[0]).toMatchObject({
      code: "chain-incomplete",
      explanation: expect.stringContaining("CN=Policy CA was sent too and leads to a trusted root"),
      evidence: { leadsToTrustedRoot: expect.stringContaining("CN=Policy CA") },
    });
  });

  it.each([
    ["nothing else was sent", async () => []],
    ["only an expired one was", async () => [await root.crossSign(policy, { notBefore: -700, notAfter: -3 })]],
    ["only a private one was", async () => [await createAuthority({ name: "Stranger" })]],
  ])("chain-incomplete says nothing of what would follow, where %s", async (_, rest) => {
    const { record } = await serve(await leaf(), await rest());
    expect(record.findings[0]?.code).toBe("chain-incomplete");
    expect(record.findings[0]?.evidence).not.toHaveProperty("leadsToTrustedRoot");
  });

  it("chain-out-of-order", async () => {
    const { record } = await serve(await leaf(), [policy, issuing]);
    expect([record.verdict, codesOf(record)]).toEqual(["at-risk", ["chain-out-of-order"]]);
  });

  it("chain-out-of-order where the leaf is not first, which fails", async () => {
    const { der, keyPem } = await leaf();
    const origin = await startBareOrigin({
      certificates: [issuing.der, der, policy.der],
      key: createPrivateKey(keyPem),
    });
    open.push(origin);
    const record = await checked({ trusted: [root.certificatePem], connection: { port: origin.port } });
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["chain-out-of-order"]]);
    expect(record.findings[0]?.title).toContain("not sent first");
  });

  it.each([
    ["root", () => [issuing, policy, root], []],
    ["stranger at the end", () => [issuing, policy, stranger], []],
    ["duplicate at the end", () => [issuing, policy, policy], []],
    ["stranger in the middle", () => [issuing, stranger, policy], ["chain-out-of-order"]],
    ["duplicate in the middle", () => [issuing, issuing, policy], ["chain-out-of-order"]],
  ])("chain-superfluous with a %s, which alone leaves the origin healthy", async (_, rest, besides) => {
    stranger = await createAuthority({ name: "Stranger" });
    const { record } = await serve(await leaf(), rest());
    const verdict = besides.length === 0 ? "healthy" : "at-risk";
    expect([record.verdict, codesOf(record)]).toEqual([verdict, [...besides, "chain-superfluous"]]);
  });

  it("intermediate-expired", async () => {
    const old = await policy.intermediate({ name: "Old Issuing CA", notBefore: -700, notAfter: -3 });
    const { record } = await serve(await old.leaf({ names: ["origin.test"] }), [old, policy]);
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["intermediate-expired"]]);
  });

  it.each([
    [5, ["intermediate-expiring"]],
    [40, []],
  ])("intermediate-expiring with %s days left: %s", async (left, expected) => {
    const ending = await policy.intermediate({ name: "Ending CA", notBefore: -700, notAfter: left });
    const { record } = await serve(await ending.leaf({ names: ["origin.test"] }), [ending, policy]);
    expect(codesOf(record)).toEqual(expected);
  });

  it("says nothing of an expiring intermediate when the leaf ends before it", async () => {
    const ending = await policy.intermediate({ name: "Ending CA", notBefore: -700, notAfter: 5 });
    const { record } = await serve(await ending.leaf({ names: ["origin.test"], notBefore: -85, notAfter: 4 }), [
      ending,
      policy,
    ]);
    expect(codesOf(record)).toEqual(["certificate-expiring"]);
  });

  it("intermediate-not-yet-valid", async () => {
    const early = await policy.intermediate({ name: "Early CA", notBefore: 3 });
    const { record } = await serve(await early.leaf({ names: ["origin.test"] }), [early, policy]);
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["intermediate-not-yet-valid"]]);
  });

  it.each([
    ["expired", { notBefore: -700, notAfter: -3 }],
    ["not yet valid", { notBefore: 3, notAfter: 700 }],
  ])("certificate-invalid under a root that is %s", async (_, validity) => {
    const odd = await createAuthority({ name: "Odd Root", ...validity });
    const { record } = await serve(await odd.leaf({ names: ["origin.test"] }), [], { trusted: [odd.certificatePem] });
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["certificate-invalid"]]);
  });

  it("chain-out-of-order when the root stands before an intermediate", async () => {
    const { record } = await serve(await leaf(), [issuing, root, policy]);
    expect(codesOf(record)).toContain("chain-out-of-order");
  });

  it("names what is wrong on a long chain", async () => {
    let last = root;
    const chain: Authority[] = [];
    for (let depth = 0; depth < 14; depth += 1) {
      last = await last.intermediate({ name: `Depth ${depth}` });
      chain.unshift(last);
    }
    const deep = await last.leaf({ names: ["origin.test"] });
    const { record } = await serve(deep, chain);
    expect(codesOf(record)).toEqual(["chain-too-long"]);
    const swapped = [...chain.slice(0, -2), ...chain.slice(-2).toReversed()];
    expect(codesOf((await serve(deep, swapped)).record)).toEqual(["chain-too-long", "chain-out-of-order"]);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "handshake-too-large for a certificate beyond our own limits in %s",
    async (maxVersion) => {
      const names = Array.from({ length: 3_000 }, (_, index) => `${"a".repeat(50)}.${index}.origin.test`);
      const huge = await leaf({ names: ["origin.test", ...names] });
      const { record } = await serve(huge, [issuing, policy], {}, { maxVersion });
      expect([record.verdict, codesOf(record)]).toEqual(["at-risk", ["handshake-too-large"]]);
    },
  );

  it("prefers the renewed one of two intermediates, as CloudFront can", async () => {
    const expired = await root.crossSign(policy, { notBefore: -700, notAfter: -3 });
    const { record } = await serve(await leaf(), [issuing, policy, expired]);
    expect([record.verdict, codesOf(record)]).toEqual(["healthy", ["chain-superfluous"]]);
  });

  it.each([
    ["rsa-4096", "healthy", []],
    ["rsa-1024", "healthy", []],
    ["rsa-4160", "failing", ["certificate-key-unsupported"]],
    ["ec-p384", "at-risk", ["certificate-key-undocumented"]],
    ["ec-p521", "at-risk", ["certificate-key-undocumented"]],
  ] as const)("a key of %s is %s: %s", async (key, verdict, expected) => {
    const tls = { ciphers: "DEFAULT@SECLEVEL=0" };
    const { record } = await serve(await leaf({ key }), [issuing, policy], {}, { tls });
    expect([record.verdict, codesOf(record)]).toEqual([verdict, expected]);
  });

  it.each([
    ["rsa-1024", "healthy", []],
    ["rsa-4096", "healthy", []],
    ["ec-p384", "healthy", []],
    ["rsa-4160", "at-risk", ["certificate-key-unsupported"]],
    ["ed25519", "at-risk", ["certificate-key-unsupported"]],
  ] as const)("an intermediate with a key of %s is %s: %s", async (key, verdict, expected) => {
    const odd = await policy.intermediate({ name: "Odd CA", key });
    const tls = { ciphers: "DEFAULT@SECLEVEL=0" };
    const { record } = await serve(await odd.leaf({ names: ["origin.test"] }), [odd, policy], {}, { tls });
    expect([record.verdict, codesOf(record)]).toEqual([verdict, expected]);
  });

  it.each([
    ["SHA-1", "at-risk"],
    ["MD5", "failing"],
  ] as const)("certificate-signature-weak for %s: %s", async (hash, verdict) => {
    const rsaRoot = await createAuthority({ name: "RSA Root", key: "rsa-2048" });
    const weak = await rsaRoot.leaf({ names: ["origin.test"], hash });
    const { record } = await serve(
      weak,
      [],
      { trusted: [rsaRoot.certificatePem] },
      { tls: { ciphers: "DEFAULT@SECLEVEL=0" } },
    );
    expect([record.verdict, codesOf(record)]).toEqual([verdict, ["certificate-signature-weak"]]);
  });

  it.each([
    ["client authentication only", { eku: ["clientAuth"] }],
    ["code signing only", { eku: ["codeSigning"] }],
  ] as const)("certificate-purpose for %s", async (_, options) => {
    const { record } = await serve(await leaf(options), [issuing, policy]);
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["certificate-purpose"]]);
  });

  it("certificate-purpose for an intermediate, and names that", async () => {
    const extensions = [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])];
    const clients = await policy.intermediate({ name: "Client CA", extensions });
    const { record } = await serve(await clients.leaf({ names: ["origin.test"] }), [clients, policy]);
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["certificate-purpose"]]);
    expect(record.findings).toMatchObject([
      {
        title: "CA certificate is not for TLS servers",
        explanation: expect.stringMatching(/CN=Client CA.* is for client authentication only/),
      },
    ]);
  });

  it("is healthy without any extended key usage", async () => {
    const { record } = await serve(await leaf({ eku: null }), [issuing, policy]);
    expect(record.verdict).toBe("healthy");
  });

  it("certificate-invalid when path validation fails for another reason", async () => {
    const fake = await policy.intermediate({ name: "Not a CA", ca: false });
    const { record } = await serve(await fake.leaf({ names: ["origin.test"] }), [fake, policy]);
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["certificate-invalid"]]);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "judges the leaf before more certificates than anybody needs in %s",
    async (maxVersion) => {
      const others = await Promise.all(Array.from({ length: 110 }, () => root.leaf({ names: ["other.test"] })));
      const expired = await leaf({ notBefore: -92, notAfter: -2 });
      const { record } = await serve(expired, [issuing, policy, ...others], {}, { maxVersion });
      expect([record.verdict, codesOf(record)]).toEqual([
        "failing",
        ["chain-too-long", "certificate-expired", "chain-superfluous"],
      ]);
      expect(record.observed.addresses[0]?.chain).toHaveLength(113);
    },
  );

  it("certificate-invalid for a name constraint, in words that say what to look for", async () => {
    // GeneralSubtrees of the permitted name b.test (RFC 5280 §4.2.1.10).
    const constraints = Buffer.from("300ca00a30088206622e74657374", "hex");
    const limited = await policy.intermediate({
      name: "Limited CA",
      extensions: [new Extension("2.5.29.30", true, constraints)],
    });
    const { record } = await serve(await limited.leaf({ names: ["origin.test"] }), [limited, policy]);
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["certificate-invalid"]]);
    expect(record.findings[0]?.explanation).toContain("name constraints");
    const named = await serve(await limited.leaf({ names: ["a.b.test"] }), [limited, policy], {
      connection: { domain: "a.b.test" },
    });
    expect(named.record.verdict).toBe("healthy");
  });

  it("lists all defects of one certificate", async () => {
    const { record } = await serve(await leaf({ names: ["other.test"], notBefore: -92, notAfter: -2 }), []);
    expect(codesOf(record)).toEqual(["certificate-name-mismatch", "certificate-expired", "chain-incomplete"]);
  });

  it("judges the certificate even where the handshake fails afterwards", async () => {
    const tls = { requestCert: true, rejectUnauthorized: true };
    const { record } = await serve(await leaf({ notBefore: -92, notAfter: -2 }), [issuing, policy], {}, { tls });
    expect(codesOf(record)).toEqual(["client-certificate-required", "certificate-expired"]);
  });
});

let stranger: Authority;
