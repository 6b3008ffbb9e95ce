import { randomInt } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** A listening TCP server of the sandbox. */
export type Listener = {
  readonly address: string;
  readonly port: number;
  /** TCP connections accepted so far. */
  readonly connections: () => number;
  /** Stops listening and destroys every socket; resolves when the port is free. */
  readonly close: () => Promise<void>;
};

export type ListenOptions = {
  /** A loopback address. @default "127.0.0.1" */
  readonly address?: string;
  /** @default 0, a free port that the system chooses */
  readonly port?: number;
};

/**
 * Makes a TCP server (plain or TLS) listen on loopback, counting and remembering its connections.
 *
 * Rejects with the system's error when the port stays taken.
 */
export async function listen(server: Server, options: ListenOptions = {}): Promise<Listener> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on("connection", (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("error", ignore);
    socket.on("close", () => sockets.delete(socket));
  });
  await bind(server, options.address ?? "127.0.0.1", options.port ?? 0);
  const bound = server.address() as AddressInfo;
  return {
    address: bound.address,
    port: bound.port,
    connections: () => accepted,
    async close() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** How long a wanted port may be somebody else's: it may serve as the local end of a short connection meanwhile. */
const tries = 30;
const betweenTriesMs = 100;

async function bind(server: Server, host: string, port: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      server.listen({ host, port });
      await once(server, "listening");
      return;
    } catch (error) {
      if (!isTaken(error) || port === 0 || attempt === tries) throw error;
      await new Promise((resolve) => setTimeout(resolve, betweenTriesMs));
    }
  }
}

/**
 * A loopback port that refuses connections and that nobody else gets meanwhile, nor after it was released.
 *
 * It is the local end of a connection within this process: taken, and without a listener, so the system answers a SYN
 * with a reset. It lies below the ports that systems hand out by themselves (32768 and up on Linux, 49152 on macOS):
 * a released port of theirs may at once become the local end of somebody's connection, for as long as that lasts.
 */
export async function reserveRefusingPort(): Promise<Listener> {
  const far = await listen(createServer());
  const near = await connectFrom(far);
  return {
    address: "127.0.0.1",
    port: near.localPort ?? 0,
    connections: () => 0,
    async close() {
      // A reset frees the port at once, where an orderly end would leave it in TIME_WAIT.
      near.resetAndDestroy();
      await far.close();
    },
  };
}

const reservable = { first: 20_000, count: 10_000 };

async function connectFrom(far: Listener): Promise<Socket> {
  for (let attempt = 1; ; attempt += 1) {
    const localPort = reservable.first + randomInt(reservable.count);
    const near = connect({ host: far.address, port: far.port, localAddress: "127.0.0.1", localPort });
    try {
      await once(near, "connect");
      return near;
    } catch (error) {
      if (!isTaken(error) || attempt === tries) throw error;
    }
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

/** Peers that hang up in the middle of a handshake are the sandbox's daily business. */
function ignore(): void {}
