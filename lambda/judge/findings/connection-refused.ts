import { sources } from "../../cloudfront/sources.ts";
import { muteOr } from "../mute-advice.ts";
import { addressRule } from "../rule.ts";

export const connectionRefused = addressRule({
  code: "connection-refused",
  effect: "502",
  stage: "tcp",
  transient: true,
  about: "reachability",
  witness: "quiets",
  supersededBy: [],
  proof: "handshake",
  prints: { failing: '"Connection refused"', fixed: "it prints a certificate" },
  summary: "The origin refuses TCP connections on the configured HTTPS port.",
  source: sources.badGateway,
  examine: ({ connection, address, outcome, policy }) => {
    if (connection.scheme === "http" || outcome.kind !== "connect-refused") return undefined;
    return {
      title: `port ${connection.port} refuses connections`,
      cause: `${address} refused the TCP connection on port ${connection.port}.`,
      explanation:
        "CloudFront cannot connect to a port on which nothing listens. A firewall that refuses everybody but CloudFront looks the same.",
      remedy: [
        `Start the service on port ${connection.port}, on every public address of the origin.`,
        "Or correct the HTTPS port in the origin settings of the distribution.",
        `If a firewall refuses everybody but CloudFront, ${muteOr(policy, "admit Origin Watch or mute the origin", "this is expected")}.`,
      ],
      evidence: { expected: `a TCP connection to port ${connection.port}`, seen: "connection refused" },
    };
  },
});
