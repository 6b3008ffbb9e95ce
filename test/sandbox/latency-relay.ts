import { connect, createServer, type Socket } from "node:net";
import { type Listener, type ListenOptions, listen } from "./listener.ts";

/**
 * Puts a way of a certain length before a server on this machine: bytes take half of `roundTripMs` in each direction.
 *
 * The system answers the SYN of a connection by itself, at once, and no program can keep its answer back. So that a
 * connection takes as long as over a real way, the round trip of TCP's own handshake is added to what the client sends
 * before the server has answered anything.
 */
export function startLatencyRelay(
  target: Pick<Listener, "address" | "port">,
  roundTripMs: number,
  options: ListenOptions,
): Promise<Listener> {
  const oneWay = roundTripMs / 2;
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ host: target.address, port: target.port, noDelay: true, allowHalfOpen: true });
    let hasAnswered = false;
    far.once("data", () => {
      hasAnswered = true;
    });
    carry(near, far, () => (hasAnswered ? oneWay : oneWay + roundTripMs));
    carry(far, near, () => oneWay);
  });
  return listen(server, options);
}

/** Carries bytes, the end and the loss of a connection from one socket to the other, in their order. */
function carry(from: Socket, to: Socket, delayMs: () => number): void {
  let last = 0;
  const later = (deliver: () => void) => {
    const now = performance.now();
    last = Math.max(last, now + delayMs());
    setTimeout(deliver, last - now);
  };
  from.on("data", (chunk) => later(() => void (to.destroyed || to.write(chunk))));
  from.on("end", () => later(() => void (to.destroyed || to.end())));
  from.on("error", () => undefined);
  from.on("close", () => later(() => to.destroy()));
}
