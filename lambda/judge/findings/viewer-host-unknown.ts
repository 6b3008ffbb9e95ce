import { sources } from "../../cloudfront/sources.ts";
import { enumerated } from "../../text/phrase.ts";
import { printable } from "../../text/printable.ts";
import { connectionRule } from "../rule.ts";
import { parameterAdvice } from "../template-advice.ts";

const mostNamed = 3;

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
    const { title, cause, explanation, remedy } = sentences[planned.reason.why];
    const names = planned.reason.expressions.map((name) => printable(name, 150));
    const follows = names.length === 0 ? "" : ` They follow from ${enumerated(names, mostNamed)}.`;
    return {
      title,
      cause: `${cause}${follows}`,
      explanation,
      remedy: [...parameterAdvice(planned.reason.parameters), ...remedy],
      evidence: { expected: "the names that viewers use", seen: "none" },
    };
  },
});

const rule = "CloudFront forwards the viewer's Host and sends it as server name (SNI).";

const sentences = {
  staging: {
    title: "primary of the staging distribution unknown",
    cause: "The primary of the staging distribution could not be found.",
    explanation: `${rule} Viewers reach a staging distribution by the names of its primary. Nothing was tried.`,
    remedy: [
      "Allow cloudfront:ListContinuousDeploymentPolicies, and cloudfront:GetDistributionConfig on the distributions.",
      "Check whether an enabled continuous deployment policy names the staging distribution: without one it gets no requests.",
    ],
  },
  "multi-tenant": {
    title: "domains of the tenants are not known",
    cause: "No domain of a tenant of the multi-tenant distribution is known.",
    explanation: `${rule} Viewers reach a multi-tenant distribution by the domains of its tenants. Nothing was tried.`,
    remedy: [
      "Allow cloudfront:ListDistributionTenants.",
      "Or check single names: `origin-watch check origin ORIGIN --host NAME`.",
    ],
  },
  aliases: {
    title: "aliases are not known",
    cause: "The aliases of the distribution are not known.",
    explanation: `${rule} Nothing was tried for them.`,
    remedy: ["Check single names: `origin-watch check origin ORIGIN --host NAME`."],
  },
} as const;
