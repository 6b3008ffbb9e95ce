import { groups } from "../../cloudfront/profile.ts";
import { sources } from "../../cloudfront/sources.ts";
import { causeOf, experimentsShown } from "../cause.ts";
import type { AddressView, Rule } from "../rule.ts";

export const noSharedGroup: Rule<AddressView> = {
  code: "no-shared-group",
  effect: "502",
  summary: "The origin accepts none of the named groups that CloudFront offers.",
  source: sources.ciphersAndProtocols,
  examine: ({ outcome }) => {
    const cause = causeOf(outcome);
    if (cause?.kind !== "group") return undefined;
    const accepted = cause.accepts ?? "other groups only";
    const offered = groups.map(({ openssl }) => openssl);
    return {
      title: `no named group in common (the origin accepts ${accepted})`,
      explanation: `CloudFront offers the groups ${offered.join(", ")} for the key exchange. The origin refused them and accepted ${accepted} when more were offered.`,
      remedy: ["Enable X25519 and P-256 on the origin (nginx: `ssl_ecdh_curve X25519:prime256v1;`)."],
      evidence: { expected: offered, seen: accepted, tried: experimentsShown(outcome) },
    };
  },
};
