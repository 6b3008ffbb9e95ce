import { sources } from "../../cloudfront/sources.ts";
import { misnamedIssuer } from "../../x509/validation.ts";
import { foundNoPath, opensslSays, weighedObjections } from "../openssl.ts";
import { type CertificateView, certificateRule } from "../rule.ts";

export const certificatePathAmbiguous = certificateRule({
  code: "certificate-path-ambiguous",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  prints: { failing: '"verify error"', fixed: '"Verify return code: 0 (ok)"' },
  summary: "Signatures lead to a trusted root, but OpenSSL and AWS's TLS library find no path to it.",
  source: sources.certificateRequirements,
  examine: (view) => {
    const { path, sent, outcome } = view;
    if (path.end.kind !== "anchored" || !noPath(view)) return undefined;
    const misnamed = misnamedIssuer(path);
    const beside = sent.length > path.indices.length;
    const reason =
      misnamed !== null
        ? `The authority key identifier of ${misnamed.below.subject} names another certificate of ${misnamed.above.subject} than the one that is there (serial number ${misnamed.above.serial}), although the key is the same.`
        : beside
          ? "Other certificates were sent too, and TLS libraries that do not try every combination follow these."
          : "TLS libraries do not take the issuer for one.";
    return {
      title: "no path to a trusted root is found",
      cause: "By their signatures the certificates lead to a trusted root, but OpenSSL finds no path to it.",
      explanation: `${reason} AWS's TLS library finds none either with such certificates.`,
      remedy: [
        ...(misnamed === null
          ? []
          : [
              "Download the chain for this very certificate from your CA again: an older or newer certificate of the intermediate does not fit.",
            ]),
        ...(beside ? ["Send only the certificates of the one path that leads to the public root."] : []),
        ...(misnamed === null && !beside ? ["Get the certificate issued again by a public CA."] : []),
      ],
      evidence: {
        expected: path.certificates.map(({ subject }) => subject),
        seen: sent.map(({ subject }) => subject),
        openssl: outcome.kind === "handshake-completed" && !outcome.openssl.ok ? outcome.openssl.code : null,
      },
    };
  },
});

/** Seen with OpenSSL, or foreseen where it says nothing; a flaw of a certificate is a reason with a code of its own. */
function noPath(view: CertificateView): boolean {
  if (opensslSays(view) === "nothing") return misnamedIssuer(view.path) !== null;
  return (
    foundNoPath(view) && !weighedObjections(view).some(({ kind, refusedBy }) => kind === "flaw" && refusedBy !== "aws")
  );
}
