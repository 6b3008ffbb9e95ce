import { sources } from "../../cloudfront/sources.ts";
import { missingIssuer } from "../missing-issuer.ts";
import type { CertificateView, Rule } from "../rule.ts";

export const chainIncomplete: Rule<CertificateView> = {
  code: "chain-incomplete",
  effect: "502",
  summary: "An intermediate certificate that the chain needs was not sent.",
  source: sources.badGateway,
  examine: (view) => {
    const missing = missingIssuer(view);
    if (missing?.kind !== "intermediate") return undefined;
    const { last } = missing;
    const sent = view.sent.length === 1 ? "1 certificate" : `${view.sent.length} certificates`;
    const published = last.caIssuers[0];
    return {
      title: "certificate chain incomplete",
      explanation: `The origin sent ${sent}. The issuer of ${last.subject}, which is ${last.issuer}, was not among them and is no root on Mozilla's list. CloudFront drops the connection when an intermediate certificate is missing; browsers hide this fault because they remember or download intermediates.`,
      remedy: [
        "Make the server send the full chain: the leaf first, then each issuer (nginx: let `ssl_certificate` point at fullchain.pem; Apache: the same for `SSLCertificateFile`; Caddy: for the first file of `tls`).",
        'On IIS, put the intermediate certificates into the computer\'s store "Intermediate Certification Authorities" and bind the certificate again.',
        "In ACM, import the certificate again with its certificate chain.",
        ...(published === undefined
          ? []
          : [
              `The missing certificate is published at ${published} (in DER; convert it with \`openssl x509 -inform DER\`).`,
            ]),
      ],
      evidence: {
        expected: last.issuer,
        seen: view.sent.map(({ subject }) => subject),
        publishedAt: [...last.caIssuers],
      },
    };
  },
};
