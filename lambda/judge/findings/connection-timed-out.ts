import { sources } from "../../cloudfront/sources.ts";
import { addressRule } from "../rule.ts";

export const connectionTimedOut = addressRule({
  code: "connection-timed-out",
  effect: "unseen",
  stage: "tcp",
  transient: true,
  about: "reachability",
  witness: "quiets",
  supersededBy: [],
  proof: "handshake-in-time",
  summary: "The origin does not answer connection requests from here; its firewall may admit CloudFront only.",
  source: sources.originLocations,
  examine: ({ connection, address, outcome }) => {
    if (outcome.kind !== "connect-timed-out") return undefined;
    const { attempts, timeoutMs } = outcome;
    return {
      title: `port ${connection.port} does not answer from here`,
      explanation: `${address} did not answer ${attempts} connection requests of ${timeoutMs / 1000} seconds each. An origin whose firewall admits only CloudFront's addresses looks just like this and is fine, so this is no verdict.`,
      remedy: [
        "If the origin's security group admits only CloudFront's managed prefix list, this is expected: exclude the origin or admit this function.",
        "Otherwise look at the security group, the network ACL and the route to the origin.",
      ],
      evidence: { expected: `a TCP connection to port ${connection.port}`, seen: "no answer", attempts, timeoutMs },
    };
  },
});
