import "reflect-metadata";
import { X509Certificate } from "node:crypto";
import {
  AuthorityKeyIdentifierExtension,
  X509Certificate as ParsedCertificate,
  SubjectKeyIdentifierExtension,
} from "@peculiar/x509";
import { describe, expect, it } from "vitest";
import { type Certificate, createAuthority, selfSigned } from "./authority.ts";
import type { Hash, KeyKind } from "./keys.ts";

const DAY_MS = 86_400_000;

describe("createAuthority", () => {
  it("issues leaves that chain through intermediates to the root", async () => {
    const root = await createAuthority({ name: "Root" });
    const intermediate = await root.intermediate({ name: "Intermediate" });
    const leaf = await intermediate.leaf({ names: ["a.box.test", "*.b.box.test", "192.0.2.1"] });
    const [top, middle, bottom] = [root, intermediate, leaf].map((issued) => new X509Certificate(issued.der));
    expect(bottom!.checkIssued(middle!) && bottom!.verify(middle!.publicKey)).toBe(true);
    expect(middle!.checkIssued(top!) && middle!.verify(top!.publicKey)).toBe(true);
    expect(top!.checkIssued(top!)).toBe(true);
    expect([top!.ca, middle!.ca, bottom!.ca]).toEqual([true, true, false]);
    expect(bottom!.subjectAltName).toBe("DNS:a.box.test, DNS:*.b.box.test, IP Address:192.0.2.1");
    expect(bottom!.subject).toBe("CN=a.box.test");
    expect(bottom!.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    const parsed = (issued: Certificate) => new ParsedCertificate(issued.der.toString("base64"));
    const issuerKey = parsed(leaf).getExtension(AuthorityKeyIdentifierExtension)?.keyId;
    expect(issuerKey).toBe(parsed(intermediate).getExtension(SubjectKeyIdentifierExtension)?.keyId);
    expect(issuerKey).toMatch(/^[0-9a-f]{40}$/);
  });

  it("takes times as days from now and as dates", async () => {
    const root = await createAuthority();
    const from = Date.now();
    const relative = new X509Certificate((await root.leaf({ names: ["a.test"], notBefore: -90, notAfter: -3 })).der);
    const issuedAt = [relative.validToDate.getTime() + 3 * DAY_MS, relative.validFromDate.getTime() + 90 * DAY_MS];
    // A certificate knows whole seconds.
    for (const time of issuedAt) expect(time).toBeGreaterThan(from - 1_000);
    for (const time of issuedAt) expect(time).toBeLessThanOrEqual(Date.now());
    const absolute = await root.leaf({ names: ["a.test"], notAfter: new Date("2051-02-03T04:05:06Z") });
    expect(new X509Certificate(absolute.der).validToDate.toISOString()).toBe("2051-02-03T04:05:06.000Z");
  });

  it("names where the issuer's certificate is published only when told", async () => {
    const root = await createAuthority();
    const aia = "http://ca.box.test/intermediate.crt";
    expect(new X509Certificate((await root.leaf({ names: ["a.test"], aia })).der).infoAccess).toContain(aia);
    expect(new X509Certificate((await root.leaf({ names: ["a.test"] })).der).infoAccess).toBeUndefined();
  });

  it("leaves names and purposes out on request", async () => {
    const root = await createAuthority();
    const commonNameOnly = await root.leaf({ names: [], commonName: "cn.box.test", eku: null });
    expect(new X509Certificate(commonNameOnly.der).subjectAltName).toBeUndefined();
    expect(new X509Certificate(commonNameOnly.der).keyUsage).toBeUndefined();
    const noSubject = await root.leaf({ names: ["a.test"], commonName: null });
    expect(new X509Certificate(noSubject.der).subject ?? "").toBe("");
  });

  it("cross-signs an intermediate under the same name and key", async () => {
    const [oldRoot, newRoot] = [await createAuthority({ name: "Old" }), await createAuthority({ name: "New" })];
    const intermediate = await newRoot.intermediate({ name: "Shared" });
    const crossSigned = await oldRoot.crossSign(intermediate, { notAfter: -1 });
    const leaf = new X509Certificate((await crossSigned.leaf({ names: ["a.test"] })).der);
    for (const issuer of [intermediate, crossSigned]) {
      expect(leaf.verify(new X509Certificate(issuer.der).publicKey)).toBe(true);
    }
    const certificate = new X509Certificate(crossSigned.der);
    expect(certificate.verify(new X509Certificate(oldRoot.der).publicKey)).toBe(true);
    expect(certificate.subject).toBe(new X509Certificate(intermediate.der).subject);
    expect(certificate.validToDate.getTime()).toBeLessThan(Date.now());
  });
});

const KEYS: readonly (readonly [KeyKind, string])[] = [
  ["ec-p256", "prime256v1"],
  ["ec-p384", "secp384r1"],
  ["ec-p521", "secp521r1"],
  ["ec-secp256k1", "secp256k1"],
  ["rsa-1024", "1024"],
  ["rsa-2048", "2048"],
  ["rsa-pss-2048", "2048"],
  ["dsa-1024", "1024"],
  ["ed25519", ""],
  ["ed448", ""],
];

it.each(KEYS)("certifies a key of kind %s", async (key, detail) => {
  const root = await createAuthority();
  const { publicKey } = new X509Certificate((await root.leaf({ names: ["a.test"], key })).der);
  const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {};
  expect(publicKey.asymmetricKeyType).toBe(/^(rsa-pss|rsa|ec|dsa|ed\d+)/.exec(key)?.[0]);
  expect(String(namedCurve ?? modulusLength ?? "")).toBe(detail);
});

const SIGNATURES: readonly (readonly [KeyKind, Hash, string])[] = [
  ["ec-p256", "SHA-1", "ecdsa-with-SHA1"],
  ["ec-p384", "SHA-384", "ecdsa-with-SHA384"],
  ["rsa-2048", "SHA-1", "sha1WithRSAEncryption"],
  ["rsa-2048", "MD5", "md5WithRSAEncryption"],
  ["rsa-2048", "SHA-256", "sha256WithRSAEncryption"],
  ["ed25519", "SHA-256", "ED25519"],
];

it.each(SIGNATURES)("signs with %s and %s", async (key, hash, algorithm) => {
  const certificate = new X509Certificate((await selfSigned({ names: ["a.test"], key, hash })).der);
  expect(certificate.signatureAlgorithm).toBe(algorithm);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkIssued(certificate)).toBe(true);
});
