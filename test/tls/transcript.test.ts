import { connect as tcpConnect } from "node:net";
import { connect } from "node:tls";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tap } from "../../lambda/probe/tap.ts";
import { readServerFlight, type ServerSecrets } from "../../lambda/tls/transcript.ts";
import { createAuthority, type Issued } from "../sandbox/authority.ts";
import { startTlsOrigin, type TlsOriginOptions } from "../sandbox/tls-origin.ts";

type Recording = { readonly bytes: Buffer; readonly secrets: ServerSecrets };

/** What a real server really sent in one handshake, with the secrets that open it. */
async function record(
  options: Omit<TlsOriginOptions, "chain" | "keyPem">,
  client: { ciphers?: string } = {},
): Promise<Recording> {
  const origin = await startTlsOrigin({
    chain: [leaf.certificatePem, intermediatePem],
    keyPem: leaf.keyPem,
    ...options,
  });
  try {
    const socket = tcpConnect(origin.port, origin.address);
    await new Promise((resolve) => socket.once("connect", resolve));
    const wire = tap(socket, 1_000_000);
    const secrets = { handshake: null as Buffer | null, application: null as Buffer | null };
    const tls = connect({ socket: wire.stream, servername: "a.test", rejectUnauthorized: false, ...client });
    tls.on("keylog", (line) => {
      const [label, , secret = ""] = line.toString().trim().split(" ");
      if (label === "SERVER_HANDSHAKE_TRAFFIC_SECRET") secrets.handshake = Buffer.from(secret, "hex");
      if (label === "SERVER_TRAFFIC_SECRET_0") secrets.application = Buffer.from(secret, "hex");
    });
    tls.on("error", () => undefined);
    await new Promise((resolve) => {
      tls.once("secureConnect", () => setTimeout(resolve, 50));
      tls.once("close", resolve);
    });
    tls.destroy();
    return { bytes: wire.received(), secrets };
  } finally {
    await origin.close();
  }
}

let leaf: Issued;
let intermediatePem: string;
let recordings: Recording[] = [];

beforeAll(async () => {
  const root = await createAuthority();
  const intermediate = await root.intermediate();
  intermediatePem = intermediate.certificatePem;
  leaf = await intermediate.leaf({ names: ["a.test"], key: "rsa-2048" });
  recordings = await Promise.all([
    record({ maxVersion: "TLSv1.2" }),
    record({ maxVersion: "TLSv1.3" }),
    record({ tls: { requestCert: true, rejectUnauthorized: false } }),
    record({ tls: { requestCert: true, rejectUnauthorized: true } }),
  ]);
});

afterAll(() => {
  recordings = [];
});

describe("readServerFlight", () => {
  it.each(["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"])(
    "opens a TLS 1.3 handshake under %s",
    async (suite) => {
      const { bytes, secrets } = await record({ minVersion: "TLSv1.3" }, { ciphers: suite });
      const flight = readServerFlight(bytes, secrets);
      expect(flight).toMatchObject({
        protocol: "TLSv1.3",
        cipherSuite: suite,
        signatureScheme: "rsa_pss_rsae_sha256",
        problem: null,
      });
      expect(flight.certificates.map((der) => der.length)).toEqual([leaf.der.length, expect.any(Number)]);
      expect(flight.certificates[0]?.equals(leaf.der)).toBe(true);
    },
  );

  it("sees that a TLS 1.3 server goes on after the handshake", () => {
    expect(readServerFlight(recordings[1]!.bytes, recordings[1]!.secrets).wentOn).toBe(true);
  });

  it("sees the request for a client certificate in TLS 1.3", () => {
    expect(readServerFlight(recordings[2]!.bytes, recordings[2]!.secrets).clientCertificateRequested).toBe(true);
    expect(readServerFlight(recordings[1]!.bytes, recordings[1]!.secrets).clientCertificateRequested).toBe(false);
  });

  it("reads the alert that comes under the application keys", () => {
    const { alerts } = readServerFlight(recordings[3]!.bytes, recordings[3]!.secrets);
    expect(alerts).toEqual([{ level: "fatal", code: 116, description: "certificate_required" }]);
  });

  it("keeps to the clear part of TLS 1.3 without the secrets", () => {
    const flight = readServerFlight(recordings[1]!.bytes, { handshake: null, application: null });
    expect(flight).toMatchObject({ protocol: "TLSv1.3", certificates: [], problem: null });
  });

  it("reports secrets that do not fit as a problem", () => {
    const flight = readServerFlight(recordings[1]!.bytes, { handshake: Buffer.alloc(48, 1), application: null });
    expect(flight.problem).toBe("protected record that does not authenticate");
  });

  it("reads the same however the records are cut into messages", () => {
    const { bytes, secrets } = recordings[0]!;
    const first = bytes.readUInt16BE(3);
    const payload = bytes.subarray(5, 5 + first);
    const header = (length: number) => Buffer.from([22, 3, 3, length >> 8, length & 0xff]);
    const pieces = [...payload].map((byte) => Buffer.concat([header(1), Buffer.from([byte])]));
    const cut = Buffer.concat([...pieces, bytes.subarray(5 + first)]);
    expect(readServerFlight(cut, secrets)).toEqual(readServerFlight(bytes, secrets));
  });

  it("answers every mutation of real transcripts with a value", () => {
    fc.assert(
      fc.property(
        fc.nat(3),
        fc.array(fc.tuple(fc.nat(5_000), fc.nat(255)), { maxLength: 8 }),
        fc.nat(6_000),
        (which, changes, cut) => {
          const { bytes, secrets } = recordings[which]!;
          const mutated = Buffer.from(bytes);
          for (const [at, value] of changes) mutated[at % mutated.length] = value;
          const flight = readServerFlight(mutated.subarray(0, cut), secrets);
          expect(flight.certificates.length).toBeLessThanOrEqual(100);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ["HTTP", "HTTP/1.1 400 Bad Request\r\n"],
    ["SSH", "SSH-2.0-OpenSSH_9.6\r\n"],
    ["an SSLv2 hello", "\x80\x2e\x01\x00\x02"],
  ])("finds no TLS in %s", (_, text) => {
    const flight = readServerFlight(Buffer.from(text, "latin1"), { handshake: null, application: null });
    expect(flight).toMatchObject({ spokeTls: false, protocol: null });
    expect(flight.problem).not.toBeNull();
  });
});
