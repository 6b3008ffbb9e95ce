import { createECDH } from "node:crypto";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { type Authority, createAuthority, type Issued } from "../sandbox/authority.ts";
import { isOfLibrary, startChokingOrigin } from "../sandbox/choking-origin.ts";
import { type Listener, listen, reserveRefusingPort } from "../sandbox/listener.ts";
import {
  GARBAGE,
  MALFORMED_SERVER_HELLO,
  PLAIN_HTTP,
  type RawBehavior,
  SSH_BANNER,
  startRawOrigin,
} from "../sandbox/raw-origin.ts";
import { serverFlight, serverFlightBytes } from "../sandbox/server-flight.ts";
import { startTlsOrigin, type TlsOriginOptions } from "../sandbox/tls-origin.ts";
import { report, runTime } from "../tell/records.ts";
import { type CheckOptions, checked, codesOf } from "./checked.ts";

let root: Authority;
let leaf: Issued;
const open: Listener[] = [];

beforeAll(async () => {
  root = await createAuthority({ name: "Trusted Root" });
  leaf = await root.leaf({ names: ["origin.test", "www.example.com"], key: "rsa-2048" });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close()));
});

type Overrides = Partial<CheckOptions["connection"]>;

async function against(listener: Listener, overrides: Overrides = {}): Promise<ConnectionRecord> {
  open.push(listener);
  return checked({ trusted: [root.certificatePem], connection: { port: listener.port, ...overrides } });
}

async function againstTls(server: Partial<TlsOriginOptions>, overrides: Overrides = {}): Promise<ConnectionRecord> {
  return against(await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem, ...server }), overrides);
}

async function againstRaw(behavior: RawBehavior, overrides: Overrides = {}): Promise<ConnectionRecord> {
  return against(await startRawOrigin(behavior), overrides);
}

const level0 = { ciphers: "DEFAULT@SECLEVEL=0" };

describe("TCP findings", () => {
  it("connection-refused", async () => {
    const record = await against(await reserveRefusingPort());
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["connection-refused"]]);
  });

  it.each([
    ["closes at once", { kind: "close", after: "accept" }],
    ["closes after the hello", { kind: "close", after: "client-hello" }],
    ["resets at once", { kind: "reset", after: "accept" }],
    ["resets after the hello", { kind: "reset", after: "client-hello" }],
  ] as const)("connection-reset when the origin %s", async (_, behavior) => {
    const record = await againstRaw(behavior);
    expect([record.verdict, codesOf(record)]).toEqual(["at-risk", ["connection-reset"]]);
  });

  it.each([
    ["silent", { kind: "silent" }],
    ["dripping", { kind: "drip", bytes: new Uint8Array([22, 3, 3, 64, 0, ...new Uint8Array(500)]), everyMs: 20 }],
  ] as const)("handshake-timed-out when the origin is %s", async (_, behavior) => {
    const record = await againstRaw(behavior, { connectTimeoutMs: 300 });
    expect([record.verdict, codesOf(record)]).toEqual(["at-risk", ["handshake-timed-out"]]);
  });
});

describe("an origin that hangs up politely", () => {
  it("connection-reset for a close_notify in place of an answer", async () => {
    const record = await againstRaw({ kind: "alert", code: 0, level: "warning" });
    expect([record.verdict, codesOf(record)]).toEqual(["at-risk", ["connection-reset"]]);
  });
});

describe("handshake findings", () => {
  it.each([
    ["plain HTTP", PLAIN_HTTP],
    ["SSH", SSH_BANNER],
    ["does not answer with TLS", GARBAGE],
    ["does not answer with TLS", MALFORMED_SERVER_HELLO],
    ["does not answer with TLS", { kind: "flood", bytes: "A".repeat(4_096), limitBytes: 50_000_000 }],
  ] as const)('tls-not-spoken, of which the title has "%s"', async (spoken, behavior) => {
    const record = await againstRaw(behavior);
    expect(record).toMatchObject({
      verdict: "failing",
      findings: [{ code: "tls-not-spoken", title: expect.stringContaining(spoken) }],
    });
  });

  it("stops reading a server that never ends its handshake message", async () => {
    // A Certificate message of 16 MiB, as far as its header goes.
    const record16k = new Uint8Array([22, 3, 3, 64, 0, 11, 255, 255, 255, ...new Uint8Array(16_380)]);
    const record = await againstRaw({ kind: "flood", bytes: record16k, limitBytes: 50_000_000 });
    expect(record.verdict).not.toBe("healthy");
    expect(codesOf(record)).toHaveLength(1);
  });

  it.each([
    ["TLSv1.1", ["TLSv1.2"], ["no-shared-protocol"]],
    ["TLSv1.1", ["TLSv1", "TLSv1.1", "TLSv1.2"], []],
    ["TLSv1", ["TLSv1.1"], ["no-shared-protocol"]],
    ["TLSv1", ["TLSv1", "TLSv1.2"], []],
  ] as const)("a server of %s only under OriginSslProtocols %s: %s", async (version, originSslProtocols, expected) => {
    const server = { minVersion: version, maxVersion: version, tls: level0 };
    const record = await againstTls(server, { originSslProtocols });
    expect(codesOf(record)).toEqual(expected);
  });

  it("server-name-rejected for a strict server, with the name that CloudFront sends", async () => {
    const record = await againstTls({ onlyServerNames: ["www.example.com"] });
    expect(record).toMatchObject({
      verdict: "failing",
      findings: [{ code: "server-name-rejected", evidence: { serverName: "origin.test" } }],
    });
    const withHost = await againstTls({ onlyServerNames: ["www.example.com"] }, { forwardedHost: "www.example.com" });
    expect(withHost.verdict).toBe("healthy");
  });

  it("passes over a warning about the server name when the handshake goes on", async () => {
    const record = await againstRaw({ kind: "alert", code: 112, level: "warning" });
    expect(codesOf(record)).toEqual(["server-name-rejected"]);
  });

  it.each([
    [
      "no-shared-cipher",
      { maxVersion: "TLSv1.2", tls: { ciphers: "DHE-RSA-AES128-GCM-SHA256", dhparam: "auto" } },
      "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    ],
    [
      "no-shared-cipher",
      { maxVersion: "TLSv1.2", tls: { ciphers: "ECDHE-RSA-CHACHA20-POLY1305" } },
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ],
    ["no-shared-group", { tls: { ecdhCurve: "X448" } }, "x448"],
    ["no-shared-group", { minVersion: "TLSv1.3", tls: { ecdhCurve: "X25519MLKEM768" } }, "X25519MLKEM768"],
    [
      "no-shared-group",
      { maxVersion: "TLSv1.2", tls: { ecdhCurve: "P-521", ciphers: "ECDHE-RSA-AES128-GCM-SHA256" } },
      "secp521r1",
    ],
  ] as const)("%s, with what the origin accepts", async (code, server, accepted) => {
    const record = await againstTls(server);
    expect(record).toMatchObject({
      verdict: "failing",
      findings: [{ code, effect: "502", evidence: { seen: accepted } }],
    });
    expect(record.findings).toHaveLength(1);
  });

  it.each(["AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA256"])(
    "undocumented-cipher with only %s",
    async (ciphers) => {
      const record = await againstTls({ maxVersion: "TLSv1.2", tls: { ciphers } });
      expect([record.verdict, codesOf(record)]).toEqual(["at-risk", ["undocumented-cipher"]]);
    },
  );

  it.each(["ed25519", "ed448"] as const)("no-shared-signature-scheme with a certificate of %s", async (key) => {
    const issued = await root.leaf({ names: ["origin.test"], key });
    const record = await againstTls({ chain: [issued.certificatePem], keyPem: issued.keyPem });
    expect(record).toMatchObject({
      verdict: "failing",
      findings: [{ code: "no-shared-signature-scheme", evidence: { seen: key } }],
    });
  });

  it.each(["ec-p521", "ec-secp256k1"] as const)(
    "no-shared-group for a certificate of %s in TLS 1.2, without calling a group unknown that CloudFront offers",
    async (key) => {
      const issued = await root.leaf({ names: ["origin.test"], key });
      const chain = { chain: [issued.certificatePem], keyPem: issued.keyPem };
      const record = await againstTls({ ...chain, maxVersion: "TLSv1.2" });
      expect(record).toMatchObject({
        verdict: "failing",
        findings: [{ code: "no-shared-group", title: "origin needs a group that CloudFront lacks" }],
      });
      expect(record.findings[0]?.remedy[0]).toContain("ECDSA P-256");
    },
  );

  it("server-name-rejected when the origin closes on the server name and answers without it", async () => {
    const SNICallback = (_name: string, done: (error: Error) => void) => done(new Error("unknown"));
    const record = await againstTls({ tls: { SNICallback } });
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["server-name-rejected"]]);
  });

  it("says what the origin speaks where versions differ", async () => {
    const record = await againstTls({ minVersion: "TLSv1", maxVersion: "TLSv1", tls: level0 });
    expect(record).toMatchObject({
      findings: [
        {
          code: "no-shared-protocol",
          title: "no TLS version in common (origin: TLSv1)",
          remedy: [
            "Enable TLS 1.2 or TLS 1.3 on the origin. This is the fix.",
            "If the origin cannot change soon, add TLSv1 to the origin SSL protocols of the distribution, and plan when to remove it.",
          ],
          evidence: { seen: "uses TLSv1" },
        },
      ],
    });
  });

  it.each([
    ["TLSv1.1", ["TLSv1", "TLSv1.2"], ["protocol-set-ambiguous"]],
    ["TLSv1.1", ["TLSv1", "TLSv1.1", "TLSv1.2"], []],
    ["TLSv1.2", ["TLSv1", "TLSv1.2"], []],
  ] as const)("a server of %s only under %j has the findings %j", async (version, originSslProtocols, expected) => {
    const server = { minVersion: version, maxVersion: version, tls: level0 };
    const record = await againstTls(server, { originSslProtocols });
    expect([record.verdict, codesOf(record)]).toEqual([expected.length === 0 ? "healthy" : "at-risk", expected]);
  });

  it("needs at most 12 further connections", async () => {
    for (const server of [
      { tls: { ecdhCurve: "X448" } },
      { maxVersion: "TLSv1.2", tls: { ciphers: "AES128-GCM-SHA256" } },
    ] as const) {
      const origin = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem, ...server });
      await against(origin);
      expect(origin.connections()).toBeLessThanOrEqual(13);
    }
    const raw = await startRawOrigin({ kind: "alert", code: 40 });
    await against(raw);
    expect(raw.connections()).toBeLessThanOrEqual(13);
  });

  it("handshake-rejected for an alert that explains nothing", async () => {
    const record = await againstRaw({ kind: "alert", code: 80 });
    expect(record.findings).toMatchObject([{ code: "handshake-rejected", evidence: { seen: "alert internal_error" } }]);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("client-certificate-required in %s", async (maxVersion) => {
    const record = await againstTls({ maxVersion, tls: { requestCert: true, rejectUnauthorized: true } });
    expect([record.verdict, codesOf(record)]).toEqual(["failing", ["client-certificate-required"]]);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("client-certificate-requested in %s", async (maxVersion) => {
    const record = await againstTls({ maxVersion, tls: { requestCert: true, rejectUnauthorized: false } });
    expect([record.verdict, codesOf(record)]).toEqual(["at-risk", ["client-certificate-requested"]]);
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "origin-mtls in %s where CloudFront has a certificate and we have none",
    async (maxVersion) => {
      const server = { maxVersion, tls: { requestCert: true, rejectUnauthorized: true } };
      const record = await againstTls(server, { originMtls: true });
      expect([record.verdict, codesOf(record)]).toEqual(["unknown", ["origin-mtls"]]);
    },
  );

  it.each([
    ["signs the key exchange with another key", () => startRawOrigin(serverFlight(invalidlySigned()))],
    [
      "closes on the client's second flight",
      () => startRawOrigin(serverFlight({ version: 0x0303, cipherSuite: 0x002f, certificates: [leaf.der] })),
    ],
  ])("handshake-rejected, and no passing fault, for an origin that answers every hello and %s", async (_, start) => {
    const record = await against(await start());
    expect(record).toMatchObject({
      verdict: "failing",
      findings: [{ code: "handshake-rejected", effect: "502" }],
    });
    expect(record.findings).toHaveLength(1);
    expect(record.findings[0]?.explanation).not.toContain("at times");
  });

  it.each([
    ["handshake-timed-out", "never answers", () => undefined],
    ["connection-reset", "closes on", (near: Socket) => near.end()],
  ] as const)("%s for an origin that %s hellos as long as CloudFront's, and says so", async (code, _, choke) => {
    const long = (hello: Buffer) => hello.length > 255;
    const record = await against(await chokingOn(long, choke), { connectTimeoutMs: 2_000 });
    expect(record).toMatchObject({
      verdict: "at-risk",
      findings: [{ code, explanation: expect.stringContaining("does not accept ClientHellos of that length") }],
    });
  });

  it("connection-reset puts a filter first that goes by the fingerprint, where a ClientHello with that name was answered", async () => {
    const record = await against(await chokingOn(isOfLibrary, (near) => near.destroy()));
    expect(record).toMatchObject({ verdict: "at-risk", findings: [{ code: "connection-reset", effect: "may" }] });
    const [first = "", ...others] = record.findings[0]?.remedy ?? [];
    expect(first).toContain("fingerprint of the TLS client");
    expect(others.join(" ")).not.toContain("Add a certificate");
  });

  it.each([
    ["handshake-timed-out", "at-risk", "never answers", () => undefined],
    ["handshake-rejected", "failing", "refuses", (near: Socket) => near.end(fatalInternalError)],
  ] as const)("%s (%s) for an origin that %s hellos with TLS 1.3, and says so", async (code, verdict, _, choke) => {
    // TLS 1.3 and 1.2, one after the other in supported_versions.
    const withTls13 = (hello: Buffer) => hello.includes(Buffer.from([3, 4, 3, 3]));
    const record = await against(await chokingOn(withTls13, choke), { connectTimeoutMs: 2_000 });
    expect(record).toMatchObject({
      verdict,
      findings: [{ code, explanation: expect.stringContaining("a ClientHello without TLS 1.3") }],
    });
    expect(record.findings[0]?.explanation).not.toContain("length");
  });

  it("handshake-rejected as a risk for an origin that fails only at times", async () => {
    const record = await against(await atTimes((near) => near.end(fatalInternalError)));
    expect(record).toMatchObject({
      verdict: "at-risk",
      findings: [{ code: "handshake-rejected", effect: "may", explanation: expect.stringContaining("only at times") }],
    });
  });

  it("server-name-rejected as a risk for an origin that knows the name a moment later", async () => {
    const record = await against(await atTimes((near) => near.end(fatalUnrecognizedName)));
    expect(record).toMatchObject({
      verdict: "at-risk",
      findings: [
        { code: "server-name-rejected", effect: "may", explanation: expect.stringContaining("only at times") },
      ],
    });
  });

  it.each([
    ["handshake-rejected", (near: Socket) => near.end(fatalInternalError)],
    ["server-name-rejected", (near: Socket) => near.end(fatalUnrecognizedName)],
    ["connection-reset", (near: Socket) => near.destroy()],
  ] as const)("%s is told only when a second run has met it, where the probe saw it pass", async (code, first) => {
    const record = await against(await atTimes(first));
    const run = report([record]);
    const unconfirmed = step(null, run, new Date(runTime), defaultAlertPolicy);
    expect(unconfirmed.drafts).toEqual([]);
    const later = new Date(Date.parse(runTime) + 900_000);
    const [draft] = step(unconfirmed.next, run, later, defaultAlertPolicy).drafts;
    expect(draft?.change.opened).toMatchObject([{ code, effect: "may" }]);
  });

  it("handshake-rejected is told at once, where it was not seen to pass", async () => {
    const record = await againstRaw({ kind: "alert", code: 80 });
    const [draft] = step(null, report([record]), new Date(runTime), defaultAlertPolicy).drafts;
    expect(draft?.change.opened).toMatchObject([{ code: "handshake-rejected", effect: "502" }]);
  });

  it("connection-reset, with the remark that it happens at times", async () => {
    const record = await against(await atTimes((near) => near.destroy()));
    expect(record).toMatchObject({
      verdict: "at-risk",
      findings: [{ code: "connection-reset", explanation: expect.stringContaining("only at times") }],
    });
  });

  it("handshake-rejected as a risk where the origin answers a hello of the same offer, but not a TLS library's", async () => {
    const tls = { ALPNProtocols: ["http/1.1"] };
    const record = await againstTls({ tls }, { alpn: ["h2"] });
    expect(record).toMatchObject({
      verdict: "at-risk",
      findings: [{ code: "handshake-rejected", effect: "may", evidence: { seen: "alert no_application_protocol" } }],
    });
    expect(record.findings[0]?.explanation).not.toContain("at times");
  });

  it.each([
    [["h2"], "at-risk", "may"],
    [[], "failing", "502"],
  ] as const)(
    "handshake-rejected for no_application_protocol after the ServerHello, with ALPN %j: %s",
    async (alpn, verdict, effect) => {
      const flight = serverFlightBytes({ version: 0x0303, cipherSuite: 0x002f, certificates: [leaf.der] });
      const alert = Uint8Array.of(21, 3, 3, 0, 2, 2, 120);
      const record = await againstRaw({ kind: "reply", bytes: Buffer.concat([flight, alert]) }, { alpn });
      expect(record).toMatchObject({ verdict, findings: [{ code: "handshake-rejected", effect }] });
    },
  );

  it("protocol-sslv3-enabled is a note", async () => {
    const record = await againstTls({}, { originSslProtocols: ["SSLv3", "TLSv1.2"] });
    expect([record.verdict, codesOf(record)]).toEqual(["healthy", ["protocol-sslv3-enabled"]]);
  });
});

const fatalInternalError = Uint8Array.of(21, 3, 3, 0, 2, 2, 80);
const fatalUnrecognizedName = Uint8Array.of(21, 3, 3, 0, 2, 2, 112);

/** A first flight of ECDHE-RSA-AES128-GCM-SHA256 whose signature is not the certificate's. */
function invalidlySigned() {
  const point = createECDH("prime256v1").generateKeys();
  const signature = Buffer.alloc(256, 7);
  const serverKeyExchange = Buffer.concat([
    Buffer.from([3, 0, 23, point.length]),
    point,
    Buffer.from([4, 1, signature.length >> 8, signature.length & 0xff]),
    signature,
  ]);
  return { version: 0x0303, cipherSuite: 0xc02f, certificates: [leaf.der], serverKeyExchange };
}

/** A healthy origin of TLS 1.2 behind a middlebox that does something else with certain hellos. */
async function chokingOn(hello: (bytes: Buffer) => boolean, choke: (near: Socket) => void): Promise<Listener> {
  const { certificatePem, keyPem } = leaf;
  const origin = await startTlsOrigin({ chain: [certificatePem], keyPem, maxVersion: "TLSv1.2" });
  open.push(origin);
  return startChokingOrigin(origin, hello, choke);
}

/** A healthy origin that treats its first client in another way. */
async function atTimes(first: (near: Socket) => void): Promise<Listener> {
  const origin = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
  open.push(origin);
  let clients = 0;
  const server = createServer((near) => {
    clients += 1;
    if (clients === 1) return void near.once("data", () => first(near));
    const far = connect(origin.port, origin.address);
    far.on("error", () => near.destroy());
    near.on("close", () => far.destroy());
    near.pipe(far).pipe(near);
  });
  return listen(server);
}
