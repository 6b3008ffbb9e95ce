import { sources } from "../../cloudfront/sources.ts";
import type { Certificate } from "../../x509/certificate.ts";
import { coverageOf } from "../../x509/server-name.ts";
import { namesShown } from "../certificate-facts.ts";
import { routerOfDefault, routerRemedy } from "../default-certificate.ts";
import { certificateFor, withoutHost } from "../host-remedies.ts";
import { certificateRule } from "../rule.ts";

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
  examine: ({ connection, leaf }) => {
    const { domain, forwardedHost, acceptedNames } = connection;
    const coverages = acceptedNames.map((name) => coverageOf(leaf, name));
    if (coverages.includes("covered")) return undefined;
    const evidence = {
      expected: [...acceptedNames],
      seen: namesShown(leaf),
      subject: leaf.subject,
      sha256: leaf.sha256,
    };
    const wanted = acceptedNames.join(" or ");
    if (coverages.includes("disputed")) {
      return {
        title: `not every TLS library finds ${wanted} in the certificate`,
        explanation: `${howDisputed(leaf)} OpenSSL takes the certificate for ${wanted}, AWS's TLS library does not. What CloudFront does is not documented, so cache misses may get 502.`,
        remedy: [`Have the certificate issued again with ${wanted} as a DNS name in its subject alternative name.`],
        evidence,
        effect: "may",
      };
    }
    return {
      title: `certificate is not for ${wanted}`,
      explanation:
        forwardedHost === null
          ? `CloudFront does not forward the Host header to this origin, so the certificate must be for the origin domain ${domain}. It is not.`
          : `The certificate must be for the origin domain ${domain} or for the forwarded Host ${forwardedHost}. It is for neither.`,
      remedy:
        forwardedHost === null
          ? [
              ...routersDefault(leaf, domain),
              `Install a certificate on the origin that covers ${domain}.`,
              "Or change the origin domain in the distribution to a name that the certificate covers and that resolves to the origin.",
              "Or, if the certificate covers an alias of the distribution, forward the Host header to the origin.",
            ]
          : [
              ...routersDefault(leaf, forwardedHost),
              ...certificateFor(forwardedHost, connection),
              ...withoutHost(connection),
            ],
      evidence,
    };
  },
});

function howDisputed({ dnsNames, hasSubjectAltName }: Certificate): string {
  if (dnsNames.length > 0) return "The certificate names it with a wildcard for a part of a label.";
  return hasSubjectAltName
    ? "The subject alternative name of the certificate has no DNS name; only the common name of its subject fits."
    : "The certificate has no subject alternative name, and of its subject's common names only one that is not the last fits, or one in an old string type.";
}

function routersDefault(leaf: Certificate, serverName: string): string[] {
  const router = routerOfDefault(leaf);
  return router === null ? [] : [routerRemedy(router, serverName)];
}
