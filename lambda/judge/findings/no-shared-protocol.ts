import { offerFor } from "../../cloudfront/profile.ts";
import { sources } from "../../cloudfront/sources.ts";
import type { AddressOutcome } from "../../probe/observation.ts";
import { causeOf, experimentsShown } from "../cause.ts";
import { addressRule } from "../rule.ts";

const protocolVersionAlert = 70;

export const noSharedProtocol = addressRule({
  code: "no-shared-protocol",
  effect: "502",
  stage: "tls",
  transient: false,
  about: "handshake",
  supersededBy: [],
  proof: "offered-versions",
  summary: "The origin speaks TLS, but no version that CloudFront offers it.",
  source: sources.badGateway,
  examine: ({ connection, outcome }) => {
    const { versions } = offerFor(connection.originSslProtocols);
    const seen = seenInstead(outcome, versions);
    if (seen === null) return undefined;
    const offered = versions.join(", ");
    const speaks = versionsSpoken(outcome);
    return {
      title: `no TLS version in common (CloudFront offers ${offered}; the origin ${seen})`,
      explanation: `With the origin SSL protocols of the distribution CloudFront offers ${offered}. The origin refused them: it ${seen}.`,
      remedy: [
        "Enable TLS 1.2 or TLS 1.3 on the origin. That is the fix.",
        `If the origin cannot be changed soon, add ${spoken(speaks)} to the origin SSL protocols of the distribution, and plan its end.`,
      ],
      evidence: { expected: [...versions], seen, tried: experimentsShown(outcome) },
      ...(speaks.length === 0 ? {} : { facts: { speaks } }),
      // Which hello CloudFront sends when SSLv3 is chosen is not known, so neither is that this origin refuses it.
      ...(connection.originSslProtocols.includes("SSLv3") ? { effect: "may" as const } : {}),
    };
  },
});

function versionsSpoken(outcome: AddressOutcome): readonly string[] {
  const cause = causeOf(outcome);
  return cause?.kind === "protocol" ? cause.speaks : [];
}

function spoken(versions: readonly string[]): string {
  return versions.length > 0 ? `${versions.join(" and ")}, which it speaks,` : "the version that it speaks";
}

/**
 * What the origin does instead of agreeing to an offered version, to go on after "it"; null when versions are not the
 * cause.
 */
function seenInstead(outcome: AddressOutcome, offered: readonly string[]): string | null {
  if (outcome.kind !== "handshake-failed") return null;
  const { failure, transcript } = outcome;
  const versions = versionsSpoken(outcome);
  if (versions.length > 0) return `speaks ${versions.join(", ")}`;
  // Another cause is the better explanation: an alert is only the server's word for it.
  if (causeOf(outcome) !== null) return null;
  if (failure.kind === "alert" && failure.alert.code === protocolVersionAlert) return "sent the alert protocol_version";
  const choseAnother = failure.kind === "protocol-violation" && transcript.protocol !== null;
  return choseAnother && !offered.includes(transcript.protocol ?? "") ? `chose ${transcript.protocol}` : null;
}
