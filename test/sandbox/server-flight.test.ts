import { connect } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createAuthority, type Issued } from "./authority.ts";
import type { Listener } from "./listener.ts";
import { startRawOrigin } from "./raw-origin.ts";
import { serverFlight, serverFlightBytes } from "./server-flight.ts";

let leaf: Issued;
let other: Issued;
let running: Listener | undefined;

beforeAll(async () => {
  const root = await createAuthority();
  leaf = await root.leaf({ names: ["a.box.test"], key: "rsa-2048" });
  other = await root.leaf({ names: ["b.box.test"] });
});

afterEach(async () => {
  await running?.close();
  running = undefined;
});

/** Where OpenSSL, as the client, stops in a flight for AES128-SHA over static RSA. */
async function handshakeEnd(version: number, certificates: readonly Uint8Array[]): Promise<string> {
  running = await startRawOrigin(
    serverFlight({ version, cipherSuite: 0x002f, certificates, requestClientCertificate: true }),
  );
  const { port } = running;
  return new Promise((resolve) => {
    const options = { minVersion: "TLSv1", ciphers: "AES128-SHA:@SECLEVEL=0", rejectUnauthorized: false } as const;
    const socket = connect({ host: "127.0.0.1", port, ...options });
    const finish = (outcome: string) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.once("error", (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
    socket.once("secureConnect", () => finish("connected"));
  });
}

describe("serverFlight", () => {
  it.each([0x0301, 0x0302, 0x0303])("is well-formed for OpenSSL, version %i", async (version) => {
    // The client went through the whole flight, sent its own, and met the end of the connection.
    expect(await handshakeEnd(version, [leaf.der])).toBe("ECONNRESET");
  });

  it("is read by OpenSSL to the key that does not fit, when the leaf is not the first", async () => {
    expect(await handshakeEnd(0x0303, [other.der, leaf.der])).toMatch(/^ERR_SSL_/);
  });

  it("splits what does not fit into a record", () => {
    const bytes = serverFlightBytes({ version: 0x0300, cipherSuite: 0x0004, certificates: [new Uint8Array(40_000)] });
    const lengths: number[] = [];
    for (let at = 0; at < bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) {
      expect(bytes.readUIntBE(at, 3)).toBe(0x160300);
      lengths.push(bytes.readUInt16BE(at + 3));
    }
    expect(lengths).toEqual([42, 16_384, 16_384, 40_010 - 2 * 16_384, 4]);
  });
});
