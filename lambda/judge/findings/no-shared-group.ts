import { groups } from "../../cloudfront/profile.ts";
import { sources } from "../../cloudfront/sources.ts";
import { enumerated } from "../../text/phrase.ts";
import { causeOf, experimentsShown } from "../cause.ts";
import { type AddressView, addressRule, type Found } from "../rule.ts";

export const noSharedGroup = addressRule({
  code: "no-shared-group",
  effect: "502",
  stage: "tls",
  transient: false,
  about: "handshake",
  supersededBy: [],
  proof: "offered-groups",
  summary: "The origin accepts none of the key exchange groups that CloudFront offers.",
  source: sources.ciphersAndProtocols,
  examine: ({ outcome }) => {
    const cause = causeOf(outcome);
    if (cause?.kind !== "group") return undefined;
    const accepted = cause.accepts ?? "other groups only";
    const offered = groups.map(({ openssl }) => openssl);
    if (groups.some(({ name }) => name === cause.accepts)) return forTheCertificate(accepted, offered, outcome);
    return {
      title: "no key exchange group in common",
      cause: "The origin refused every key exchange group that CloudFront offers.",
      explanation: `CloudFront offers ${enumerated(offered, 9)}. The origin accepted ${accepted} when more were offered.`,
      remedy: ["Enable X25519 and P-256 on the origin (nginx: `ssl_ecdh_curve X25519:prime256v1;`)."],
      evidence: { expected: offered, seen: accepted, tried: experimentsShown(outcome) },
    };
  },
});

/**
 * The origin agreed on a group of CloudFront's, but only beside others: up to TLS 1.2 the groups say as well on which
 * curves an ECDSA certificate may be (RFC 8422 §5.1.1).
 */
function forTheCertificate(accepted: string, offered: readonly string[], outcome: AddressView["outcome"]): Found {
  return {
    title: "origin needs a group that CloudFront lacks",
    cause: `The origin agreed on the key exchange group ${accepted} only when more groups were offered than CloudFront offers.`,
    explanation: `CloudFront offers ${enumerated(offered, 9)}. Up to TLS 1.2 this is so where the key of an ECDSA certificate is on another curve, such as P-521: the groups of the client must contain it.`,
    remedy: ["Install a certificate with an ECDSA P-256 or RSA 2048 key, beside the present one or in its place."],
    evidence: {
      expected: [...offered],
      seen: `${accepted}, but only beside groups that CloudFront does not offer`,
      tried: experimentsShown(outcome),
    },
  };
}
