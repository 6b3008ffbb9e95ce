import { describe, expect, test } from "vitest";
import type { Draft } from "../../lambda/incidents/change.ts";
import type { MuteClaim } from "../../lambda/incidents/mute-claim.ts";
import { mutesOf } from "../../lambda/incidents/mute-of.ts";
import { type AskedMutes, mutesInForce } from "../../lambda/incidents/mutes-in-force.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState, mostMutesKept, type State } from "../../lambda/incidents/state.ts";
import { parseState, serializeState } from "../../lambda/incidents/state-format.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { mutedNow } from "../../lambda/tell/muted-now.ts";
import { dayMs, hourMs } from "../../lambda/text/instant.ts";
import { chainIncomplete, connectionRecord, report, runTime, scope, use } from "../tell/records.ts";

const now = new Date(runTime);
const later = (ms: number) => new Date(now.getTime() + ms);
const iso = (ms: number) => later(ms).toISOString();
const account = "111122223333";

function tag(changes: Partial<MuteClaim> = {}): MuteClaim {
  const selector = { distribution: "E1EXAMPLE", origin: null, code: null };
  return { source: "tag", account, ...selector, until: iso(10 * dayMs), reason: "is being moved", ...changes };
}

function asked(...claims: readonly MuteClaim[]): AskedMutes {
  return { claims, tagsReadOf: new Set(["E1EXAMPLE", "E2EXAMPLE"]), fileRead: true };
}

const unread: AskedMutes = { claims: [], tagsReadOf: new Set(), fileRead: true };

describe("mutesInForce", () => {
  test("lets a tag hold until what it asks for, and 90 days from when it was first seen at most", () => {
    const forever = tag({ until: "2099-01-01T00:00:00.000Z" });
    const first = mutesInForce([], asked(tag(), forever), [], now);
    expect(first.inForce.map(({ until, asked: of }) => [until, of])).toEqual([
      [iso(10 * dayMs), iso(10 * dayMs)],
      [iso(90 * dayMs), "2099-01-01T00:00:00.000Z"],
    ]);
    const second = mutesInForce([], asked(forever), first.kept, later(89 * dayMs));
    expect(second.inForce.map(({ until }) => until)).toEqual([iso(90 * dayMs)]);
    const over = mutesInForce([], asked(forever), second.kept, later(90 * dayMs));
    expect(over.inForce).toEqual([]);
    // It is there still, and does not begin anew.
    expect(over.kept).toMatchObject([{ firstSeen: runTime }]);
    expect(mutesInForce([], asked(forever), over.kept, later(200 * dayMs)).inForce).toEqual([]);
  });

  test("remembers a tag of a distribution that nobody asked about, and forgets one that is gone", () => {
    const { kept } = mutesInForce([], asked(tag({ until: "2099-01-01T00:00:00.000Z" })), [], now);
    expect(mutesInForce([], unread, kept, later(400 * dayMs)).kept).toEqual(kept);
    expect(mutesInForce([], asked(), kept, later(dayMs)).kept).toEqual([]);
  });

  test("takes another end of a tag for another mute", () => {
    const { kept } = mutesInForce([], asked(tag()), [], now);
    const told = kept.map((entry) => ({ ...entry, announced: runTime }));
    const other = mutesInForce([], asked(tag({ until: iso(20 * dayMs) })), told, later(dayMs));
    expect(other.kept).toMatchObject([{ firstSeen: iso(dayMs), announced: null, until: iso(20 * dayMs) }]);
    const same = mutesInForce([], asked(tag({ reason: "another" })), told, later(dayMs));
    expect(same.kept).toMatchObject([{ firstSeen: runTime, announced: runTime, reason: "another" }]);
  });

  test("lets a setting hold as long as it says, and keeps nothing of what is over", () => {
    const setting = { distribution: null, origin: null, code: "chain-incomplete", reason: "known" };
    const { inForce, kept } = mutesInForce(
      [
        { ...setting, until: "2099-01-01T00:00:00.000Z" },
        { ...setting, until: iso(-1) },
      ],
      unread,
      [],
      now,
    );
    expect(inForce).toMatchObject([{ source: "setting", account: null, until: "2099-01-01T00:00:00.000Z" }]);
    expect(kept).toHaveLength(1);
    expect(mutesInForce([], unread, kept, now).kept).toEqual([]);
  });

  test("holds until a year that a state can hold, whatever is asked for", () => {
    const setting = {
      distribution: null,
      origin: "a",
      code: null,
      reason: "known",
      until: "+010000-01-01T00:00:00.000Z",
    };
    expect(mutesInForce([setting], unread, [], now).kept).toMatchObject([{ until: "9999-12-31T23:59:59.999Z" }]);
  });

  test("keeps as many as fit, in an order of their own, and those that are in force first", () => {
    const claims = Array.from({ length: mostMutesKept + 5 }, (_, index) => tag({ distribution: `E${index}` }));
    const ended = tag({ until: iso(dayMs / 2) });
    const before = mutesInForce([], asked(ended), [], now).kept;
    const { kept } = mutesInForce([], { ...unread, claims }, before, later(dayMs));
    expect(kept).toHaveLength(mostMutesKept);
    expect(kept.filter(({ until }) => until === ended.until)).toEqual([]);
  });

  test("keeps those of every account, however many another one has that end later", () => {
    const claims = Array.from({ length: mostMutesKept + 5 }, (_, index) => tag({ distribution: `E${index}` }));
    const other = tag({ account: "222233334444", until: iso(dayMs) });
    const { kept } = mutesInForce([], { ...unread, claims: [...claims, other] }, [], now);
    expect(kept).toHaveLength(mostMutesKept);
    expect(kept.filter(({ account: of }) => of === "222233334444")).toHaveLength(1);
  });
});

describe("mutesOf", () => {
  const about = (...uses: readonly (readonly [id: string, accountId: string | null])[]) => ({
    code: "chain-incomplete",
    domain: "api.example.com",
    uses: uses.map(([distributionId, accountId]) => ({ distributionId, accountId })),
  });
  const ofOrigin = (id: string) => tag({ distribution: null, origin: "API.example.com", account: id });

  test.each<[string, ReturnType<typeof about>, readonly MuteClaim[], number]>([
    ["its own distribution", about(["E1EXAMPLE", account]), [tag()], 1],
    ["its own distribution in another account", about(["E1EXAMPLE", "222233334444"]), [tag()], 0],
    ["an account that is not known", about(["E1EXAMPLE", null]), [tag()], 0],
    ["one of two distributions", about(["E1EXAMPLE", account], ["E2EXAMPLE", account]), [tag()], 0],
    [
      "each of two distributions",
      about(["E1EXAMPLE", account], ["E2EXAMPLE", account]),
      [tag(), tag({ distribution: "E2EXAMPLE" })],
      2,
    ],
    ["an origin in one account", about(["E1", account], ["E2", account]), [ofOrigin(account)], 1],
    ["an origin that another account uses too", about(["E1", account], ["E2", "222233334444"]), [ofOrigin(account)], 0],
    [
      "an origin in each of its accounts",
      about(["E1", account], ["E2", "222233334444"]),
      [ofOrigin(account), ofOrigin("222233334444")],
      2,
    ],
    ["another code", about(["E1EXAMPLE", account]), [tag({ code: "certificate-expired" })], 0],
    ["nothing that is known to use it", about(), [tag()], 0],
  ])("with a mute of %s", (_, incident, mutes, expected) => {
    expect(mutesOf(incident, mutes, now)).toHaveLength(expected);
  });

  test("names first what ends first, and of two for one use the later one", () => {
    const soon = tag({ until: iso(hourMs) });
    const late = tag({ until: iso(2 * hourMs) });
    const other = tag({ distribution: "E2EXAMPLE", until: iso(1.5 * hourMs) });
    const incident = about(["E1EXAMPLE", account], ["E2EXAMPLE", account]);
    expect(mutesOf(incident, [soon, late, other], now)).toEqual([other, late]);
  });
});

describe("a mute by a tag, told", () => {
  const broken = connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] });
  const healthy = connectionRecord("api.example.com");

  /** The events and what a draft is about, run by run. */
  function play() {
    let state: State | null = null;
    let at = now.getTime();
    return {
      state: () => state,
      run: (record: ConnectionRecord, claims: readonly MuteClaim[], gap = hourMs): readonly Draft[] => {
        at += gap;
        const run = report([record], { finishedAt: new Date(at).toISOString() });
        const policy = { ...defaultAlertPolicy, askedMutes: asked(...claims) };
        const { next, drafts } = step(state, run, new Date(at), policy);
        const stored = parseState(serializeState(next));
        expect(stored).toEqual({ kind: "state", state: next });
        state = next;
        return drafts;
      },
    };
  }
  const events = (drafts: readonly Draft[]) => drafts.map(({ event }) => event);

  test("is told once when it begins to hold something back, and what is open at its end is told then", () => {
    const { run, state } = play();
    expect(run(healthy, [tag()])).toEqual([]);
    const [draft, ...others] = run(broken, [tag()]);
    expect(others).toEqual([]);
    expect(draft).toMatchObject({
      event: "muted",
      begunMutes: [{ mute: { source: "tag", reason: "is being moved" }, incidents: [{ code: "chain-incomplete" }] }],
    });
    expect(run(broken, [tag()])).toEqual([]);
    expect(run(healthy, [tag()])).toEqual([]);
    expect(run(broken, [tag()])).toEqual([]);
    expect(state()?.incidents).toMatchObject([{ tellings: 0, mutedBy: state()?.mutes[0]?.id }]);
    const shown = mutedNow(state() ?? emptyState);
    expect(shown).toEqual([
      expect.stringMatching(
        /^api\.example\.com: .+, until 2026-12-03 03:12 UTC by the tag .+, which says: is being moved$/,
      ),
    ]);
    const [opened] = run(broken, [tag()], 10 * dayMs);
    expect(opened).toMatchObject({ event: "opened", endedMutes: [{ reason: "is being moved" }] });
    expect(state()?.incidents[0]?.mutedBy).toBeUndefined();
    expect(mutedNow(state() ?? emptyState)).toEqual([]);
    expect(run(broken, [tag()])).toEqual([]);
  });

  test("holds back reminders of what was told, and has one at its end, although none is due", () => {
    const { run } = play();
    expect(events(run(broken, []))).toEqual(["opened"]);
    const short = tag({ until: iso(4 * hourMs) });
    expect(events(run(broken, [short]))).toEqual(["muted"]);
    expect(events(run(broken, [short]))).toEqual([]);
    const [draft, ...others] = run(broken, [short]);
    expect(others).toEqual([]);
    expect(draft).toMatchObject({ event: "reminder", endedMutes: [{ until: short.until }] });
    expect(events(run(broken, [short]))).toEqual([]);
  });

  test("is over at once where the tag is gone", () => {
    const { run } = play();
    expect(events(run(broken, [tag()]))).toEqual(["muted"]);
    expect(events(run(broken, []))).toEqual(["opened"]);
  });

  test("never holds back a shared origin of which one distribution is muted", () => {
    const { run } = play();
    const shared = {
      ...broken,
      uses: [use("E1EXAMPLE"), { ...use("E2EXAMPLE"), scope: { ...scope, accountId: "2".repeat(12) } }],
    };
    const both = [tag(), tag({ distribution: "E2EXAMPLE" })];
    expect(events(run(shared, both))).toEqual(["opened"]);
  });

  test("is not told of where that could not be remembered", () => {
    const policy = { ...defaultAlertPolicy, askedMutes: asked(tag()) };
    expect(step(null, report([broken]), now, policy, { asOne: true }).drafts).toEqual([]);
  });
});
