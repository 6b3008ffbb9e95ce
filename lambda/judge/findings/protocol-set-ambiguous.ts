import { sources } from "../../cloudfront/sources.ts";
import { addressRule } from "../rule.ts";

export const protocolSetAmbiguous = addressRule({
  code: "protocol-set-ambiguous",
  effect: "may",
  stage: "certificate",
  transient: false,
  about: "handshake",
  supersededBy: [],
  proof: "whole-handshake",
  summary:
    "The origin works if OriginSslProtocols is a minimum and fails if it is a set, on which AWS's pages disagree.",
  source: sources.originSettings,
  examine: ({ connection, outcome }) => {
    if (outcome.kind !== "handshake-completed" && outcome.kind !== "hello-agreed") return undefined;
    if (outcome.listedVersionsOnly?.outcome !== "failed") return undefined;
    const { protocol } = outcome.transcript;
    const listed = connection.originSslProtocols.join(", ");
    return {
      title: `origin SSL protocols do not list ${protocol}`,
      cause: `The origin agreed to ${protocol}, which the origin SSL protocols of the distribution (${listed}) do not list.`,
      explanation: `One AWS page calls the setting a minimum, which includes ${protocol}. Another one calls it the list of all versions that CloudFront can use. The origin refused a ClientHello with the listed versions and TLS 1.3 only.`,
      doubt: "because AWS's pages disagree",
      remedy: [`Add ${protocol} to the origin SSL protocols, or enable TLS 1.2 or 1.3 on the origin.`],
      evidence: { expected: [...connection.originSslProtocols, "TLSv1.3"], seen: protocol },
    };
  },
});
