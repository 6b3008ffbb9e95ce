import { constants } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { documentedSuites, groups, type Offer, schemes, tls13Suites } from "../cloudfront/profile.ts";
import type { Transcript } from "./observation.ts";

/** Suites of CloudFront's list that no OpenSSL 3 build of Node supports. */
const beyondOpenssl = new Set(["DES-CBC3-SHA", "RC4-MD5"]);

/** Whether the origin agreed to something that CloudFront supports and OpenSSL 3 does not. */
export function isBeyondOpenssl({ protocol, cipherSuite }: Pick<Transcript, "protocol" | "cipherSuite">): boolean {
  return (
    protocol === "SSLv3" ||
    documentedSuites.some(({ rfc, openssl }) => rfc === cipherSuite && beyondOpenssl.has(openssl))
  );
}

/**
 * Makes TLS client settings that offer what CloudFront offers, one SecureContext an offer: building one reads all
 * trust anchors and costs more than a handshake.
 *
 * Three settings loosen OpenSSL's defaults, because the question is what CloudFront's client accepts and not what is
 * advisable: `@SECLEVEL=0` lets TLS 1.0, SHA-1 and small keys through, legacy server connect allows servers without
 * RFC 5746, and the certificate is not enforced in the handshake but judged afterwards, with everything in view. No
 * data is ever sent over these connections.
 *
 * @param trustAnchors what OpenSSL's own path validation may end at
 */
export function clientContexts(trustAnchors: { readonly pem: readonly string[] }): (offer: Offer) => SecureContext {
  const contexts = new Map<string, SecureContext>();
  return (offer) => {
    const known = contexts.get(offer.minimum);
    if (known !== undefined) return known;
    const made = createSecureContext({
      ca: [...trustAnchors.pem],
      // What an operator trusts besides need not be a root; those of Mozilla's list all are.
      allowPartialTrustChain: true,
      ciphers: `${openSslSuites.join(":")}:@SECLEVEL=0`,
      ecdhCurve: groups.map(({ openssl }) => openssl).join(":"),
      sigalgs: schemes.map(({ openssl }) => openssl).join(":"),
      minVersion: lowestThatOpensslSpeaks(offer),
      maxVersion: "TLSv1.3",
      secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
    });
    contexts.set(offer.minimum, made);
    return made;
  };
}

const openSslSuites = [
  ...tls13Suites,
  ...documentedSuites.map(({ openssl }) => openssl).filter((name) => !beyondOpenssl.has(name)),
];

function lowestThatOpensslSpeaks({ minimum }: Offer): "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3" {
  return minimum === "SSLv3" ? "TLSv1" : minimum;
}
