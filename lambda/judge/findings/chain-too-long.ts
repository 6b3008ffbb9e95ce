import { sources } from "../../cloudfront/sources.ts";
import type { Transcript } from "../../probe/observation.ts";
import { addressRule } from "../rule.ts";

/**
 * What AWS's TLS library takes unless it is told otherwise: seven certificates, and 64 KiB in one handshake message
 * (https://github.com/aws/s2n-tls/blob/8cbf81ad74968a1d03efbd9352a89abd292232d4/tls/s2n_x509_validator.h).
 */
const mostCertificates = 7;
const longestMessage = 64 * 1024;

export const chainTooLong = addressRule({
  code: "chain-too-long",
  effect: "may",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "The origin sends more certificates, or more bytes of them, than AWS's TLS library takes by default.",
  source: sources.certificateRequirements,
  examine: ({ transcript }) => {
    if (transcript === null) return undefined;
    const count = transcript.certificates.length;
    const bytes = messageLength(transcript);
    if (count <= mostCertificates && bytes <= longestMessage) return undefined;
    const seen = count > mostCertificates ? `${count} certificates` : `${Math.ceil(bytes / 1024)} KiB of certificates`;
    return {
      title: `${seen} in the chain`,
      cause: `The origin sent ${seen}.`,
      explanation: `By default, AWS's TLS library refuses more than ${mostCertificates} certificates, or ${longestMessage / 1024} KiB of them. How CloudFront sets it is not documented.`,
      doubt: "because CloudFront's limit is not documented",
      remedy: ["Configure the server to send only the leaf certificate and the intermediates that it needs."],
      evidence: { expected: `at most ${mostCertificates} certificates in ${longestMessage / 1024} KiB`, seen },
    };
  },
});

/** The length of the Certificate message, header and all (RFC 5246 §7.4.2, RFC 8446 §4.4.2). */
function messageLength({ certificates, protocol }: Transcript): number {
  const [ofMessage, ofEach] = protocol === "TLSv1.3" ? [1 + 3, 3 + 2] : [3, 3];
  return certificates.reduce((sum, base64) => sum + ofEach + Buffer.byteLength(base64, "base64"), ofMessage);
}
