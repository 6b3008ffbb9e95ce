import { offerFor } from "../../cloudfront/profile.ts";
import { sources } from "../../cloudfront/sources.ts";
import type { AddressOutcome } from "../../probe/observation.ts";
import { enumerated } from "../../text/phrase.ts";
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
  summary: "The origin uses TLS, but no version that CloudFront offers it.",
  source: sources.badGateway,
  examine: ({ connection, outcome }) => {
    const { versions } = offerFor(connection.originSslProtocols);
    const seen = seenInstead(outcome, versions);
    if (seen === null) return undefined;
    const speaks = versionsUsed(outcome);
    const [version] = speaks;
    return {
      title: `no TLS version in common${version === undefined ? "" : ` (origin: ${version})`}`,
      cause: `The origin refused the TLS versions that CloudFront offers, ${enumerated(versions, 5)}.`,
      explanation: `CloudFront offers these because of the origin SSL protocols of the distribution. The origin ${seen}.`,
      remedy: [
        "Enable TLS 1.2 or TLS 1.3 on the origin. This is the fix.",
        `If the origin cannot change soon, add ${usedVersions(speaks)} to the origin SSL protocols of the distribution, and plan when to remove it.`,
      ],
      evidence: { expected: [...versions], seen, tried: experimentsShown(outcome) },
      ...(speaks.length === 0 ? {} : { facts: { speaks } }),
      doubt: "because which ClientHello it sends with SSLv3 is not known",
      // Which hello CloudFront sends when SSLv3 is chosen is not known, so neither is that this origin refuses it.
      ...(connection.originSslProtocols.includes("SSLv3") ? { effect: "may" as const } : {}),
    };
  },
});

function versionsUsed(outcome: AddressOutcome): readonly string[] {
  const cause = causeOf(outcome);
  return cause?.kind === "protocol" ? cause.speaks : [];
}

function usedVersions(versions: readonly string[]): string {
  return versions.length > 0 ? versions.join(" and ") : "the version that it uses";
}

/**
 * What the origin does instead of agreeing to an offered version, to go on after "the origin"; null when versions are not the
 * cause.
 */
function seenInstead(outcome: AddressOutcome, offered: readonly string[]): string | null {
  if (outcome.kind !== "handshake-failed") return null;
  const { failure, transcript } = outcome;
  const versions = versionsUsed(outcome);
  if (versions.length > 0) return `uses ${versions.join(", ")}`;
  // Another cause is the better explanation: an alert is only the server's word for it.
  if (causeOf(outcome) !== null) return null;
  if (failure.kind === "alert" && failure.alert.code === protocolVersionAlert) return "sent the alert protocol_version";
  const choseAnother = failure.kind === "protocol-violation" && transcript.protocol !== null;
  return choseAnother && !offered.includes(transcript.protocol ?? "") ? `chose ${transcript.protocol}` : null;
}
