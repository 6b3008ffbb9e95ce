import { sources } from "../../cloudfront/sources.ts";
import { connectionRule } from "../rule.ts";
import { parameterAdvice } from "../template-advice.ts";

export const viewerHostUnknown = connectionRule({
  code: "viewer-host-unknown",
  effect: "unseen",
  stage: "no-attempt",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "none",
  summary: "Host is forwarded, and the names that viewers use are not known.",
  source: sources.serverNameRule,
  examine: ({ planned }) => {
    if (planned.kind !== "unseen" || planned.reason.kind !== "viewer-host-unknown") return undefined;
    const { title, explanation, remedy } = sentences[planned.reason.why];
    return {
      title,
      explanation,
      remedy: [...parameterAdvice(planned.reason.parameters), ...remedy],
      evidence: { expected: "the names that viewers use", seen: "none" },
    };
  },
});

const rule = "CloudFront forwards the viewer's Host and sends it as server name.";

const sentences = {
  staging: {
    title: "the primary of the staging distribution is not known",
    explanation: `${rule} Viewers reach a staging distribution by the names of its primary, which could not be found, so nothing was tried.`,
    remedy: [
      "Allow cloudfront:ListContinuousDeploymentPolicies, and cloudfront:GetDistributionConfig on the distributions.",
      "A staging distribution that no enabled continuous deployment policy names gets no requests.",
    ],
  },
  "multi-tenant": {
    title: "the tenants' domains are not known",
    explanation: `${rule} Viewers reach a multi-tenant distribution by the domains of its tenants, of which none is known, so nothing was tried.`,
    remedy: ["Allow cloudfront:ListDistributionTenants.", "Check single names with `check origin ORIGIN --host NAME`."],
  },
  aliases: {
    title: "the aliases are not known",
    explanation: `${rule} What the distribution's aliases are called is not known, so nothing was tried for them.`,
    remedy: ["Check single names with `check origin ORIGIN --host NAME`."],
  },
} as const;
