import type { X509Certificate } from "node:crypto";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { takesCertificate } from "./origin-certificate.ts";
import type { OriginTarget } from "./origin-target.ts";

/** Why CloudFront answers itself: with this status, and with this sentence on its page. */
export type NoAnswer = {
  readonly kind: "no-answer";
  readonly status: 502 | 504;
  readonly sentence: string;
  /** A page about a name that does not resolve says `server: CloudFront`; the others have no `server`. */
  readonly namesServer: boolean;
};

export type Places = ReadonlyMap<string, { readonly address: string; readonly port: number }>;

export type ConnectionTools = {
  /** `IP:PORT` of the name server. */
  readonly nameServer: string;
  /** What the certificates of origins may end at. */
  readonly anchors: readonly X509Certificate[];
  /** What only the edge reaches, by its domain: in a VPC, or behind a firewall that admits nobody else. */
  readonly places: Places;
  /** How often each origin was dialled. */
  readonly turns: Map<string, number>;
  readonly now: () => number;
};

/** Connects to an origin as CloudFront does: as often as its settings say, each time at the next of its addresses. */
export async function connectToOrigin(
  target: OriginTarget,
  attempts: number,
  { nameServer, anchors, places, turns, now }: ConnectionTools,
): Promise<Socket | NoAnswer> {
  const place = places.get(target.domain);
  const { port } = place ?? target;
  // A VPC origin that is not there cannot be reached.
  const elsewhere = target.inVpc ? ["nowhere"] : await lookup(target, nameServer);
  const addresses = place === undefined ? elsewhere : [place.address];
  if (addresses.length === 0) return noName;
  let failure: NoAnswer = refused;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const turn = turns.get(target.domain) ?? 0;
    turns.set(target.domain, turn + 1);
    const address = addresses[turn % addresses.length] ?? "";
    // Nothing leaves this machine: what is not on loopback does not answer, as a private address does not.
    if (!address.startsWith("127.")) failure = timedOut;
    else {
      const opened = await open(address, { ...target, port }, anchors, now());
      if (!("kind" in opened)) return opened;
      failure = opened;
    }
  }
  return failure;
}

async function lookup({ domain }: OriginTarget, nameServer: string): Promise<readonly string[]> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  resolver.setServers([nameServer]);
  return await resolver.resolve4(domain).catch(() => []);
}

async function open(
  address: string,
  target: OriginTarget,
  anchors: readonly X509Certificate[],
  now: number,
): Promise<Socket | NoAnswer> {
  let within = timeLimit(target.connectMs);
  const socket = connect({ host: address, port: target.port });
  socket.on("error", () => undefined);
  try {
    await once(socket, "connect", { signal: within });
    if (target.scheme === "http") return socket;
    const tls = handshake(socket, target);
    within = timeLimit(Math.max(target.connectMs, leastHandshakeMs));
    await once(tls, "secureConnect", { signal: within });
    if (takesCertificate(tls, target.names, anchors, now)) return tls;
  } catch {
    // What happened is read from the signal: everything else is a failure to connect.
  }
  socket.destroy();
  return within.aborted ? timedOut : refused;
}

/** Fires after so long, once everything that has arrived by then was read: this process may have been busy until now. */
function timeLimit(ms: number): AbortSignal {
  const limit = new AbortController();
  setTimeout(() => setImmediate(() => limit.abort()), ms).unref();
  return limit.signal;
}

/** Servers of the box share a machine, and this process, with all who ask. */
const leastHandshakeMs = 10_000;

function handshake(socket: Socket, { host, leastProtocol }: OriginTarget): TLSSocket {
  const tls = connectTls({
    socket,
    servername: host,
    minVersion: leastProtocol,
    maxVersion: "TLSv1.3",
    ciphers: `${suites}${leastProtocol === "TLSv1.2" ? "" : ":@SECLEVEL=0"}`,
    ecdhCurve: "prime256v1:X25519:secp384r1",
    rejectUnauthorized: false,
  });
  tls.on("error", () => undefined);
  return tls;
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-ciphers-cloudfront-to-origin.html, as far as OpenSSL still has them. */
const suites = [
  "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256",
  ...["ECDSA", "RSA"].flatMap((kind) =>
    ["AES256-GCM-SHA384", "AES256-SHA384", "AES256-SHA", "AES128-GCM-SHA256", "AES128-SHA256", "AES128-SHA"].map(
      (suite) => `ECDHE-${kind}-${suite}`,
    ),
  ),
  "AES256-SHA:AES128-SHA",
].join(":");

function noAnswer(status: 502 | 504, sentence: string, namesServer = false): NoAnswer {
  return { kind: "no-answer", status, sentence, namesServer };
}

const connecting =
  "CloudFront attempted to establish a connection with the origin, but either the attempt failed or the origin closed the connection.";
const noName = noAnswer(502, "CloudFront wasn't able to resolve the origin domain name.", true);
const timedOut = noAnswer(504, connecting);
/** No connection, no handshake, or a certificate that CloudFront does not take. */
const refused = noAnswer(502, connecting);
/** A connection, but no usable answer over it. */
export const closed = noAnswer(502, "The origin closed the connection.");
export const slow = noAnswer(504, connecting);
