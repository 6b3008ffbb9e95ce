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
  prints: { failing: '"No ALPN negotiated"', fixed: '"ALPN protocol: h2"' },
  summary: "gRPC is on for the cache behavior, and the origin does not agree to HTTP/2.",
  source: sources.grpc,
  examine: ({ connection, address, outcome }) => {
    if (outcome.kind !== "handshake-completed" || !connection.alpn.includes("h2") || outcome.alpn === "h2") {
      return undefined;
    }
    return {
      title: "origin does not agree to HTTP/2 for gRPC",
      cause: `${address} completed the handshake without agreeing to HTTP/2 by ALPN, as servers with HTTP/1.1 only do.`,
      explanation:
        "gRPC is on for the cache behavior, and gRPC needs HTTP/2. What CloudFront offers by ALPN is not documented. gRPC requests may fail. Other requests to the same paths need no HTTP/2.",
      doubt: "if they are gRPC requests",
      remedy: [
        "Enable HTTP/2 on the origin (nginx: `http2 on;`, Apache: `Protocols h2 http/1.1`).",
        "Or, on an Application Load Balancer: use a target group with the protocol version gRPC.",
        "Or, if no gRPC is used here: turn it off for the cache behavior.",
      ],
      evidence: { expected: "h2 by ALPN", seen: outcome.alpn ?? "no ALPN" },
    };
  },
});
