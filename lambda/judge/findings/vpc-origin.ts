import { sources } from "../../cloudfront/sources.ts";
import type { ConnectionView, Rule } from "../rule.ts";

export const vpcOrigin: Rule<ConnectionView> = {
  code: "vpc-origin",
  effect: "unseen",
  summary: "A VPC origin: CloudFront reaches it privately, this check cannot.",
  source: sources.vpcOrigins,
  examine: ({ planned }) => {
    if (planned.kind !== "unseen" || planned.reason.kind !== "vpc-origin") return undefined;
    return {
      title: "VPC origin: cannot be reached from here",
      explanation:
        "CloudFront connects to a VPC origin inside the VPC. From outside there is no way to it, so nothing was tried.",
      remedy: ["Check the origin's certificate from inside the VPC."],
      evidence: { vpcOriginId: planned.reason.vpcOriginId },
    };
  },
};
