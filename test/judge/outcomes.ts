import type { Finding } from "../../lambda/judge/finding.ts";
import type { AddressOutcome, Observation } from "../../lambda/probe/observation.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { authority, type Changes, leaf, serverName } from "../certificates/pki.ts";
import { pem } from "../certificates/product.ts";

/** Outcomes of handshakes with an origin of that name, with certificates as an authority writes them. */
export { serverName };

const root = authority("Vantages' Root");
const stranger = authority(serverName);

/** Mozilla's list and the authority of these outcomes. */
export const anchors = trustAnchors([pem(root.der)]);

export const healthy = completed({}, { ok: true });
export const expired = completed({ from: -100, until: -10 }, { ok: false, code: "CERT_HAS_EXPIRED" });
export const selfSigned = completed({ issuer: stranger.name }, { ok: false, code: "DEPTH_ZERO_SELF_SIGNED_CERT" });

function completed(changes: Changes, openssl: { ok: true } | { ok: false; code: string }): AddressOutcome {
  const issuer = changes.issuer === undefined ? root : stranger;
  return {
    kind: "handshake-completed",
    transcript: {
      bytesReceived: 3_000,
      protocol: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      group: "x25519",
      signatureScheme: "ecdsa_secp256r1_sha256",
      certificates: [leaf(issuer, changes).der.toString("base64")],
      clientCertificateRequested: false,
      warnings: [],
      unreadable: null,
    },
    openssl,
    alpn: null,
    listedVersionsOnly: null,
  };
}

export const refused: AddressOutcome = { kind: "connect-refused", attempts: 1 };
export const silent: AddressOutcome = { kind: "connect-timed-out", attempts: 3, timeoutMs: 10_000 };
export const unroutable: AddressOutcome = { kind: "connect-unreachable", errno: "ENETUNREACH" };
export const notFound: Observation = { dns: { kind: "name-not-found" }, addresses: [], addressesLeftOut: 0 };

/** What a vantage met at each address that DNS gave it. */
export function answered(outcomes: { readonly [address: string]: AddressOutcome }): Observation {
  const addresses = Object.entries(outcomes).map(([address, outcome]) => ({ address, outcome, ms: 1 }));
  return { dns: { kind: "answered", addresses: Object.keys(outcomes) }, addresses, addressesLeftOut: 0 };
}

/** At a name with one address. */
export const at1 = (outcome: AddressOutcome) => answered({ "192.0.2.1": outcome });

export function inWords(findings: readonly Finding[]) {
  return findings.map(({ code, effect, address }) => [code, effect, address].filter((part) => part !== null).join(" "));
}
