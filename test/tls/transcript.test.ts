import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readServerFlight } from "../../lambda/tls/transcript.ts";
import { unseal } from "../fuzz/sealed.ts";
import { createAuthority, type Issued } from "../sandbox/authority.ts";
import { type Recording, recordHandshake } from "../sandbox/recording.ts";
import { startTlsOrigin, type TlsOriginOptions } from "../sandbox/tls-origin.ts";

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
    return await recordHandshake(origin, client);
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

  it.each([
    [1, 116, "fatal"],
    [1, 40, "fatal"],
    [2, 0, "warning"],
    [2, 90, "warning"],
  ])(
    "takes an alert of TLS 1.3 at level %i, number %i, for a %s one, because the level says nothing",
    (level, code, expected) => {
      const { clear, handshake, sealHandshake, sealApplication } = unseal(recordings[1]!)!;
      const alert = sealApplication(0, 21, Buffer.from([level, code]));
      const bytes = Buffer.concat([clear, sealHandshake(0, 22, handshake), alert]);
      expect(readServerFlight(bytes, recordings[1]!.secrets)).toMatchObject({
        alerts: [{ level: expected, code }],
        problem: null,
      });
    },
  );

  it("reads the level of an alert up to TLS 1.2", () => {
    const { bytes, secrets } = recordings[0]!;
    const hello = bytes.subarray(0, 5 + bytes.readUInt16BE(3));
    const warned = Buffer.concat([hello, Buffer.from([21, 3, 3, 0, 2, 1, 40])]);
    expect(readServerFlight(warned, secrets).alerts).toMatchObject([{ level: "warning", code: 40 }]);
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

  it("keeps what came before malformed bytes, in the same record too", () => {
    const hello = Buffer.concat([Buffer.from([2, 0, 0, 38, 3, 3]), Buffer.alloc(33), Buffer.from([0xc0, 0x2f, 0])]);
    const payload = Buffer.concat([hello, Buffer.from([11, 0xff, 0xff, 0xff])]);
    const bytes = Buffer.concat([Buffer.from([22, 3, 3, 0, payload.length]), payload]);
    expect(readServerFlight(bytes, { handshake: null, application: null })).toMatchObject({
      protocol: "TLSv1.2",
      problem: "handshake message of 16777215 bytes",
    });
  });

  it("reads no certificate that TLS 1.3 should have protected", () => {
    const { bytes, secrets } = recordings[1]!;
    const helloEnd = 5 + bytes.readUInt16BE(3);
    const clear = Buffer.from([22, 3, 3, 0, 8, 11, 0, 0, 4, 0, 0, 0, 0]);
    const forged = Buffer.concat([bytes.subarray(0, helloEnd), clear, bytes.subarray(helloEnd)]);
    expect(readServerFlight(forged, secrets)).toMatchObject({
      certificates: [],
      problem: "unprotected handshake message after ServerHello",
    });
  });

  it.each([
    ["ServerHello", 0, "second ServerHello"],
    ["Certificate", 1, "second Certificate message"],
  ])("refuses a second %s", (_, index, problem) => {
    const { bytes, secrets } = recordings[0]!;
    const cuts = [0];
    while (cuts.length < 4) cuts.push(cuts.at(-1)! + 5 + bytes.readUInt16BE(cuts.at(-1)! + 3));
    const record = bytes.subarray(cuts[index], cuts[index + 1]);
    const repeated = Buffer.concat([bytes.subarray(0, cuts[index + 1]), record, bytes.subarray(cuts[index + 1])]);
    expect(readServerFlight(repeated, secrets).problem).toBe(problem);
  });

  it("keeps the first twenty of many warnings, and the alert that ended it", () => {
    const alert = (level: number, code: number) => Buffer.from([21, 3, 3, 0, 2, level, code]);
    const bytes = Buffer.concat([...Array.from({ length: 1_000 }, () => alert(1, 90)), alert(2, 40), alert(2, 80)]);
    const { alerts } = readServerFlight(bytes, { handshake: null, application: null });
    expect(alerts).toHaveLength(21);
    expect(alerts.at(-1)).toMatchObject({ level: "fatal", code: 40 });
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
