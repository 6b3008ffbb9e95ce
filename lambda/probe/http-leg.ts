import type { AddressOutcome, Observation } from "./observation.ts";
import { type ProbeEquipment, type Target, visitAddresses, withoutConnection } from "./probe.ts";

export type HttpTarget = Pick<Target, "domain" | "port" | "recordTypes" | "timeoutMs" | "attempts">;

/**
 * Visits every address of an origin that CloudFront reaches without TLS: one TCP connection each, closed at once and
 * without a byte sent, for what an HTTP request would do there is not ours to find out. Never throws for anything that
 * DNS, the network or the peer does.
 */
export function probeHttp(target: HttpTarget, equipment: ProbeEquipment): Promise<Observation> {
  return visitAddresses(target, equipment, (address) => connectOnly(address, target, equipment));
}

async function connectOnly(
  address: string,
  { port, timeoutMs, attempts }: HttpTarget,
  { dial, signal }: ProbeEquipment,
): Promise<AddressOutcome> {
  const tcp = await dial(address, port, { timeoutMs, attempts, signal });
  switch (tcp.kind) {
    case "connected":
      tcp.socket.on("error", () => undefined);
      tcp.socket.destroy();
      return { kind: "connected" };
    // The port took the connection; what it does with one on which nothing is said proves nothing.
    case "reset":
      return { kind: "connected" };
    case "refused":
    case "timed-out":
    case "unreachable":
    case "not-tried":
      return withoutConnection(tcp, timeoutMs);
  }
}
