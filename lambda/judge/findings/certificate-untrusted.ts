import { sources } from "../../cloudfront/sources.ts";
import { missingIssuer } from "../missing-issuer.ts";
import { type CertificateView, certificateRule } from "../rule.ts";

export const certificateUntrusted = certificateRule({
  code: "certificate-untrusted",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  prints: { failing: '"verify error:num=19" or "num=20"', fixed: '"Verify return code: 0 (ok)"' },
  advice: "managed-certificate",
  summary: "The chain is complete but ends at an authority outside Mozilla's list.",
  source: sources.certificateRequirements,
  examine: (view) => {
    const authority = foreignAuthority(view);
    if (authority === null) return undefined;
    return {
      title: "CA is not one that CloudFront trusts",
      cause: `The chain ends at ${authority}, which is not on ${view.policy.anchors.description}.`,
      explanation: "CloudFront accepts only issuers on Mozilla's CA list.",
      remedy: [
        "Install a certificate from a public CA. A private CA, AWS Private CA included, does not work between CloudFront and a custom origin.",
        "Or, if you believe that the CA is public, look it up: wiki.mozilla.org/CA/Included_Certificates.",
      ],
      evidence: {
        expected: "a CA on Mozilla's CA list",
        seen: authority,
        path: view.path.certificates.map(({ subject }) => subject),
      },
    };
  },
});

function foreignAuthority(view: CertificateView): string | null {
  const { path } = view;
  if (view.acceptedByOpenssl) return null;
  if (path.end.kind === "foreign-root") return path.certificates.length > 1 ? path.end.root.subject : null;
  const missing = missingIssuer(view);
  return missing?.kind === "private-root" ? missing.last.issuer : null;
}
