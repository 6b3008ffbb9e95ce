import { sources } from "../../cloudfront/sources.ts";
import { printable } from "../../text/printable.ts";
import type { ConnectionView, Rule } from "../rule.ts";

export const edgeFunctionMayReroute: Rule<ConnectionView> = {
  code: "edge-function-may-reroute",
  effect: "note",
  summary: "A function on the cache behavior may change the origin, the Host header or the server name.",
  source: sources.serverNameRule,
  examine: ({ planned, connection }) => {
    if (planned.kind === "skipped") return undefined;
    const functions = [...new Set(connection.uses.flatMap(({ reroutedBy }) => reroutedBy))];
    if (functions.length === 0) return undefined;
    const patterns = connection.uses.filter(({ reroutedBy }) => reroutedBy.length > 0);
    return {
      title: "an edge function may send requests elsewhere",
      explanation:
        "A CloudFront function for viewer requests or a Lambda@Edge function for origin requests can choose another origin, Host or server name. The verdict is about the static configuration, which is what CloudFront uses unless the function says otherwise.",
      remedy: ["Check with `check origin` the origins that the function chooses."],
      evidence: {
        functions: functions.slice(0, 10).map((arn) => printable(arn, 200)),
        pathPatterns: [...new Set(patterns.flatMap(({ pathPatterns }) => pathPatterns))]
          .slice(0, 20)
          .map((pattern) => printable(pattern, 255)),
      },
    };
  },
};
