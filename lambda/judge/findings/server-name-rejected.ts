import { isNameOfAws } from "../../cloudfront/origin-domain.ts";
import { sources } from "../../cloudfront/sources.ts";
import type { AddressOutcome } from "../../probe/observation.ts";
import { causeOf, experimentsShown, remarkOn } from "../cause.ts";
import { certificateStep, withoutHost } from "../host-remedies.ts";
import { addressRule } from "../rule.ts";
import { toldName } from "../told-name.ts";

const unrecognizedNameAlert = 112;

export const serverNameRejected = addressRule({
  code: "server-name-rejected",
  effect: "502",
  stage: "tls",
  transient: false,
  about: "handshake",
  supersededBy: [],
  proof: "handshake",
  prints: { failing: '"unrecognized name" or "handshake failure"', fixed: "it prints a certificate" },
  tiedToServerName: true,
  advice: "names",
  summary: "The origin refuses the server name (SNI) that CloudFront sends.",
  source: sources.serverNameRule,
  examine: ({ connection, outcome }) => {
    const seen = refusal(outcome);
    if (seen === null) return undefined;
    const { serverName, forwardedHost, domain } = connection;
    const cause = causeOf(outcome);
    const passed = cause?.kind === "passing";
    const remark = passed ? remarkOn(cause) : "";
    const served = (name: string) =>
      certificateStep(name, connection, `Configure the origin to serve a certificate for ${name}.`);
    return {
      title: "origin rejects the server name (SNI)",
      cause: `The origin rejected ${serverName}, the server name (SNI) that CloudFront sends: ${seen}.`,
      explanation:
        forwardedHost === null
          ? `CloudFront sends the origin domain as server name.${remark}`
          : `The cache behavior forwards the viewer's Host header, so CloudFront sends that Host as server name.${remark}`,
      remedy:
        forwardedHost === null
          ? [
              ...served(domain),
              ...(isNameOfAws(domain) ? [`Check in AWS that what ${domain} names still exists.`] : []),
            ]
          : [...served(toldName(forwardedHost, connection)), ...withoutHost(connection)],
      evidence: { expected: `a handshake for ${serverName}`, seen, serverName, tried: experimentsShown(outcome) },
      doubt: "if it fails for CloudFront as well",
      ...(passed ? { effect: "may" as const } : {}),
    };
  },
});

/** How the origin refused the server name; null when the name is not the cause. */
function refusal(outcome: AddressOutcome): string | null {
  if (outcome.kind !== "handshake-failed" || outcome.failure.kind === "timed-out") return null;
  const cause = causeOf(outcome);
  if (cause?.kind === "server-name") return `it answers a ClientHello with ${cause.answers}`;
  const { failure } = outcome;
  return failure.kind === "alert" && failure.alert.code === unrecognizedNameAlert
    ? "it sent the alert unrecognized_name"
    : null;
}
