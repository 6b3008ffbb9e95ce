import { isNameOfAws } from "../../cloudfront/origin-domain.ts";
import { sources } from "../../cloudfront/sources.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { coverageOf } from "../../x509/server-name.ts";
import { type AliasCertificate, aliasCertificate } from "../alias-certificate.ts";
import { namesShown } from "../certificate-facts.ts";
import { routerRemark, routerRemedy } from "../default-certificate.ts";
import { certificateFor, certificateStep, withoutHost } from "../host-remedies.ts";
import { certificateRule } from "../rule.ts";
import { toldName } from "../told-name.ts";

export const certificateNameMismatch = certificateRule({
  code: "certificate-name-mismatch",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "names",
  supersededBy: [],
  proof: "leaf-names",
  tiedToServerName: true,
  advice: "names",
  summary: "The certificate is neither for the origin domain nor for the forwarded Host.",
  source: sources.badGateway,
  examine: ({ connection, leaf, outcome }) => {
    const { domain, acceptedNames } = connection;
    const coverages = acceptedNames.map((name) => coverageOf(leaf, name));
    if (coverages.includes("covered")) return undefined;
    const forwardedHost = connection.forwardedHost === null ? null : toldName(connection.forwardedHost, connection);
    const forAlias = aliasCertificate(outcome);
    const expected = acceptedNames.map((name) => toldName(name, connection));
    const evidence = {
      expected,
      seen: namesShown(leaf),
      subject: leaf.subject,
      sha256: leaf.sha256,
    };
    const wanted = expected.join(" or ");
    if (coverages.includes("disputed")) {
      return {
        title: "support of the certificate's name is unclear",
        cause: howDisputed(leaf, wanted),
        explanation: `OpenSSL accepts that for ${wanted}, and AWS's TLS library does not. What CloudFront does is not documented.`,
        doubt: "because AWS's TLS library does not accept such a name",
        remedy: [reissued(expected)],
        evidence,
        effect: "may",
      };
    }
    return {
      title:
        forwardedHost === null
          ? "certificate does not cover the origin domain"
          : "certificate covers neither Host nor domain",
      cause:
        forwardedHost === null
          ? `The certificate ${leaf.subject} does not cover the origin domain ${domain}.`
          : `The certificate ${leaf.subject} covers neither the forwarded Host ${forwardedHost} nor the origin domain ${domain}.`,
      explanation:
        forwardedHost === null
          ? `CloudFront does not forward the Host header to this origin, so the certificate must cover the origin domain.${routerRemark(leaf, domain, connection)}${forAlias === null ? "" : ` ${forAlias.sentence}`}`
          : `CloudFront forwards the Host header to this origin, so the certificate must cover one of these two names.${routerRemark(leaf, forwardedHost, connection)}`,
      remedy:
        forwardedHost === null
          ? [
              ...routerRemedy(leaf, domain, connection),
              ...certificateStep(domain, connection, `Install a certificate on the origin that covers ${domain}.`),
              "Or change the origin domain to a name that the certificate covers and that resolves to the origin.",
              ...forwarded(forAlias),
            ]
          : [
              ...routerRemedy(leaf, forwardedHost, connection),
              ...certificateFor(forwardedHost, connection),
              ...withoutHost(connection),
            ],
      evidence,
    };
  },
});

function howDisputed({ dnsNames, hasSubjectAltName }: Certificate, wanted: string): string {
  if (dnsNames.length > 0) return `The certificate covers ${wanted} only by a wildcard for a part of a label.`;
  return hasSubjectAltName
    ? `The subject alternative name of the certificate has no DNS name, and only the common name of its subject is ${wanted}.`
    : `The certificate has no subject alternative name, and only a common name that is not the last, or is in an old string type, is ${wanted}.`;
}

/** Whether it helps to forward Host: seen where an alias was tried, else a condition. */
function forwarded(forAlias: AliasCertificate | null): string[] {
  if (forAlias === null)
    return ["Or, if the certificate covers an alias of the distribution: forward the Host header."];
  return forAlias.isGood ? [`Or forward the Host header: for ${forAlias.alias} there is a certificate.`] : [];
}

function reissued(expected: readonly string[]): string {
  const possible = expected.filter((name) => !isNameOfAws(name));
  return possible.length > 0
    ? `Get the certificate issued again with ${possible.join(" or ")} as a DNS name in its subject alternative name.`
    : "Make a name of your own the origin domain, and get a certificate with it as a DNS name in the subject alternative name.";
}
