import { describe, expect, it } from "vitest";
import { encodeClientHello, type HelloOffer } from "../../lambda/tls/client-hello.ts";

const offer = (changes: Partial<HelloOffer> = {}): HelloOffer => ({
  versions: ["TLSv1.2", "TLSv1.3"],
  cipherSuites: [0x1301, 0xc02f],
  groups: ["secp256r1", "x25519", "secp384r1"],
  signatureSchemes: ["ecdsa_secp256r1_sha256", "rsa_pss_rsae_sha256"],
  serverName: "a.test",
  ...changes,
});

type Decoded = {
  recordVersion: number;
  version: number;
  random: string;
  sessionId: string;
  suites: number[];
  /** Data in hexadecimal by type, in the order sent; null when there is no extensions field at all. */
  extensions: Map<number, string> | null;
};

/** Reads a hello by RFC 8446 §4.1.2 and checks every length on the way. */
function decode(bytes: Buffer): Decoded {
  const recordVersion = bytes.readUInt16BE(1);
  const fragments: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
    expect(bytes[at]).toBe(22);
    expect(bytes.readUInt16BE(at + 1)).toBe(recordVersion);
    expect(bytes.readUInt16BE(at + 3)).toBeLessThanOrEqual(16_384);
    fragments.push(bytes.subarray(at + 5, at + 5 + bytes.readUInt16BE(at + 3)));
  }
  const message = Buffer.concat(fragments);
  expect(message[0]).toBe(1);
  expect(message.readUIntBE(1, 3)).toBe(message.length - 4);
  let at = 4;
  const take = (count: number) => {
    at += count;
    return message.subarray(at - count, at);
  };
  const vector = (prefix: number) => take(take(prefix).readUIntBE(0, prefix));
  const version = take(2).readUInt16BE();
  const random = take(32).toString("hex");
  const sessionId = vector(1).toString("hex");
  const suiteBytes = vector(2);
  const suites = Array.from({ length: suiteBytes.length / 2 }, (_, i) => suiteBytes.readUInt16BE(2 * i));
  expect(vector(1).toString("hex")).toBe("00");
  let extensions: Map<number, string> | null = null;
  if (at < message.length) {
    extensions = new Map();
    const end = at + 2 + message.readUInt16BE(at);
    at += 2;
    while (at < end) extensions.set(take(2).readUInt16BE(), vector(2).toString("hex"));
    expect(at).toBe(end);
  }
  expect(at).toBe(message.length);
  return { recordVersion, version, random, sessionId, suites, extensions };
}

describe("encodeClientHello", () => {
  it("offers SSLv3 without extensions, session id or anything newer", () => {
    const { bytes, message } = encodeClientHello(offer({ versions: ["SSLv3"], cipherSuites: [4, 10], paddedTo: 999 }));
    expect(bytes.subarray(5).equals(message)).toBe(true);
    expect(decode(bytes)).toEqual({
      recordVersion: 0x0300,
      version: 0x0300,
      random: expect.any(String),
      sessionId: "",
      suites: [4, 10, 0x00ff],
      extensions: null,
    });
  });

  it.each([
    ["TLSv1", 0x0301],
    ["TLSv1.1", 0x0302],
  ] as const)("offers %s without what came later", (version, code) => {
    expect(decode(encodeClientHello(offer({ versions: [version], cipherSuites: [0xc013] })).bytes)).toEqual({
      recordVersion: 0x0301,
      version: code,
      random: expect.any(String),
      sessionId: "",
      suites: [0xc013],
      extensions: new Map([
        [0, "0009000006612e74657374"],
        [10, "00060017001d0018"],
        [11, "0100"],
        [23, ""],
        [0xff01, "00"],
      ]),
    });
  });

  it("offers signature schemes from TLS 1.2 on", () => {
    const { version, extensions } = decode(encodeClientHello(offer({ versions: ["TLSv1.2"] })).bytes);
    expect(version).toBe(0x0303);
    expect(extensions?.get(13)).toBe("000404030804");
    expect(extensions?.has(43)).toBe(false);
  });

  it("offers TLS 1.3 with its versions, a key of the first group, and a session id", () => {
    const hello = encodeClientHello(offer({ versions: ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] }));
    const { recordVersion, version, sessionId, extensions } = decode(hello.bytes);
    expect([recordVersion, version, sessionId.length]).toEqual([0x0301, 0x0303, 64]);
    expect(hello.sessionId.toString("hex")).toBe(sessionId);
    expect(extensions?.get(43)).toBe("080304030303020301");
    expect(extensions?.get(51)).toMatch(/^004500170041(04[0-9a-f]{128})$/);
    expect(extensions?.has(45)).toBe(false);
  });

  it("leaves out with TLS 1.3 alone what only older versions need", () => {
    const { extensions } = decode(encodeClientHello(offer({ versions: ["TLSv1.3"] })).bytes);
    expect([...extensions!.keys()]).toEqual([0, 10, 13, 43, 51]);
  });

  it("leaves out a server name, groups and schemes that are not there", () => {
    const bare = offer({ versions: ["TLSv1.2"], serverName: null, groups: [], signatureSchemes: [] });
    expect([...decode(encodeClientHello(bare).bytes).extensions!.keys()]).toEqual([23, 0xff01]);
  });

  it("sends the key shares that it is told to, as far as it can make them", () => {
    const shares = (keyShares: HelloOffer["keyShares"] & {}) =>
      encodeClientHello(offer({ keyShares })).keyShares.map(({ group, publicKey }) => [group, publicKey.length]);
    expect(shares([])).toEqual([]);
    expect(shares(["secp384r1", "x25519", "ffdhe2048", "secp521r1", "x448"])).toEqual([
      [24, 97],
      [29, 32],
      [25, 133],
      [30, 56],
    ]);
  });

  it.each([512, 517, 4_096, 16_380, 16_389, 60_000])("pads the message to %i bytes", (paddedTo) => {
    const { bytes, message } = encodeClientHello(offer({ paddedTo }));
    expect(message.length).toBe(paddedTo);
    expect(decode(bytes).extensions?.get(21)).toMatch(/^(00)+$/);
  });

  it("goes over by less than a padding extension where it cannot be exact", () => {
    const length = encodeClientHello(offer()).message.length;
    const lengths = [-1, 0, 1, 3, 4, 5].map(
      (more) => encodeClientHello(offer({ paddedTo: length + more })).message.length,
    );
    expect(lengths.map((each) => each - length)).toEqual([0, 0, 4, 4, 4, 5]);
  });

  it("never repeats its random, session id or keys", () => {
    const [one, two] = [encodeClientHello(offer()), encodeClientHello(offer())];
    expect(decode(one.bytes).random).not.toBe(decode(two.bytes).random);
    expect(one.sessionId.equals(two.sessionId)).toBe(false);
    expect(one.keyShares[0]?.publicKey.equals(two.keyShares[0]!.publicKey)).toBe(false);
  });

  it("says the same again in the second hello, but for the key share and the cookie", () => {
    const first = encodeClientHello(offer());
    const second = first.retry({ group: "x25519", cookie: Buffer.from("c00c1e", "hex") });
    const [before, after] = [decode(first.bytes), decode(second.bytes)];
    expect(after.extensions?.get(51)).toMatch(/^0024001d0020[0-9a-f]{64}$/);
    expect(after.extensions?.get(44)).toBe("0003c00c1e");
    const rest = ({ extensions, ...fields }: Decoded) => ({
      ...fields,
      extensions: [...extensions!].filter(([type]) => type !== 51 && type !== 44),
    });
    expect(rest(after)).toEqual(rest(before));
    expect(first.retry({ group: null, cookie: Buffer.from([1]) }).keyShares).toEqual(first.keyShares);
  });
});
