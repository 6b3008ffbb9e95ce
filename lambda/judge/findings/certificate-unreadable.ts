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
  summary: "A certificate that the origin sent could not be read by this check.",
  source: sources.certificateRequirements,
  examine: (readings) => {
    const index = readings.findIndex(({ kind }) => kind === "unreadable");
    const reading = readings[index];
    if (reading?.kind !== "unreadable") return undefined;
    return {
      title: `certificate ${index + 1} of ${readings.length} could not be read`,
      cause: `Certificate ${index + 1} of the ${readings.length} that the origin sent is not encoded as Origin Watch expects (RFC 5280), though OpenSSL accepts it.`,
      explanation: "What could be read was judged. Whether CloudFront accepts the rest is not known.",
      remedy: ["Check the certificate with `openssl x509 -text`, and get it issued again."],
      evidence: { expected: "an X.509 certificate in DER", seen: reading.problem, position: index + 1 },
    };
  },
};
