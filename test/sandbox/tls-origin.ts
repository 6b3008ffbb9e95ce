import { createServer as createTcpServer, type Socket } from "node:net";
import { createServer, type SecureVersion, type TlsOptions } from "node:tls";
import { readClientHello } from "./client-hello.ts";
import { type Listener, type ListenOptions, listen } from "./listener.ts";

/** What a TLS origin presents and accepts. Everything beyond the certificate is handed to node:tls as it is. */
export type TlsOriginOptions = ListenOptions & {
  /**
   * The certificates to send, in PEM, the leaf first; the rest goes out exactly in this order, whatever it is.
   *
   * With the leaf alone, OpenSSL completes the chain from `ca` if it can, so `ca` must then be another authority's.
   */
  readonly chain: readonly string[];
  readonly keyPem: string;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
  readonly tls?: Omit<TlsOptions, "cert" | "key" | "minVersion" | "maxVersion">;
  /**
   * Answers every other server name, and none at all, with a fatal `unrecognized_name` alert (RFC 6066 §3).
   * Node's own SNICallback cannot: it drops the connection without an alert.
   */
  readonly onlyServerNames?: readonly string[];
  /** The alert in place of `unrecognized_name`; some servers say internal_error (80). */
  readonly refusal?: number;
  /** Presents these one after the other, each to one connection, as several servers behind one address do. */
  readonly inTurn?: readonly { readonly chain: readonly string[]; readonly keyPem: string }[];
  /** Answers the client's first bytes with an empty HTTP response and closes, for clients that wait for one. */
  readonly answersHttp?: boolean;
};

export type TlsOrigin = Listener & {
  /** From now on presents another chain; connections that are open keep theirs. */
  present(certificate: { readonly chain: readonly string[]; readonly keyPem: string }): void;
};

/** Starts a TLS server that completes handshakes and then waits, in silence unless told otherwise. */
export async function startTlsOrigin(options: TlsOriginOptions): Promise<TlsOrigin> {
  const settings = {
    ...options.tls,
    ...(options.minVersion === undefined ? {} : { minVersion: options.minVersion }),
    ...(options.maxVersion === undefined ? {} : { maxVersion: options.maxVersion }),
  };
  const context = ({ chain, keyPem }: { chain: readonly string[]; keyPem: string }) => ({
    ...settings,
    cert: chain.join("\n"),
    key: keyPem,
  });
  const server = createServer(context(options), (socket) => {
    socket.on("error", () => socket.destroy());
    if (options.answersHttp === true) socket.once("data", () => socket.end(EMPTY_RESPONSE));
    socket.resume();
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  const { onlyServerNames, refusal = UNRECOGNIZED_NAME, inTurn = [] } = options;
  let connections = 0;
  server.prependListener("connection", () => {
    const next = inTurn[connections % inTurn.length];
    connections += 1;
    if (next !== undefined) server.setSecureContext(context(next));
  });
  const front =
    onlyServerNames === undefined
      ? server
      : createTcpServer((socket) => {
          void admit(socket, { names: onlyServerNames, refusal }, () => server.emit("connection", socket));
        });
  const listener = await listen(front, options);
  return { ...listener, present: (certificate) => server.setSecureContext(context(certificate)) };
}

/** Reads the ClientHello before TLS does and gives it back, so that the TLS server sees the connection untouched. */
async function admit(
  socket: Socket,
  { names, refusal }: { readonly names: readonly string[]; readonly refusal: number },
  enter: () => void,
): Promise<void> {
  const hello = await readClientHello(socket);
  if (hello === undefined) {
    socket.destroy();
    return;
  }
  if (hello.serverName === undefined || !names.includes(hello.serverName.toLowerCase())) {
    // RFC 5246 §7.2: record type alert (21), TLS 1.2, two bytes, of which the first is fatal (2).
    socket.end(Buffer.from([21, 3, 3, 0, 2, 2, refusal]));
    return;
  }
  socket.unshift(hello.bytes);
  enter();
}

const EMPTY_RESPONSE = "HTTP/1.1 204 No Content\r\nServer: sandbox\r\nConnection: close\r\n\r\n";

/** RFC 6066 §3. */
const UNRECOGNIZED_NAME = 112;
