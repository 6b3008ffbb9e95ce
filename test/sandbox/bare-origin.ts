import { constants, createHash, createHmac, type KeyObject, randomBytes, sign } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { type NamedGroup, namedGroups } from "../../lambda/tls/code-points.ts";
import { Cursor } from "../../lambda/tls/cursor.ts";
import { serverHandshakeSecret } from "../../lambda/tls/key-schedule.ts";
import { createKeyShare } from "../../lambda/tls/key-share.ts";
import { contentType } from "../../lambda/tls/records.ts";
import { readClientHello } from "./client-hello.ts";
import { type Listener, listen } from "./listener.ts";
import { derived, protections, sealer } from "./tls13.ts";

/** What is sent as the server's certificates: any bytes, in any order and number. */
export type BareOriginOptions = {
  readonly certificates: readonly Uint8Array[];
  /** Signs the handshake: P-256, P-384, P-521 or RSA. */
  readonly key: KeyObject;
};

/**
 * A server of TLS 1.3 and nothing else that looks at no certificate: servers of OpenSSL refuse to load what cannot be
 * read, and then nobody learns what a client makes of it. One suite, any of three groups, no application data.
 */
export function startBareOrigin(options: BareOriginOptions): Promise<Listener> {
  return listen(createServer((socket) => void serve(socket, options)));
}

const suite = protections.TLS_AES_128_GCM_SHA256;
const groups = ["x25519", "secp256r1", "secp384r1"] as const satisfies readonly NamedGroup[];
const longestFragment = 16_384;

async function serve(socket: Socket, options: BareOriginOptions): Promise<void> {
  socket.on("error", () => socket.destroy());
  const bytes = (await readClientHello(socket))?.bytes;
  const flight = bytes === undefined ? null : flightFor(bytes.subarray(5, 5 + bytes.readUInt16BE(3)), options);
  if (flight === null) return void socket.destroy();
  socket.resume();
  socket.write(flight);
}

/** ServerHello to Finished (RFC 8446 §4), null where the client offers no group that this server knows. */
function flightFor(hello: Buffer, { certificates, key }: BareOriginOptions): Buffer | null {
  const { sessionId, shares } = readHello(hello);
  const group = groups.find((name) => shares.has(namedGroups[name]));
  const share = group === undefined ? null : createKeyShare(group);
  const secret = share?.sharedSecret(shares.get(share.group) ?? Buffer.alloc(0)) ?? null;
  if (share === null || secret === null) return null;
  const serverHello = message(2, serverHelloBody(sessionId, share));
  const handshakeSecret = serverHandshakeSecret(suite.code, secret, [hello, serverHello]);
  if (handshakeSecret === null) return null;
  const messages = [hello, serverHello];
  const transcriptHash = () => createHash(suite.hash).update(Buffer.concat(messages)).digest();
  const list = certificates.map((each) => Buffer.concat([u24(each.length), each, u16(0)]));
  messages.push(message(8, u16(0)));
  messages.push(message(11, Buffer.concat([Buffer.from([0]), vector24(list)])));
  messages.push(message(15, certificateVerify(key, transcriptHash())));
  const finishedKey = derived(suite.hash, handshakeSecret, "finished", 32);
  messages.push(message(20, createHmac(suite.hash, finishedKey).update(transcriptHash()).digest()));
  const seal = sealer(suite, handshakeSecret);
  const sealed = fragments(Buffer.concat(messages.slice(2))).map((each, index) =>
    seal(index, contentType.handshake, each),
  );
  return Buffer.concat([record(serverHello), ...sealed]);
}

function readHello(bytes: Buffer): { sessionId: Buffer; shares: ReadonlyMap<number, Buffer> } {
  const hello = new Cursor(bytes.subarray(4));
  hello.bytes(2 + 32);
  const sessionId = hello.vector(1).rest();
  hello.vector(2);
  hello.vector(1);
  const shares = new Map<number, Buffer>();
  // Hellos of old versions may end here.
  if (hello.remaining === 0) return { sessionId, shares };
  const extensions = hello.vector(2);
  while (extensions.remaining > 0) {
    const type = extensions.uint16();
    const data = extensions.vector(2);
    if (type !== 51) continue;
    const entries = data.vector(2);
    while (entries.remaining > 0) shares.set(entries.uint16(), entries.vector(2).rest());
  }
  return { sessionId, shares };
}

function serverHelloBody(sessionId: Buffer, { group, publicKey }: { group: number; publicKey: Buffer }): Buffer {
  const keyShare = Buffer.concat([u16(group), u16(publicKey.length), publicKey]);
  const extensions = Buffer.concat([u16(43), u16(2), u16(0x0304), u16(51), u16(keyShare.length), keyShare]);
  return Buffer.concat([
    u16(0x0303),
    randomBytes(32),
    Buffer.from([sessionId.length]),
    sessionId,
    u16(suite.code),
    Buffer.from([0]),
    u16(extensions.length),
    extensions,
  ]);
}

/** RFC 8446 §4.4.3. */
function certificateVerify(key: KeyObject, transcriptHash: Buffer): Buffer {
  const content = Buffer.concat([
    Buffer.alloc(64, 0x20),
    Buffer.from("TLS 1.3, server CertificateVerify\0", "latin1"),
    transcriptHash,
  ]);
  const { scheme, hash } = schemeOf(key);
  const padding = key.asymmetricKeyType === "ec" ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
  const signature = sign(hash, content, { key, ...padding });
  return Buffer.concat([u16(scheme), u16(signature.length), signature]);
}

function schemeOf(key: KeyObject): { scheme: number; hash: string } {
  switch (key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyType) {
    case "prime256v1":
      return { scheme: 0x0403, hash: "sha256" };
    case "secp384r1":
      return { scheme: 0x0503, hash: "sha384" };
    case "secp521r1":
      return { scheme: 0x0603, hash: "sha512" };
    case "rsa":
      return { scheme: 0x0804, hash: "sha256" };
    case "rsa-pss":
      return { scheme: 0x0809, hash: "sha256" };
    default:
      throw new Error("the bare origin cannot sign with this key");
  }
}

function message(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type]), u24(body.length), body]);
}

function record(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([contentType.handshake, 3, 3]), u16(payload.length), payload]);
}

function fragments(bytes: Buffer): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += longestFragment) cut.push(bytes.subarray(at, at + longestFragment));
  return cut;
}

function vector24(parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u24(body.length), body]);
}

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

function u24(value: number): Buffer {
  return Buffer.concat([Buffer.from([value >> 16]), u16(value & 0xffff)]);
}
