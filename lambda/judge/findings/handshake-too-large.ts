import { sources } from "../../cloudfront/sources.ts";
import { addressRule } from "../rule.ts";

export const handshakeTooLarge = addressRule({
  code: "handshake-too-large",
  effect: "may",
  stage: "tls",
  transient: false,
  about: "handshake",
  supersededBy: [],
  proof: "whole-handshake",
  prints: { failing: null, fixed: "it prints a certificate" },
  summary: "The origin sends more in its handshake than this check reads.",
  source: sources.certificateRequirements,
  examine: ({ outcome }) => {
    if (outcome.kind !== "handshake-failed" || outcome.failure.kind !== "too-much-data") return undefined;
    const kilobytes = outcome.failure.limitBytes / 1024;
    return {
      title: `more than ${kilobytes} KiB of handshake data`,
      cause: `The origin sent more than ${kilobytes} KiB of handshake data, and Origin Watch stopped reading.`,
      explanation: "No certificate chain needs that much. What CloudFront does with so much is not documented.",
      doubt: "because no limit of CloudFront is documented",
      remedy: ["Configure the server to send only the leaf certificate and the intermediates that it needs."],
      evidence: { expected: `at most ${kilobytes} KiB`, seen: "more" },
    };
  },
});
