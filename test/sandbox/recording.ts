import { once } from "node:events";
import { connect as tcpConnect } from "node:net";
import { type ConnectionOptions, connect } from "node:tls";
import { tap } from "../../lambda/probe/tap.ts";

/** What a server sent in one handshake, with the secrets that open the protected part of TLS 1.3. */
export type Recording = {
  readonly bytes: Buffer;
  readonly secrets: { readonly handshake: Buffer | null; readonly application: Buffer | null };
};

/** Makes one real handshake as OpenSSL does it, and keeps the server's side; a handshake that fails is one, too. */
export async function recordHandshake(
  { address, port }: { readonly address: string; readonly port: number },
  client: Pick<ConnectionOptions, "ciphers" | "ecdhCurve" | "minVersion" | "maxVersion"> = {},
): Promise<Recording> {
  const socket = tcpConnect(port, address);
  await once(socket, "connect");
  const wire = tap(socket, 1_000_000);
  const secrets = { handshake: null as Buffer | null, application: null as Buffer | null };
  // What is recorded is what the server sends, whatever it is worth.
  const tls = connect({ socket: wire.stream, servername: "a.test", rejectUnauthorized: false, ...client });
  tls.on("keylog", (line) => {
    const [label, , secret = ""] = line.toString().trim().split(" ");
    if (label === "SERVER_HANDSHAKE_TRAFFIC_SECRET") secrets.handshake = Buffer.from(secret, "hex");
    if (label === "SERVER_TRAFFIC_SECRET_0") secrets.application = Buffer.from(secret, "hex");
  });
  tls.on("error", () => undefined);
  await new Promise((resolve) => {
    // The tickets and alerts of TLS 1.3 come after the client believes that it is connected.
    tls.once("secureConnect", () => tls.getProtocol() !== "TLSv1.3" && resolve(null));
    tls.once("session", resolve);
    tls.once("close", resolve);
  });
  tls.destroy();
  return { bytes: wire.received(), secrets };
}
