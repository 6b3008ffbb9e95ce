import { sources } from "../../cloudfront/sources.ts";
import { enumerated } from "../../text/phrase.ts";
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
  summary: "A policy could not be read, so the server name that CloudFront sends is not known.",
  source: sources.originRequestPolicies,
  examine: ({ planned }) => {
    if (planned.kind !== "unseen" || planned.reason.kind !== "policy-unresolved") return undefined;
    const policyIds = planned.reason.policyIds.map((id) => printable(id, 200));
    return {
      title: "policy could not be read",
      cause: `The policy ${enumerated(policyIds, 3)} could not be read.`,
      explanation:
        "The policy decides whether CloudFront forwards the viewer's Host header. That decides the server name (SNI) and the name that the certificate must cover. Nothing was tried.",
      remedy: [
        ...parameterAdvice(planned.reason.parameters),
        "With a template, a plan or a saved configuration, pass the saved policies too: `--policies FILE`.",
        "With an account, allow cloudfront:ListCachePolicies and cloudfront:ListOriginRequestPolicies.",
      ],
      evidence: { policyIds },
    };
  },
});
