import { once } from "node:events";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { onceAdmitted } from "./admitted.ts";
import { type Authority, createAuthority, type Issued } from "./authority.ts";
import { startTlsOrigin, type TlsOrigin, type TlsOriginOptions } from "./tls-origin.ts";
import { certificatesOnTheWire } from "./wire-tap.ts";

let root: Authority;
let upper: Authority;
let lower: Authority;
let stranger: Authority;
let leaf: Issued;
let running: TlsOrigin | undefined;

beforeAll(async () => {
  root = await createAuthority({ name: "Root" });
  upper = await root.intermediate({ name: "Upper" });
  lower = await upper.intermediate({ name: "Lower" });
  stranger = await createAuthority({ name: "Stranger" });
  leaf = await lower.leaf({ names: ["a.box.test"] });
});

afterEach(async () => {
  await running?.close();
  running = undefined;
});

async function start(options: Partial<TlsOriginOptions> = {}): Promise<TlsOrigin> {
  const chain = [leaf, lower, upper].map((certificate) => certificate.certificatePem);
  running = await startTlsOrigin({ chain, keyPem: leaf.keyPem, ...options });
  return running;
}

/** The open connection, or the error that ended it; a TLS 1.3 server's late refusal counts. */
async function attempt(port: number, options: ConnectionOptions = {}): Promise<TLSSocket | NodeJS.ErrnoException> {
  const socket = connect({ host: "127.0.0.1", port, servername: "a.box.test", ca: root.certificatePem, ...options });
  return new Promise((resolve) => {
    socket.once("error", resolve);
    onceAdmitted(socket, () => resolve(socket));
  });
}

async function protocolOf(port: number, options: ConnectionOptions = {}): Promise<string | null | undefined> {
  const outcome = await attempt(port, options);
  if (outcome instanceof Error) return outcome.code;
  const protocol = outcome.getProtocol();
  outcome.destroy();
  return protocol;
}

describe("startTlsOrigin", () => {
  it.each([
    ["leaf only", () => [leaf]],
    ["the right order", () => [leaf, lower, upper]],
    ["two intermediates reversed", () => [leaf, upper, lower]],
    ["the root first", () => [leaf, root, upper, lower]],
    ["the root last", () => [leaf, lower, upper, root]],
    ["duplicates", () => [leaf, leaf, lower, lower, upper]],
    ["a stranger in the middle", () => [leaf, lower, stranger, upper]],
  ])("sends exactly the chain it is given: %s", async (_name, chain) => {
    const origin = await start({ chain: chain().map((certificate) => certificate.certificatePem) });
    const sent = await certificatesOnTheWire(origin);
    expect(sent).toEqual(chain().map((certificate) => certificate.der));
  });

  it("completes handshakes that verify against the root, in TLS 1.3 by default", async () => {
    const origin = await start();
    expect(await protocolOf(origin.port)).toBe("TLSv1.3");
  });

  it("counts connections and frees the port and every socket when it closes", async () => {
    const origin = await start();
    const sockets = [await attempt(origin.port), await attempt(origin.port)] as TLSSocket[];
    expect(origin.connections()).toBe(2);
    const closed = sockets.map((socket) => {
      socket.resume();
      return once(socket, "close");
    });
    await origin.close();
    await Promise.all(closed);
    expect(await attempt(origin.port)).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("speaks TLS 1.1 and nothing else when told so", async () => {
    const tls = { ciphers: "DEFAULT@SECLEVEL=0" };
    const { port } = await start({ minVersion: "TLSv1.1", maxVersion: "TLSv1.1", tls });
    expect(await protocolOf(port, { minVersion: "TLSv1", ciphers: "DEFAULT@SECLEVEL=0" })).toBe("TLSv1.1");
    expect(await protocolOf(port, { minVersion: "TLSv1.2" })).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "refuses clients without a certificate in %s when it requires one",
    async (version) => {
      const clients = await createAuthority({ name: "Clients" });
      const client = await clients.leaf({ names: ["client"], eku: ["clientAuth"] });
      const tls = { requestCert: true, rejectUnauthorized: true, ca: [clients.certificatePem] };
      const { port } = await start({ minVersion: version, maxVersion: version, tls });
      expect(await protocolOf(port)).toBe(
        version === "TLSv1.3" ? "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED" : "ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE",
      );
      expect(await protocolOf(port, { cert: client.certificatePem, key: client.keyPem })).toBe(version);
    },
  );

  it("answers unknown server names with an unrecognized_name alert", async () => {
    const { port } = await start({ onlyServerNames: ["a.box.test"] });
    expect(await protocolOf(port)).toBe("TLSv1.3");
    expect(await protocolOf(port, { servername: "b.box.test" })).toBe("ERR_SSL_TLSV1_UNRECOGNIZED_NAME");
    expect(await protocolOf(port, { servername: "" })).toBe("ERR_SSL_TLSV1_UNRECOGNIZED_NAME");
  });

  it("presents another certificate from then on", async () => {
    const origin = await start();
    const renewed = await lower.leaf({ names: ["a.box.test"] });
    origin.present({ chain: [renewed.certificatePem, lower.certificatePem], keyPem: renewed.keyPem });
    expect(await certificatesOnTheWire(origin)).toEqual([renewed.der, lower.der]);
  });
});
