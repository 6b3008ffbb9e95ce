import { spawn, spawnSync } from "node:child_process";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { checked } from "../judge/checked.ts";
import { type Authority, createAuthority, type Issued, type LeafOptions, selfSigned } from "../sandbox/authority.ts";
import { type Listener, reserveRefusingPort } from "../sandbox/listener.ts";
import { PLAIN_HTTP, startRawOrigin } from "../sandbox/raw-origin.ts";
import { startTlsOrigin, type TlsOriginOptions } from "../sandbox/tls-origin.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
if (!hasOpenssl) process.stderr.write("SKIPPED: the openssl command is missing, so reproduce commands are not run\n");

let root: Authority;
let issuing: Authority;
const open: Listener[] = [];

beforeAll(async () => {
  root = await createAuthority({ name: "Trusted Root" });
  issuing = await root.intermediate({ name: "Issuing CA" });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

async function origin(leaf: Partial<LeafOptions>, server: Partial<TlsOriginOptions> = {}): Promise<Listener> {
  const issued = await issuing.leaf({ names: ["origin.test"], ...leaf });
  return serving([issued, issuing], issued, server);
}

function serving(
  chain: readonly { certificatePem: string }[],
  { keyPem }: Issued,
  server: Partial<TlsOriginOptions> = {},
): Promise<Listener> {
  return startTlsOrigin({ chain: chain.map(({ certificatePem }) => certificatePem), keyPem, ...server });
}

const situations: readonly (readonly [code: string, start: () => Promise<Listener>, shows: RegExp])[] = [
  ["certificate-expired", () => origin({ notBefore: -92, notAfter: -2 }), /notAfter=/],
  ["certificate-expiring", () => origin({ notBefore: -85, notAfter: 5 }), /notAfter=/],
  ["certificate-not-yet-valid", () => origin({ notBefore: 2, notAfter: 90 }), /notBefore=/],
  ["certificate-name-mismatch", () => origin({ names: ["other.test"] }), /DNS:other\.test/],
  ["certificate-key-undocumented", () => origin({ key: "ec-p384" }), /P-384/],
  ["certificate-purpose", () => origin({ eku: ["clientAuth"] }), /TLS Web Client Authentication/],
  [
    "certificate-self-signed",
    async () => {
      const own = await selfSigned({ names: ["origin.test"] });
      return serving([own], own);
    },
    /18 \(self[- ]signed certificate\)/,
  ],
  [
    "certificate-untrusted",
    async () => {
      const company = await createAuthority({ name: "Company Root" });
      const leaf = await company.leaf({ names: ["origin.test"] });
      return serving([leaf, company], leaf);
    },
    /19 \(self[- ]signed certificate in certificate chain\)/,
  ],
  [
    "chain-incomplete",
    async () => {
      const leaf = await issuing.leaf({ names: ["origin.test"], aia: "http://ca.test/issuing.crt" });
      return serving([leaf], leaf);
    },
    /2[01] \(unable to (get local issuer|verify the first) certificate\)/,
  ],
  [
    "chain-out-of-order",
    async () => {
      const lower = await issuing.intermediate({ name: "Lower CA" });
      const leaf = await lower.leaf({ names: ["origin.test"] });
      return serving([leaf, issuing, lower], leaf);
    },
    /1 s:.*CN ?= ?Issuing CA.*2 s:.*CN ?= ?Lower CA/s,
  ],
  [
    "client-certificate-required",
    () => origin({}, { tls: { requestCert: true, rejectUnauthorized: true } }),
    /alert certificate required|certificate required/,
  ],
  [
    "client-certificate-requested",
    () => origin({}, { tls: { requestCert: true, rejectUnauthorized: false } }),
    /Requested Signature Algorithms|No client certificate CA names sent/,
  ],
  ["connection-refused", reserveRefusingPort, /refused|errno=111/],
  ["tls-not-spoken", () => startRawOrigin(PLAIN_HTTP), /wrong version number|packet length too long/],
  [
    "no-shared-protocol",
    () => origin({}, { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", tls: { ciphers: "DEFAULT@SECLEVEL=0" } }),
    /alert protocol version|tlsv1 alert/,
  ],
  ["server-name-rejected", () => origin({}, { onlyServerNames: ["www.test"] }), /unrecognized name/],
  [
    "connection-reset",
    () => startRawOrigin({ kind: "reset", after: "client-hello" }),
    /errno=104|reset|unexpected eof/,
  ],
];

describe.runIf(hasOpenssl)("the command that reproduces", () => {
  it.each(situations)("%s shows it", async (code, start, shows) => {
    const listener = await start();
    open.push(listener);
    const record = await checked({ connection: { port: listener.port }, trusted: [root.certificatePem] });
    expect(record.findings.map((finding) => finding.code)).toContain(code);
    expect(record.reproduce).not.toBeNull();
    expect(await output(record.reproduce ?? "")).toMatch(shows);
  });
});

describe("reproduce", () => {
  it("asks DNS where DNS is the fault", async () => {
    const record = await checked({ connection: { port: 443 }, connectTo: "10.0.0.1" });
    expect(record).toMatchObject({ findings: [{ code: "dns-private-address" }], reproduce: "dig origin.test A" });
  });

  it("quotes what a shell would read", async () => {
    const domain = "a'; touch x; '.test";
    const record = await checked({ connection: { port: 443, domain }, connectTo: "10.0.0.1" });
    expect(record.reproduce).toBe(`dig 'a'\\''; touch x; '\\''.test' A`);
  });
});

function output(command: string): Promise<string> {
  const child = spawn("bash", ["-c", command], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return new Promise((resolve) => child.once("close", () => resolve(text)));
}
