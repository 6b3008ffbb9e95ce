import { sources } from "../../cloudfront/sources.ts";
import { connectionRule } from "../rule.ts";

export const originUnused = connectionRule({
  code: "origin-unused",
  effect: "note",
  stage: "no-attempt",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "none",
  summary: "No cache behavior and no used origin group refers to the origin.",
  source: sources.originSettings,
  examine: ({ planned }) => {
    if (planned.kind !== "skipped" || planned.reason !== "origin-unused") return undefined;
    return {
      title: "origin is not used",
      explanation:
        "No cache behavior sends requests to this origin, so CloudFront does not connect to it unless a function selects it.",
      remedy: ["Remove the origin from the distribution, or let a cache behavior use it."],
      evidence: { originIds: planned.connection.uses.map(({ originId }) => originId) },
    };
  },
});
