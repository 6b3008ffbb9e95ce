import { sources } from "../../cloudfront/sources.ts";
import { causeOf, experimentsShown } from "../cause.ts";
import { addressRule } from "../rule.ts";

export const undocumentedCipher = addressRule({
  code: "undocumented-cipher",
  effect: "may",
  stage: "tls",
  transient: false,
  about: "handshake",
  supersededBy: [],
  proof: "offered-suites",
  summary: "The origin accepts only suites that AWS's own TLS library has for CloudFront and AWS's page lacks.",
  source: sources.ciphersAndProtocols,
  examine: ({ outcome }) => {
    const cause = causeOf(outcome);
    if (cause?.kind !== "undocumented-cipher") return undefined;
    const accepted = cause.accepts ?? "a suite that AWS does not document";
    return {
      title: "only cipher suites that AWS does not list",
      cause: `The origin refused every cipher suite on AWS's list and accepted ${accepted}.`,
      explanation:
        "A policy for CloudFront in AWS's TLS library s2n contains that suite. The page that lists what CloudFront supports does not.",
      doubt: "because AWS's page does not list these cipher suites",
      remedy: ["Enable ECDHE suites with AES-GCM on the origin, for example ECDHE-RSA-AES128-GCM-SHA256."],
      evidence: { expected: "a suite on AWS's page", seen: accepted, tried: experimentsShown(outcome) },
    };
  },
});
