import { createServer, type Socket } from "node:net";
import { readClientHello } from "./client-hello.ts";
import { type Listener, type ListenOptions, listen } from "./listener.ts";

/** What a server does that is reached by TCP and does not (properly) speak TLS. */
export type RawBehavior =
  /** Sends these bytes as soon as the connection stands, then closes. */
  | { readonly kind: "banner"; readonly bytes: string | Uint8Array }
  /** Waits for the client's first bytes, sends these, then closes. */
  | { readonly kind: "reply"; readonly bytes: string | Uint8Array }
  | { readonly kind: "close"; readonly after: "accept" | "client-hello" }
  | { readonly kind: "reset"; readonly after: "accept" | "client-hello" }
  | { readonly kind: "silent" }
  /** Sends `bytes` and ends its own direction, but never closes: it goes on reading as long as the client sends. */
  | { readonly kind: "half-close"; readonly bytes: string | Uint8Array }
  /** Sends `bytes` after the first client's hello, then closes; every later client gets nothing at all. */
  | { readonly kind: "only-once"; readonly bytes: string | Uint8Array }
  /** Sends `bytes` one at a time, then falls silent. */
  | { readonly kind: "drip"; readonly bytes: string | Uint8Array; readonly everyMs: number }
  /** Repeats `bytes` as fast as the client takes them, up to `limitBytes`, then closes. */
  | { readonly kind: "flood"; readonly bytes: string | Uint8Array; readonly limitBytes: number }
  /** After the ClientHello sends one alert (RFC 8446 §6), then closes. */
  | { readonly kind: "alert"; readonly code: number; readonly level?: "warning" | "fatal" };

/** Starts a TCP server that plays one behaviour to every client. */
export function startRawOrigin(behavior: RawBehavior, options: ListenOptions = {}): Promise<Listener> {
  let clients = 0;
  const server = createServer({ allowHalfOpen: behavior.kind === "half-close" }, (socket) => {
    clients += 1;
    const silenced = behavior.kind === "only-once" && clients > 1;
    void play(socket, silenced ? { kind: "silent" } : behavior);
  });
  return listen(server, options);
}

/** What a web server answers that gets a TLS ClientHello on its plain HTTP port. */
export const PLAIN_HTTP: RawBehavior = {
  kind: "reply",
  bytes: "HTTP/1.1 400 Bad Request\r\nServer: sandbox\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
};

/** RFC 4253 §4.2. */
export const SSH_BANNER: RawBehavior = { kind: "banner", bytes: "SSH-2.0-OpenSSH_9.6\r\n" };

/** Begins with 0x80 bytes, which is neither a TLS record nor text; always the same, so that failures repeat. */
export const GARBAGE: RawBehavior = {
  kind: "reply",
  bytes: Uint8Array.from({ length: 256 }, (_, i) => (i * 151 + 128) % 256),
};

/** A handshake record that promises 4096 bytes and ends after ten. */
export const TRUNCATED_RECORD: RawBehavior = {
  kind: "reply",
  bytes: Uint8Array.of(22, 3, 3, 0x10, 0, 2, 0, 0x0f, 0xfc, 3, 3, 0, 0, 0, 0),
};

/** A handshake record whose ServerHello claims a session id longer than the message. */
export const MALFORMED_SERVER_HELLO: RawBehavior = {
  kind: "reply",
  bytes: Uint8Array.of(22, 3, 3, 0, 43, 2, 0, 0, 39, 3, 3, ...new Uint8Array(32).fill(7), 255, 0, 0, 0, 0),
};

async function play(socket: Socket, behavior: RawBehavior): Promise<void> {
  switch (behavior.kind) {
    case "banner":
      socket.resume();
      socket.end(behavior.bytes);
      return;
    case "reply":
    case "only-once":
      socket.once("data", () => socket.end(behavior.bytes));
      return;
    case "close":
      if (behavior.after === "client-hello") await readClientHello(socket);
      socket.resume();
      socket.end();
      return;
    case "reset":
      if (behavior.after === "client-hello") await readClientHello(socket);
      socket.resetAndDestroy();
      return;
    case "silent":
      socket.resume();
      return;
    case "half-close":
      socket.resume();
      socket.end(behavior.bytes);
      return;
    case "drip":
      socket.resume();
      return drip(socket, Buffer.from(behavior.bytes), behavior.everyMs);
    case "flood":
      socket.resume();
      return flood(socket, Buffer.from(behavior.bytes), behavior.limitBytes);
    case "alert":
      if ((await readClientHello(socket)) === undefined) return void socket.destroy();
      socket.end(Uint8Array.of(21, 3, 3, 0, 2, behavior.level === "warning" ? 1 : 2, behavior.code));
  }
}

function drip(socket: Socket, bytes: Buffer, everyMs: number): void {
  let sent = 0;
  const timer = setInterval(() => {
    if (sent === bytes.length) return clearInterval(timer);
    socket.write(bytes.subarray(sent, sent + 1));
    sent += 1;
  }, everyMs);
  socket.once("close", () => clearInterval(timer));
}

function flood(socket: Socket, bytes: Buffer, limitBytes: number): void {
  let sent = 0;
  const pour = () => {
    while (sent < limitBytes) {
      sent += bytes.length;
      if (!socket.write(bytes)) return void socket.once("drain", pour);
    }
    socket.end();
  };
  pour();
}
