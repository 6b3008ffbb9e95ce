import { sources } from "../../cloudfront/sources.ts";
import { printable } from "../../text/printable.ts";
import { connectionRule } from "../rule.ts";

export const edgeFunctionMayReroute = connectionRule({
  code: "edge-function-may-reroute",
  effect: "note",
  stage: "no-attempt",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "A function on the cache behavior may change the origin, the Host header or the server name.",
  source: sources.serverNameRule,
  examine: ({ planned, connection }) => {
    if (planned.kind === "skipped") return undefined;
    const reroutings = connection.uses.flatMap(({ reroutedBy }) => reroutedBy);
    if (reroutings.length === 0) return undefined;
    const shown = (texts: readonly string[]) => [...new Set(texts)].slice(0, 20).map((text) => printable(text, 255));
    const pathPatterns = shown(reroutings.map(({ pathPattern }) => pathPattern));
    return {
      title: "an edge function may send requests elsewhere",
      explanation: `On ${pathPatterns.join(", ")}, a CloudFront function for viewer requests or a Lambda@Edge function for origin requests can choose another origin, Host or server name. The verdict is about the static configuration, which is what CloudFront uses unless the function says otherwise.`,
      remedy: ["Check with `check origin` the origins that the function chooses."],
      evidence: { functions: shown(reroutings.map(({ arn }) => arn)), pathPatterns },
    };
  },
});
