import { offerFor } from "../../cloudfront/profile.ts";
import { sources } from "../../cloudfront/sources.ts";
import type { AddressView, Rule } from "../rule.ts";

const protocolVersionAlert = 70;

export const noSharedProtocol: Rule<AddressView> = {
  code: "no-shared-protocol",
  effect: "502",
  summary: "The origin speaks TLS, but no version that CloudFront offers it.",
  source: sources.badGateway,
  examine: ({ connection, outcome }) => {
    if (outcome.kind !== "handshake-failed") return undefined;
    const { failure, transcript } = outcome;
    const { versions } = offerFor(connection.originSslProtocols);
    const refused = failure.kind === "alert" && failure.alert.code === protocolVersionAlert;
    const choseAnother =
      failure.kind === "protocol-violation" &&
      transcript.protocol !== null &&
      !versions.some((version) => version === transcript.protocol);
    if (!refused && !choseAnother) return undefined;
    const offered = versions.join(", ");
    return {
      title: `no TLS version in common (CloudFront offers ${offered})`,
      explanation: `With the origin SSL protocols of the distribution CloudFront offers ${offered}. ${
        refused
          ? "The origin answered with the alert protocol_version."
          : `The origin chose ${transcript.protocol}, which was not offered.`
      }`,
      remedy: [
        "Enable TLS 1.2 or TLS 1.3 on the origin. That is the fix.",
        "If the origin cannot be changed soon, add the version that it speaks to the origin SSL protocols of the distribution (for example TLSv1), and plan its end.",
      ],
      evidence: {
        expected: [...versions],
        seen: refused ? "alert protocol_version" : transcript.protocol,
      },
    };
  },
};
