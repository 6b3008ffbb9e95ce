import { sources } from "../../cloudfront/sources.ts";
import { printable } from "../../text/printable.ts";
import { connectionRule } from "../rule.ts";
import { parameterAdvice } from "../template-advice.ts";

const mostNamed = 5;

export const templateValueUnresolved = connectionRule({
  code: "template-value-unresolved",
  effect: "unseen",
  stage: "no-attempt",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "none",
  summary: "The template or plan leaves open which connection CloudFront makes to the origin, until it is deployed.",
  source: sources.originSettings,
  examine: ({ planned }) => {
    if (planned.kind !== "unseen" || planned.reason.kind !== "template-value-unresolved") return undefined;
    const { parameters } = planned.reason;
    const expressions = planned.reason.expressions.slice(0, mostNamed).map((name) => printable(name, 200));
    const named = expressions.join(" and ");
    return {
      title: "value is not known here",
      cause: `Which connection CloudFront makes here follows from ${named}, whose value is not known here.`,
      explanation: "Nothing was tried.",
      remedy: [
        ...parameterAdvice(parameters),
        ...(parameters.length > 0 ? [] : ["Check the origin after the deployment, when the value is known."]),
      ],
      evidence: { expected: "a value", seen: expressions },
    };
  },
});
