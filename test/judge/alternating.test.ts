import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Authority, createAuthority, type Issued } from "../sandbox/authority.ts";
import { startTlsOrigin, type TlsOrigin } from "../sandbox/tls-origin.ts";
import { checked } from "./checked.ts";

// Behind one address there may be several servers, and the first handshake meets one of them.

let root: Authority;
let good: Issued;
let expired: Issued;
let expiredToo: Issued;
let origin: TlsOrigin | undefined;

beforeAll(async () => {
  root = await createAuthority();
  [good, expired, expiredToo] = await Promise.all([
    root.leaf({ names: ["origin.test"] }),
    root.leaf({ names: ["origin.test"], notBefore: -92, notAfter: -2 }),
    root.leaf({ names: ["origin.test"], notBefore: -92, notAfter: -1 }),
  ]);
});
afterEach(() => origin?.close());

/** Presents one certificate after the other, a connection each. */
async function alternating(...certificates: readonly Issued[]) {
  const chains = certificates.map(({ certificatePem, keyPem }) => ({ chain: [certificatePem], keyPem }));
  const [first] = chains;
  if (first === undefined) throw new Error("no certificate");
  const server = await startTlsOrigin({ ...first, inTurn: chains });
  origin = server;
  return checked({ connection: { port: server.port }, trusted: [root.certificatePem] });
}

describe("a certificate finding of one address", () => {
  it("claims every cache miss where a second handshake met the same certificate", async () => {
    const record = await alternating(expired);
    expect(record).toMatchObject({ verdict: "failing", findings: [{ code: "certificate-expired", effect: "502" }] });
    expect(origin?.connections()).toBe(2);
  });

  it("is a risk where a second handshake met a good one, and says that both were seen", async () => {
    const record = await alternating(expired, good);
    expect(record).toMatchObject({ verdict: "at-risk", findings: [{ code: "certificate-expired", effect: "may" }] });
    expect(record.findings[0]?.explanation).toContain("A second handshake with this address met another certificate");
    expect(record.findings).toHaveLength(1);
  });

  it("claims every cache miss where both certificates are bad", async () => {
    const record = await alternating(expired, expiredToo);
    expect(record).toMatchObject({ verdict: "failing", findings: [{ code: "certificate-expired", effect: "502" }] });
  });

  it("costs a healthy origin no second handshake", async () => {
    const record = await alternating(good, expired);
    expect([record.verdict, origin?.connections()]).toEqual(["healthy", 1]);
  });
});
