import { sources } from "../../cloudfront/sources.ts";
import { aliasCertificate } from "../alias-certificate.ts";
import { routerRemark, routerRemedy } from "../default-certificate.ts";
import { certificateRule } from "../rule.ts";
import { toldName } from "../told-name.ts";

export const certificateSelfSigned = certificateRule({
  code: "certificate-self-signed",
  effect: "502",
  stage: "certificate",
  transient: false,
  about: "chain",
  supersededBy: [],
  proof: "whole-handshake",
  prints: { failing: '"verify error:num=18"', fixed: '"Verify return code: 0 (ok)"' },
  advice: "managed-certificate",
  summary: "The origin's certificate is signed by itself.",
  source: sources.httpsToCustomOrigin,
  examine: ({ leaf, path, acceptedByOpenssl, connection, outcome }) => {
    if (acceptedByOpenssl || path.end.kind !== "foreign-root" || path.certificates.length > 1) return undefined;
    const name = toldName(connection.serverName ?? connection.domain, connection);
    const forAlias = aliasCertificate(outcome);
    return {
      title: "certificate is self-signed",
      cause: `The certificate ${leaf.subject} is its own issuer.`,
      explanation: `CloudFront does not accept self-signed certificates from origins.${routerRemark(leaf, name, connection)}${forAlias === null ? "" : ` ${forAlias.sentence}`}`,
      remedy: [
        ...routerRemedy(leaf, name, connection),
        ...(forAlias?.isGood === true
          ? [`Or forward the Host header: for ${forAlias.alias}, an alias of the distribution, there is a certificate.`]
          : []),
        "Install a certificate from a public CA, for example Let's Encrypt.",
        "Or, behind an AWS load balancer: request a certificate in ACM and attach it to the listener.",
      ],
      evidence: {
        expected: "an issuer on Mozilla's CA list",
        seen: `issued by itself: ${leaf.issuer}`,
        sha256: leaf.sha256,
      },
    };
  },
});
