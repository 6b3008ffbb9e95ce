import { describe, expect, it } from "vitest";
import type { Draft } from "../../lambda/incidents/change.ts";
import { incidentUpdates } from "../../lambda/incidents/incident-update.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import { emptyState, type State } from "../../lambda/incidents/state.ts";
import { parseState, serializeState } from "../../lambda/incidents/state-format.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { AddressOutcome, Observation } from "../../lambda/probe/observation.ts";
import { egressVantage, unobserved } from "../../lambda/probe/observation.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { recordOf } from "../../lambda/run.ts";
import { renderDraft } from "../../lambda/tell/message.ts";
import { connection } from "../judge/checked.ts";
import { anchors, expired, healthy, serverName } from "../judge/outcomes.ts";
import { report, scope, use } from "../tell/records.ts";

const policy = { ...defaultAlertPolicy, weeklyDigest: false, firstMessage: "never" } as const;
const planned = { kind: "probe", connection: connection({ domain: serverName, uses: [use("E1EXAMPLE")] }) } as const;
const refused: AddressOutcome = { kind: "connect-refused", attempts: 1 };
const silent: AddressOutcome = { kind: "connect-timed-out", attempts: 3, timeoutMs: 10_000 };
const late = unobserved("deadline");

function at(address: string, outcome: AddressOutcome): Observation {
  const addresses = [{ address, outcome, ms: 1 }];
  return { dns: { kind: "answered", addresses: [address] }, addresses, addressesLeftOut: 0 };
}
const seen = (outcome: AddressOutcome) => at("192.0.2.1", outcome);
/** DNS gives this Region another address. */
const elsewhere = (outcome: AddressOutcome) => at("192.0.2.9", outcome);

type Seen = Readonly<Record<string, Observation>>;

/** Plays runs of which each sees the origin from the vantages that it names, and keeps the state as it is stored. */
function story() {
  let state: State = emptyState;
  let time = Date.now();
  const play = (from: Seen, vantages: readonly string[] = Object.keys(from)) => {
    time += 15 * 60_000;
    const now = new Date(time);
    const observations = Object.entries(from).map(([vantage, observation]) => ({ vantage, observation }));
    const record = recordOf({ planned, observations }, { now: time, expiryWarningDays: 21, anchors });
    const finishedAt = now.toISOString();
    const run: RunReport = { ...report([record]), startedAt: finishedAt, finishedAt, vantages };
    const { next, drafts } = step(state, run, now, policy);
    const updates = incidentUpdates(state, next, run).map(({ status }) => status);
    const parsed = parseState(serializeState(next));
    if (parsed.kind !== "state") throw new Error(parsed.problem);
    state = parsed.state;
    const messages = drafts.map((draft: Draft) =>
      renderDraft(
        draft,
        run,
        {
          scope,
          region: "eu-west-1",
          logGroup: null,
          version: "1",
          dashboard: null,
          muteTags: false,
          reminders: policy,
        },
        [],
      ),
    );
    return {
      events: drafts.map(({ event }) => event),
      subjects: messages.map(({ subject }) => subject),
      messages,
      updates,
    };
  };
  return { play, open: () => state.incidents.map(({ code, effect, seenFrom }) => ({ code, effect, seenFrom })) };
}

const all = (outcome: AddressOutcome): Seen => ({
  "eu-west-1": seen(outcome),
  "us-east-1": seen(outcome),
  "sa-east-1": seen(outcome),
});

describe("an incident that several vantages watch", () => {
  it("is not over because the vantage that saw it is missing, and is when that one sees it no more", () => {
    const { play, open } = story();
    const fault = { ...all(healthy), "us-east-1": elsewhere(expired) };
    expect(play(fault).subjects).toEqual([expect.stringMatching(/^\[502\] .*certificate expired/)]);
    expect(open()).toEqual([{ code: "certificate-expired", effect: "502", seenFrom: ["us-east-1"] }]);
    for (const missing of [
      late,
      { ...late, dns: { kind: "lookup-failed", error: "SERVFAIL" } } as const,
      elsewhere(silent),
    ]) {
      const { events, updates } = play({ ...all(healthy), "us-east-1": missing });
      expect([events, updates]).toEqual([[], ["open"]]);
    }
    expect(play(all(healthy))).toMatchObject({ events: ["resolved"], updates: ["resolved"] });
    expect(open()).toEqual([]);
  });

  it("is not over as long as not all who saw it have seen it to be", () => {
    const { play, open } = story();
    play({ ...all(healthy), "us-east-1": seen(expired), "sa-east-1": seen(expired) });
    // One sees it still, the other could not look; then the other way round.
    play({ ...all(healthy), "us-east-1": seen(expired), "sa-east-1": late });
    expect(open()).toMatchObject([{ seenFrom: ["us-east-1", "sa-east-1"] }]);
    expect(play({ ...all(healthy), "sa-east-1": late }).events).toEqual([]);
    expect(play(all(healthy)).events).toEqual(["resolved"]);
  });

  it("goes on as a risk while one Region still meets what most of them met, and is fixed with that", () => {
    const { play, open } = story();
    const most = { ...all(refused), "sa-east-1": seen(healthy) };
    expect(play(most).events).toEqual([]);
    expect(play(most).subjects).toEqual([expect.stringContaining("[502]")]);
    const one = { ...all(healthy), "us-east-1": seen(refused) };
    expect(play(one).events).toEqual([]);
    const second = play(one);
    expect(second.subjects).toEqual([
      expect.stringContaining("[AT RISK] api.example.com: 1 of 3 Regions cannot reach it"),
    ]);
    expect(second.messages[0]?.text).not.toMatch(/fixed at|partly fixed/i);
    expect(open().map(({ code }) => code)).toEqual(["connection-refused", "some-regions-failing"]);
    // The Region that meets it is missing: nobody knows.
    expect(play({ ...one, "us-east-1": late }).events).toEqual([]);
    expect(play(all(healthy)).subjects).toEqual([expect.stringContaining("[FIXED]")]);
    expect(open()).toEqual([]);
  });

  it("opens nothing where all get no answer, and a risk where one does", () => {
    const { play, open } = story();
    for (let runs = 0; runs < 3; runs += 1) play(all(silent));
    expect(open()).toEqual([]);
    const differs = { ...all(silent), "eu-west-1": seen(healthy) };
    play(differs);
    expect(play(differs).subjects).toEqual([
      expect.stringContaining("[AT RISK] api.example.com: no answer to 2 of 3 Regions"),
    ]);
  });
});

describe("vantages that are added and taken out", () => {
  it("close what only they saw, and do not call it fixed", () => {
    const { play, open } = story();
    play({ ...all(healthy), "us-east-1": elsewhere(expired) });
    const { "us-east-1": _, ...others } = all(healthy);
    const closed = play(others);
    expect(closed).toMatchObject({ events: ["resolved"], updates: ["gone"] });
    expect(closed.subjects).toEqual([
      expect.stringMatching(/^\[CLOSED\] api\.example\.com, was: certificate expired .*\(not checked from there now/),
    ]);
    expect(closed.messages[0]?.text).toContain(
      "seen from us-east-1 only, and Origin Watch does not check from there now",
    );
    expect(open()).toEqual([]);
  });

  it("close it also where a single one is left, and leave open what that one sees", () => {
    const { play, open } = story();
    play({ ...all(expired), "us-east-1": elsewhere(expired) });
    expect(play({ "eu-west-1": seen(expired) }).events).toEqual([]);
    expect(open()).toEqual([{ code: "certificate-expired", effect: "502", seenFrom: undefined }]);
    expect(play({ "eu-west-1": seen(healthy) })).toMatchObject({ updates: ["resolved"] });

    const other = story();
    other.play({ ...all(healthy), "us-east-1": elsewhere(expired) });
    expect(other.play({ "eu-west-1": late }).events).toEqual([]);
    expect(other.play({ "eu-west-1": seen(healthy) })).toMatchObject({ updates: ["gone"] });
  });

  it("neither open nor end anything that one vantage saw before", () => {
    const { play, open } = story();
    play({ "eu-west-1": seen(expired) });
    expect(play({ ...all(healthy), "eu-west-1": late }).events).toEqual([]);
    expect(play(all(expired)).events).toEqual([]);
    expect(open()).toMatchObject([{ seenFrom: ["eu-west-1", "us-east-1", "sa-east-1"] }]);
    expect(play(all(healthy))).toMatchObject({ events: ["resolved"], updates: ["resolved"] });
  });
});

describe("the fixed addresses of a VPC", () => {
  const egress = egressVantage("vpc-0123456789abcdef0");
  const own: Observation = { dns: { kind: "answered", addresses: [] }, addresses: [], addressesLeftOut: 0 };

  it("leave what was seen before they were there to the others, where they never get to look", () => {
    const { play, open } = story();
    play({ "us-east-1": seen(expired) });
    expect(open()).toHaveLength(1);
    expect(play({ "us-east-1": seen(expired), [egress]: own }).subjects).toEqual([]);
    expect(play({ "us-east-1": seen(healthy), [egress]: own }).updates).toEqual(["resolved"]);
    expect(open()).toEqual([]);
  });

  it("close what only they saw when they are taken out, although nobody else gets an answer", () => {
    const { play, open } = story();
    const fault = { "us-east-1": seen(silent), [egress]: seen(expired) };
    play(fault);
    expect(open()).toMatchObject([{ code: "certificate-expired", seenFrom: [egress] }]);
    // Without an answer of theirs nothing ends.
    expect(play({ ...fault, [egress]: late }).updates).toEqual(["open"]);
    const { subjects, updates } = play({ "us-east-1": seen(silent) });
    expect(updates).toEqual(["gone"]);
    expect(subjects).toEqual([expect.stringMatching(/^\[CLOSED\]/), expect.stringMatching(/^\[NOT CHECKED\]/)]);
  });

  it("close it also when they look at others still, but not at this account's", () => {
    const { play } = story();
    play({ "us-east-1": seen(healthy), [egress]: elsewhere(expired) });
    const { subjects, updates } = play({ "us-east-1": seen(healthy) }, ["us-east-1", egress]);
    expect(updates).toEqual(["gone"]);
    expect(subjects).toEqual([expect.stringMatching(/^\[CLOSED\]/)]);
  });
});

describe("what a message says of Regions", () => {
  it("names those that saw it, those that did not and those that could not look, and the vantages in its data", () => {
    const { play } = story();
    const fault = { ...all(healthy), "us-east-1": elsewhere(expired), "sa-east-1": late };
    const [message] = play(fault).messages;
    expect(message?.text).toContain("Seen from us-east-1, not from eu-west-1, could not be checked from sa-east-1");
    expect(message?.text).toContain("Checked and OK at 192.0.2.1 (from eu-west-1): ");
    expect(JSON.parse(message?.data ?? "")).toMatchObject({ incidents: [{ seenFrom: ["us-east-1"] }] });
  });

  it("says nothing of them where there is one", () => {
    const { play } = story();
    const [message] = play({ "eu-west-1": seen(expired) }).messages;
    expect(message?.text).not.toMatch(/seen from/i);
    expect(message?.data).not.toContain("seenFrom");
  });
});
