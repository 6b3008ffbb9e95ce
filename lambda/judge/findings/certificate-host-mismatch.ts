import type { OriginDomainKind } from "../../cloudfront/origin-domain.ts";
import { sources } from "../../cloudfront/sources.ts";
import { coverageOf } from "../../x509/server-name.ts";
import { namesShown } from "../certificate-facts.ts";
import { certificateFor, withoutHost } from "../host-remedies.ts";
import { certificateRule } from "../rule.ts";
import { toldName } from "../told-name.ts";

export const certificateHostMismatch = certificateRule({
  code: "certificate-host-mismatch",
  effect: "may",
  stage: "certificate",
  transient: false,
  about: "names",
  supersededBy: [],
  proof: "leaf-names",
  advice: "names",
  summary: "Host is forwarded and the certificate covers only the origin domain, where AWS's pages disagree.",
  source: sources.originSettings,
  examine: ({ connection, leaf }) => {
    const { domain, forwardedHost, originKind } = connection;
    if (forwardedHost === null || coverageOf(leaf, forwardedHost) !== "not-covered") return undefined;
    if (coverageOf(leaf, domain) !== "covered") return undefined;
    const host = toldName(forwardedHost, connection);
    const refuser = refusersOfHost[originKind];
    return {
      title:
        refuser === undefined
          ? "certificate does not cover the forwarded Host"
          : `forwarded Host gets 403 from ${refuser}`,
      cause: `The certificate covers the origin domain ${domain}, but not the forwarded Host ${host}.`,
      explanation: `The cache behavior forwards the Host header. AWS's pages disagree: one says that the certificate must then match the Host, others that the origin domain is enough. Requests for ${host} may get 502.${refuser === undefined ? "" : ` Where they do not, they get 403, surely: ${refuser} answers no Host but ${domain}.`}`,
      doubt: `because AWS's pages disagree${refuser === undefined ? "" : "; otherwise they get 403"}`,
      remedy: [...certificateFor(host, connection), ...withoutHost(connection)],
      evidence: { expected: host, seen: namesShown(leaf), subject: leaf.subject, sha256: leaf.sha256 },
    };
  },
});

/** What answers a Host other than its own with 403, whatever becomes of the handshake. */
const refusersOfHost: { readonly [kind in OriginDomainKind]?: string } = {
  "api-gateway": "API Gateway",
  "lambda-url": "the function URL",
};
