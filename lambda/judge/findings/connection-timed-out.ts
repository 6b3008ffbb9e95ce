import { sources } from "../../cloudfront/sources.ts";
import { counted } from "../../text/phrase.ts";
import { muteOr } from "../mute-advice.ts";
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
  summary: "The origin does not answer connection attempts from here; its firewall may admit CloudFront only.",
  source: sources.originLocations,
  examine: ({ connection, address, outcome, policy }) => {
    if (outcome.kind !== "connect-timed-out") return undefined;
    const { attempts, timeoutMs, acceptedOn } = outcome;
    return {
      title: `no answer on port ${connection.port}`,
      cause: `${address} did not answer ${counted(attempts, "connection attempt")} of ${timeoutMs / 1000} seconds each.${acceptedOn === undefined ? "" : ` Its port ${acceptedOn} accepts connections.`}`,
      explanation: `An origin whose firewall admits only CloudFront${acceptedOn === undefined ? "" : ` to port ${connection.port}`} looks exactly like this and is fine. So this predicts nothing.`,
      remedy: [
        `Check whether the security group admits only CloudFront's managed prefix list. If so, this is expected${muteOr(policy, ": mute the origin, or admit Origin Watch")}.`,
        "Otherwise check the security group, the network ACL and the route.",
      ],
      evidence: {
        expected: `a TCP connection to port ${connection.port}`,
        seen: "no answer",
        attempts,
        timeoutMs,
        ...(acceptedOn === undefined ? {} : { acceptedOn }),
      },
    };
  },
});
