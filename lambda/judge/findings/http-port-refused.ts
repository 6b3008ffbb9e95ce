import { sources } from "../../cloudfront/sources.ts";
import { addressRule } from "../rule.ts";

export const httpPortRefused = addressRule({
  code: "http-port-refused",
  effect: "502",
  stage: "tcp",
  transient: true,
  about: "reachability",
  witness: "none",
  supersededBy: [],
  proof: "connection",
  summary: "The origin refuses TCP connections on the HTTP port, which CloudFront uses.",
  source: sources.badGateway,
  examine: ({ connection, address, outcome }) => {
    if (connection.scheme !== "http" || outcome.kind !== "connect-refused") return undefined;
    const { port } = connection;
    return {
      title: `HTTP port ${port} refuses connections`,
      explanation: `${address} answered the connection request with a refusal. By the origin protocol policy, CloudFront uses plain HTTP here: for all requests with HTTP Only, for those of viewers over HTTP with Match Viewer.`,
      remedy: [
        `Start the service that should listen on port ${port}, on all of the origin's public addresses.`,
        "Or change the origin protocol policy to HTTPS Only, if the origin serves HTTPS.",
        "With Match Viewer: or let the cache behavior redirect viewers to HTTPS.",
      ],
      evidence: { expected: `a TCP connection to port ${port}`, seen: "connection refused" },
    };
  },
});
