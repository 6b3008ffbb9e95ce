import { sources } from "../../cloudfront/sources.ts";
import { instant } from "../../text/instant.ts";
import { enumerated } from "../../text/phrase.ts";
import type { Stopped } from "../origin-history.ts";
import type { Rule } from "../rule.ts";
import { connectionRefused } from "./connection-refused.ts";

type DarkOrigin = {
  readonly port: number;
  /** Its addresses that gave no answer to a connection request; none gave one. */
  readonly dark: readonly string[];
  /** The port for HTTP on which one of them accepted a connection all the same, null where none did. */
  readonly acceptedOn: number | null;
  /** Null where it is not known to have answered lately. */
  readonly stopped: Stopped | null;
};

export const originWentDark: Rule<DarkOrigin, "origin-went-dark"> = {
  code: "origin-went-dark",
  effect: "may",
  stage: "tcp",
  transient: true,
  about: "reachability",
  witness: "raises",
  remindedDaily: true,
  remedyWhereCounted: [
    "Check that the server or load balancer is running.",
    "Check what changed in its security group, network ACL and route.",
  ],
  supersededBy: [connectionRefused],
  proof: "handshake-in-time",
  mayAnswer: "504",
  summary: "The origin answered connection requests within the last 7 days, and now gives no answer.",
  source: sources.gatewayTimeout,
  examine: ({ port, dark, acceptedOn, stopped }) => {
    if (stopped === null) return undefined;
    const { since, answeredOn } = stopped;
    const last = answeredOn === null ? "It answered before" : `It last answered on ${answeredOn}`;
    return {
      title: `stopped answering on port ${port}`,
      cause: `${enumerated(dark, 3)} ${dark.length === 1 ? "gives" : "give"} no answer on port ${port}. ${last}; no answer since ${instant(since)}.${acceptedOn === null ? "" : ` Port ${acceptedOn} accepts connections.`}`,
      explanation:
        "If CloudFront gets no answer either, cache misses get 504. A firewall that has just been set to admit only CloudFront looks the same, and then CloudFront gets through.",
      doubt: "if CloudFront gets no answer either",
      remedy: [
        "Check whether its firewall now admits only CloudFront. If so, this is expected: mute the origin, or admit Origin Watch.",
        "If not, check that the server or load balancer is running, then its security group, network ACL and route.",
      ],
      evidence: {
        expected: `a TCP connection to port ${port}`,
        seen: "no answer",
        addresses: [...dark],
        ...(acceptedOn === null ? {} : { acceptedOn }),
        lastAnswered: answeredOn,
        noAnswerSince: since,
      },
    };
  },
};
