import { setTimeout } from "node:timers/promises";
import type { SecureContext } from "node:tls";
import type { Offer } from "../cloudfront/profile.ts";
import type { HelloOffer } from "../tls/client-hello.ts";
import { isBeyondOpenssl } from "./client-context.ts";
import { diagnose, experimentFrom, trySetReading } from "./diagnose.ts";
import type { Lookup } from "./dns.ts";
import { handshake } from "./handshake.ts";
import type {
  AddressObservation,
  AddressOutcome,
  DnsOutcome,
  HandshakeFailure,
  NotTried,
  Observation,
  RecordType,
  Transcript,
} from "./observation.ts";
import { type RawAnswer, rawHello } from "./raw-hello.ts";
import type { Gate } from "./schedule.ts";
import { type Dial, dial, type TcpOutcome } from "./tcp.ts";

/** Where to connect, and as whom. */
export type Target = {
  readonly domain: string;
  readonly port: number;
  readonly serverName: string;
  /** What CloudFront offers by ALPN; absent means nothing. */
  readonly alpn?: readonly string[];
  readonly recordTypes: readonly RecordType[];
  readonly offer: Offer;
  /** Milliseconds for one TCP attempt, and again for the handshake. */
  readonly timeoutMs: number;
  readonly attempts: number;
};

/** What the probe is given to work with; one for a whole run. */
export type ProbeEquipment = {
  readonly lookup: Lookup;
  readonly contextFor: (offer: Offer) => SecureContext;
  /** Opens the first connection to an address; see `dialler`. */
  readonly dial: Dial;
  /** Lets lookups and visits to addresses pass: as many as may be under way at once, and to any one address. */
  readonly gate: Gate;
  /** Aborted at the deadline: whatever has not been tried by then is `not-tried`. */
  readonly signal: AbortSignal;
  /** Why an address must not be dialled, null when it may. */
  readonly forbids: (address: string) => string | null;
  /** Dial this address instead of asking DNS. */
  readonly connectTo: string | null;
};

/** Names with more addresses than this are sampled from the front of the answer. */
const mostAddresses = 16;

/**
 * Visits every address of a target once: one TCP connection and one handshake each, nothing more.
 * Never throws for anything that DNS, the network or the peer does.
 */
export function probe(target: Target, equipment: ProbeEquipment): Promise<Observation> {
  return visitAddresses(target, equipment, (address) => connectAndShake(address, target, equipment));
}

/** Looks the domain up and does `attempt` at each of its addresses that may be dialled, when its turn has come. */
export async function visitAddresses(
  target: Pick<Target, "domain" | "recordTypes">,
  equipment: ProbeEquipment,
  attempt: (address: string) => Promise<AddressOutcome>,
): Promise<Observation> {
  const dns = await resolveTarget(target, equipment);
  if (dns.kind !== "answered" && dns.kind !== "given") return { dns, addresses: [], addressesLeftOut: 0 };
  const visited = dns.addresses.slice(0, mostAddresses);
  const addresses = await Promise.all(visited.map((address) => visit(address, equipment, attempt)));
  return { dns, addresses, addressesLeftOut: dns.addresses.length - visited.length };
}

function resolveTarget(
  { domain, recordTypes }: Pick<Target, "domain" | "recordTypes">,
  { lookup, connectTo, signal, gate }: ProbeEquipment,
): Promise<DnsOutcome> | DnsOutcome {
  if (connectTo !== null) return { kind: "given", addresses: [connectTo] };
  return gate(`lookup of ${domain}`, () => inTime(signal, () => lookup(domain, recordTypes)));
}

async function inTime(signal: AbortSignal, lookUp: () => Promise<DnsOutcome>): Promise<DnsOutcome> {
  if (signal.aborted) return { kind: "not-tried", reason: "deadline" };
  const deadline = Promise.withResolvers<DnsOutcome>();
  const onAbort = () => deadline.resolve({ kind: "not-tried", reason: "deadline" });
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([lookUp(), deadline.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function visit(
  address: string,
  { forbids, gate }: ProbeEquipment,
  attempt: (address: string) => Promise<AddressOutcome>,
): Promise<AddressObservation> {
  // Checked on the very address that is dialled, so that no second DNS answer can slip in between.
  const range = forbids(address);
  if (range !== null) return { address, outcome: { kind: "not-dialled", range }, ms: 0 };
  return gate(address, async () => {
    const started = performance.now();
    const outcome = await attempt(address);
    return { address, outcome, ms: Math.round(performance.now() - started) };
  });
}

async function connectAndShake(address: string, target: Target, equipment: ProbeEquipment): Promise<AddressOutcome> {
  const { timeoutMs, attempts } = target;
  const { signal } = equipment;
  const tcp = await equipment.dial(address, target.port, { timeoutMs, attempts, signal });
  if (tcp.kind === "reset") {
    return { kind: "handshake-failed", failure: { kind: "reset" }, transcript: nothingReceived, experiments: [] };
  }
  if (tcp.kind !== "connected") return withoutConnection(tcp, timeoutMs);
  const context = equipment.contextFor(target.offer);
  const { serverName, alpn = [] } = target;
  const result = await handshake(tcp.socket, { serverName, alpn, context, timeoutMs, signal });
  switch (result.kind) {
    case "completed":
      return {
        kind: "handshake-completed",
        transcript: result.transcript,
        openssl: result.openssl,
        alpn: result.alpn,
        listedVersionsOnly: await trySetReading(target, result.transcript.protocol, (hello) =>
          sendHello(address, target, equipment, hello),
        ),
      };
    case "failed":
      return explained(address, target, equipment, result);
    case "not-tried":
      return { kind: "not-tried", reason: notTried(result.reason) };
  }
}

/** What to note of an address to which there was no connection. */
export function withoutConnection(
  tcp: Exclude<TcpOutcome, { kind: "connected" } | { kind: "reset" }>,
  timeoutMs: number,
): AddressOutcome {
  switch (tcp.kind) {
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

/** Finds the cause of a failed handshake, unless it is plain already. */
async function explained(
  address: string,
  target: Target,
  equipment: ProbeEquipment,
  { failure, transcript }: { readonly failure: HandshakeFailure; readonly transcript: Transcript },
): Promise<AddressOutcome> {
  const plain = failure.kind === "not-tls" || failure.kind === "too-much-data" || transcript.clientCertificateRequested;
  if (plain) return { kind: "handshake-failed", failure, transcript, experiments: [] };
  const { offer, serverName, domain } = target;
  const send = (hello: HelloOffer) => sendHello(address, target, equipment, hello);
  const { experiments, throughAsCloudFront } = await diagnose({ failure, offer, serverName, domain }, send);
  if (throughAsCloudFront === null) return { kind: "handshake-failed", failure, transcript, experiments };
  if (isBeyondOpenssl(throughAsCloudFront)) {
    const listedVersionsOnly = await trySetReading(target, throughAsCloudFront.protocol, send);
    return { kind: "hello-agreed", transcript: throughAsCloudFront, experiments, listedVersionsOnly };
  }
  const again = experimentFrom("whole-handshake", await shakeAgain(address, target, equipment));
  return { kind: "handshake-failed", failure, transcript, experiments: [...experiments, again] };
}

/** The whole handshake on a connection of its own, after a pause. */
async function shakeAgain(address: string, target: Target, equipment: ProbeEquipment): Promise<RawAnswer> {
  const { offer, serverName, alpn = [] } = target;
  const { signal } = equipment;
  const tcp = await dialAgain(address, target, equipment);
  if (tcp.kind !== "connected") return { kind: "not-tried", reason: tcp.kind };
  const context = equipment.contextFor(offer);
  const result = await handshake(tcp.socket, { serverName, alpn, context, timeoutMs: timeLimit(target), signal });
  return result.kind === "completed" ? { kind: "agreed", transcript: result.transcript } : result;
}

/** One hand-written hello on a connection of its own, after a pause. */
async function sendHello(
  address: string,
  target: Target,
  equipment: ProbeEquipment,
  hello: HelloOffer,
): Promise<RawAnswer> {
  const tcp = await dialAgain(address, target, equipment);
  if (tcp.kind !== "connected") return { kind: "not-tried", reason: tcp.kind };
  return rawHello(tcp.socket, hello, { timeoutMs: timeLimit(target), signal: equipment.signal });
}

/** A further connection, after a pause, so that an ailing server is not pressed. */
async function dialAgain(address: string, target: Target, { signal }: ProbeEquipment): Promise<TcpOutcome> {
  await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
  return dial(address, target.port, { timeoutMs: timeLimit(target), attempts: 1, signal });
}

function timeLimit({ timeoutMs }: Target): number {
  return Math.min(timeoutMs, longestExperimentMs);
}

const pauseMs = 50;
const longestExperimentMs = 5_000;

const nothingReceived: Transcript = {
  bytesReceived: 0,
  protocol: null,
  cipherSuite: null,
  group: null,
  signatureScheme: null,
  certificates: [],
  clientCertificateRequested: false,
  warnings: [],
  unreadable: null,
};

function notTried(reason: string): NotTried {
  return reason === "deadline" ? "deadline" : { bug: reason };
}
