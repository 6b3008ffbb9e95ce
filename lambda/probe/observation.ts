import { printable } from "../text/printable.ts";

/**
 * Facts seen on the way to one origin, without opinion. Every type here is plain JSON, so that an observation
 * can cross a process border, be stored, and be judged again later.
 */
export type Observation = {
  readonly dns: DnsOutcome;
  /** One entry for each address that DNS gave, in DNS order, up to the cap. */
  readonly addresses: readonly AddressObservation[];
  /** Addresses from DNS beyond the cap, which were not tried. */
  readonly addressesLeftOut: number;
};

/**
 * Where an observation is made: an AWS Region such as `eu-central-1`, a VPC, the fixed addresses of a VPC (`egressVantage`), or
 * `here`, a machine in no Region.
 */
export type Vantage = string;

/**
 * The fixed addresses by which a VPC reaches the internet. An origin's firewall can admit them, as it admits CloudFront; and
 * names are resolved there by the VPC's own resolver, which knows private zones.
 */
export function egressVantage(vpcId: string): Vantage {
  return `${vpcId}${ofEgress}`;
}

export function isEgress(vantage: Vantage): boolean {
  return vantage.endsWith(ofEgress);
}

/** What it is called in a sentence, behind "from". */
export function vantageInWords(vantage: Vantage): string {
  return isEgress(vantage) ? `the fixed addresses of ${vantage.slice(0, -ofEgress.length)}` : vantage;
}

const ofEgress = "-egress";

export type ObservationFrom = { readonly vantage: Vantage; readonly observation: Observation };

/** The observation of a connection that was not tried. */
export function unobserved(reason: NotTried): Observation {
  return { dns: { kind: "not-tried", reason }, addresses: [], addressesLeftOut: 0 };
}

export type DnsOutcome =
  | {
      readonly kind: "answered";
      readonly addresses: readonly string[];
      /** The types that were asked for and that DNS did not answer, with why; absent where it answered all. */
      readonly failed?: readonly { readonly recordType: RecordType; readonly error: string }[];
    }
  /** The addresses were given, by the operator (`--connect-to`) or for a VPC origin by AWS; DNS was not asked. */
  | { readonly kind: "given"; readonly addresses: readonly string[] }
  /** `target` is where the CNAME records of the name end, absent where it has none. */
  | { readonly kind: "name-not-found"; readonly target?: string }
  /** The name exists but has no record of the types asked for. */
  | { readonly kind: "no-address"; readonly recordTypes: readonly RecordType[] }
  | { readonly kind: "lookup-failed"; readonly error: string }
  | { readonly kind: "not-tried"; readonly reason: NotTried }
  /** A vantage's own resolver answered otherwise than the public ones, so that nothing that it saw is CloudFront's view. */
  | { readonly kind: "resolved-otherwise" };

export type RecordType = "A" | "AAAA";

export type AddressObservation = {
  readonly address: string;
  readonly outcome: AddressOutcome;
  /** Milliseconds from the first SYN to the outcome. */
  readonly ms: number;
};

export type AddressOutcome =
  /** The address is private, loopback, link-local or otherwise not public, so the probe did not connect to it. */
  | { readonly kind: "not-dialled"; readonly range: string }
  | { readonly kind: "not-tried"; readonly reason: NotTried }
  | { readonly kind: "connect-refused"; readonly attempts: number }
  | {
      readonly kind: "connect-timed-out";
      readonly attempts: number;
      readonly timeoutMs: number;
      /** The port for HTTP of the same origin, where it accepted a connection at this address. */
      readonly acceptedOn?: number;
    }
  /** No route from here (EHOSTUNREACH, ENETUNREACH and the like): says nothing about CloudFront's own route. */
  | { readonly kind: "connect-unreachable"; readonly errno: string }
  /** TCP was accepted, and nothing more is tried on a connection without TLS. */
  | { readonly kind: "connected" }
  | {
      readonly kind: "handshake-failed";
      readonly failure: HandshakeFailure;
      readonly transcript: Transcript;
      /** What further hellos showed, in the order in which they were sent. */
      readonly experiments: readonly Experiment[];
    }
  /**
   * Our TLS library does not support what the origin requires, but CloudFront's does: the origin agreed to a
   * hand-written ClientHello and sent its certificates.
   */
  | {
      readonly kind: "hello-agreed";
      readonly transcript: Transcript;
      readonly experiments: readonly Experiment[];
      /** As below. */
      readonly listedVersionsOnly: Experiment | null;
    }
  | {
      readonly kind: "handshake-completed";
      readonly transcript: Transcript;
      readonly openssl: OpensslVerdict;
      /** What the origin chose by ALPN (RFC 7301), null when it chose nothing or nothing was offered. */
      readonly alpn: string | null;
      /**
       * What a second handshake met, where OpenSSL refused the certificates of the first and the second had others: behind
       * one address there may be several servers.
       */
      readonly otherCertificates?: { readonly transcript: Transcript; readonly openssl: OpensslVerdict };
      /**
       * The same handshake with an alias as server name, which CloudFront would send if Host were forwarded; only where
       * OpenSSL refused the certificates, and where it was completed.
       */
      readonly forAlias?: ForAlias;
      /** Only where the version agreed on is not among those listed in OriginSslProtocols. */
      readonly listedVersionsOnly: Experiment | null;
    };

export type ForAlias = {
  readonly serverName: string;
  readonly transcript: Transcript;
  readonly openssl: OpensslVerdict;
};

/** Why there was no attempt: a reason on our side, never a fault of the origin. */
export type NotTried = "deadline" | { readonly bug: string };

/** What was thrown where nothing may be thrown is a fault of ours. */
export function faultOf(error: unknown): NotTried {
  return { bug: printable(error instanceof Error ? error.message : String(error), 200) };
}

export type HandshakeFailure =
  | { readonly kind: "alert"; readonly alert: Alert }
  /** The peer closed (FIN) before the handshake was complete. */
  | { readonly kind: "closed" }
  /** The peer reset (RST) before the handshake was complete. */
  | { readonly kind: "reset" }
  | { readonly kind: "timed-out"; readonly timeoutMs: number }
  /** What came is not TLS; `preview` is its first line, printable characters only. */
  | { readonly kind: "not-tls"; readonly preview: string }
  /** The server's hello chose something that was not offered, or broke the protocol otherwise. */
  | { readonly kind: "protocol-violation"; readonly detail: string }
  | { readonly kind: "too-much-data"; readonly limitBytes: number };

/** A further ClientHello after a failure, which differs from CloudFront's in one thing, and its result. */
export type Experiment = {
  readonly name: ExperimentName;
  readonly outcome: "agreed" | "failed" | "not-tried";
  /** What the origin chose, null where it did not get that far. */
  readonly protocol: string | null;
  readonly cipherSuite: string | null;
  readonly group: string | null;
  readonly signatureScheme: string | null;
  /** How it failed, in a few words; null unless it failed. */
  readonly failure: string | null;
};

export type ExperimentName =
  /** Everything that CloudFront offers, with the suites and versions that our TLS library lacks. */
  | "as-cloudfront"
  /**
   * The whole handshake once more, after an answer to `as-cloudfront`: a ClientHello alone does not reach the point of
   * failure.
   */
  | "whole-handshake"
  /** SSLv3 only, as AWS documents for CloudFront when SSLv3 is selected. */
  | "sslv3-only"
  /** SSLv3 only, with all suites that exist. */
  | "sslv3-everything"
  | "without-server-name"
  /** With the origin domain as server name where Host is forwarded. */
  | "origin-domain-as-server-name"
  | "without-tls13"
  /** The same, padded to the length that CloudFront's ClientHello has with TLS 1.3. */
  | "without-tls13-as-long"
  /** All versions, suites, groups and schemes that exist. */
  | "everything"
  /** The same without TLS 1.3, for keys that cannot sign in it. */
  | "everything-without-tls13"
  /** As `everything`, but with post-quantum groups only. */
  | "post-quantum-groups"
  /** As the one of the two `everything` that was answered, but with CloudFront's versions; then its suites too, and so on. */
  | "cloudfront-versions"
  | "cloudfront-suites"
  | "cloudfront-groups"
  | "cloudfront-schemes"
  /** CloudFront's suites and those of AWS's s2n policy that AWS's page lacks. */
  | "undocumented-suites"
  /** What CloudFront offers if OriginSslProtocols is a set: the listed versions and TLS 1.3, and none between. */
  | "listed-versions-only";

/** RFC 8446 §6. */
export type Alert = {
  readonly level: "warning" | "fatal";
  readonly code: number;
  /** The RFC's name, or `number N` when it has none. */
  readonly description: string;
};

/** What the server sent in the handshake, read from the wire. */
export type Transcript = {
  readonly bytesReceived: number;
  /** `SSLv3`, `TLSv1` … `TLSv1.3`, or a hexadecimal number; null when no ServerHello came. */
  readonly protocol: string | null;
  /** The RFC name of the suite that the server chose. */
  readonly cipherSuite: string | null;
  /** The named group of the key exchange (RFC 8446 §4.2.7 name), null for static RSA. */
  readonly group: string | null;
  /** The signature scheme with which the server signed the handshake. */
  readonly signatureScheme: string | null;
  /** The server's certificates, DER in base64, exactly as sent and in that order. */
  readonly certificates: readonly string[];
  /** The server asked for a client certificate. */
  readonly clientCertificateRequested: boolean;
  /** Warning alerts that did not end the handshake. */
  readonly warnings: readonly Alert[];
  /** The certificate message could not be read in full; says why. */
  readonly unreadable: string | null;
};

/** What OpenSSL's own path validation said, with the trust anchors we gave it. */
export type OpensslVerdict = { readonly ok: true } | { readonly ok: false; readonly code: string };
