import { sources } from "../../cloudfront/sources.ts";
import { printable } from "../../text/printable.ts";
import { connectionRule } from "../rule.ts";

export const originInvalid = connectionRule({
  code: "origin-invalid",
  effect: "unseen",
  stage: "no-attempt",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "none",
  summary: "The origin's domain or port is one that CloudFront's API does not accept.",
  source: sources.originSettings,
  examine: ({ planned }) => {
    if (planned.kind !== "unseen" || planned.reason.kind !== "origin-invalid") return undefined;
    const detail = printable(planned.reason.detail, 300);
    return {
      title: "origin settings are not valid",
      cause: `CloudFront does not accept the settings of this origin: ${detail}.`,
      explanation: "CloudFront refuses to create such an origin, so this cannot be what runs. Nothing was tried.",
      remedy: [
        "Correct the domain name or port of the origin. The domain must be a public DNS name; ports are 80, 443, or 1024 to 65535.",
      ],
      evidence: { seen: detail },
    };
  },
});
