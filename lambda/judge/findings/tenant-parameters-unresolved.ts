import { sources } from "../../cloudfront/sources.ts";
import { enumerated } from "../../text/phrase.ts";
import { printable } from "../../text/printable.ts";
import { connectionRule } from "../rule.ts";

export const tenantParametersUnresolved = connectionRule({
  code: "tenant-parameters-unresolved",
  effect: "unseen",
  stage: "no-attempt",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "none",
  summary: "The origin domain contains tenant parameters whose values are not known.",
  source: sources.tenantParameters,
  examine: ({ planned }) => {
    if (planned.kind !== "unseen" || planned.reason.kind !== "tenant-parameters-unresolved") return undefined;
    const parameters = planned.reason.parameters.map((name) => printable(name, 100));
    return {
      title: "origin domain depends on tenant parameters",
      cause: `The origin domain contains ${enumerated(parameters, 3)}, whose values are not known for some tenants.`,
      explanation:
        "Each distribution tenant sets these parameters and so has an origin of its own. Nothing was tried for the tenants without values.",
      remedy: [
        "Give the tenants values for these parameters, or give the parameters a default.",
        "If the tenants have values: allow cloudfront:GetDistributionConfig, cloudfront:ListDistributionTenants and cloudfront:GetDistributionTenant.",
      ],
      evidence: { parameters },
    };
  },
});
