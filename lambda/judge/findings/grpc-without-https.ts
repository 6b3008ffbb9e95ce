import { sources } from "../../cloudfront/sources.ts";
import { connectionRule } from "../rule.ts";

export const grpcWithoutHttps = connectionRule({
  code: "grpc-without-https",
  effect: "may",
  stage: "no-attempt",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "none",
  summary: "gRPC is on for the cache behavior, and CloudFront uses plain HTTP only to the origin.",
  source: sources.grpc,
  examine: ({ connection, planned }) => {
    // An origin that matches the viewer gets gRPC over HTTPS, which is what such viewers use.
    const pathPatterns = connection.uses
      .filter(({ viewerSchemes }) => viewerSchemes.includes("https"))
      .flatMap(({ grpcPathPatterns = [] }) => grpcPathPatterns);
    if (planned.kind !== "probe" || connection.scheme !== "http" || pathPatterns.length === 0) return undefined;
    return {
      title: "gRPC needs HTTPS, and CloudFront uses HTTP",
      cause: "gRPC is on for the cache behavior, and the origin protocol policy of the origin is HTTP Only.",
      explanation:
        "AWS writes that an origin for gRPC must support HTTPS. gRPC requests may fail. Other requests to the same paths need no HTTPS.",
      doubt: "if they are gRPC requests",
      remedy: [
        "Set the origin protocol policy of the origin to HTTPS Only, and enable HTTP/2 over TLS on the origin.",
        "Or, if no gRPC is used here: turn it off for the cache behavior.",
      ],
      evidence: { expected: "https-only or match-viewer", seen: "http-only", pathPatterns },
    };
  },
});
