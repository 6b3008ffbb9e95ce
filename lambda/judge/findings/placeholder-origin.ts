import { sources } from "../../cloudfront/sources.ts";
import type { FunctionBefore } from "../../plan/connection.ts";
import { enumerated } from "../../text/phrase.ts";
import { printable } from "../../text/printable.ts";
import { abilitiesOf, functionsNamed } from "../function-name.ts";
import { muteOr } from "../mute-advice.ts";
import type { Policy, Rule } from "../rule.ts";

type BehindFunctions = {
  /** One at least on every behavior that leads to the origin. */
  readonly functions: readonly FunctionBefore[];
  /** Whether it is known that the origin never passed: this check may have no memory of earlier runs. */
  readonly remembers: boolean;
  readonly occasion?: Policy["occasion"] | undefined;
};

export const placeholderOrigin: Rule<BehindFunctions, "placeholder-origin"> = {
  code: "placeholder-origin",
  effect: "note",
  stage: "no-attempt",
  transient: false,
  about: "other",
  supersededBy: [],
  proof: "whole-handshake",
  summary:
    "Every request meets an edge function first, and the origin fails and never passed: it may be a placeholder.",
  source: sources.serverNameRule,
  examine: ({ functions, remembers, occasion }) => {
    const shown = (texts: readonly string[]) => [...new Set(texts)].slice(0, 20).map((each) => printable(each, 255));
    const pathPatterns = shown(functions.map(({ pathPattern }) => pathPattern));
    const named = functionsNamed(functions);
    return {
      title: "may be a placeholder behind edge functions",
      cause: `Every request for this origin first meets ${named} (${enumerated(pathPatterns, 3)}), which can ${abilitiesOf(functions)}.`,
      explanation: remembers
        ? "Origin Watch never saw this origin pass, so that CloudFront may never connect to it. Until it passes once, what would make every cache miss fail is reported as a risk."
        : "This check does not know whether the origin ever passed, so that CloudFront may never connect to it. What would make every cache miss fail is reported as a risk.",
      remedy: [
        "If viewers depend on this origin, fix it. Once it has passed, its failures count in full.",
        `If it is a placeholder, ${muteOr({ occasion }, "mute it", "this is expected")}.`,
        ...(functions.some(isUnread)
          ? [
              "Let Origin Watch read what CloudFront functions do: set `readFunctions`, or `--read-functions` in a terminal.",
            ]
          : []),
      ],
      evidence: { functions: shown(functions.map(({ arn }) => arn)), pathPatterns },
    };
  },
};

function isUnread({ runtime, code }: FunctionBefore): boolean {
  return runtime === "cloudfront-functions" && code === undefined;
}
