import "reflect-metadata";
import { spawn, spawnSync } from "node:child_process";
import { ExtendedKeyUsage, ExtendedKeyUsageExtension } from "@peculiar/x509";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { reproduce } from "../../lambda/report/reproduce.ts";
import { verificationOf } from "../../lambda/report/verify.ts";
import { type CheckOptions, checked, connection } from "../judge/checked.ts";
import {
  type Authority,
  type AuthorityOptions,
  createAuthority,
  type Issued,
  type LeafOptions,
  selfSigned,
} from "../sandbox/authority.ts";
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

/** Below an intermediate that is in its own way out of order. */
async function below(options: AuthorityOptions): Promise<Listener> {
  const odd = await issuing.intermediate({ name: "Odd CA", ...options });
  const leaf = await odd.leaf({ names: ["origin.test"], key: "rsa-2048" });
  return serving([leaf, odd, issuing], leaf, { tls: level0 });
}

const level0 = { ciphers: "DEFAULT@SECLEVEL=0" };
const demanding = { requestCert: true, rejectUnauthorized: true };
const handshakeFailure = /alert handshake failure/;

it.each([
  ["192.0.2.1", "dig @192.0.2.1 gone.test A"],
  ["192.0.2.1:5353", "dig @192.0.2.1 -p 5353 gone.test A"],
  ["2001:db8::1", "dig @2001:db8::1 gone.test A"],
  ["[2001:db8::1]:5353", "dig @2001:db8::1 -p 5353 gone.test A"],
  [undefined, "dig gone.test A"],
])("asks the name server that was given, %s", (dnsServer, command) => {
  const observation = { dns: { kind: "name-not-found" }, addresses: [], addressesLeftOut: 0 } as const;
  const planned = { kind: "probe", connection: connection({ domain: "gone.test" }) } as const;
  expect(reproduce(planned, observation, [], dnsServer)).toBe(command);
});

type Situation = readonly [
  code: string,
  start: () => Promise<Listener>,
  shows: RegExp,
  connection?: Partial<CheckOptions["connection"]>,
];

const situations: readonly Situation[] = [
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
  ["certificate-host-mismatch", () => origin({}), /DNS:origin\.test/, { forwardedHost: "www.test" }],
  ["certificate-key-unsupported", () => origin({ key: "rsa-4160" }), /Public-Key: \(4160 bit\)/],
  ["certificate-key-unsupported", () => below({ key: "ed25519" }), /PKEY: (ED25519|Ed25519)/],
  ["certificate-signature-weak", () => origin({ hash: "SHA-1" }, { tls: level0 }), /ecdsa-with-SHA1/],
  ["certificate-signature-weak", () => below({ hash: "SHA-1" }), /sigalg: ecdsa-with-SHA1/],
  [
    "intermediate-expired",
    () => below({ notBefore: -700, notAfter: -3 }),
    /Odd CA.*\n.*\n.*\n *v:NotBefore: .*; NotAfter: /,
  ],
  [
    "certificate-purpose",
    () => below({ extensions: [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])] }),
    /unsuitable certificate purpose/,
  ],
  ["certificate-invalid", () => below({ ca: false }), /invalid CA certificate/],
  ["handshake-rejected", () => startRawOrigin({ kind: "alert", code: 80 }), /alert internal error/],
  [
    "handshake-rejected",
    () => origin({}, { tls: { ALPNProtocols: ["http/1.1"] } }),
    /alert no application protocol/,
    { alpn: ["h2"] },
  ],
  ["grpc-http2-not-agreed", () => origin({}), /No ALPN negotiated/, { alpn: ["h2"] }],
  [
    "no-shared-cipher",
    () =>
      origin(
        { key: "rsa-2048" },
        { maxVersion: "TLSv1.2", tls: { ciphers: "DHE-RSA-AES128-GCM-SHA256", dhparam: "auto" } },
      ),
    handshakeFailure,
  ],
  [
    "undocumented-cipher",
    () => origin({ key: "rsa-2048" }, { maxVersion: "TLSv1.2", tls: { ciphers: "AES128-GCM-SHA256" } }),
    handshakeFailure,
  ],
  ["no-shared-group", () => origin({}, { tls: { ecdhCurve: "X448" } }), handshakeFailure],
  ["no-shared-group", () => origin({ key: "ec-p521" }, { maxVersion: "TLSv1.2" }), handshakeFailure],
  ["no-shared-signature-scheme", () => origin({ key: "ed25519" }), handshakeFailure],
  [
    "client-certificate-required",
    () => origin({}, { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", tls: { ...level0, ...demanding } }),
    handshakeFailure,
    { originSslProtocols: ["TLSv1.1"] },
  ],
  [
    "connection-reset",
    () => startRawOrigin({ kind: "reset", after: "client-hello" }),
    /errno=104|reset|unexpected eof/,
  ],
];

describe.runIf(hasOpenssl)("the command that reproduces", () => {
  it.each(situations.map(([code, start, shows, connection = {}]) => ({ code, start, shows, connection })))(
    "$code shows it",
    async ({ code, start, shows, connection }) => {
      const listener = await start();
      open.push(listener);
      const record = await checked({
        connection: { port: listener.port, ...connection },
        trusted: [root.certificatePem],
      });
      expect(record.findings.map((finding) => finding.code)).toContain(code);
      expect(record.reproduce).not.toBeNull();
      const printed = await output(record.reproduce ?? "");
      expect(printed).toMatch(shows);
      // What a message says that it prints, it prints: one of the texts in quotation marks, or none of what it lacks.
      const failing = verificationOf(record)?.prints?.failing ?? "";
      const quoted = [...failing.matchAll(/"([^"]+)"/g)].map(([, text = ""]) => text.toLowerCase());
      const isThere = quoted.some((text) => printed.toLowerCase().includes(text));
      if (quoted.length > 0 && !failing.includes('"DNS:"')) expect(isThere).toBe(!failing.startsWith("no "));
    },
  );
});

describe("reproduce", () => {
  it("asks DNS where DNS is the fault", async () => {
    const record = await checked({ connection: { port: 443 }, connectTo: "10.0.0.1" });
    expect(record).toMatchObject({ findings: [{ code: "dns-private-address" }], reproduce: "dig origin.test A" });
  });

  it.each(["-f.example.test", "--x.example.test"])("lets the name %s be no option of dig", async (domain) => {
    const record = await checked({
      connection: { port: 443, domain, ipAddressType: "dualstack" },
      connectTo: "10.0.0.1",
    });
    expect(record.reproduce).toBe(`dig -q ${domain} -t A; dig -q ${domain} -t AAAA`);
  });

  it("lets a name be no option of testssl.sh", () => {
    const { record, observation } = agreedByHand("-f.example.test");
    expect(reproduce(record, observation, [])).toBe(
      "testssl.sh --warnings off --ip 127.0.0.1 --protocols --cipher-per-proto --server-defaults https://-f.example.test:443",
    );
  });

  it.runIf(hasOpenssl)("lets a name be no option of openssl", async () => {
    const name = "-f.example.test";
    const listener = await origin({ names: [name], notBefore: -92, notAfter: -2 }, { onlyServerNames: [name] });
    open.push(listener);
    const record = await checked({
      connection: { port: listener.port, domain: name },
      trusted: [root.certificatePem],
    });
    expect(record.findings.map(({ code }) => code)).toContain("certificate-expired");
    expect(await output(record.reproduce ?? "")).toMatch(/notAfter=/);
  });

  it("quotes what a shell would read", async () => {
    const domain = "a'; touch x; '.test";
    const record = await checked({ connection: { port: 443, domain }, connectTo: "10.0.0.1" });
    expect(record.reproduce).toBe(`dig 'a'\\''; touch x; '\\''.test' A`);
  });
});

/** An origin with which only a hello written by hand agrees. */
function agreedByHand(domain: string) {
  const transcript = {
    bytesReceived: 100,
    protocol: "SSLv3",
    cipherSuite: null,
    group: null,
    signatureScheme: null,
    certificates: [],
    clientCertificateRequested: false,
    warnings: [],
    unreadable: null,
  };
  const outcome = { kind: "hello-agreed" as const, transcript, experiments: [], listedVersionsOnly: null };
  const address = "127.0.0.1";
  return {
    record: { kind: "probe" as const, connection: connection({ domain }) },
    observation: {
      dns: { kind: "answered" as const, addresses: [address] },
      addresses: [{ address, outcome, ms: 1 }],
      addressesLeftOut: 0,
    },
  };
}

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
