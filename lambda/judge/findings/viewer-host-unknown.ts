import { sources } from "../../cloudfront/sources.ts";
import type { ConnectionView, Rule } from "../rule.ts";

export const viewerHostUnknown: Rule<ConnectionView> = {
  code: "viewer-host-unknown",
  effect: "unseen",
  summary: "Host is forwarded, and the names that viewers use are not known.",
  source: sources.serverNameRule,
  examine: ({ planned }) => {
    if (planned.kind !== "unseen" || planned.reason.kind !== "viewer-host-unknown") return undefined;
    const staging = planned.reason.why === "staging";
    return {
      title: staging ? "the primary of the staging distribution is not known" : "the tenants' domains are not known",
      explanation: `CloudFront forwards the viewer's Host and sends it as server name. ${
        staging
          ? "Viewers reach a staging distribution by the names of its primary, which could not be found."
          : "Viewers reach a multi-tenant distribution by the domains of its tenants, of which none is known."
      } So nothing was tried.`,
      remedy: staging
        ? [
            "Allow cloudfront:ListContinuousDeploymentPolicies, and cloudfront:GetDistributionConfig on the distributions.",
            "A staging distribution that no enabled continuous deployment policy names gets no requests.",
          ]
        : ["Allow cloudfront:ListDistributionTenants.", "Check single names with `check origin ORIGIN --host NAME`."],
      evidence: { expected: staging ? "the primary distribution" : "the tenants' domains", seen: "nothing" },
    };
  },
};
