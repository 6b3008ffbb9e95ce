import { once } from "node:events";
import { connect } from "node:net";
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { rawHello } from "../../lambda/probe/raw-hello.ts";
import type { ProtocolVersion } from "../../lambda/tls/code-points.ts";
import { createAuthority } from "../sandbox/authority.ts";
import { helloOffer } from "../sandbox/hello-offer.ts";
import type { Listener } from "../sandbox/listener.ts";
import {
  GARBAGE,
  MALFORMED_SERVER_HELLO,
  PLAIN_HTTP,
  type RawBehavior,
  SSH_BANNER,
  startRawOrigin,
  TRUNCATED_RECORD,
} from "../sandbox/raw-origin.ts";
import { type ServerFlight, serverFlight, serverFlightBytes } from "../sandbox/server-flight.ts";
import { ask } from "./ask.ts";

const rc4 = 0x0004;
const tripleDes = 0x000a;
const ecdheRsa = 0xc013;

let chain: Buffer[];
const origins: Listener[] = [];

beforeAll(async () => {
  const root = await createAuthority();
  const intermediate = await root.intermediate();
  const leaf = await intermediate.leaf({ names: ["a.test"], key: "rsa-2048" });
  chain = [leaf.der, intermediate.der, root.der];
});

afterEach(async () => {
  await Promise.all(origins.splice(0).map((origin) => origin.close()));
});

async function origin(behavior: RawBehavior): Promise<Listener> {
  const started = await startRawOrigin(behavior);
  origins.push(started);
  return started;
}

const flight = (changes: Partial<ServerFlight> = {}): ServerFlight => ({
  version: 0x0301,
  cipherSuite: 0x002f,
  certificates: chain,
  ...changes,
});

const base64 = (certificates: readonly Buffer[]) => certificates.map((der) => der.toString("base64"));

describe("rawHello with scripted servers", () => {
  it.each([
    ["SSLv3", 0x0300, rc4, "TLS_RSA_WITH_RC4_128_MD5"],
    ["SSLv3", 0x0300, tripleDes, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"],
    ["TLSv1.2", 0x0303, rc4, "TLS_RSA_WITH_RC4_128_MD5"],
    ["TLSv1.2", 0x0303, tripleDes, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"],
  ] as const)("agrees on %s (%i) with suite %i", async (protocol, version, cipherSuite, name) => {
    const server = await origin(serverFlight(flight({ version, cipherSuite })));
    expect(await ask(server, helloOffer({ versions: [protocol] }))).toMatchObject({
      kind: "agreed",
      transcript: { protocol, cipherSuite: name, certificates: base64(chain) },
    });
  });

  it("keeps the certificates in whatever order they are sent, and all of them", async () => {
    const sent = [chain[2]!, chain[0]!, chain[1]!, chain[0]!];
    const server = await origin(serverFlight(flight({ version: 0x0300, cipherSuite: rc4, certificates: sent })));
    expect(await ask(server, helloOffer({ versions: ["SSLv3"] }))).toMatchObject({
      kind: "agreed",
      transcript: { certificates: base64(sent) },
    });
  });

  it.each([1, 2, 7, 100, 16_384])("reads messages in records of %i bytes", async (fragment) => {
    const server = await origin(serverFlight(flight({ fragment, requestClientCertificate: true })));
    expect(await ask(server, helloOffer())).toMatchObject({
      kind: "agreed",
      transcript: { certificates: base64(chain), clientCertificateRequested: true },
    });
  });

  it("reads a flight that drips in byte by byte", async () => {
    const bytes = serverFlightBytes(flight({ certificates: [chain[1]!], fragment: 50 }));
    const server = await origin({ kind: "drip", bytes, everyMs: 1 });
    expect(await ask(server, helloOffer())).toMatchObject({ kind: "agreed", transcript: { protocol: "TLSv1" } });
  });

  it("keeps a warning that came before", async () => {
    const warning = Buffer.from([21, 3, 1, 0, 2, 1, 112]);
    const server = await origin({ kind: "reply", bytes: Buffer.concat([warning, serverFlightBytes(flight())]) });
    expect(await ask(server, helloOffer())).toMatchObject({
      kind: "agreed",
      transcript: { warnings: [{ level: "warning", code: 112, description: "unrecognized_name" }] },
    });
  });

  it.each([
    ["a version", { version: 0x0300 }, "SSLv3 chosen, not offered"],
    ["an unknown version", { version: 0x0309 }, "0x0309 chosen, not offered"],
    ["a suite", { cipherSuite: 0x009c }, "TLS_RSA_WITH_AES_128_GCM_SHA256 chosen, not offered"],
    ["a suite of TLS 1.3", { cipherSuite: 0x1301 }, "TLS_AES_128_GCM_SHA256 chosen for TLSv1"],
    ["a compression", { compression: 1 }, "compression method 1 chosen, not offered"],
    ["a group", { cipherSuite: ecdheRsa, serverKeyExchange: point(0x0019) }, "secp521r1 chosen, not offered"],
    ["explicit curve parameters", { cipherSuite: ecdheRsa, serverKeyExchange: Buffer.from([1]) }, noGroup()],
    ["no key exchange", { cipherSuite: ecdheRsa }, noGroup()],
    ["no certificate", { certificates: [] }, "handshake without a certificate"],
    [
      "a scheme",
      { version: 0x0303, cipherSuite: ecdheRsa, serverKeyExchange: point(0x0017, 0x0101) },
      "rsa_pkcs1_md5 chosen, not offered",
    ],
  ])("refuses %s that it did not ask for", async (_, changes, detail) => {
    const answer = await ask(await origin(serverFlight(flight(changes))), helloOffer());
    expect(answer).toMatchObject({ kind: "failed", failure: { kind: "protocol-violation", detail } });
  });

  it("does not take a warning for the cause of what it refused itself", async () => {
    const warning = Buffer.from([21, 3, 1, 0, 2, 1, 112]);
    const bytes = Buffer.concat([warning, serverFlightBytes(flight({ version: 0x0300 }))]);
    const answer = await ask(await origin({ kind: "reply", bytes }), helloOffer());
    expect(answer).toMatchObject({ kind: "failed", failure: { kind: "protocol-violation" } });
  });

  it.each([
    ["ChangeCipherSpec", Buffer.from([20, 3, 1, 0, 1, 1])],
    ["application data", Buffer.from([23, 3, 1, 0, 1, 1])],
  ])("refuses %s in the middle of the flight, and at its beginning", async (_, record) => {
    const bytes = serverFlightBytes(flight());
    const helloEnd = 5 + bytes.readUInt16BE(3);
    const outOfTurn = { kind: "failed", failure: { kind: "protocol-violation", detail: "record out of turn" } };
    for (const at of [0, helloEnd]) {
      const mixed = Buffer.concat([bytes.subarray(0, at), record, bytes.subarray(at)]);
      expect(await ask(await origin({ kind: "reply", bytes: mixed }), helloOffer())).toMatchObject(outOfTurn);
    }
  });

  it("believes a fatal alert behind a whole flight", async () => {
    const bytes = Buffer.concat([serverFlightBytes(flight()), Buffer.from([21, 3, 1, 0, 2, 2, 80])]);
    expect(await ask(await origin({ kind: "reply", bytes }), helloOffer())).toMatchObject({
      kind: "failed",
      failure: { kind: "alert", alert: { description: "internal_error" } },
    });
  });

  it("takes a flight without its end for a broken connection", async () => {
    const bytes = serverFlightBytes(flight()).subarray(0, -4);
    expect(await ask(await origin({ kind: "reply", bytes }), helloOffer())).toMatchObject({
      kind: "failed",
      failure: { kind: "closed" },
      transcript: { protocol: "TLSv1", certificates: base64(chain) },
    });
  });

  it("keeps the first 1,000 certificates and leaves out the others", async () => {
    const certificates = Array.from({ length: 1_001 }, (_, index) => Buffer.from([0x30, 2, index >> 8, index & 0xff]));
    const answer = await ask(await origin(serverFlight(flight({ certificates }))), helloOffer());
    expect(answer).toMatchObject({
      kind: "agreed",
      transcript: { certificates: base64(certificates.slice(0, 1_000)), unreadable: null },
    });
  });
});

describe("rawHello with hostile servers", () => {
  it.each([
    ["a web server", PLAIN_HTTP, { kind: "not-tls", preview: expect.stringContaining("HTTP/1.1 400") }],
    ["an SSH server", SSH_BANNER, { kind: "not-tls", preview: expect.stringContaining("SSH-2.0") }],
    ["garbage", GARBAGE, { kind: "not-tls", preview: expect.any(String) }],
    ["a malformed hello", MALFORMED_SERVER_HELLO, { kind: "not-tls", preview: expect.any(String) }],
    ["half a record", TRUNCATED_RECORD, { kind: "closed" }],
    ["an end after the connection", { kind: "close", after: "accept" }, { kind: "closed" }],
    ["an end after the hello", { kind: "close", after: "client-hello" }, { kind: "closed" }],
    ["a reset after the hello", { kind: "reset", after: "client-hello" }, { kind: "reset" }],
    ["silence", { kind: "silent" }, { kind: "timed-out", timeoutMs: 300 }],
    ["a fatal alert", { kind: "alert", code: 40 }, { kind: "alert", alert: { description: "handshake_failure" } }],
    ["a warning at the end", { kind: "alert", code: 112, level: "warning" }, { kind: "alert", alert: { code: 112 } }],
    ["a drip", { kind: "drip", bytes: Buffer.alloc(9_000, 22), everyMs: 10 }, { kind: "not-tls", preview: "" }],
    ["an endless record", { kind: "flood", bytes: filler(), limitBytes: 9e6 }, { kind: "too-much-data" }],
    ["a flood of alerts", { kind: "flood", bytes: warnings(), limitBytes: 9e6 }, { kind: "too-much-data" }],
  ] as const satisfies readonly (readonly [string, RawBehavior, object])[])(
    "reports %s",
    async (_, behavior, failure) => {
      // Only silence is a matter of time.
      const timeoutMs = behavior.kind === "silent" ? 300 : 600_000;
      const expected: object = failure.kind === "not-tls" && failure.preview === "" ? { kind: "not-tls" } : failure;
      const answer = await ask(await origin(behavior), helloOffer(), { timeoutMs });
      expect(answer).toMatchObject({ kind: "failed", failure: expected });
    },
  );

  it("gives up at the deadline, whether it comes before or meanwhile", async () => {
    const server = await origin({ kind: "silent" });
    const notTried = { kind: "not-tried", reason: "deadline" };
    expect(await ask(server, helloOffer(), { signal: AbortSignal.abort() })).toEqual(notTried);
    expect(await ask(server, helloOffer(), { signal: AbortSignal.timeout(50) })).toEqual(notTried);
  });

  it("answers whatever bytes come", async () => {
    const versions: ProtocolVersion[] = ["SSLv3", "TLSv1", "TLSv1.2", "TLSv1.3"];
    const real = serverFlightBytes(flight());
    const changes = fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(changes, fc.nat(real.length), async (edits, cut) => {
        const bytes = Buffer.from(real);
        for (const [at, value] of edits) bytes[at] = value;
        const server = await startRawOrigin({ kind: "reply", bytes: bytes.subarray(0, cut) });
        try {
          const answer = await ask(server, helloOffer({ versions }), { timeoutMs: 600_000 });
          expect(["agreed", "failed"]).toContain(answer.kind);
        } finally {
          await server.close();
        }
      }),
      { numRuns: 100 },
    );
  });

  it("leaves no timer and no listener behind", async () => {
    const server = await origin(serverFlight(flight()));
    const socket = connect(server.port, server.address);
    await once(socket, "connect");
    const { signal } = new AbortController();
    const before = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    await rawHello(socket, helloOffer(), { timeoutMs: 60_000, signal });
    const after = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
    expect(after).toBeLessThanOrEqual(before);
  });
});

/** ECDHE parameters of a named curve with a key of one byte, and a signature scheme where there is one. */
function point(group: number, scheme?: number): Buffer {
  const signature = scheme === undefined ? [] : [scheme >> 8, scheme & 0xff, 0, 0];
  return Buffer.from([3, group >> 8, group & 0xff, 1, 4, ...signature]);
}

function noGroup(): string {
  return "handshake without a named group";
}

/** Records of a handshake message of 200,000 bytes that never ends: 16 KiB each. */
function filler(): Buffer {
  const record = Buffer.alloc(5 + 16_384);
  Buffer.from([22, 3, 3, 0x40, 0, 11, 3, 0xd0, 0x90]).copy(record);
  return record;
}

function warnings(): Buffer {
  return Buffer.concat(Array.from({ length: 1_000 }, () => Buffer.from([21, 3, 3, 0, 2, 1, 90])));
}
