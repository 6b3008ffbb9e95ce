import { sources } from "../../cloudfront/sources.ts";
import { addressRule } from "../rule.ts";

export const tlsNotSpoken = addressRule({
  code: "tls-not-spoken",
  effect: "502",
  stage: "tls",
  transient: false,
  about: "handshake",
  supersededBy: [],
  proof: "handshake",
  prints: { failing: '"wrong version number" or "packet length too long"', fixed: "it prints a certificate" },
  summary: "The port answers with something that is not TLS.",
  source: sources.badGateway,
  examine: ({ connection, outcome }) => {
    if (outcome.kind !== "handshake-failed" || outcome.failure.kind !== "not-tls") return undefined;
    const { preview } = outcome.failure;
    const protocol = spokenBy(preview);
    return {
      title:
        protocol === null
          ? `port ${connection.port} does not answer with TLS`
          : `port ${connection.port} answers with ${protocol}`,
      cause: `Port ${connection.port} answered the ClientHello with ${protocol ?? "bytes that are not TLS"}.`,
      explanation: "CloudFront connects to this origin over HTTPS.",
      remedy:
        protocol === "plain HTTP"
          ? [
              `Enable TLS on port ${connection.port} (nginx: \`listen ${connection.port} ssl;\`).`,
              "Or set the HTTPS port of the origin to the port that uses TLS.",
              "Or, if the content may travel unencrypted: set the origin protocol policy to HTTP only.",
            ]
          : ["Set the HTTPS port of the origin to the port on which the web server uses TLS."],
      evidence: { expected: "a TLS handshake", seen: preview },
    };
  },
});

function spokenBy(preview: string): string | null {
  if (/^HTTP\/|^<(!doctype|html)/i.test(preview)) return "plain HTTP";
  if (preview.startsWith("SSH-")) return "SSH";
  if (/^220[ -]/.test(preview)) return "SMTP or FTP";
  return null;
}
