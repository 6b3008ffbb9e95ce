import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAuthority, type Issued } from "../sandbox/authority.ts";
import { helloOffer } from "../sandbox/hello-offer.ts";
import { type LegacyOrigins, legacyOriginsMissing, startLegacyOrigins } from "../sandbox/legacy-origin.ts";
import { ask } from "./ask.ts";

const missing = legacyOriginsMissing();
if (missing !== null)
  process.stderr.write(`\nNOT TESTED: SSLv3, RC4-MD5 and DES-CBC3-SHA on a real server: ${missing}\n`);

const rc4 = "TLS_RSA_WITH_RC4_128_MD5";
const tripleDes = "TLS_RSA_WITH_3DES_EDE_CBC_SHA";
const ecdhe = "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA";

/** The RFC's name of a suite, and JSSE's. */
const servers = [
  ["SSLv3", rc4, "SSL_RSA_WITH_RC4_128_MD5"],
  ["SSLv3", tripleDes, "SSL_RSA_WITH_3DES_EDE_CBC_SHA"],
  ["SSLv3", ecdhe, ecdhe],
  ["TLSv1", rc4, "SSL_RSA_WITH_RC4_128_MD5"],
  ["TLSv1.2", rc4, "SSL_RSA_WITH_RC4_128_MD5"],
  ["TLSv1.2", tripleDes, "SSL_RSA_WITH_3DES_EDE_CBC_SHA"],
  ["TLSv1.1", ecdhe, ecdhe],
] as const;

describe.skipIf(missing !== null)(`rawHello with Java servers${missing === null ? "" : ` (${missing})`}`, () => {
  let leaf: Issued;
  let intermediatePem: string;
  let certificates: string[];
  let origins: LegacyOrigins;

  beforeAll(async () => {
    const intermediate = await (await createAuthority()).intermediate();
    leaf = await intermediate.leaf({ names: ["a.test"], key: "rsa-2048" });
    intermediatePem = intermediate.certificatePem;
    certificates = [leaf.der, intermediate.der].map((der) => der.toString("base64"));
    origins = await startLegacyOrigins(
      { chain: [leaf.certificatePem, intermediatePem], keyPem: leaf.keyPem },
      servers.map(([version, , suite]) => ({ version, suite })),
    );
  });

  afterAll(async () => {
    await origins.close();
  });

  it.each(servers.map(([version, suite], index) => [version, suite, index] as const))(
    "agrees on %s with %s",
    async (version, suite, index) => {
      const answer = await ask({ port: origins.ports[index]! }, helloOffer({ versions: [version] }));
      expect(answer).toMatchObject({
        kind: "agreed",
        transcript: {
          protocol: version,
          cipherSuite: suite,
          certificates,
          group: suite === ecdhe ? "secp256r1" : null,
          signatureScheme: null,
          unreadable: null,
        },
      });
    },
  );

  it("gets down to SSLv3 when it offers everything", async () => {
    const answer = await ask(
      { port: origins.ports[0]! },
      helloOffer({ versions: ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] }),
    );
    expect(answer).toMatchObject({ kind: "agreed", transcript: { protocol: "SSLv3", cipherSuite: rc4 } });
  });

  it("is refused by a server that speaks SSLv3 only when it offers newer versions only", async () => {
    const answer = await ask({ port: origins.ports[0]! }, helloOffer());
    expect(answer).toMatchObject({
      kind: "failed",
      failure: { kind: "alert", alert: { level: "fatal", description: "protocol_version" } },
    });
  });
});
