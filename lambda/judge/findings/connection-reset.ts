import { sources } from "../../cloudfront/sources.ts";
import { causeOf, experimentsShown, leavesOpen, remarkOn } from "../cause.ts";
import { addressRule } from "../rule.ts";

export const connectionReset = addressRule({
  code: "connection-reset",
  effect: "may",
  stage: "tls",
  transient: true,
  about: "reachability",
  witness: "raises",
  supersededBy: [],
  proof: "handshake",
  summary: "The origin accepts the TCP connection and then ends it before answering the TLS hello.",
  source: sources.badGateway,
  examine: ({ connection, address, outcome, transcript }) => {
    if (outcome.kind !== "handshake-failed" || transcript?.protocol !== null) return undefined;
    const { failure } = outcome;
    if (failure.kind !== "closed" && failure.kind !== "reset") return undefined;
    const cause = causeOf(outcome);
    if (cause !== null && !leavesOpen(cause)) return undefined;
    const how = failure.kind === "reset" ? "reset" : "closed";
    return {
      title: `connection ${how} before a TLS answer`,
      explanation: `${address} accepted the connection on port ${connection.port} and ${how} it without answering the TLS hello. CloudFront answers 502 if it is treated the same; a firewall that turns away unknown clients may spare CloudFront.${remarkOn(cause)}`,
      remedy: [
        ...(cause?.kind === "hello-only"
          ? [
              "A ClientHello by itself, with the same server name, was answered: look first for a bot filter or firewall that goes by the fingerprint of the TLS client, and admit this check.",
            ]
          : []),
        "Look in the origin's TLS or load balancer log for the moment of this check.",
        ...(cause?.kind === "hello-only"
          ? []
          : [
              `Servers that have no certificate for the server name ${connection.serverName ?? connection.domain} often do this: add one.`,
            ]),
        "If a firewall or bot filter turned this check away, admit it or exclude the origin.",
      ],
      evidence: {
        expected: "a ServerHello",
        seen: `connection ${how}`,
        serverName: connection.serverName,
        tried: experimentsShown(outcome),
      },
    };
  },
});
