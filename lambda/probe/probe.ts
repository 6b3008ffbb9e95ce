import { setTimeout } from "node:timers/promises";
import type { SecureContext } from "node:tls";
import type { Offer } from "../cloudfront/profile.ts";
import type { HelloOffer } from "../tls/client-hello.ts";
import { addressKey } from "./address-key.ts";
import { isBeyondOpenssl } from "./client-context.ts";
import { diagnose, experimentFrom, trySetReading } from "./diagnose.ts";
import type { Lookup } from "./dns.ts";
import { type HandshakeResult, handshake } from "./handshake.ts";
import type {
  AddressOutcome,
  ForAlias,
  HandshakeFailure,
  OpensslVerdict,
  RecordType,
  Transcript,
} from "./observation.ts";
import { type RawAnswer, rawHello } from "./raw-hello.ts";
import { notTried, type OpenConnection, openConnection, type TcpOutcome, withoutConnection } from "./tcp.ts";

/** Where to connect, as whom, and for whom. */
export type Target = {
  /** For `http` the probe makes only a TCP connection. */
  readonly scheme: "https" | "http";
  readonly domain: string;
  readonly port: number;
  /** For HTTP at the same address: whether it accepts connections where `port` gives no answer. */
  readonly httpPort?: number;
  readonly serverName: string;
  /** Another name by which viewers know it, to be tried where the certificates for `serverName` are refused. */
  readonly alias?: string;
  /** What CloudFront offers by ALPN; absent means nothing. */
  readonly alpn?: readonly string[];
  readonly recordTypes: readonly RecordType[];
  readonly offer: Offer;
  /** Milliseconds for one TCP attempt, and again for the handshake. */
  readonly timeoutMs: number;
  readonly attempts: number;
  /** Whose share it counts against, outermost first; see `Terms` of the fair queue. */
  readonly share: readonly string[];
  /** The last run had no time for it: it goes before the others. */
  readonly leftOut: boolean;
  /** Its addresses, where DNS is not to be asked for them. */
  readonly addresses?: readonly string[];
};

/** What the probe works with; one for a whole run. */
export type ProbeEquipment = {
  readonly lookup: Lookup;
  readonly contextFor: (offer: Offer) => SecureContext;
  readonly bounds: Bounds;
  /** What did not answer in the last run, each as `addressKey` writes it. */
  readonly unanswered: ReadonlySet<string>;
  /** Aborted at the deadline: whatever has not been tried by then is `not-tried`. */
  readonly signal: AbortSignal;
  /** Why the probe must not connect to an address, null when it may. */
  readonly forbids: (address: string) => string | null;
  /** Connect to this address instead of asking DNS. */
  readonly connectTo: string | null;
};

/** How many connections there are at once. */
export type Bounds = {
  readonly sockets: number;
  readonly perAddress: number;
};

/** A Lambda function has 1,024 descriptors, and no origin should notice the check. */
export const usualBounds: Bounds = { sockets: 800, perAddress: 4 };

/** What the visits of a run share. */
export type VisitEquipment = ProbeEquipment & {
  /** Opens the first connection to an address; see `connector`. */
  readonly connect: OpenConnection;
  /** Whether HTTP ports accept connections, each as `addressKey` writes it. */
  readonly accepting: Map<string, Promise<boolean>>;
  /** Where every ClientHello timed out, each as `addressKey` writes it. */
  readonly hanging: Set<string>;
};

/** Checks one address: for HTTPS one TCP connection and one handshake, nothing more where that is healthy. */
export function visit(address: string, target: Target, equipment: VisitEquipment): Promise<AddressOutcome> {
  return (target.scheme === "http" ? connectOnly : connectAndShake)(address, target, equipment);
}

/** One TCP connection, closed immediately and without a byte sent: the program sends no HTTP request. */
async function connectOnly(address: string, target: Target, equipment: VisitEquipment): Promise<AddressOutcome> {
  const tcp = await connectFirst(address, target, equipment);
  switch (tcp.kind) {
    case "connected":
      tcp.socket.destroy();
      return { kind: "connected" };
    // The port accepted the connection; how it treats one on which nothing is sent proves nothing.
    case "reset":
      return { kind: "connected" };
    case "refused":
    case "timed-out":
    case "unreachable":
    case "not-tried":
      return withoutConnection(tcp, target.timeoutMs);
  }
}

/** An address that did not answer in the last run gets one attempt: it had the others then. */
function connectFirst(address: string, target: Target, equipment: VisitEquipment): Promise<TcpOutcome> {
  const { port, timeoutMs } = target;
  const attempts = equipment.unanswered.has(addressKey(address, port)) ? 1 : target.attempts;
  return equipment.connect(address, port, { timeoutMs, attempts, signal: equipment.signal });
}

async function connectAndShake(address: string, target: Target, equipment: VisitEquipment): Promise<AddressOutcome> {
  const { timeoutMs } = target;
  const { signal } = equipment;
  const tcp = await connectFirst(address, target, equipment);
  if (tcp.kind === "reset") {
    return { kind: "handshake-failed", failure: { kind: "reset" }, transcript: nothingReceived, experiments: [] };
  }
  if (tcp.kind !== "connected") return withHttpPort(withoutConnection(tcp, timeoutMs), address, target, equipment);
  const context = equipment.contextFor(target.offer);
  const { serverName, alpn = [] } = target;
  const result = await handshake(tcp.socket, { serverName, alpn, context, timeoutMs, signal });
  switch (result.kind) {
    case "completed": {
      const other = result.openssl.ok ? null : await otherCertificates(address, target, equipment, result.transcript);
      const forAlias = result.openssl.ok ? null : await certificatesForAlias(address, target, equipment);
      return {
        kind: "handshake-completed",
        transcript: result.transcript,
        openssl: result.openssl,
        alpn: result.alpn,
        ...(other === null ? {} : { otherCertificates: other }),
        ...(forAlias === null ? {} : { forAlias }),
        listedVersionsOnly: await trySetReading(target, result.transcript.protocol, (hello) =>
          sendHello(address, target, equipment, hello),
        ),
      };
    }
    case "failed":
      return explained(address, target, equipment, result);
    case "not-tried":
      return { kind: "not-tried", reason: notTried(result.reason) };
  }
}

/** Finds the cause of a failed handshake, unless it is known already. */
async function explained(
  address: string,
  target: Target,
  equipment: VisitEquipment,
  { failure, transcript }: { readonly failure: HandshakeFailure; readonly transcript: Transcript },
): Promise<AddressOutcome> {
  const plain = failure.kind === "not-tls" || failure.kind === "too-much-data" || transcript.clientCertificateRequested;
  if (plain) return { kind: "handshake-failed", failure, transcript, experiments: [] };
  const key = addressKey(address, target.port);
  // It left every kind of ClientHello unanswered before; another server name makes no difference.
  if (failure.kind === "timed-out" && equipment.hanging.has(key)) {
    return { kind: "handshake-failed", failure, transcript, experiments: [] };
  }
  const { offer, serverName, domain } = target;
  const send = (hello: HelloOffer) => sendHello(address, target, equipment, hello);
  const diagnosis = await diagnose({ failure, offer, serverName, domain }, send);
  const { experiments, throughAsCloudFront } = diagnosis;
  if (diagnosis.onlySilence) equipment.hanging.add(key);
  if (throughAsCloudFront === null) return { kind: "handshake-failed", failure, transcript, experiments };
  if (isBeyondOpenssl(throughAsCloudFront)) {
    const listedVersionsOnly = await trySetReading(target, throughAsCloudFront.protocol, send);
    return { kind: "hello-agreed", transcript: throughAsCloudFront, experiments, listedVersionsOnly };
  }
  const again = experimentFrom("whole-handshake", await shakeAgain(address, target, equipment));
  return { kind: "handshake-failed", failure, transcript, experiments: [...experiments, again] };
}

/** What a second handshake meets, null where that is no other certificate. */
async function otherCertificates(
  address: string,
  target: Target,
  equipment: VisitEquipment,
  first: Transcript,
): Promise<{ readonly transcript: Transcript; readonly openssl: OpensslVerdict } | null> {
  const again = await handshakeAgain(address, target, equipment);
  if (again.kind !== "completed" || again.transcript.certificates.join() === first.certificates.join()) return null;
  return { transcript: again.transcript, openssl: again.openssl };
}

/** What the origin presents to the alias, null where that is no certificate or nobody asks. */
async function certificatesForAlias(
  address: string,
  target: Target,
  equipment: VisitEquipment,
): Promise<ForAlias | null> {
  const { alias, serverName } = target;
  if (alias === undefined || alias === serverName) return null;
  const result = await handshakeAgain(address, { ...target, serverName: alias }, equipment);
  if (result.kind !== "completed") return null;
  return { serverName: alias, transcript: result.transcript, openssl: result.openssl };
}

/** Adds whether the port for HTTP accepts connections where the one for HTTPS gives no answer, asked once an address. */
async function withHttpPort(
  outcome: AddressOutcome,
  address: string,
  { port, httpPort, timeoutMs }: Target,
  { accepting, signal }: VisitEquipment,
): Promise<AddressOutcome> {
  if (outcome.kind !== "connect-timed-out" || httpPort === undefined || httpPort === port) return outcome;
  const key = addressKey(address, httpPort);
  const known = accepting.get(key) ?? accepts(address, httpPort, Math.min(timeoutMs, longestHttpPortMs), signal);
  accepting.set(key, known);
  return (await known) ? { ...outcome, acceptedOn: httpPort } : outcome;
}

async function accepts(address: string, port: number, timeoutMs: number, signal: AbortSignal): Promise<boolean> {
  const tcp = await openConnection(address, port, { timeoutMs, attempts: 1, signal });
  if (tcp.kind !== "connected") return false;
  tcp.socket.destroy();
  return true;
}

async function shakeAgain(address: string, target: Target, equipment: VisitEquipment): Promise<RawAnswer> {
  const result = await handshakeAgain(address, target, equipment);
  return result.kind === "completed" ? { kind: "agreed", transcript: result.transcript } : result;
}

/** The whole handshake on a connection of its own, after a pause. */
async function handshakeAgain(address: string, target: Target, equipment: VisitEquipment): Promise<HandshakeResult> {
  const { offer, serverName, alpn = [] } = target;
  const { signal } = equipment;
  const tcp = await connectAgain(address, target, equipment);
  if (tcp.kind !== "connected") return { kind: "not-tried", reason: tcp.kind };
  const context = equipment.contextFor(offer);
  return handshake(tcp.socket, { serverName, alpn, context, timeoutMs: timeLimit(target), signal });
}

/** One hand-written hello on a connection of its own, after a pause. */
async function sendHello(
  address: string,
  target: Target,
  equipment: VisitEquipment,
  hello: HelloOffer,
): Promise<RawAnswer> {
  const tcp = await connectAgain(address, target, equipment);
  if (tcp.kind !== "connected") return { kind: "not-tried", reason: tcp.kind };
  return rawHello(tcp.socket, hello, { timeoutMs: timeLimit(target), signal: equipment.signal });
}

/** A further connection, after a pause, to spare a server that is overloaded. */
async function connectAgain(address: string, target: Target, { signal }: VisitEquipment): Promise<TcpOutcome> {
  await setTimeout(pauseMs, undefined, { signal }).catch(() => undefined);
  return openConnection(address, target.port, { timeoutMs: timeLimit(target), attempts: 1, signal });
}

function timeLimit({ timeoutMs }: Target): number {
  return Math.min(timeoutMs, longestExperimentMs);
}

const pauseMs = 50;
const longestExperimentMs = 5_000;
/** A port that accepts connections answers within a round trip; this leaves time for a second SYN. */
const longestHttpPortMs = 2_000;

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
