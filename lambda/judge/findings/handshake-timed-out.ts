import { sources } from "../../cloudfront/sources.ts";
import { type Cause, causeOf, experimentsShown, remarkOn } from "../cause.ts";
import { addressRule } from "../rule.ts";

export const handshakeTimedOut = addressRule({
  code: "handshake-timed-out",
  effect: "may",
  stage: "tls",
  transient: true,
  about: "reachability",
  witness: "raises",
  supersededBy: [],
  proof: "handshake-in-time",
  summary: "The origin accepts the TCP connection but does not complete the TLS handshake in time.",
  source: sources.badGateway,
  examine: ({ address, outcome }) => {
    if (outcome.kind !== "handshake-failed" || outcome.failure.kind !== "timed-out") return undefined;
    const seconds = outcome.failure.timeoutMs / 1000;
    return {
      title: "TLS handshake not completed in time",
      explanation: `${address} accepted the connection but had not completed the TLS handshake after ${seconds} seconds. CloudFront gives up on origins that take too long; whether its connection timeout covers the handshake is not documented.${remark(causeOf(outcome))}`,
      remedy: [
        "Look at the load of the origin, and at middleboxes that hold TLS connections back.",
        "Some old middleboxes drop large or TLS 1.3 hellos; CloudFront sends them too.",
      ],
      evidence: {
        expected: `a complete handshake within ${seconds} s`,
        seen: `${outcome.transcript.bytesReceived} bytes, no complete handshake`,
        tried: experimentsShown(outcome),
      },
    };
  },
});

function remark(cause: Cause | null): string {
  return cause?.kind === "server-name" ? ` The origin did answer a hello with ${cause.answers}.` : remarkOn(cause);
}
