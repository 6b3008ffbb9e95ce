import { sources } from "../../cloudfront/sources.ts";
import { enumerated } from "../../text/phrase.ts";
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
  summary: "An edge function on the cache behavior may change the origin, the Host header or the server name.",
  source: sources.serverNameRule,
  examine: ({ planned, connection }) => {
    if (planned.kind === "skipped") return undefined;
    const reroutings = connection.uses.flatMap(({ reroutedBy }) => reroutedBy);
    if (reroutings.length === 0) return undefined;
    const shown = (texts: readonly string[]) => [...new Set(texts)].slice(0, 20).map((text) => printable(text, 255));
    const pathPatterns = shown(reroutings.map(({ pathPattern }) => pathPattern));
    return {
      title: "edge function may choose another origin",
      cause: `On ${enumerated(pathPatterns, 3)}, an edge function can choose another origin, Host or server name (SNI).`,
      explanation:
        "A CloudFront function for viewer requests or a Lambda@Edge function for origin requests can do that. The verdict is about the static configuration. CloudFront uses it unless the function says otherwise.",
      remedy: ["Check the origins that the function chooses: `origin-watch check origin HOST`."],
      evidence: { functions: shown(reroutings.map(({ arn }) => arn)), pathPatterns },
    };
  },
});
