import { schemes } from "../../cloudfront/profile.ts";
import { sources } from "../../cloudfront/sources.ts";
import { causeOf, experimentsShown } from "../cause.ts";
import { addressRule } from "../rule.ts";

export const noSharedSignatureScheme = addressRule({
  code: "no-shared-signature-scheme",
  effect: "502",
  stage: "tls",
  transient: false,
  about: "handshake",
  supersededBy: [],
  proof: "offered-signature-schemes",
  summary:
    "The origin cannot sign the handshake with any scheme that CloudFront offers, as with an Ed25519 certificate.",
  source: sources.ciphersAndProtocols,
  examine: ({ outcome }) => {
    const cause = causeOf(outcome);
    if (cause?.kind !== "signature-scheme") return undefined;
    const accepted = cause.accepts ?? "other schemes only";
    return {
      title: "no signature scheme in common",
      cause: "The origin refused every signature scheme that CloudFront offers.",
      explanation: `The origin signed with ${accepted} when more were offered. CloudFront offers RSA and ECDSA schemes, and neither Ed25519 nor Ed448.`,
      remedy: ["Install a certificate with an ECDSA P-256 or RSA 2048 key, beside the present one or in its place."],
      evidence: { expected: schemes.map(({ name }) => name), seen: accepted, tried: experimentsShown(outcome) },
    };
  },
});
