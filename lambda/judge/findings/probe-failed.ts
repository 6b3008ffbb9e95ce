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
      title: "check itself failed",
      cause: "The check failed by a fault of Origin Watch, or of the machine that it runs on.",
      explanation: "The origin is not the cause. Nothing is known about the origin.",
      remedy: ["Check it again. If it fails again, report it with the log record of this run."],
      evidence: { expected: "a handshake", seen: printable(bug.bug, 200) },
    };
  },
});
