import { sources } from "../../cloudfront/sources.ts";
import { counted } from "../../text/phrase.ts";
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
      title: `TLS handshake not complete after ${counted(seconds, "second")}`,
      cause: `${address} accepted the connection, and the TLS handshake was not complete after ${counted(seconds, "second")}.`,
      explanation: `CloudFront gives up on origins that take too long. Whether its connection timeout covers the handshake is not documented.${remark(causeOf(outcome))}`,
      doubt: "if the origin takes as long for CloudFront",
      remedy: [
        "Check the load of the origin, and network devices that hold TLS connections back.",
        "Check for old network devices that drop large ClientHellos, or those with TLS 1.3. CloudFront sends such ClientHellos too.",
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
  return cause?.kind === "server-name" ? ` The origin answered a ClientHello with ${cause.answers}.` : remarkOn(cause);
}
