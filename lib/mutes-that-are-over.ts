import { Annotations } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import type { MuteConfig } from "./mutes.ts";

/**
 * Warns of mutes whose time is over, and which have no effect. They are not refused: what deployed yesterday deploys today,
 * and no synthesis fails because of the day on which it runs.
 */
export function warnOfMutesThatAreOver(scope: Construct, mutes: readonly MuteConfig[], now: number): void {
  for (const [index, { until }] of mutes.entries()) {
    if (Date.parse(until) > now) continue;
    Annotations.of(scope).addWarningV2(
      `origin-watch:mute-over-${index + 1}`,
      `mutes: entry ${index + 1} has been over since ${until} and mutes nothing; take it out, or give it a later day`,
    );
  }
}
