import { sources } from "../../cloudfront/sources.ts";
import { counted } from "../../text/phrase.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { bestPath, isValidAt } from "../../x509/path.ts";
import { missingIssuer } from "../missing-issuer.ts";
import { type CertificateView, certificateRule, type Policy } from "../rule.ts";
import { shortName } from "../short-name.ts";

export const chainIncomplete = certificateRule({
  code: "chain-incomplete",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  prints: { failing: '"verify error:num=20" or "num=21"', fixed: '"Verify return code: 0 (ok)"' },
  advice: "managed-certificate",
  summary: "An intermediate certificate that the chain needs was not sent.",
  source: sources.badGateway,
  examine: (view) => {
    const missing = missingIssuer(view);
    if (missing?.kind !== "intermediate") return undefined;
    const { last } = missing;
    const sent = counted(view.sent.length, "certificate");
    const next = leadingToTrustedRoot(view);
    const remark =
      next === null
        ? ""
        : ` ${next.subject} was sent too and leads to a trusted root. If it issued the missing certificate, nothing else is missing.`;
    return {
      title: "intermediate certificate missing",
      cause: `The origin does not send the intermediate certificate ${shortName(last.issuer)}.`,
      explanation: `The origin sent ${sent}. The issuer of ${last.subject} was not among them and is not a root on Mozilla's CA list. CloudFront drops the connection when an intermediate certificate is missing. Browsers hide this: they remember or download intermediates.${remark}`,
      remedy: [
        "Make the server send the full chain, leaf first. nginx: `ssl_certificate` must point at fullchain.pem; Apache: the same for `SSLCertificateFile`; Caddy: the first file of `tls`.",
        'Or, on IIS: install the intermediate in the computer store "Intermediate Certification Authorities" and bind the certificate again.',
        "Or, in ACM: import the certificate again, with its chain.",
      ],
      evidence: {
        expected: last.issuer,
        seen: view.sent.map(({ subject }) => subject),
        publishedAt: [...last.caIssuers],
        ...(next === null ? {} : { leadsToTrustedRoot: next.subject }),
      },
    };
  },
});

/** Each costs a search of its own, and certificates that sign each other make that a long one. */
const mostCandidates = 5;

/** Of what was sent beside the path, the first certificate that would lead from the missing one to a trust anchor. */
function leadingToTrustedRoot({ path, sent, policy }: CertificateView): Certificate | null {
  const beside = sent.filter((certificate, index) => certificate.isCa && !path.indices.includes(index));
  return beside.slice(0, mostCandidates).find((certificate) => isTrustedPath(certificate, sent, policy)) ?? null;
}

function isTrustedPath(first: Certificate, sent: readonly Certificate[], { anchors, now }: Policy): boolean {
  const path = bestPath([first, ...sent], anchors, now);
  return path?.end.kind === "anchored" && path.certificates.every((certificate) => isValidAt(certificate, now));
}
