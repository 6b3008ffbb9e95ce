import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { keyName, presentedNames, readCertificate } from "../../lambda/x509/certificate.ts";
import { type Authority, createAuthority, selfSigned } from "../sandbox/authority.ts";

let root: Authority;
beforeAll(async () => {
  root = await createAuthority({ name: "Reading Root" });
});

function read(der: Buffer) {
  const reading = readCertificate(der);
  if (reading.kind === "unreadable") throw new Error(reading.problem);
  return reading.certificate;
}

describe("readCertificate", () => {
  it("reads names, validity, key and the issuer's address", async () => {
    const notBefore = new Date("2026-01-02T03:04:05Z");
    const notAfter = new Date("2051-06-07T08:09:10Z");
    const aia = "http://ca.example.test/root.crt";
    const leaf = await root.leaf({ names: ["API.example.test", "*.example.test"], notBefore, notAfter, aia });
    expect(read(leaf.der)).toMatchObject({
      dnsNames: ["api.example.test", "*.example.test"],
      commonNames: [{ text: "API.example.test", isUsualString: true }],
      issuer: expect.stringContaining("CN=Reading Root"),
      notBefore: notBefore.getTime(),
      notAfter: notAfter.getTime(),
      key: { kind: "ec", curve: "prime256v1" },
      isCa: false,
      caIssuers: [aia],
      extendedKeyUsage: ["1.3.6.1.5.5.7.3.1"],
      signatureAlgorithm: { name: "ecdsa-with-SHA256" },
    });
  });

  it("remembers certificates of usual length, and none that is made to fill the memory", async () => {
    const names = Array.from({ length: 500 }, (_, i) => `name-${i}.long.example.test`);
    const [usual, long] = [await root.leaf({ names: ["a.test"] }), await root.leaf({ names })];
    expect(readCertificate(usual.der)).toBe(readCertificate(usual.der));
    expect(readCertificate(long.der)).not.toBe(readCertificate(long.der));
    expect(read(long.der).dnsNames).toEqual(names);
  });

  it("reads what an authority may do", () => {
    expect(read(root.der)).toMatchObject({ isCa: true, keyUsage: expect.arrayContaining([5]) });
  });

  it.each([
    ["rsa-2048", "RSA 2048"],
    ["ec-p256", "ECDSA P-256"],
    ["ec-p384", "ECDSA P-384"],
    ["ed25519", "Ed25519"],
  ] as const)("names a key of kind %s", async (key, expected) => {
    expect(keyName(read((await root.leaf({ names: ["a.test"], key })).der).key)).toBe(expected);
  });

  it("takes the common name where there is no alternative name", async () => {
    const certificate = read((await root.leaf({ names: [], commonName: "cn.example.test" })).der);
    expect(presentedNames(certificate)).toEqual(["cn.example.test"]);
  });

  it("makes hostile text in a subject visible", async () => {
    const hostile = "evil\u001b[31m\u202egnp.exe\r\nSubject: x";
    const certificate = read((await root.leaf({ names: ["a.test"], commonName: hostile })).der);
    expect(certificate.subject).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(certificate.subject).toContain("\\u{1b}[31m\\u{202e}gnp.exe");
  });

  it("answers any bytes with a value", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(readCertificate(Buffer.from(bytes)).kind).toBe("unreadable");
      }),
      { numRuns: 300 },
    );
  });

  it("answers a damaged certificate with a value", async () => {
    const { der } = await selfSigned({ names: ["a.test"] });
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length), (at, value, cut) => {
        const damaged = Buffer.from(der);
        damaged[at] = value;
        expect(["certificate", "unreadable"]).toContain(readCertificate(damaged).kind);
        expect(["certificate", "unreadable"]).toContain(readCertificate(damaged.subarray(0, cut)).kind);
      }),
      { numRuns: 1_000 },
    );
  });
});
