import { sources } from "../../cloudfront/sources.ts";
import { addressRule } from "../rule.ts";

export const clientCertificateRequested = addressRule({
  code: "client-certificate-requested",
  effect: "may",
  stage: "certificate",
  transient: false,
  about: "handshake",
  supersededBy: [],
  proof: "handshake",
  prints: { failing: '"Requested Signature Algorithms" or "Client Certificate Types"', fixed: "neither of them" },
  summary: "The origin asks for a client certificate without insisting on one.",
  source: sources.customOriginBehavior,
  examine: ({ connection, outcome, transcript }) => {
    if (connection.originMtls || outcome.kind !== "handshake-completed") return undefined;
    if (transcript?.clientCertificateRequested !== true) return undefined;
    return {
      title: "origin asks for a client certificate",
      cause: "The origin asks for a client certificate, and completes the handshake without one.",
      explanation:
        "So the request is optional. AWS writes that CloudFront drops requests to origins that request client certificates. It does not treat optional requests separately.",
      doubt: "because AWS does not treat optional requests separately",
      remedy: [
        "Turn the request off on the origin if no client needs it (nginx: `ssl_verify_client off;`, Apache: `SSLVerifyClient none`).",
        "Or configure origin mTLS for this origin in the distribution.",
      ],
      evidence: { expected: "no CertificateRequest", seen: "CertificateRequest, optional" },
    };
  },
});
