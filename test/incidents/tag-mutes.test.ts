import { describe, expect, test } from "vitest";
import { distributionsToAsk, muteReasonTag, muteUntilTag, tagMute } from "../../lambda/incidents/tag-mutes.ts";
import { connectionRecord, scope } from "../tell/records.ts";

const tags = (entries: Record<string, string>) => new Map(Object.entries(entries));

describe("tagMute", () => {
  test.each([
    ["2026-12-31", "2027-01-01T00:00:00.000Z"],
    [" 2026-12-31 ", "2027-01-01T00:00:00.000Z"],
    ["2026-12-31T18:00:00Z", "2026-12-31T18:00:00.000Z"],
    ["2026-12-31T18:00+01:00", "2026-12-31T17:00:00.000Z"],
  ])("%j mutes until %s", (value, until) => {
    const read = tagMute("E1", scope, tags({ [muteUntilTag]: value, [muteReasonTag]: "is being moved" }));
    expect(read).toEqual({
      kind: "mute",
      mute: {
        source: "tag",
        account: "111122223333",
        distribution: "E1",
        origin: null,
        code: null,
        until,
        reason: "is being moved",
      },
    });
  });

  test("has a reason of its own when there is none", () => {
    expect(tagMute("E1", scope, tags({ [muteUntilTag]: "2026-12-31" }))).toMatchObject({
      mute: { reason: "no reason given" },
    });
  });

  test.each([
    "",
    "soon",
    "\u{1f4a4}",
    "year 2099",
    "2026-02-31",
    "31.12.2026",
    "2026-12-31T18:00",
    "2026-12-31T25:00:00Z",
    "\u202e2026-12-31",
  ])("%j mutes nothing, and is told", (value) => {
    const read = tagMute("E1", scope, tags({ [muteUntilTag]: value }));
    expect(read).toMatchObject({ kind: "wrong", problem: { code: "mute-tag-unreadable" } });
    expect(JSON.stringify(read)).not.toContain("\u202e");
  });

  test("mutes nothing where the account is not known", () => {
    const read = tagMute("E1", { ...scope, accountId: null }, tags({ [muteUntilTag]: "2026-12-31" }));
    expect(read).toEqual({ kind: "none" });
  });

  test("other tags mute nothing", () => {
    expect(tagMute("E1", scope, tags({ team: "web" }))).toEqual({ kind: "none" });
  });
});

test("asks for those with something to tell, what fails first, each once", () => {
  const record = (domain: string, verdict: "failing" | "at-risk" | "unknown" | "healthy", ids: readonly string[]) => {
    const made = connectionRecord(domain, { verdict });
    const [use] = made.uses;
    return { ...made, uses: ids.map((distributionId) => ({ ...use!, distributionId })) };
  };
  const records = [
    record("a.test", "healthy", ["E1"]),
    record("b.test", "unknown", ["E2"]),
    record("c.test", "at-risk", ["E3", "E4"]),
    record("d.test", "failing", ["E4"]),
  ];
  expect(distributionsToAsk({ records })).toEqual(["E4", "E3", "E2"]);
});
