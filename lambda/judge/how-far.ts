import type { AddressOutcome, Observation } from "../probe/observation.ts";

/** How far a vantage got on the way to an origin. `nothing`: it could not look. `dns`: it got an answer of DNS, and no further. */
export type HowFar = "nothing" | "dns" | "tcp" | "tls" | "certificate";

/** From the one that got the least. */
const leastFirst: readonly HowFar[] = ["nothing", "dns", "tcp", "tls", "certificate"];

/**
 * How far a vantage got at every address that it was given: the least of them, because a fault may be at that one. An
 * address to which its network has no way does not count beside others.
 */
export function howFar({ dns, addresses }: Observation): HowFar {
  switch (dns.kind) {
    case "not-tried":
    case "lookup-failed":
    case "resolved-otherwise":
      return "nothing";
    case "name-not-found":
    case "no-address":
      return "dns";
    case "answered":
    case "given": {
      const reached = addresses.filter(({ outcome }) => outcome.kind !== "connect-unreachable");
      const all = reached.map(({ outcome }) => leastFirst.indexOf(howFarAt(outcome)));
      return all.length === 0 ? "nothing" : (leastFirst[Math.min(...all)] ?? "nothing");
    }
  }
}

/**
 * Whether a vantage could look at all: then what it saw counts, whatever it was. One without an answer of DNS, without
 * time or without a route says nothing of the origin.
 */
export function couldCheck({ dns, addresses }: Observation): boolean {
  switch (dns.kind) {
    case "not-tried":
    case "lookup-failed":
    case "resolved-otherwise":
      return false;
    case "name-not-found":
    case "no-address":
      return true;
    case "answered":
    case "given":
      return addresses.some(({ outcome: { kind } }) => kind !== "not-tried" && kind !== "connect-unreachable");
  }
}

/** Whether any of its addresses accepted a TCP connection. */
export function accepted({ addresses }: Observation): boolean {
  return addresses.some(({ outcome }) => leastFirst.indexOf(howFarAt(outcome)) >= leastFirst.indexOf("tls"));
}

/** Whether none of its addresses gave any answer to a connection request, as behind a firewall. */
export function gaveNoAnswer({ addresses }: Observation): boolean {
  const kinds = addresses.map(({ outcome }) => outcome.kind);
  const withoutAnswer = ["connect-timed-out", "connect-unreachable", "not-tried"];
  return kinds.includes("connect-timed-out") && kinds.every((kind) => withoutAnswer.includes(kind));
}

function howFarAt(outcome: AddressOutcome): HowFar {
  switch (outcome.kind) {
    case "not-tried":
    case "connect-unreachable":
      return "nothing";
    case "connect-timed-out":
    case "not-dialled":
      return "dns";
    case "connect-refused":
      return "tcp";
    case "handshake-failed":
    case "hello-agreed":
      return outcome.transcript.certificates.length === 0 ? "tls" : "certificate";
    // Without TLS there is no more to see than that the port accepts a connection.
    case "connected":
    case "handshake-completed":
      return "certificate";
  }
}
