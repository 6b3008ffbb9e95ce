import { connect, type Socket } from "node:net";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { documentedSuites, groups, tls13Suites } from "../../lambda/cloudfront/profile.ts";
import { type RawAnswer, rawHello } from "../../lambda/probe/raw-hello.ts";
import { cipherSuites } from "../../lambda/tls/cipher-suites.ts";
import type { HelloOffer } from "../../lambda/tls/client-hello.ts";
import type { ProtocolVersion, SignatureScheme } from "../../lambda/tls/code-points.ts";
import { type Authority, createAuthority, type Issued, type LeafOptions } from "../sandbox/authority.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startTlsOrigin, type TlsOriginOptions } from "../sandbox/tls-origin.ts";

const codes = new Map([...cipherSuites].map(([code, name]) => [name, code]));
const code = (name: string) => codes.get(name)!;
const allSuites = [...tls13Suites, ...documentedSuites.map(({ rfc }) => rfc)].map(code);

const schemes: readonly SignatureScheme[] = [
  "ecdsa_secp256r1_sha256",
  "ecdsa_secp384r1_sha384",
  "rsa_pss_pss_sha256",
  "rsa_pss_rsae_sha256",
  "rsa_pkcs1_sha256",
  "rsa_pkcs1_sha1",
  "ecdsa_sha1",
];

const offer = (changes: Partial<HelloOffer> = {}): HelloOffer => ({
  versions: ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"],
  cipherSuites: allSuites,
  groups: groups.map(({ name }) => name),
  signatureSchemes: schemes,
  serverName: "a.test",
  ...changes,
});

const open: Listener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

async function connected({ address, port }: Listener): Promise<Socket> {
  const socket = connect(port, address);
  await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  return socket;
}

async function ask(listener: Listener, hello: HelloOffer, timeoutMs = 5_000): Promise<RawAnswer> {
  open.push(listener);
  const socket = await connected(listener);
  const answer = await rawHello(socket, hello, { timeoutMs, signal: new AbortController().signal });
  expect(socket.destroyed).toBe(true);
  return answer;
}

let root: Authority;
let intermediate: Authority;
const leaves = new Map<string, Issued>();

async function leafOf(key: NonNullable<LeafOptions["key"]>): Promise<Issued> {
  const leaf = leaves.get(key) ?? (await intermediate.leaf({ names: ["a.test"], key }));
  leaves.set(key, leaf);
  return leaf;
}

async function origin(
  key: NonNullable<LeafOptions["key"]>,
  options: Partial<TlsOriginOptions> = {},
): Promise<Listener> {
  const leaf = await leafOf(key);
  return startTlsOrigin({ chain: [leaf.certificatePem, intermediate.certificatePem], keyPem: leaf.keyPem, ...options });
}

async function sent(key: NonNullable<LeafOptions["key"]>): Promise<string[]> {
  return [(await leafOf(key)).der.toString("base64"), intermediate.der.toString("base64")];
}

beforeAll(async () => {
  root = await createAuthority();
  intermediate = await root.intermediate();
});

const beyondOpenssl = new Set(["DES-CBC3-SHA", "RC4-MD5"]);
const suitesOfNode = documentedSuites.filter(({ openssl }) => !beyondOpenssl.has(openssl));

describe("rawHello with real servers", () => {
  it.each(["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const satisfies readonly ProtocolVersion[])(
    "agrees on %s",
    async (version) => {
      const server = await origin("ec-p256", {
        minVersion: version,
        maxVersion: version,
        tls: { ciphers: "ALL:@SECLEVEL=0" },
      });
      const answer = await ask(server, offer());
      expect(answer).toMatchObject({
        kind: "agreed",
        transcript: { protocol: version, certificates: await sent("ec-p256"), unreadable: null },
      });
    },
  );

  it.each(suitesOfNode)("agrees on $rfc alone", async ({ rfc, openssl }) => {
    const key = rfc.includes("_ECDSA_") ? "ec-p256" : "rsa-2048";
    const server = await origin(key, { maxVersion: "TLSv1.2", tls: { ciphers: `${openssl}:@SECLEVEL=0` } });
    const answer = await ask(server, offer({ cipherSuites: [code(rfc)], versions: ["TLSv1.2"] }));
    expect(answer).toMatchObject({
      kind: "agreed",
      transcript: { protocol: "TLSv1.2", cipherSuite: rfc, certificates: await sent(key) },
    });
  });
});
