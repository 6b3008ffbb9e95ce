import { sources } from "../../cloudfront/sources.ts";
import { printable } from "../../text/printable.ts";
import { connectionRule } from "../rule.ts";
import { reasons } from "./out-of-time.ts";

export const probeFailed = connectionRule({
  code: "probe-failed",
  effect: "unseen",
  stage: "gave-up",
  transient: true,
  about: "other",
  supersededBy: [],
  proof: "whole-handshake",
  summary: "The check itself failed; nothing is known about the origin.",
  source: sources.badGateway,
  examine: ({ observation }) => {
    if (observation === null) return undefined;
    const bug = reasons(observation).find((reason) => reason !== "deadline");
    if (bug === undefined) return undefined;
    return {
      title: "the check itself failed",
      explanation:
        "The fault is in this check or in the machine that it runs on, not in the origin. Nothing is known about the origin.",
      remedy: ["Run it again; if it stays, report it with the log record of this run."],
      evidence: { expected: "a handshake", seen: printable(bug.bug, 200) },
    };
  },
});
