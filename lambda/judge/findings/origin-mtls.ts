import { sources } from "../../cloudfront/sources.ts";
import { refusesMissingClientCertificate } from "../client-certificate.ts";
import { addressRule } from "../rule.ts";

export const originMtls = addressRule({
  code: "origin-mtls",
  effect: "unseen",
  stage: "client-certificate",
  transient: false,
  about: "reachability",
  witness: "quiets",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "The origin requires a client certificate that CloudFront has and this check does not.",
  source: sources.originMtls,
  examine: ({ connection, outcome }) => {
    if (!connection.originMtls || !refusesMissingClientCertificate(outcome)) return undefined;
    return {
      title: "client certificate could not be checked",
      cause: "The origin requires a client certificate, which CloudFront has and Origin Watch does not.",
      explanation:
        "Origin Watch saw the server's certificate. It could not see whether the origin accepts CloudFront's.",
      remedy: [
        "Check in ACM (us-east-1) that the client certificate has not expired, and that the origin trusts its issuer.",
      ],
      evidence: { expected: "a completed handshake", seen: "client certificate required" },
    };
  },
});
