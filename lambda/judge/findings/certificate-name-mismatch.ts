import { sources } from "../../cloudfront/sources.ts";
import { isFor, namesShown } from "../certificate-facts.ts";
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
    if (connection.acceptedNames.some((name) => isFor(leaf, name))) return undefined;
    const { domain, forwardedHost, acceptedNames } = connection;
    const wanted = acceptedNames.join(" or ");
    return {
      title: `certificate is not for ${wanted}`,
      explanation:
        forwardedHost === null
          ? `CloudFront does not forward the Host header to this origin, so the certificate must be for the origin domain ${domain}. It is not.`
          : `The certificate must be for the origin domain ${domain} or for the forwarded Host ${forwardedHost}. It is for neither.`,
      remedy:
        forwardedHost === null
          ? [
              `Install a certificate on the origin that covers ${domain}.`,
              "Or change the origin domain in the distribution to a name that the certificate covers and that resolves to the origin.",
              "Or, if the certificate covers an alias of the distribution, forward the Host header to the origin.",
            ]
          : [
              `Install a certificate on the origin that covers ${forwardedHost}.`,
              `Or stop forwarding the Host header (origin request policy AllViewerExceptHostHeader) and use a certificate for ${domain}.`,
            ],
      evidence: { expected: [...acceptedNames], seen: namesShown(leaf), subject: leaf.subject, sha256: leaf.sha256 },
    };
  },
});
