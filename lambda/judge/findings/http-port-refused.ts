import { sources } from "../../cloudfront/sources.ts";
import { addressRule } from "../rule.ts";

export const httpPortRefused = addressRule({
  code: "http-port-refused",
  effect: "502",
  stage: "tcp",
  transient: true,
  about: "reachability",
  witness: "quiets",
  supersededBy: [],
  proof: "connection",
  summary: "The origin refuses TCP connections on the HTTP port, which CloudFront uses.",
  source: sources.badGateway,
  examine: ({ connection, address, outcome }) => {
    if (connection.scheme !== "http" || outcome.kind !== "connect-refused") return undefined;
    const { port } = connection;
    return {
      title: `HTTP port ${port} refuses connections`,
      cause: `${address} refused the TCP connection on port ${port}.`,
      explanation:
        "By the origin protocol policy, CloudFront uses plain HTTP here: for all requests with HTTP Only, for those of viewers over HTTP with Match Viewer.",
      remedy: [
        `Start the service on port ${port}, on every public address of the origin.`,
        "Or, if the origin serves HTTPS: change the origin protocol policy to HTTPS Only.",
        "Or, with Match Viewer: let the cache behavior redirect viewers to HTTPS.",
      ],
      evidence: { expected: `a TCP connection to port ${port}`, seen: "connection refused" },
    };
  },
});
