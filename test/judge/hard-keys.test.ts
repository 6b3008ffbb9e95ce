import { afterEach, describe, expect, it } from "vitest";
import { dsa, ec, type Keys, keysFor } from "../certificates/forge.ts";
import { authority, leaf, serverName } from "../certificates/pki.ts";
import { pem } from "../certificates/product.ts";
import { startLatencyRelay } from "../sandbox/latency-relay.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startTlsOrigin, type TlsOriginOptions } from "../sandbox/tls-origin.ts";
import { checked, codesOf } from "./checked.ts";

const open: Listener[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

async function served(keys: Keys, server: Partial<TlsOriginOptions>): Promise<Listener> {
  const issued = leaf(authority("Root"), { keys });
  const keyPem = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const origin = await startTlsOrigin({ chain: [pem(issued.der)], keyPem, ...server });
  open.push(origin);
  return origin;
}

function check(origin: Listener) {
  return checked({
    trusted: [pem(authority("Root").der)],
    connection: { domain: serverName, port: origin.port, connectTimeoutMs: 10_000 },
  });
}

describe.each(["TLSv1.2", "TLSv1.3"] as const)(
  "a key that CloudFront has no scheme for, on a server up to %s",
  (maxVersion) => {
    it.each([
      ["secp256k1", ec("secp256k1"), "no-shared-group"],
      // RFC 8734 gives it a scheme in TLS 1.3, which CloudFront does not offer.
      [
        "brainpoolP256r1",
        ec("brainpoolP256r1"),
        maxVersion === "TLSv1.3" ? "no-shared-signature-scheme" : "no-shared-group",
      ],
      ["DSA", dsa, "no-shared-cipher"],
    ])("%s", async (name, make, code) => {
      const tls = {
        ciphers: "ALL:@SECLEVEL=0",
        ...(name === "DSA" ? { dhparam: "auto" as const } : { ecdhCurve: `${name}:P-256:X25519` }),
      };
      const record = await check(await served(keysFor(name, make), { maxVersion, tls }));
      expect([record.verdict, codesOf(record)]).toEqual(["failing", [code]]);
    });
  },
);

describe("a server that refuses a missing client certificate a long way off", () => {
  it("is seen, however long the way", async () => {
    const mutual = { requestCert: true, rejectUnauthorized: true };
    const origin = await served(keysFor("leaf"), { minVersion: "TLSv1.3", tls: mutual });
    const relay = await startLatencyRelay(origin, 1_400, {});
    open.push(relay);
    const record = await check(relay);
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["client-certificate-required"]]);
  });
});
