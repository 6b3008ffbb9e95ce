import { sources } from "../../cloudfront/sources.ts";
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
      title: `origin domain depends on tenant parameters: ${parameters.join(", ")}`,
      explanation:
        "Each distribution tenant fills in these parameters and so has an origin of its own. Their values are not known for some tenants, so nothing was tried for them.",
      remedy: [
        "Give the tenants values for these parameters, or the parameters a default.",
        "If the tenants have them, allow cloudfront:GetDistributionConfig, ListDistributionTenants and GetDistributionTenant.",
      ],
      evidence: { parameters },
    };
  },
});
