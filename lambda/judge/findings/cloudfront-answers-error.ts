import { sources } from "../../cloudfront/sources.ts";
import { instant } from "../../text/instant.ts";
import { printable } from "../../text/printable.ts";
import type { Rule } from "../rule.ts";

type EdgeErrorView = {
  readonly status: "502" | "504";
  /** When two requests had first agreed, and when CloudFront last answered so; ISO 8601. */
  readonly since: string;
  readonly at: string;
  readonly pathPattern: string;
  readonly host: string;
  readonly pop: string | null;
  readonly requestId: string | null;
  /** The sentence of CloudFront's page. */
  readonly wording: string | null;
  /** An origin group or an edge function chooses the origin. */
  readonly leavesChoice: boolean;
};

export const cloudfrontAnswersError: Rule<EdgeErrorView, "cloudfront-answers-error"> = {
  code: "cloudfront-answers-error",
  effect: "502",
  stage: "edge-answer",
  // Two runs have seen it by then.
  transient: false,
  about: "reachability",
  witness: "none",
  supersededBy: [],
  proof: "none",
  summary: "CloudFront itself answers requests for the origin with its own 502 or 504.",
  source: sources.badGateway,
  examine: ({ status, since, at, pathPattern, host, pop, requestId, wording, leavesChoice }) => {
    const where = pop === null ? "" : `, edge location ${printable(pop, 20)}`;
    const quoted = wording === null ? "" : ` CloudFront's page says: "${printable(wording, 200)}".`;
    const choice = leavesChoice
      ? " An origin group or an edge function stands before the origin, so that it may be another one that failed."
      : "";
    return {
      effect: status,
      title: `requests through CloudFront get its own ${status}`,
      cause: `CloudFront answered a HEAD and, in the next run, a GET for ${printable(host, 253)} (${printable(pathPattern, 100)}) with its own ${status}, last at ${instant(at)}${where}.`,
      explanation: `It got no usable answer from the origin. The check of the origin does not explain it.${quoted}${choice}`,
      remedy: [
        "Look for the request in CloudFront's standard log: x-edge-detailed-result-type names the reason.",
        "Check what only CloudFront meets: a firewall or load balancer that treats its addresses differently, or an application that closes connections or answers too slowly.",
      ],
      evidence: {
        expected: "an answer of the origin",
        seen: `${status} of CloudFront`,
        since,
        lastSeen: at,
        ...(requestId === null ? {} : { requestId: printable(requestId, 100) }),
      },
    };
  },
};
