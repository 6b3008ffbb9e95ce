import type { AddressObservation, AddressOutcome, NotTried, Observation } from "./observation.ts";
import { mostAddresses, type ProbeEquipment, resolveTarget, type Target } from "./probe.ts";
import { dial, type TcpOutcome } from "./tcp.ts";

export type HttpTarget = Pick<Target, "domain" | "port" | "recordTypes" | "timeoutMs" | "attempts">;

/**
 * Visits every address of an origin that CloudFront reaches without TLS: one TCP connection each, closed at once and
 * without a byte sent, for what an HTTP request would do there is not ours to find out. Never throws for anything that
 * DNS, the network or the peer does.
 */
export async function probeHttp(target: HttpTarget, equipment: ProbeEquipment): Promise<Observation> {
  const dns = await resolveTarget(target, equipment);
  if (dns.kind !== "answered" && dns.kind !== "given") return { dns, addresses: [], addressesLeftOut: 0 };
  const visited = dns.addresses.slice(0, mostAddresses);
  const addresses = await Promise.all(visited.map((address) => visit(address, target, equipment)));
  return { dns, addresses, addressesLeftOut: dns.addresses.length - visited.length };
}

async function visit(address: string, target: HttpTarget, equipment: ProbeEquipment): Promise<AddressObservation> {
  // Checked on the very address that is dialled, so that no second DNS answer can slip in between.
  const range = equipment.forbids(address);
  if (range !== null) return { address, outcome: { kind: "not-dialled", range }, ms: 0 };
  return equipment.gate(address, async () => {
    const started = performance.now();
    const { timeoutMs, attempts, port } = target;
    const outcome = outcomeOf(await dial(address, port, { timeoutMs, attempts, signal: equipment.signal }), timeoutMs);
    return { address, outcome, ms: Math.round(performance.now() - started) };
  });
}

function outcomeOf(tcp: TcpOutcome, timeoutMs: number): AddressOutcome {
  switch (tcp.kind) {
    case "connected":
      tcp.socket.on("error", () => undefined);
      tcp.socket.destroy();
      return { kind: "connected" };
    // The port took the connection; what it does with one on which nothing is said proves nothing.
    case "reset":
      return { kind: "connected" };
    case "refused":
      return { kind: "connect-refused", attempts: tcp.attempts };
    case "timed-out":
      return { kind: "connect-timed-out", attempts: tcp.attempts, timeoutMs };
    case "unreachable":
      return { kind: "connect-unreachable", errno: tcp.errno };
    case "not-tried":
      return { kind: "not-tried", reason: notTried(tcp.reason) };
  }
}

function notTried(reason: string): NotTried {
  return reason === "deadline" ? "deadline" : { bug: reason };
}
