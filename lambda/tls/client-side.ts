import { cipherSuiteName } from "./cipher-suites.ts";
import { type EncodedHello, encodeClientHello, type HelloOffer } from "./client-hello.ts";
import { groupName, type NamedGroup, protocolVersions, versionName } from "./code-points.ts";
import { Malformed } from "./cursor.ts";
import { serverHandshakeSecret } from "./key-schedule.ts";
import type { ServerHello } from "./messages.ts";
import type { SecretSource, ServerFlight } from "./transcript.ts";

/** A client that does as much of a handshake as it takes to read a server's first flight. */
export type ClientSide = {
  /** To be sent first, in TLS records. */
  readonly hello: Buffer;
  /** Takes a ServerHello or HelloRetryRequest; see `SecretSource`. */
  readonly serverHello: SecretSource["serverHello"];
  /** Why no more can be read although the two sides agree; null when it can. */
  readonly cannotFollow: string | null;
  /** What a whole flight chose or left out against the offer; null when nothing is wrong. */
  objection(flight: ServerFlight): string | null;
};

/**
 * The client's part in a negotiation: offers, checks that the server chose from what was offered, answers a
 * HelloRetryRequest, and derives the secret that opens the server's certificates in TLS 1.3.
 *
 * Signatures are not checked: with the suites that need this client instead of OpenSSL there are none.
 *
 * @param send is called with the second hello, in TLS records
 */
export function clientSide(offer: HelloOffer, send: (bytes: Buffer) => void): ClientSide {
  const first = encodeClientHello(offer);
  let current: EncodedHello = first;
  let retryOf: ServerHello | null = null;
  let cannotFollow: string | null = null;
  const messages: Buffer[] = [first.message];

  function retry(request: ServerHello): void {
    if (retryOf !== null) throw new Malformed("second HelloRetryRequest");
    retryOf = request;
    const group = offer.groups.find((each) => request.group !== null && each === groupName(request.group)) ?? null;
    refuse(request.group !== null && group === null, `${groupName(request.group ?? 0)} asked for, not offered`);
    refuse(group !== null && current.keyShares.some(({ group: sent }) => sent === request.group), alreadySent(group));
    refuse(group === null && request.cookie === null, "HelloRetryRequest that asks for nothing");
    const second = current.retry({ group, cookie: request.cookie });
    if (group !== null && !second.keyShares.some((share) => share.group === request.group)) {
      cannotFollow = `certificates under ${group} are not read`;
      return;
    }
    current = second;
    messages.push(second.message);
    send(Buffer.concat([dummyChangeCipherSpec, second.bytes]));
  }

  function secret(hello: ServerHello): Buffer | null {
    const { group, publicKey } = hello;
    if (group === null || publicKey === null) throw new Malformed("ServerHello of TLS 1.3 without a key share");
    const share = current.keyShares.find((each) => each.group === group);
    if (share === undefined) throw new Malformed(`key share of ${groupName(group)}, for which none was sent`);
    const shared = share.sharedSecret(publicKey);
    if (shared === null) throw new Malformed(`key share that is no key of ${groupName(group)}`);
    const derived = serverHandshakeSecret(hello.cipherSuite, shared, messages);
    if (derived === null) cannotFollow = `certificates under ${cipherSuiteName(hello.cipherSuite)} are not read`;
    return derived;
  }

  return {
    hello: first.bytes,
    serverHello(hello, bytes) {
      messages.push(bytes);
      checkChoice(offer, hello);
      if (hello.version !== protocolVersions["TLSv1.3"]) return null;
      refuse(!hello.sessionId.equals(current.sessionId), "session id that is not the client's");
      if (hello.helloRetryRequest) {
        retry(hello);
        return null;
      }
      refuse(retryOf !== null && retryOf.cipherSuite !== hello.cipherSuite, "another suite than HelloRetryRequest");
      return secret(hello);
    },
    get cannotFollow() {
      return cannotFollow;
    },
    objection: (flight) => objectionTo(offer, flight),
  };
}

/** Sent before a second hello, for middleboxes (RFC 8446 §D.4). */
const dummyChangeCipherSpec = Buffer.from([20, 3, 3, 0, 1, 1]);

/** RFC 8446 §4.1.3, RFC 5246 §7.4.1.3: a server may only choose from what was offered. */
function checkChoice(offer: HelloOffer, hello: ServerHello): void {
  const { version, cipherSuite, compression } = hello;
  const offered = offer.versions.some((each) => protocolVersions[each] === version);
  refuse(!offered, `${versionName(version)} chosen, not offered`);
  const name = cipherSuiteName(cipherSuite);
  refuse(!offer.cipherSuites.includes(cipherSuite), `${name} chosen, not offered`);
  const tls13 = version === protocolVersions["TLSv1.3"];
  refuse(tls13 !== isTls13Suite(cipherSuite), `${name} chosen for ${versionName(version)}`);
  refuse(hello.helloRetryRequest && !tls13, `HelloRetryRequest of ${versionName(version)}`);
  refuse(compression !== 0, `compression method ${compression} chosen, not offered`);
  const sentinel = hello.random.subarray(24).toString("latin1");
  const downgraded = offer.versions.includes("TLSv1.3") ? !tls13 && sentinel.startsWith(downgrade) : false;
  refuse(downgraded, `${versionName(version)} chosen by a server that knows a newer version and was offered it`);
}

/** The end of a random by which a newer server says that it had to choose an old version (RFC 8446 §4.1.3). */
const downgrade = "DOWNGRD";

/** RFC 8446 §B.4 gives all suites of TLS 1.3 the first byte 0x13. */
function isTls13Suite(suite: number): boolean {
  return suite >> 8 === 0x13;
}

/** What can only be said of a whole flight. Empty lists in the offer leave the choice to the server. */
function objectionTo(offer: HelloOffer, flight: ServerFlight): string | null {
  const { protocol, cipherSuite, group, signatureScheme, certificates } = flight;
  if (protocol === null || cipherSuite === null) return "handshake without ServerHello";
  if (certificates.length === 0 && !cipherSuite.includes("_anon_")) return "handshake without a certificate";
  if (group === null && cipherSuite.startsWith("TLS_ECDHE_")) return "handshake without a named group";
  if (group !== null && offer.groups.length > 0 && !offer.groups.some((each) => each === group)) {
    return `${group} chosen, not offered`;
  }
  const schemes = offer.signatureSchemes;
  if (signatureScheme !== null && schemes.length > 0 && !schemes.some((each) => each === signatureScheme)) {
    return `${signatureScheme} chosen, not offered`;
  }
  return null;
}

function alreadySent(group: NamedGroup | null): string {
  return `${group} asked for, of which a key had been sent`;
}

function refuse(condition: boolean, problem: string): void {
  if (condition) throw new Malformed(problem);
}
