import { sources } from "../../cloudfront/sources.ts";
import type { CertificateReading } from "../../x509/certificate.ts";
import type { Rule } from "../rule.ts";

export const certificateUnreadable: Rule<readonly CertificateReading[], "certificate-unreadable"> = {
  code: "certificate-unreadable",
  effect: "unseen",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "A certificate that the origin sent cannot be read by this check.",
  source: sources.certificateRequirements,
  examine: (readings) => {
    const index = readings.findIndex(({ kind }) => kind === "unreadable");
    const reading = readings[index];
    if (reading?.kind !== "unreadable") return undefined;
    return {
      title: `certificate ${index + 1} of ${readings.length} cannot be read`,
      explanation:
        "The certificate is not encoded as this check expects (RFC 5280), though OpenSSL accepts it. What could be read was judged; whether CloudFront accepts the rest cannot be told.",
      remedy: ["Look at the certificate with `openssl x509 -text`, and have it issued again."],
      evidence: { expected: "an X.509 certificate in DER", seen: reading.problem, position: index + 1 },
    };
  },
};
