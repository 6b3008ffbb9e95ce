import { sources } from "../../cloudfront/sources.ts";
import type { AddressView, Rule } from "../rule.ts";

const unrecognizedNameAlert = 112;

export const serverNameRejected: Rule<AddressView> = {
  code: "server-name-rejected",
  effect: "502",
  summary: "The origin refuses the server name (SNI) that CloudFront sends.",
  source: sources.serverNameRule,
  examine: ({ connection, outcome }) => {
    if (outcome.kind !== "handshake-failed" || outcome.failure.kind !== "alert") return undefined;
    if (outcome.failure.alert.code !== unrecognizedNameAlert) return undefined;
    const { serverName, forwardedHost, domain } = connection;
    return {
      title: `the origin does not know the server name ${serverName}`,
      explanation:
        forwardedHost === null
          ? `CloudFront sends the origin domain as server name (SNI). The origin answered ${serverName} with the alert unrecognized_name.`
          : `The cache behavior forwards the viewer's Host header, so CloudFront sends ${serverName} as server name (SNI). The origin answered with the alert unrecognized_name.`,
      remedy:
        forwardedHost === null
          ? [`Configure the origin to serve a certificate for ${domain}.`]
          : [
              `Configure the origin to serve a certificate for ${serverName}.`,
              "Or stop forwarding the Host header: use the origin request policy AllViewerExceptHostHeader, so that CloudFront sends the origin domain.",
            ],
      evidence: { expected: `a handshake for ${serverName}`, seen: "alert unrecognized_name", serverName },
    };
  },
};
