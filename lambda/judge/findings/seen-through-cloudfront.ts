import { sources } from "../../cloudfront/sources.ts";
import { instant } from "../../text/instant.ts";
import { printable } from "../../text/printable.ts";
import type { Rule } from "../rule.ts";

type ReachedView = {
  /** When a request through CloudFront last reached the origin, ISO 8601. */
  readonly at: string;
  readonly pop: string | null;
  /** The mark by which the answer is the origin's. */
  readonly decidedBy: string;
};

export const seenThroughCloudfront: Rule<ReachedView, "seen-through-cloudfront"> = {
  code: "seen-through-cloudfront",
  effect: "note",
  stage: "edge-answer",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "none",
  summary: "A request through CloudFront reached the origin within the last 24 hours.",
  source: sources.customOriginBehavior,
  examine: ({ at, pop, decidedBy }) => ({
    title: "reached through CloudFront",
    cause: `A request through CloudFront reached the origin at ${instant(at)}${pop === null ? "" : `, edge location ${printable(pop, 20)}`}.`,
    explanation:
      "What Origin Watch could not check counts as healthy for 24 hours after it. It says nothing of certificates that expire, and of other addresses and other edge locations.",
    remedy: ["Nothing has to be done. To have the origin checked itself, admit Origin Watch where that is possible."],
    evidence: { expected: "an answer of the origin", seen: printable(decidedBy, 120), at },
  }),
};
