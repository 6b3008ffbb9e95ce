import { sources } from "../../cloudfront/sources.ts";
import { connectionRule } from "../rule.ts";

export const protocolSslv3Enabled = connectionRule({
  code: "protocol-sslv3-enabled",
  effect: "note",
  stage: "no-attempt",
  transient: false,
  about: "handshake",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "The origin SSL protocols contain SSLv3.",
  source: sources.httpsToCustomOrigin,
  examine: ({ planned, connection }) => {
    if (planned.kind !== "probe" || !connection.originSslProtocols.includes("SSLv3")) return undefined;
    return {
      title: "SSLv3 is among the origin SSL protocols",
      cause: "The origin SSL protocols of the distribution contain SSLv3.",
      explanation:
        "AWS writes that CloudFront sends only SSLv3 handshake requests when SSLv3 is chosen. The policies of its TLS library suggest otherwise. Origin Watch offers TLS 1.0 and later first, and SSLv3 when the origin refuses that.",
      remedy: ["Remove SSLv3 from the origin SSL protocols of the distribution."],
      evidence: { expected: ["TLSv1.2"], seen: [...connection.originSslProtocols] },
    };
  },
});
