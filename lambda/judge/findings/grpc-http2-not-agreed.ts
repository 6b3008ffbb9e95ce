import { sources } from "../../cloudfront/sources.ts";
import { addressRule } from "../rule.ts";

export const grpcHttp2NotAgreed = addressRule({
  code: "grpc-http2-not-agreed",
  effect: "may",
  stage: "certificate",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "handshake",
  summary: "gRPC is switched on for the cache behavior, and the origin does not agree to HTTP/2.",
  source: sources.grpc,
  examine: ({ connection, address, outcome }) => {
    if (outcome.kind !== "handshake-completed" || !connection.alpn.includes("h2") || outcome.alpn === "h2") {
      return undefined;
    }
    return {
      title: "the origin does not agree to HTTP/2, which gRPC needs",
      explanation: `gRPC is switched on for the cache behavior, and gRPC is spoken over HTTP/2 only. ${address} completed the handshake without agreeing to HTTP/2 by ALPN, as servers that speak only HTTP/1.1 do. What CloudFront offers by ALPN is not documented. gRPC requests may fail; other requests to the same paths need no HTTP/2.`,
      remedy: [
        "Switch HTTP/2 on at the origin (nginx: `http2 on;`, Apache: `Protocols h2 http/1.1`; an Application Load Balancer: a target group with the protocol version gRPC).",
        "Or, if no gRPC is used here, switch it off for the cache behavior.",
      ],
      evidence: { expected: "h2 by ALPN", seen: outcome.alpn ?? "no ALPN" },
    };
  },
});
