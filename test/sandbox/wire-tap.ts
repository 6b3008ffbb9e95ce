import { connect as connectTcp, createServer } from "node:net";
import { connect } from "node:tls";
import { listen } from "./listener.ts";

/**
 * The certificates that a server sends, DER, in the order on the wire.
 *
 * Makes a TLS 1.2 handshake, where the Certificate message is in the clear (RFC 5246 §7.4.2), through a relay that
 * keeps the server's bytes. Rejects when the handshake fails.
 */
export async function certificatesOnTheWire(
  target: { readonly address: string; readonly port: number },
  serverName?: string,
): Promise<Buffer[]> {
  const received: Buffer[] = [];
  const relay = createServer((near) => {
    const far = connectTcp({ host: target.address, port: target.port });
    far.on("data", (chunk) => received.push(chunk));
    near.pipe(far).pipe(near);
    near.on("close", () => far.destroy()).on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  const { address, port, close } = await listen(relay);
  try {
    await new Promise<void>((resolve, reject) => {
      const socket = connect({
        host: address,
        port,
        maxVersion: "TLSv1.2",
        minVersion: "TLSv1",
        ciphers: "DEFAULT@SECLEVEL=0",
        // The tap looks at what is sent, whatever it is worth.
        rejectUnauthorized: false,
        ...(serverName === undefined ? {} : { servername: serverName }),
      });
      socket.once("secureConnect", () => {
        socket.destroy();
        resolve();
      });
      socket.once("error", reject);
    });
  } finally {
    await close();
  }
  return certificateList(handshakeBytes(Buffer.concat(received)));
}

/** The payloads of the handshake records up to ChangeCipherSpec, joined. */
function handshakeBytes(stream: Buffer): Buffer {
  const payloads: Buffer[] = [];
  for (let at = 0; stream[at] === HANDSHAKE_RECORD; at += 5 + stream.readUInt16BE(at + 3)) {
    payloads.push(stream.subarray(at + 5, at + 5 + stream.readUInt16BE(at + 3)));
  }
  return Buffer.concat(payloads);
}

function certificateList(messages: Buffer): Buffer[] {
  let at = 0;
  while (messages[at] !== CERTIFICATE_MESSAGE) at += 4 + messages.readUIntBE(at + 1, 3);
  const list = messages.subarray(at + 7, at + 7 + messages.readUIntBE(at + 4, 3));
  const certificates: Buffer[] = [];
  for (let next = 0; next < list.length; next += 3 + list.readUIntBE(next, 3)) {
    certificates.push(list.subarray(next + 3, next + 3 + list.readUIntBE(next, 3)));
  }
  return certificates;
}

const HANDSHAKE_RECORD = 22;
const CERTIFICATE_MESSAGE = 11;
