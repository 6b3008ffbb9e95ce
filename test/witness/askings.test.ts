import { describe, expect, it } from "vitest";
import { type AskedDistribution, askings } from "../../lambda/witness/askings.ts";
import type { Traffic } from "../../lambda/witness/traffic.ts";

const minute = 60_000;
const now = Date.parse("2026-11-27T10:05:30Z");

/** What was asked so many minutes before what can be known now. */
function asked(minutes: number): Traffic {
  const until = new Date(Date.parse("2026-11-27T10:00:00Z") - minutes * minute).toISOString();
  return { from: until, until, minutes: 15, requests: 100, errors: 0, byStatus: null };
}

function distribution(distributionId: string, changes: Partial<AskedDistribution> = {}): AskedDistribution {
  return { distributionId, isInDoubt: false, asksAgain: false, last: asked(15), ...changes };
}

const ids = (all: readonly AskedDistribution[], pace: "hourly" | "every-run" = "hourly", most = 100) =>
  askings(all, pace, now, most).map(({ distributionId }) => distributionId);

describe("what a run asks of CloudFront's count", () => {
  it("is of a distribution without a finding once an hour, or in each run where somebody wants that", () => {
    const all = [distribution("E1"), distribution("E2", { last: asked(60) }), distribution("E3", { last: asked(54) })];
    expect(ids(all)).toEqual(["E2"]);
    expect(ids(all, "every-run")).toEqual(["E2", "E3", "E1"]);
  });

  it("is of one that was never asked, for an hour", () => {
    expect(askings([distribution("E1", { last: null })], "hourly", now, 100)).toEqual([
      {
        distributionId: "E1",
        window: { from: Date.parse("2026-11-27T09:00:00Z"), until: Date.parse("2026-11-27T10:00:00Z") },
      },
    ]);
  });

  it("is in each run of one in doubt, and of one whose last share was over the threshold", () => {
    const all = [distribution("E1", { isInDoubt: true }), distribution("E2", { asksAgain: true }), distribution("E3")];
    expect(ids(all)).toEqual(["E2", "E1"]);
  });

  it("is nothing twice in the same minute", () => {
    expect(ids([distribution("E1", { isInDoubt: true, last: asked(0) })], "every-run")).toEqual([]);
  });

  it("begins with what decides something, and leaves no distribution out for ever", () => {
    const many = Array.from({ length: 250 }, (_, index) => distribution(`E${index}`, { last: null }));
    const doubtful = distribution("EDOUBT", { isInDoubt: true });
    const again = distribution("EAGAIN", { asksAgain: true });
    expect(ids([...many, doubtful, again], "hourly", 3)).toEqual(["EAGAIN", "EDOUBT", "E0"]);
    const seen = new Set<string>();
    let waiting = many;
    for (let run = 0; run < 3; run++) {
      const chosen = new Set(ids(waiting, "hourly", 100));
      for (const id of chosen) seen.add(id);
      waiting = waiting.map((each) => (chosen.has(each.distributionId) ? { ...each, last: asked(0) } : each));
    }
    expect(seen.size).toBe(250);
  });
});
