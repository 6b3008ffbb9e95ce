import { constants } from "node:crypto";
import { createSecureContext } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { OriginSslProtocol } from "../../lambda/configuration/distribution.ts";
import { type Authority, createAuthority, type Issued, type LeafOptions } from "../sandbox/authority.ts";
import type { Listener } from "../sandbox/listener.ts";
import { hasOpenssl, startOpensslOrigin } from "../sandbox/openssl-origin.ts";
import { startRawOrigin } from "../sandbox/raw-origin.ts";
import { type RelayOptions, startRelay, UNRECOGNIZED_NAME_WARNING } from "../sandbox/relay.ts";
import { serverFlight } from "../sandbox/server-flight.ts";
import { startTlsOrigin, type TlsOrigin, type TlsOriginOptions } from "../sandbox/tls-origin.ts";
import { type CheckOptions, checked, codesOf } from "./checked.ts";

type Key = NonNullable<LeafOptions["key"]>;
type Checked = { readonly key?: Key; readonly connection?: Partial<CheckOptions["connection"]> };

/**
 * What AWS documents, written down here a second time: a suite that got lost in the program's own list would otherwise
 * get lost here too.
 */
const suites = [
  ["ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"],
  ["ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"],
  ["ECDHE-ECDSA-AES256-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"],
  ["ECDHE-ECDSA-AES256-SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"],
  ["ECDHE-ECDSA-AES128-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"],
  ["ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"],
  ["ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"],
  ["ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"],
  ["ECDHE-RSA-AES256-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"],
  ["ECDHE-RSA-AES128-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"],
  ["ECDHE-RSA-AES256-SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"],
  ["ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"],
  ["AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA"],
  ["AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA"],
] as const;
const suitesBeyondOpenssl = [
  ["DES-CBC3-SHA", 0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"],
  ["RC4-MD5", 0x0004, "TLS_RSA_WITH_RC4_128_MD5"],
] as const;
const versions = ["TLSv1.2", "TLSv1.3"] as const;
const groups = [
  ["secp256r1", "P-256"],
  ["x25519", "X25519"],
  ["secp384r1", "P-384"],
] as const;

let root: Authority;
let upper: Authority;
let middle: Authority;
let lower: Authority;
const leaves = new Map<Key, Issued>();
const open: Listener[] = [];

beforeAll(async () => {
  root = await createAuthority({ name: "Trusted Root" });
  upper = await root.intermediate({ name: "Upper CA" });
  middle = await upper.intermediate({ name: "Middle CA" });
  lower = await middle.intermediate({ name: "Lower CA" });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

/** RSA keys are costly to make, and none of the tests changes its leaf. */
async function leafOf(key: Key): Promise<Issued> {
  const leaf = leaves.get(key) ?? (await upper.leaf({ names: ["origin.test"], key }));
  leaves.set(key, leaf);
  return leaf;
}

async function origin(server: Partial<TlsOriginOptions> = {}, key: Key = "ec-p256"): Promise<TlsOrigin> {
  const leaf = await leafOf(key);
  const chain = [leaf, upper].map(({ certificatePem }) => certificatePem);
  const started = await startTlsOrigin({ chain, keyPem: leaf.keyPem, ...server });
  open.push(started);
  return started;
}

/** What a healthy origin is: no finding of any kind, after a single connection. */
async function expectHealthy(listener: Listener, { connection = {} }: Checked = {}) {
  const record = await checked({
    trusted: [root.certificatePem],
    connection: { port: listener.port, ...connection },
  });
  expect([codesOf(record), record.verdict, listener.connections()]).toEqual([[], "healthy", 1]);
  const [address] = record.observed.addresses;
  if (address === undefined) throw new Error("a healthy origin has an address");
  return address;
}

async function expectHealthyServer(server: Partial<TlsOriginOptions>, { key, ...check }: Checked = {}) {
  return expectHealthy(await origin(server, key), check);
}

const level0 = (ciphers = "DEFAULT") => ({ ciphers: `${ciphers}:@SECLEVEL=0` });

describe("an origin is healthy after one connection with", () => {
  it.each(versions)("%s only", async (version) => {
    const seen = await expectHealthyServer({ minVersion: version, maxVersion: version });
    expect(seen.protocol).toBe(version);
  });

  it.each<["TLSv1" | "TLSv1.1", OriginSslProtocol[]]>([
    ["TLSv1", ["TLSv1"]],
    ["TLSv1", ["TLSv1", "TLSv1.2"]],
    ["TLSv1.1", ["TLSv1.1", "TLSv1.2"]],
    ["TLSv1.1", ["TLSv1", "TLSv1.1"]],
  ])("%s only, where OriginSslProtocols is %j", async (version, originSslProtocols) => {
    const server = { minVersion: version, maxVersion: version, tls: level0() };
    const seen = await expectHealthyServer(server, { connection: { originSslProtocols } });
    expect(seen.protocol).toBe(version);
  });

  it.each(suites)("%s alone", async (openssl, rfc) => {
    const key = rfc.includes("_ECDSA_") ? "ec-p256" : "rsa-2048";
    const seen = await expectHealthyServer({ maxVersion: "TLSv1.2", tls: level0(openssl) }, { key });
    expect(seen.cipherSuite).toBe(rfc);
  });

  it.each(["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"])(
    "%s alone",
    async (ciphers) => {
      const seen = await expectHealthyServer({ minVersion: "TLSv1.3", tls: { ciphers } });
      expect(seen.cipherSuite).toBe(ciphers);
    },
  );

  it.each(groups.flatMap(([name, openssl]) => versions.map((version) => [name, version, openssl] as const)))(
    "%s alone in %s",
    async (name, version, openssl) => {
      const only = { minVersion: version, maxVersion: version };
      const seen = await expectHealthyServer({ ...only, tls: { ecdhCurve: openssl } }, { key: "rsa-2048" });
      expect(seen.group).toBe(name);
    },
  );

  it.each([
    ["rsa-2048", "TLSv1.2", "rsa_pss_rsae_sha256"],
    ["rsa-2048", "TLSv1.3", "rsa_pss_rsae_sha256"],
    ["rsa-3072", "TLSv1.3", "rsa_pss_rsae_sha256"],
    ["rsa-4096", "TLSv1.3", "rsa_pss_rsae_sha256"],
    ["rsa-pss-2048", "TLSv1.2", "rsa_pss_pss_sha256"],
    ["rsa-pss-2048", "TLSv1.3", "rsa_pss_pss_sha256"],
    ["ec-p256", "TLSv1.2", "ecdsa_secp256r1_sha256"],
    ["ec-p256", "TLSv1.3", "ecdsa_secp256r1_sha256"],
  ] as const)("a key of %s in %s, signing with %s", async (key, version, scheme) => {
    const seen = await expectHealthyServer({ minVersion: version, maxVersion: version }, { key });
    expect(seen.signatureScheme).toBe(scheme);
  });

  it("two intermediates", async () => {
    const leaf = await middle.leaf({ names: ["origin.test"] });
    await expectHealthyServer({ ...sending(leaf, middle, upper) });
  });

  it("three intermediates", async () => {
    const leaf = await lower.leaf({ names: ["origin.test"] });
    const seen = await expectHealthyServer(sending(leaf, lower, middle, upper));
    expect(seen.chain).toHaveLength(4);
  });

  it("a wildcard certificate", async () => {
    const leaf = await upper.leaf({ names: ["*.origin.test"] });
    await expectHealthyServer(sending(leaf, upper), { connection: { domain: "a.origin.test" } });
  });

  it("a new root that a trusted one has cross-signed", async () => {
    const young = await createAuthority({ name: "Young Root" });
    const issuing = await young.intermediate({ name: "Young Issuing CA" });
    const leaf = await issuing.leaf({ names: ["origin.test"] });
    await expectHealthyServer(sending(leaf, issuing, await root.crossSign(young)));
  });

  it.each(versions)("no session tickets in %s", async (version) => {
    const tls = { secureOptions: constants.SSL_OP_NO_TICKET };
    await expectHealthyServer({ minVersion: version, maxVersion: version, tls });
  });

  it("one certificate, whatever server name is asked for", async () => {
    const leaf = await upper.leaf({ names: ["www.example.com"] });
    await expectHealthyServer(sending(leaf, upper), { connection: { forwardedHost: "www.example.com" } });
  });

  it("the right certificate for CloudFront's server name, and an expired one for all others", async () => {
    const old = await upper.leaf({ names: ["old.test"], notBefore: -92, notAfter: -2 });
    const wanted = await leafOf("ec-p256");
    const { chain } = sending(wanted, upper);
    const context = createSecureContext({ cert: chain.join("\n"), key: wanted.keyPem });
    await expectHealthyServer({
      ...sending(old, upper),
      tls: { SNICallback: (name, done) => done(null, name === "origin.test" ? context : undefined) },
    });
  });
});

describe("an origin is healthy, however its bytes come:", () => {
  const variants: readonly (readonly [string, RelayOptions])[] = [
    ["in TCP segments of one byte", { segments: [1] }],
    ["in TCP segments of 1 to 20 bytes", { segments: Array.from({ length: 20 }, (_, index) => index + 1) }],
    ["with messages cut into records of 7 bytes", { recordBytes: 7 }],
    ["with messages cut into records of one byte, in small segments", { recordBytes: 1, segments: [3, 11] }],
    ["slowly, but in time", { segments: [400], delayMs: 120 }],
    ["after a warning that it does not know the name", { before: UNRECOGNIZED_NAME_WARNING }],
  ];
  it.each(variants.flatMap(([title, options]) => versions.map((version) => [title, version, options] as const)))(
    "%s in %s",
    async (_, version, options) => {
      const relay = await startRelay(await origin({ minVersion: version, maxVersion: version }), options);
      open.push(relay);
      await expectHealthy(relay);
    },
  );
});

describe.skipIf(!hasOpenssl())("an origin is healthy, served by openssl s_server", () => {
  it.each([
    ["protected messages over many records", ["-max_send_frag", "512"]],
    ["padded records", ["-record_padding", "4096"]],
    ["no session ticket at all", ["-num_tickets", "0"]],
  ])("with %s", async (_, args) => {
    const leaf = await lower.leaf({ names: ["origin.test"], key: "rsa-2048" });
    const server = await startOpensslOrigin({ ...sending(leaf, lower, middle, upper), args });
    const relay = await startRelay(server, {});
    open.push(relay, { ...server, connections: () => 0 });
    const seen = await expectHealthy(relay);
    expect([seen.protocol, seen.chain?.length]).toEqual(["TLSv1.3", 4]);
  });
});

describe("an origin is healthy, although no OpenSSL 3 speaks with it:", () => {
  it.each(suitesBeyondOpenssl)("%s alone", async (_, cipherSuite, rfc) => {
    const { der } = await leafOf("rsa-2048");
    const flight = { version: 0x0303, cipherSuite, certificates: [der, upper.der] };
    const started = await startRawOrigin(serverFlight(flight));
    open.push(started);
    const record = await checked({ trusted: [root.certificatePem], connection: { port: started.port } });
    // One connection of OpenSSL's, and one with the hand-written hello that the origin agrees to.
    expect([codesOf(record), record.verdict, started.connections()]).toEqual([[], "healthy", 2]);
    expect(record.observed.addresses[0]?.cipherSuite).toBe(rfc);
  });
});

function sending(leaf: Issued, ...rest: readonly Authority[]): Pick<TlsOriginOptions, "chain" | "keyPem"> {
  return { chain: [leaf, ...rest].map(({ certificatePem }) => certificatePem), keyPem: leaf.keyPem };
}
