import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { OriginSslProtocol } from "../../lambda/configuration/distribution.ts";
import { verifyLabel } from "../../lambda/report/reproduce.ts";
import { type Authority, createAuthority, type Issued } from "../sandbox/authority.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startRawOrigin } from "../sandbox/raw-origin.ts";
import { serverFlight } from "../sandbox/server-flight.ts";
import { checked, codesOf } from "./checked.ts";

/** First flights of servers that no OpenSSL 3 can be: what is judged there comes from the hand-written hello alone. */
const suites = { rc4Md5: 0x0004, rc4Sha: 0x0005, tripleDes: 0x000a, aes128: 0x002f } as const;

let root: Authority;
let leaf: Issued;
let expired: Issued;
const open: Listener[] = [];

beforeAll(async () => {
  root = await createAuthority({ name: "Trusted Root", key: "rsa-2048" });
  leaf = await root.leaf({ names: ["origin.test"], key: "rsa-2048" });
  expired = await root.leaf({ names: ["origin.test"], key: "rsa-2048", notBefore: -92, notAfter: -2 });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

async function against(version: number, cipherSuite: number, protocols: readonly OriginSslProtocol[], issued = leaf) {
  const origin = await startRawOrigin(serverFlight({ version, cipherSuite, certificates: [issued.der] }));
  open.push(origin);
  return checked({
    connection: { port: origin.port, originSslProtocols: protocols },
    trusted: [root.certificatePem],
  });
}

describe("an origin that only CloudFront's TLS library speaks with", () => {
  it.each([
    ["RC4-MD5", suites.rc4Md5],
    ["DES-CBC3-SHA", suites.tripleDes],
  ])("is healthy with %s alone", async (_, suite) => {
    const record = await against(0x0303, suite, ["TLSv1.2"]);
    expect([record.verdict, codesOf(record)]).toEqual(["healthy", []]);
    expect(record.observed.addresses[0]?.chain).toHaveLength(1);
  });

  it("has its certificate judged all the same", async () => {
    const record = await against(0x0303, suites.tripleDes, ["TLSv1.2"], expired);
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["certificate-expired"]]);
  });

  it.each([
    [["SSLv3", "TLSv1"], "healthy", ["protocol-sslv3-enabled"]],
    [["TLSv1.2"], "failing", ["no-shared-protocol"]],
  ] as const)("with SSLv3 alone under %j is %s: %j", async (protocols, verdict, codes) => {
    const record = await against(0x0300, suites.tripleDes, protocols);
    expect([record.verdict, codesOf(record)]).toEqual([verdict, codes]);
    expect(record.reproduce).toMatch(/^testssl\.sh --warnings off --ip 127\.0\.0\.1 /);
    expect(verifyLabel(record.reproduce ?? "")).toContain("OpenSSL speaks neither SSLv3 nor RC4 nor 3DES");
  });

  it("with SSLv3 and a suite that CloudFront lacks is failing where SSLv3 is offered", async () => {
    const record = await against(0x0300, suites.rc4Sha, ["SSLv3", "TLSv1"]);
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["protocol-sslv3-enabled", "no-shared-cipher"]]);
    expect(record.findings[1]?.evidence.seen).toBe("TLS_RSA_WITH_RC4_128_SHA");
  });

  it.each([
    [["TLSv1", "TLSv1.2"], ["protocol-set-ambiguous"]],
    [["TLSv1", "TLSv1.1", "TLSv1.2"], []],
  ] as const)("with RC4-MD5 in TLS 1.1 alone under %j has the findings %j", async (protocols, codes) => {
    const record = await against(0x0302, suites.rc4Md5, protocols);
    expect([record.verdict, codesOf(record)]).toEqual([codes.length === 0 ? "healthy" : "at-risk", codes]);
  });

  it("has its certificate judged in SSLv3 too", async () => {
    const record = await against(0x0300, suites.rc4Md5, ["SSLv3"], expired);
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["protocol-sslv3-enabled", "certificate-expired"]]);
  });
});
