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
  advice: "managed-certificate",
  summary: "The chain is complete but ends at an authority outside Mozilla's list.",
  source: sources.certificateRequirements,
  examine: (view) => {
    const authority = foreignAuthority(view);
    if (authority === null) return undefined;
    return {
      title: "certificate is from an authority that CloudFront does not trust",
      explanation: `The chain ends at ${authority}, which is not on ${view.policy.anchors.description}. CloudFront accepts only issuers on that list.`,
      remedy: [
        "Install a certificate from a public certificate authority.",
        "Certificates of a private authority (AWS Private CA among them) do not work between CloudFront and a custom origin.",
        "If you believe that the authority is public, look it up on Mozilla's list, wiki.mozilla.org/CA/Included_Certificates.",
      ],
      evidence: {
        expected: "an authority on Mozilla's list",
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
