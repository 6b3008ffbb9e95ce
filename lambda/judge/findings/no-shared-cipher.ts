import { documentedSuites } from "../../cloudfront/profile.ts";
import { sources } from "../../cloudfront/sources.ts";
import { causeOf, experimentsShown } from "../cause.ts";
import { addressRule } from "../rule.ts";

export const noSharedCipher = addressRule({
  code: "no-shared-cipher",
  effect: "502",
  stage: "tls",
  transient: false,
  about: "handshake",
  supersededBy: [],
  proof: "offered-suites",
  summary: "The origin and CloudFront share a TLS version, but no cipher suite.",
  source: sources.ciphersAndProtocols,
  examine: ({ outcome }) => {
    const cause = causeOf(outcome);
    if (cause?.kind !== "cipher") return undefined;
    const accepted = cause.accepts ?? "other suites only";
    return {
      title: "no cipher suite in common",
      cause: "The origin refused every cipher suite that CloudFront offers.",
      explanation: `The origin accepted ${accepted} when more were offered. AWS lists the suites that CloudFront supports. DHE suites and, up to TLS 1.2, ChaCha20 are not on that list.`,
      remedy: [
        "Enable ECDHE suites with AES-GCM, for example ECDHE-RSA-AES128-GCM-SHA256 (ECDSA certificate: ECDHE-ECDSA-AES128-GCM-SHA256).",
        "Or enable TLS 1.3: CloudFront always offers its suites.",
      ],
      evidence: {
        expected: documentedSuites.map(({ openssl }) => openssl),
        seen: accepted,
        tried: experimentsShown(outcome),
      },
    };
  },
});
