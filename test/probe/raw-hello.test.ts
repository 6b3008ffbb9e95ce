import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { documentedSuites, groups, tls13Suites } from "../../lambda/cloudfront/profile.ts";
import { cipherSuiteCode } from "../../lambda/tls/cipher-suites.ts";
import { type Authority, createAuthority, type Issued } from "../sandbox/authority.ts";
import { helloOffer } from "../sandbox/hello-offer.ts";
import type { KeyKind } from "../sandbox/keys.ts";
import { startTlsOrigin, type TlsOrigin, type TlsOriginOptions } from "../sandbox/tls-origin.ts";
import { ask } from "./ask.ts";

let intermediate: Authority;
const leaves = new Map<KeyKind, Issued>();
const origins: TlsOrigin[] = [];

beforeAll(async () => {
  intermediate = await (await createAuthority()).intermediate();
  for (const key of ["ec-p256", "ec-p384", "rsa-2048", "rsa-pss-2048", "ed25519"] as const) {
    leaves.set(key, await intermediate.leaf({ names: ["a.test"], key }));
  }
});

afterEach(async () => {
  await Promise.all(origins.splice(0).map((origin) => origin.close()));
});

async function origin(key: KeyKind, options: Partial<TlsOriginOptions> = {}): Promise<TlsOrigin> {
  const { certificatePem, keyPem } = leaves.get(key)!;
  const started = await startTlsOrigin({
    chain: [certificatePem, intermediate.certificatePem],
    keyPem,
    ...options,
    tls: { ciphers: "ALL:@SECLEVEL=0", ...options.tls },
  });
  origins.push(started);
  return started;
}

function chain(key: KeyKind): string[] {
  return [leaves.get(key)!.der.toString("base64"), intermediate.der.toString("base64")];
}

const only = (version: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3") => ({ minVersion: version, maxVersion: version });

const ofNode = documentedSuites.filter(({ openssl }) => openssl !== "DES-CBC3-SHA" && openssl !== "RC4-MD5");

describe("rawHello with OpenSSL servers", () => {
  it.each(["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const)("agrees on %s", async (version) => {
    const answer = await ask(await origin("ec-p256", only(version)), helloOffer());
    expect(answer).toMatchObject({
      kind: "agreed",
      transcript: { protocol: version, certificates: chain("ec-p256"), unreadable: null },
    });
  });

  it.each(ofNode)("agrees on $rfc alone", async ({ rfc, openssl }) => {
    const key = rfc.includes("_ECDSA_") ? "ec-p256" : "rsa-2048";
    const server = await origin(key, { maxVersion: "TLSv1.2", tls: { ciphers: `${openssl}:@SECLEVEL=0` } });
    const answer = await ask(server, helloOffer({ cipherSuites: [cipherSuiteCode(rfc)] }));
    expect(answer).toMatchObject({
      kind: "agreed",
      transcript: { protocol: "TLSv1.2", cipherSuite: rfc, certificates: chain(key) },
    });
  });

  it.each(tls13Suites)("reads the certificates under %s", async (suite) => {
    const answer = await ask(await origin("rsa-2048"), helloOffer({ cipherSuites: [cipherSuiteCode(suite)] }));
    expect(answer).toMatchObject({
      kind: "agreed",
      transcript: { cipherSuite: suite, certificates: chain("rsa-2048"), signatureScheme: "rsa_pss_rsae_sha256" },
    });
  });

  const curves = { secp256r1: "P-256", x25519: "X25519", secp384r1: "P-384", secp521r1: "P-521", x448: "X448" };
  const everyGroup = Object.keys(curves) as (keyof typeof curves)[];

  describe.each(everyGroup)("%s", (group) => {
    it.each(["TLSv1.2", "TLSv1.3"] as const)("is agreed on alone in %s", async (version) => {
      const server = await origin("rsa-2048", { ...only(version), tls: { ecdhCurve: curves[group] } });
      const answer = await ask(server, helloOffer({ groups: [group] }));
      expect(answer).toMatchObject({
        kind: "agreed",
        transcript: { protocol: version, group, certificates: chain("rsa-2048"), unreadable: null },
      });
    });

    it.each(tls13Suites)("is agreed on when a HelloRetryRequest asks for it under %s", async (suite) => {
      const server = await origin("ec-p256", { tls: { ecdhCurve: curves[group] } });
      const other = everyGroup.find((each) => each !== group)!;
      const answer = await ask(
        server,
        helloOffer({ cipherSuites: [cipherSuiteCode(suite)], groups: everyGroup, keyShares: [other] }),
      );
      expect(answer).toMatchObject({
        kind: "agreed",
        transcript: { protocol: "TLSv1.3", group, certificates: chain("ec-p256"), unreadable: null },
      });
    });
  });

  it("makes the server ask when it sends no key share", async () => {
    const server = await origin("ec-p256", { tls: { ecdhCurve: "P-384" } });
    const answer = await ask(server, helloOffer({ keyShares: [] }));
    expect(answer).toMatchObject({ kind: "agreed", transcript: { protocol: "TLSv1.3", group: "secp384r1" } });
  });

  it.each([
    ["rsa-2048", "TLSv1.2", "rsa_pss_rsae_sha256"],
    ["rsa-2048", "TLSv1.3", "rsa_pss_rsae_sha256"],
    ["rsa-pss-2048", "TLSv1.2", "rsa_pss_pss_sha256"],
    ["rsa-pss-2048", "TLSv1.3", "rsa_pss_pss_sha256"],
    ["ec-p256", "TLSv1.2", "ecdsa_secp256r1_sha256"],
    ["ec-p256", "TLSv1.3", "ecdsa_secp256r1_sha256"],
    ["ec-p384", "TLSv1.3", "ecdsa_secp384r1_sha384"],
    ["ed25519", "TLSv1.2", "ed25519"],
    ["ed25519", "TLSv1.3", "ed25519"],
  ] as const)("reads the certificate and scheme of a %s key in %s", async (key, version, scheme) => {
    const answer = await ask(await origin(key, only(version)), helloOffer({ signatureSchemes: [scheme] }));
    expect(answer).toMatchObject({
      kind: "agreed",
      transcript: { signatureScheme: scheme, certificates: chain(key) },
    });
  });

  it.each([
    ["TLSv1", "rsa-2048", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"],
    ["TLSv1.1", "rsa-2048", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"],
    ["TLSv1", "ec-p256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"],
    ["TLSv1.1", "ec-p256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"],
  ] as const)("reads the group of %s with %s, where no scheme is sent", async (version, key, suite) => {
    const server = await origin(key, { ...only(version), tls: { ecdhCurve: "P-384:P-256" } });
    const answer = await ask(server, helloOffer({ cipherSuites: [cipherSuiteCode(suite)] }));
    expect(answer).toMatchObject({
      kind: "agreed",
      transcript: { protocol: version, cipherSuite: suite, group: "secp384r1", signatureScheme: null },
    });
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("sees a request for a client certificate in %s", async (version) => {
    const asking = await origin("ec-p256", { ...only(version), tls: { requestCert: true, rejectUnauthorized: true } });
    const answers = [await ask(asking, helloOffer()), await ask(await origin("ec-p256", only(version)), helloOffer())];
    expect(answers).toMatchObject([
      { kind: "agreed", transcript: { clientCertificateRequested: true } },
      { kind: "agreed", transcript: { clientCertificateRequested: false } },
    ]);
  });

  it("sends the server name it is told to, or none", async () => {
    const server = await origin("ec-p256", { onlyServerNames: ["a.test"] });
    const rejected = { kind: "failed", failure: { kind: "alert", alert: { description: "unrecognized_name" } } };
    expect(await ask(server, helloOffer())).toMatchObject({ kind: "agreed" });
    expect(await ask(server, helloOffer({ serverName: "b.test" }))).toMatchObject(rejected);
    expect(await ask(server, helloOffer({ serverName: null }))).toMatchObject(rejected);
  });

  it("is understood when the hello needs several records", async () => {
    const answer = await ask(await origin("ec-p256"), helloOffer({ paddedTo: 40_000 }));
    expect(answer).toMatchObject({ kind: "agreed", transcript: { protocol: "TLSv1.3" } });
  });

  it("knows what is agreed on in a group in which it can make no key", async () => {
    const server = await origin("ec-p256", { tls: { ecdhCurve: "X25519MLKEM768" } });
    expect(
      await ask(server, helloOffer({ groups: [...groups.map(({ name }) => name), "X25519MLKEM768"] })),
    ).toMatchObject({
      kind: "agreed",
      transcript: {
        protocol: "TLSv1.3",
        group: "X25519MLKEM768",
        certificates: [],
        unreadable: "certificates under X25519MLKEM768 are not read",
      },
    });
  });

  it("knows what is agreed on with a suite that it cannot open", async () => {
    const suite = "TLS_AES_128_CCM_SHA256";
    const server = await origin("ec-p256", { tls: { ciphers: suite } });
    expect(await ask(server, helloOffer({ cipherSuites: [cipherSuiteCode(suite)] }))).toMatchObject({
      kind: "agreed",
      transcript: { cipherSuite: suite, certificates: [], unreadable: `certificates under ${suite} are not read` },
    });
  });

  it.each([
    ["a version", { versions: ["TLSv1.2"] as const }, only("TLSv1.3"), "protocol_version"],
    [
      "a suite",
      { cipherSuites: [0xc02b] },
      { ...only("TLSv1.2"), tls: { ciphers: "AES128-SHA" } },
      "handshake_failure",
    ],
    [
      "a group",
      { groups: ["x448"] as const },
      { ...only("TLSv1.3"), tls: { ecdhCurve: "P-256" } },
      "handshake_failure",
    ],
    ["a scheme", { signatureSchemes: ["ed25519"] as const }, only("TLSv1.3"), "handshake_failure"],
  ])("fails with the server's alert when they do not share %s", async (_, changes, options, description) => {
    const answer = await ask(await origin("rsa-2048", options), helloOffer(changes));
    expect(answer).toMatchObject({
      kind: "failed",
      failure: { kind: "alert", alert: { level: "fatal", description } },
    });
  });

  it("refuses an older version than it offered", async () => {
    const answer = await ask(await origin("rsa-2048", only("TLSv1")), helloOffer({ versions: ["TLSv1.2"] }));
    expect(answer).toMatchObject({
      kind: "failed",
      failure: { kind: "protocol-violation", detail: "TLSv1 chosen, not offered" },
      transcript: { protocol: "TLSv1" },
    });
  });
});
