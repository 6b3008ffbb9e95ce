import { sources } from "../../cloudfront/sources.ts";
import { connectionRule } from "../rule.ts";

export const templateValueUnresolved = connectionRule({
  code: "template-value-unresolved",
  effect: "unseen",
  stage: "no-attempt",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "none",
  summary: "The template leaves the origin's domain name open until it is deployed.",
  source: sources.originSettings,
  examine: ({ planned }) => {
    if (planned.kind !== "unseen" || planned.reason.kind !== "template-value-unresolved") return undefined;
    const { expression } = planned.reason;
    return {
      title: `the origin domain depends on ${expression}`,
      explanation: `The template takes the domain name of the origin from ${expression}, whose value is not in the template, so nothing was tried.`,
      remedy: [
        "If it is a parameter of the template, give its value: `--parameter NAME=VALUE`.",
        "If it comes from a resource, check the origin after the deployment.",
      ],
      evidence: { expected: "a domain name", seen: expression },
    };
  },
});
