import { sources } from "../../cloudfront/sources.ts";
import { describeFailure } from "../../probe/describe-failure.ts";
import { refusesMissingClientCertificate } from "../client-certificate.ts";
import { type AddressView, addressRule } from "../rule.ts";

export const clientCertificateRequired = addressRule({
  code: "client-certificate-required",
  effect: "502",
  stage: "tls",
  transient: false,
  about: "handshake",
  supersededBy: [],
  proof: "handshake-held-open",
  summary: "The origin requires a client certificate and CloudFront has none for it.",
  source: sources.customOriginBehavior,
  examine: ({ connection, outcome }) => {
    if (connection.originMtls || !refusesMissingClientCertificate(outcome)) return undefined;
    return {
      title: "origin requires a client certificate",
      cause: "The origin asked for a client certificate and ended the handshake when none came.",
      explanation:
        "Origin mTLS is not configured for this origin. Without it, CloudFront drops requests to origins that ask for a client certificate.",
      remedy: [
        "Configure origin mTLS for this origin, with a client certificate from ACM.",
        "Or turn off client certificate verification on the origin (nginx: `ssl_verify_client off;`) and protect it in another way.",
      ],
      evidence: { expected: "a handshake without client certificate", seen: endOf(outcome) },
    };
  },
});

function endOf(outcome: AddressView["outcome"]): string {
  return outcome.kind === "handshake-failed" ? describeFailure(outcome.failure) : outcome.kind;
}
