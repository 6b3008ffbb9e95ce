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
      title: "no cache behavior uses the origin",
      cause: "No cache behavior sends requests to this origin.",
      explanation: "So CloudFront does not connect to it, unless an edge function selects it.",
      remedy: ["Remove the origin from the distribution, or let a cache behavior use it."],
      evidence: { originIds: planned.connection.uses.map(({ originId }) => originId) },
    };
  },
});
