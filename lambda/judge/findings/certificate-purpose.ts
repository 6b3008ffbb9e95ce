import { sources } from "../../cloudfront/sources.ts";
import { opensslSays, weighedObjections } from "../openssl.ts";
import { certificateRule } from "../rule.ts";

export const certificatePurpose = certificateRule({
  code: "certificate-purpose",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "leaf-text",
  prints: { failing: 'no "TLS Web Server Authentication"', fixed: '"TLS Web Server Authentication"' },
  summary: "The certificate is not for server authentication, or path validation refuses its purpose.",
  source: sources.httpsToCustomOrigin,
  examine: (view) => {
    const { leaf, outcome } = view;
    const objections = weighedObjections(view);
    const [worst] = objections.filter(({ kind }) => kind === "purpose");
    const foreseen = objections.some(({ kind }) => kind === "authority");
    const code = outcome.kind === "handshake-completed" && !outcome.openssl.ok ? outcome.openssl.code : null;
    const refused = opensslSays(view) === "refuses" && code === "INVALID_PURPOSE" && !foreseen;
    if (worst === undefined && !refused) return undefined;
    const certificate = worst?.certificate ?? leaf;
    const seen =
      worst?.what ??
      (leaf.isCa ? "is a CA certificate used as the server's" : "has a purpose that path validation refuses");
    const who =
      worst?.effect === "may"
        ? "One of OpenSSL and AWS's TLS library refuses it."
        : "TLS clients that validate certificates refuse it.";
    return {
      title: `${certificate === leaf ? "certificate" : "CA certificate"} is not for TLS servers`,
      cause: `The certificate ${certificate.subject} ${seen}.`,
      explanation: `${certificate === leaf ? "" : "What limits a CA certificate limits what it issues. "}${who} AWS documents that CloudFront does not accept invalid certificates.`,
      doubt: "because OpenSSL and AWS's TLS library disagree",
      remedy: ["Install a certificate that was issued for server authentication, as every public TLS certificate is."],
      evidence: { expected: "server authentication", seen, subject: certificate.subject, sha256: certificate.sha256 },
      ...(certificate === leaf ? {} : { facts: { intermediate: true } }),
      ...(worst === undefined ? {} : { effect: worst.effect }),
    };
  },
});
