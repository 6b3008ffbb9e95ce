import { sources } from "../../cloudfront/sources.ts";
import { causeOf, experimentsShown, leavesOpen, remarkOn } from "../cause.ts";
import { certificateStep } from "../host-remedies.ts";
import { muteOr } from "../mute-advice.ts";
import { addressRule } from "../rule.ts";
import { toldName } from "../told-name.ts";

export const connectionReset = addressRule({
  code: "connection-reset",
  effect: "may",
  stage: "tls",
  transient: true,
  about: "reachability",
  witness: "raises",
  supersededBy: [],
  proof: "handshake",
  prints: { failing: '"no peer certificate available"', fixed: "it prints a certificate" },
  summary: "The origin accepts the TCP connection and then ends it before answering the ClientHello.",
  source: sources.badGateway,
  examine: ({ connection, address, outcome, transcript, policy }) => {
    if (outcome.kind !== "handshake-failed" || transcript?.protocol !== null) return undefined;
    const { failure } = outcome;
    if (failure.kind !== "closed" && failure.kind !== "reset") return undefined;
    const cause = causeOf(outcome);
    if (cause !== null && !leavesOpen(cause)) return undefined;
    const name = toldName(connection.serverName ?? connection.domain, connection);
    const how = failure.kind === "reset" ? "reset" : "closed";
    return {
      title: `connection ${how} before a TLS answer`,
      cause: `${address} accepted the connection on port ${connection.port} and ${how} it without answering the ClientHello.`,
      explanation: `If it treats CloudFront the same way, CloudFront answers 502. A firewall that turns away unknown clients may admit CloudFront.${remarkOn(cause)}`,
      doubt: "if the origin treats CloudFront the same way",
      remedy: [
        ...(cause?.kind === "hello-only"
          ? [
              "Look for a bot filter or firewall that goes by the fingerprint of the TLS client, and admit Origin Watch. A ClientHello by itself, with the same server name, was answered.",
            ]
          : []),
        "Check the TLS log of the origin or load balancer at the time of this check.",
        ...(cause?.kind === "hello-only"
          ? []
          : certificateStep(
              name,
              connection,
              `Add a certificate for the server name (SNI) ${name}, if there is none: servers without one often do this.`,
            )),
        `If a firewall or bot filter turned Origin Watch away, admit it${muteOr(policy, " or mute the origin")}.`,
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
