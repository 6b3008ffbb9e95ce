import { afterAll, beforeAll, expect, it } from "vitest";
import { createAuthority } from "../sandbox/authority.ts";
import { startTlsOrigin, type TlsOrigin } from "../sandbox/tls-origin.ts";
import { checked } from "./checked.ts";

let origin: TlsOrigin;

beforeAll(async () => {
  const issuer = await createAuthority({ name: "Issuer" });
  const leaf = await issuer.leaf({ names: ["*.origin.test"], notBefore: -9, notAfter: -2 });
  origin = await startTlsOrigin({ chain: [leaf.certificatePem, issuer.certificatePem], keyPem: leaf.keyPem });
});

afterAll(() => origin.close());

it("holds once what is the same of many connections: certificates, what is offered, and what is to be done", async () => {
  const [one, other] = await Promise.all(
    ["one.origin.test", "other.origin.test"].map((domain) => checked({ connection: { domain, port: origin.port } })),
  );
  expect(one!.findings.map(({ code }) => code)).toContain("certificate-expired");
  expect(one!.observed.addresses[0]?.chain).toHaveLength(2);
  for (const [index, certificate] of one!.observed.addresses[0]!.chain.entries()) {
    expect(other!.observed.addresses[0]?.chain[index]).toBe(certificate);
  }
  expect(other!.connection.protocols).toBe(one!.connection.protocols);
  const expired = [one!, other!].map(({ findings }) => findings.find(({ code }) => code === "certificate-expired"));
  expect(expired[1]?.remedy).toBe(expired[0]?.remedy);
});
