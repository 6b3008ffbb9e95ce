import { sources } from "../../cloudfront/sources.ts";
import { printable } from "../../text/printable.ts";
import { connectionRule } from "../rule.ts";
import { parameterAdvice } from "../template-advice.ts";

export const policyUnresolved = connectionRule({
  code: "policy-unresolved",
  effect: "unseen",
  stage: "no-attempt",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "none",
  summary: "A policy could not be read, so it is open which server name CloudFront sends.",
  source: sources.originRequestPolicies,
  examine: ({ planned }) => {
    if (planned.kind !== "unseen" || planned.reason.kind !== "policy-unresolved") return undefined;
    const policyIds = planned.reason.policyIds.map((id) => printable(id, 100));
    return {
      title: `policy ${policyIds.join(", ")} is not known`,
      explanation:
        "Whether CloudFront forwards the viewer's Host header decides the server name that it sends and the name that the certificate must have. That is in the policy, and the policy could not be read.",
      remedy: [
        ...parameterAdvice(planned.reason.parameters),
        "With a template or a saved configuration, pass the saved policies too: `--policies FILE`.",
        "With an account, allow cloudfront:ListCachePolicies and cloudfront:ListOriginRequestPolicies.",
      ],
      evidence: { policyIds },
    };
  },
});
