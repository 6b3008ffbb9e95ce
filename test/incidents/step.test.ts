import { describe, expect, test } from "vitest";
import type { Draft } from "../../lambda/incidents/change.ts";
import { defaultAlertPolicy as policy } from "../../lambda/incidents/policy.ts";
import { emptyState, maxDistributionsKept, type State } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import { rulesRevision } from "../../lambda/judge/rules-revision.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "../../lambda/report/record.ts";
import { dayMs, hourMs } from "../../lambda/text/instant.ts";
import {
  address,
  certificate,
  certificateExpiring,
  chainIncomplete,
  connectionRecord,
  connectionRefused,
  connectionTimedOut,
  expiryFacts,
  finding,
  report,
  runTime,
  scope,
  silentAddress,
  use,
} from "../tell/records.ts";

const now = new Date(runTime);
const earlier = new Date(now.getTime() - 3 * hourMs);
const atOnce = { ...policy, confirmations: 1 };
const healthy = connectionRecord("api.example.com");
const broken = connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] });
const refused = connectionRecord("api.example.com", {
  verdict: "failing",
  findings: [connectionRefused],
  observed: { addresses: [silentAddress("connection refused")] },
});
const timedOut = connectionRecord("api.example.com", {
  verdict: "unknown",
  findings: [connectionTimedOut],
  observed: { addresses: [silentAddress("no answer")] },
});
const notChecked = { ...timedOut, connection: { ...timedOut.connection, key: "blind", domain: "blind.example.com" } };
const expiring = connectionRecord("api.example.com", { verdict: "at-risk", findings: [certificateExpiring] });
const httpOrigin = { connection: { key: "http", port: 80, serverName: null, acceptedNames: [] } };
const httpRefused = connectionRecord("api.example.com", {
  ...httpOrigin,
  verdict: "failing",
  findings: [finding("http-port-refused")],
  observed: { addresses: [silentAddress("connection refused")] },
});
const httpAccepted = connectionRecord("api.example.com", {
  ...httpOrigin,
  verdict: "skipped",
  skipped: "http-only",
  observed: { addresses: [silentAddress("connection accepted")] },
});
const disabled = { ...healthy, verdict: "skipped" as const, skipped: "distribution-disabled" as const };
const risk = { ...broken, verdict: "at-risk" as const, findings: [{ ...chainIncomplete, effect: "may" as const }] };

function told(...records: readonly ConnectionRecord[]): State {
  return step(null, report(records), earlier, atOnce).next;
}

/** What a draft is about, as lists of codes without those that are empty. */
function codes({ event, change }: Draft): readonly [string, Readonly<Record<string, readonly string[]>>] {
  const { gone, problems, ...findings } = change;
  const lists = Object.entries({ ...findings, gone: gone.map((entry) => entry.finding) });
  const named = lists.map(([name, list]) => [name, list.map(({ code }) => code)] as const);
  const ofRun = Object.entries(problems)
    .filter(([name]) => event === "run-problem" || name !== "still")
    .map(([name, list]) => [`problems ${name}`, list.map(({ code }: { code: string }) => code)] as const);
  return [event, Object.fromEntries([...named, ...ofRun].filter(([, list]) => list.length > 0))];
}

function problem(code: RunProblem["code"]): RunProblem {
  return { code, scope, message: `${code} happened.`, remedy: "Repair it." };
}

function muteOf(code: string) {
  return { distribution: null, origin: null, code, until: "2027-12-31T00:00:00Z", reason: "not of interest here" };
}

/** A history: each report a quarter of an hour after the one before, unless it says otherwise. */
function histories(rules = policy) {
  let state: State = emptyState;
  let at = now.getTime();
  return {
    state: () => state,
    run(records: readonly ConnectionRecord[] | RunReport, after = hourMs / 4) {
      at += after;
      const run = "runId" in records ? records : report(records, { finishedAt: new Date(at).toISOString() });
      const { next, drafts } = step(state, run, new Date(at), rules);
      state = next;
      return drafts.map(codes);
    },
  };
}

describe("step, on the first run", () => {
  test("changes nothing when nothing is wrong", () => {
    expect(step(null, report([healthy]), now, policy)).toEqual({ next: emptyState, drafts: [] });
  });

  describe("with a first message", () => {
    const introducing = { ...policy, firstMessage: "now" } as const;
    const events = (drafts: readonly Draft[]) => drafts.map(({ event }) => event);

    test("sends it before the alerts, once", () => {
      const { next, drafts } = step(null, report([broken]), now, introducing);
      expect(events(drafts)).toEqual(["started", "opened"]);
      // It counts what the alert beside it is about.
      expect(drafts[0]?.open.map(({ code }) => code)).toEqual(["chain-incomplete"]);
      expect(events(step(next, report([broken]), now, introducing).drafts)).toEqual([]);
    });

    test("sends it as soon as somebody would get it", () => {
      const later = { ...introducing, firstMessage: "later" } as const;
      const first = step(null, report([broken]), now, later);
      expect(events(first.drafts)).toEqual(["opened"]);
      const second = step(first.next, report([broken]), now, later);
      expect([events(second.drafts), second.next.firstMessageDue]).toEqual([[], true]);
      const third = step(second.next, report([broken]), now, introducing);
      expect([events(third.drafts), third.next.firstMessageDue]).toEqual([["started"], false]);
    });

    test("waits for a run that could list the distributions", () => {
      const first = step(null, report([], { problems: [problem("inventory-failed")] }), now, introducing);
      expect(events(first.drafts)).toEqual(["run-problem"]);
      expect(events(step(first.next, report([healthy]), now, introducing).drafts)).toEqual(["started", "run-problem"]);
    });

    test("sends none where it is not known what was sent, and none of a state that is older", () => {
      expect(events(step(null, report([healthy]), now, introducing, { asOne: true }).drafts)).toEqual([]);
      expect(events(step(emptyState, report([healthy]), now, introducing).drafts)).toEqual([]);
    });

    test("begins the week of the summary", () => {
      const weekly = { ...introducing, weeklyDigest: true };
      const { next, drafts } = step(null, report([healthy]), now, weekly);
      expect(events(drafts)).toEqual(["started"]);
      expect(events(step(next, report([healthy]), new Date(now.getTime() + 7 * dayMs), weekly).drafts)).toEqual([
        "weekly",
      ]);
    });
  });

  test("opens a certificate's finding at once, with all that is known of it", () => {
    const { next, drafts } = step(null, report([broken]), now, policy);
    expect(drafts.map(codes)).toEqual([["opened", { opened: ["chain-incomplete"] }]]);
    expect(next.incidents).toEqual([
      {
        kind: "connection",
        key: "api.example.com:443",
        code: "chain-incomplete",
        effect: "502",
        title: "intermediate certificate missing",
        domain: "api.example.com",
        port: 443,
        distributions: ["E1EXAMPLE"],
        distributionCount: 1,
        scopes: [scope],
        scopeCount: 1,
        stage: 0,
        leaf: { sha256: "9f".repeat(32), notAfter: "2026-12-30T00:00:00Z", chainLength: 1 },
        openedAt: runTime,
        lastSeen: runTime,
        lastTold: runTime,
        tellings: 1,
        toldEffect: "502",
        toldStage: 0,
        returns: 0,
        rules: rulesRevision,
        clearSince: null,
      },
    ]);
  });

  test("only suspects what the network may have lost", () => {
    const { next, drafts } = step(null, report([refused]), now, policy);
    expect(drafts).toEqual([]);
    expect(next.suspicions).toEqual([
      { key: "api.example.com:443", code: "connection-refused", sightings: [runTime], inARow: 1 },
    ]);
  });

  test("tells that the distributions could not be listed", () => {
    const { drafts } = step(null, report([], { problems: [problem("inventory-failed")] }), now, policy);
    expect(drafts.map(codes)).toEqual([["run-problem", { "problems opened": ["inventory-failed"] }]]);
  });

  test.each([
    ["a note", connectionRecord("a.example.com", { findings: [finding("chain-superfluous", { effect: "note" })] })],
    ["what could not be seen once", timedOut],
    ["a skipped connection", connectionRecord("a.example.com", { verdict: "skipped", skipped: "s3-origin" })],
  ])("says nothing about %s", (_, record) => {
    expect(step(null, report([record]), now, policy).drafts).toEqual([]);
  });

  test("counts the same finding on two addresses once, with the worse one", () => {
    const twice = {
      ...broken,
      findings: [
        { ...chainIncomplete, effect: "may" as const },
        { ...chainIncomplete, address: "203.0.113.8" },
      ],
    };
    expect(step(null, report([twice]), now, policy).next.incidents).toMatchObject([{ effect: "502" }]);
  });

  test("keeps a bounded list of distributions and the count of all", () => {
    const uses = Array.from({ length: 400 }, (_, index) => use(`E${index}`));
    const { next } = step(null, report([{ ...broken, uses }]), now, policy);
    expect(next.incidents[0]).toMatchObject({ distributionCount: 400 });
    expect(next.incidents[0]?.distributions).toHaveLength(50);
  });
});

describe("step, compared with an earlier run", () => {
  const bothBroken = { ...broken, findings: [chainIncomplete, finding("certificate-expired")] };
  const half = connectionRecord("api.example.com", {
    verdict: "at-risk",
    findings: [
      finding("some-addresses-failing", { effect: "may", address: null }),
      { ...connectionRefused, effect: "may" },
    ],
    observed: { addresses: [address("api.example.com"), silentAddress("refused", { address: "203.0.113.8" })] },
  });
  const mtls = (record: ConnectionRecord) => ({
    ...record,
    findings: [...record.findings, finding("origin-mtls", { effect: "unseen" })],
  });
  const dualstack: ConnectionRecord = {
    ...healthy,
    verdict: "unknown",
    findings: [finding("ipv6-not-testable", { effect: "unseen", address: "2001:db8::1" })],
    observed: { addresses: [address("api.example.com"), silentAddress("no route", { address: "2001:db8::1" })] },
  };

  type Told = readonly ReturnType<typeof codes>[];
  test.each<[string, readonly ConnectionRecord[], readonly ConnectionRecord[], Told]>([
    ["is silent about the same finding", [broken], [broken], []],
    [
      "tells a new finding, and which are still open",
      [broken],
      [bothBroken],
      [["opened", { opened: ["certificate-expired"], still: ["chain-incomplete"] }]],
    ],
    [
      "tells that one of two is over",
      [bothBroken],
      [broken],
      [["resolved", { resolved: ["certificate-expired"], still: ["chain-incomplete"] }]],
    ],
    [
      "resolves what a healthy observation refutes",
      [broken],
      [healthy],
      [["resolved", { resolved: ["chain-incomplete"] }]],
    ],
    [
      "resolves a refused HTTP port that accepts again",
      [httpRefused],
      [httpAccepted],
      [["resolved", { resolved: ["http-port-refused"] }]],
    ],
    ["freezes what could not be seen again", [broken], [timedOut], []],
    [
      "drops a connection that is gone",
      [broken],
      [connectionRecord("b.example.com")],
      [["resolved", { gone: ["chain-incomplete"] }]],
    ],
    [
      "drops a connection that is not to be judged any more",
      [broken],
      [disabled],
      [["resolved", { gone: ["chain-incomplete"] }]],
    ],
    [
      // The reason is part of the key of a connection that is not made.
      "drops a connection that is skipped under a key of its own",
      [broken],
      [{ ...disabled, connection: { ...disabled.connection, key: "api.example.com:443 skipped" } }],
      [["resolved", { gone: ["chain-incomplete"] }]],
    ],
    [
      "does not take a refused port for a repaired certificate",
      [broken],
      [refused],
      [["opened", { opened: ["connection-refused"], frozen: ["chain-incomplete"] }]],
    ],
    [
      "takes a certificate that was seen for an open port",
      [refused],
      [broken],
      [["opened", { opened: ["chain-incomplete"], resolved: ["connection-refused"] }]],
    ],
    [
      "freezes when the run had no time",
      [broken],
      [{ ...timedOut, findings: [finding("out-of-time", { effect: "unseen" })] }],
      [],
    ],
    [
      "freezes on an address that had no time, whatever the other says",
      [broken],
      [{ ...refused, findings: [connectionRefused, finding("out-of-time", { effect: "unseen" })] }],
      [["opened", { opened: ["connection-refused"], frozen: ["chain-incomplete"] }]],
    ],
    [
      "freezes what it saw on an address that half an answer of DNS does not name",
      [broken],
      [
        {
          ...risk,
          findings: [
            finding("certificate-expiring", { effect: "may" }),
            finding("dns-lookup-failed", { effect: "unseen" }),
          ],
        },
      ],
      [["opened", { opened: ["certificate-expiring"], frozen: ["chain-incomplete"] }]],
    ],
    ["tells a risk that became an error", [risk], [broken], [["worsened", { worsened: ["chain-incomplete"] }]]],
    ["is silent when an error became a risk", [broken], [risk], []],
    [
      "does not call an expired certificate the end of an expiring one",
      [expiring],
      [{ ...broken, findings: [finding("certificate-expired")] }],
      [["opened", { opened: ["certificate-expired"] }]],
    ],
    [
      "does not call it better when all addresses fail after some",
      [half],
      [refused],
      [["worsened", { worsened: ["connection-refused"] }]],
    ],
    [
      "resolves behind origin mTLS, which always leaves the verdict unknown",
      [{ ...mtls(broken) }],
      [{ ...mtls(healthy), verdict: "unknown" }],
      [["resolved", { resolved: ["chain-incomplete"] }]],
    ],
    [
      "resolves beside an IPv6 address that can never be tried",
      [broken],
      [dualstack],
      [["resolved", { resolved: ["chain-incomplete"] }]],
    ],
    ["freezes behind origin mTLS while the certificate is not seen", [mtls(broken)], [mtls(timedOut)], []],
  ])("%s", (_, before, after, expected) => {
    const { drafts } = step(told(...before), report(after), now, atOnce);
    expect(drafts.filter(({ event }) => event !== "unseen").map(codes)).toEqual(expected);
  });

  test.each([
    ["because the distribution is disabled", [disabled], "distribution-disabled"],
    ["because nobody uses it", [{ ...disabled, skipped: "origin-unused" as const }], "origin-unused"],
    ["because CloudFront connects in another way", [disabled, healthy], "not-configured"],
    ["because it is not configured any more", [], "not-configured"],
  ])("tells why a connection is gone: %s", (_, after, reason) => {
    const records = after.map((record, index) => ({
      ...record,
      connection: { ...record.connection, key: `another ${index}` },
    }));
    const [draft] = step(told(broken), report(records), now, atOnce).drafts;
    expect(draft?.change.gone).toMatchObject([{ finding: { code: "chain-incomplete" }, reason }]);
  });

  test("keeps what is gone for a day, and takes its return for no relapse", () => {
    const { next } = step(told(broken), report([]), now, atOnce);
    expect(next.ended).toMatchObject([{ code: "chain-incomplete", as: "gone", endedAt: runTime }]);
    const back = step(next, report([broken]), new Date(now.getTime() + hourMs / 2), atOnce);
    expect(back.next.ended).toEqual([]);
    expect(back.next.incidents).toMatchObject([{ code: "chain-incomplete", returns: 0 }]);
    const dayLater = step(next, report([]), new Date(now.getTime() + dayMs + hourMs), atOnce);
    expect(dayLater.next.ended).toEqual([]);
  });

  describe("with an incident of a program that knows more rules", () => {
    const [known] = told(broken).incidents;
    if (known === undefined) throw new Error("nothing was told");
    const before: State = { ...emptyState, incidents: [{ ...known, code: "chain-of-next-year" }] };

    test.each([
      ["nothing is wrong", healthy],
      ["something else is wrong", broken],
      ["nothing could be seen", timedOut],
    ])("does not call over what it cannot see, where %s", (_, record) => {
      const { next, drafts } = step(before, report([record]), now, atOnce);
      expect(drafts.flatMap(({ change }) => [...change.resolved, ...change.gone])).toEqual([]);
      expect(next.incidents).toContainEqual(expect.objectContaining({ code: "chain-of-next-year", clearSince: null }));
    });

    test("reminds of it as of what is out of sight", () => {
      const due = new Date(now.getTime() + dayMs);
      expect(step(before, report([healthy]), due, policy).drafts.map(codes)).toEqual([
        ["reminder", { frozen: ["chain-of-next-year"] }],
      ]);
    });

    test("calls it gone with its connection", () => {
      expect(step(before, report([]), now, policy).drafts.map(codes)).toEqual([
        ["resolved", { gone: ["chain-of-next-year"] }],
      ]);
    });
  });

  test("tells the end of an expired certificate once, not that of its expiring as well", () => {
    const expired = { ...broken, findings: [finding("certificate-expired")] };
    const before = step(told(expiring), report([expired]), earlier, policy).next;
    expect(before.incidents).toHaveLength(2);
    const { next, drafts } = step(before, report([healthy]), now, policy);
    expect(drafts.map(codes)).toEqual([["resolved", { resolved: ["certificate-expired"] }]]);
    expect(next.incidents).toEqual([]);
  });

  test("is silent about other evidence and users, and stores nothing for other times", () => {
    const before = told(broken);
    const soon = new Date(earlier.getTime() + hourMs / 2);
    const other = { ...broken, findings: [{ ...chainIncomplete, evidence: { seen: 3 } }] };
    const { next, drafts } = step(before, report([other]), soon, policy);
    expect(drafts).toEqual([]);
    expect(next).toBe(before);
    const joined = { ...broken, uses: [...broken.uses, use("E9NEW")] };
    expect(step(before, report([joined]), soon, policy).drafts).toEqual([]);
  });

  test("keeps when it was last seen to the hour", () => {
    const { next } = step(told(broken), report([broken]), now, policy);
    expect(next.incidents[0]).toMatchObject({ openedAt: earlier.toISOString(), lastSeen: runTime });
  });

  test("never calls a connection failing that is at risk", () => {
    const { next } = step(null, report([{ ...broken, verdict: "at-risk" }]), now, policy);
    expect(next.incidents[0]?.effect).toBe("may");
  });

  test.each([
    "inventory-failed",
    "policies-unreadable",
    "distribution-unreadable",
    "tenants-left-out",
    "out-of-time",
  ] as const)("does not call a connection gone after %s", (code) => {
    const { next, drafts } = step(told(broken), report([], { problems: [problem(code)] }), now, policy);
    expect(drafts.map(codes)).toEqual([["run-problem", { "problems opened": [code] }]]);
    expect(next.incidents).toEqual(told(broken).incidents);
  });
});

describe("step, when the settings of an origin change", () => {
  const under = (record: ConnectionRecord, key: string) => ({ ...record, connection: { ...record.connection, key } });
  const [old, other] = [
    "https://api.example.com:443 sni=www.example.com",
    "https://api.example.com:443 sni=blog.example.com",
  ];

  test.each([
    ["a certificate's finding", broken],
    ["one that is transient", refused],
  ])("goes on with %s that the new connection shows as well", (_, record) => {
    const history = histories();
    history.run([under(record, `${old} TLSv1.2 ipv4`)]);
    history.run([under(record, `${old} TLSv1.2 ipv4`)]);
    expect(history.run([under(record, `${old} TLSv1,TLSv1.2 ipv4 timeout=5s`)])).toEqual([]);
    expect(history.run([under(record, `${old} TLSv1,TLSv1.2 ipv4 timeout=5s`)])).toEqual([]);
    expect(history.state().incidents).toMatchObject([{ key: `${old} TLSv1,TLSv1.2 ipv4 timeout=5s`, tellings: 1 }]);
    expect(history.run([healthy])).toEqual([["resolved", { gone: [record.findings[0]?.code] }]]);
  });

  test.each(["policies-unreadable", "distribution-unreadable"] as const)(
    "tells nothing anew although the run is incomplete by %s, nor when it is complete again",
    (code) => {
      const history = histories();
      history.run([under(broken, `${old} TLSv1.2 ipv4`)]);
      const [before] = history.state().incidents;
      const changed = under(broken, `${old} TLSv1,TLSv1.2 ipv4 timeout=5s`);
      expect(history.run(report([changed], { problems: [problem(code)] }))).toEqual([
        ["run-problem", { "problems opened": [code] }],
      ]);
      expect(history.state().incidents).toMatchObject([
        { key: changed.connection.key, openedAt: before?.openedAt, tellings: 1 },
      ]);
      expect(history.run([changed])).toEqual([["run-problem", { "problems resolved": [code] }]]);
      expect(history.run([under(broken, `${old} TLSv1.2 ipv4`)])).toEqual([]);
    },
  );

  test("tells what fails at another distribution while the one that it was known from cannot be read", () => {
    const history = histories();
    history.run([under(broken, `${old} TLSv1.2 ipv4`)]);
    const elsewhere = { ...under(broken, `${other} TLSv1.2 ipv4`), uses: [use("E2OTHER")] };
    const unread = { ...problem("distribution-unreadable"), distributions: ["E1EXAMPLE"] };
    const told = history.run(report([elsewhere], { problems: [unread] }));
    expect(told.map(([event]) => event)).toEqual(["run-problem", "opened"]);
    expect(history.state().incidents).toHaveLength(2);
  });

  test("matches the same server name first, and takes no connection twice", () => {
    const history = histories();
    history.run([under(broken, `${old} TLSv1.2 ipv4`), under(broken, `${other} TLSv1.2 ipv4`)]);
    const opened = new Map(history.state().incidents.map(({ key, openedAt }) => [key.split(" ")[1], openedAt]));
    const moved = [under(broken, `${other} TLSv1.2 ipv6`), under(broken, `${old} TLSv1.2 ipv6`)];
    expect(history.run(moved)).toEqual([]);
    expect(new Map(history.state().incidents.map(({ key, openedAt }) => [key.split(" ")[1], openedAt]))).toEqual(
      opened,
    );
  });

  test("says nothing of a server name that is gone while the same is open under another", () => {
    const history = histories();
    history.run([under(broken, old), under(broken, other)]);
    expect(history.run([under(broken, old)])).toEqual([]);
    expect(history.state().incidents).toHaveLength(1);
  });

  test("does not take another finding, or another origin, for the same", () => {
    const history = histories();
    history.run([under(broken, old)]);
    const expired = { ...broken, findings: [finding("certificate-expired")] };
    expect(history.run([under(expired, `${old} TLSv1`)])).toEqual([
      ["opened", { opened: ["certificate-expired"], gone: ["chain-incomplete"] }],
    ]);
    const elsewhere = connectionRecord("new.example.com", { verdict: "failing", findings: expired.findings });
    expect(history.run([elsewhere]).map(([event]) => event)).toEqual(["opened", "resolved"]);
  });
});

describe("step, with distributions that could not be read", () => {
  const unread = (...distributions: string[]) => ({ ...problem("distribution-unreadable"), distributions });
  test.each([
    ["another distribution", [unread("E9")], ["run-problem", "resolved"]],
    ["its distribution", [unread("E9", "E1EXAMPLE")], ["run-problem"]],
    ["another one, and no list of policies", [unread("E9"), problem("policies-unreadable")], ["run-problem"]],
  ])("a connection is gone or not: %s", (_, problems, expected) => {
    const { drafts } = step(told(broken), report([], { problems }), now, policy);
    expect(drafts.map(({ event }) => event)).toEqual(expected);
  });

  test("does not know of an incident of more distributions than it names", () => {
    const uses = Array.from({ length: 60 }, (_, index) => use(`E${index}`));
    const { drafts } = step(told({ ...broken, uses }), report([], { problems: [unread("E999")] }), now, policy);
    expect(drafts.map(({ event }) => event)).toEqual(["run-problem"]);
  });
});

describe("step, about run problems", () => {
  const run = (...all: RunProblem["code"][]) => report([healthy], { problems: all.map(problem) });

  test("tells a beginning, a reminder each day, and an end", () => {
    const history = histories();
    expect(history.run(run("out-of-time"))).toEqual([["run-problem", { "problems opened": ["out-of-time"] }]]);
    expect(history.run(run("out-of-time"))).toEqual([]);
    expect(history.run(run("out-of-time"), dayMs)).toEqual([["run-problem", { "problems still": ["out-of-time"] }]]);
    expect(history.run(run())).toEqual([["run-problem", { "problems resolved": ["out-of-time"] }]]);
    expect(history.run(run())).toEqual([]);
    expect(history.run(run(), 2 * dayMs)).toEqual([]);
    expect(history.state()).toEqual(emptyState);
  });

  test("calls nothing over while the distributions cannot even be listed", () => {
    const history = histories();
    history.run(run("out-of-time"));
    expect(history.run(run("inventory-failed"))).toEqual([
      ["run-problem", { "problems opened": ["inventory-failed"] }],
    ]);
    expect(history.run(run())).toEqual([["run-problem", { "problems resolved": ["inventory-failed", "out-of-time"] }]]);
  });

  test("does not announce one that comes and goes each time", () => {
    const history = histories();
    const messages = Array.from({ length: 96 }, (_, index) => history.run(index % 2 ? run() : run("out-of-time")));
    expect(messages.flat()).toHaveLength(3);
  });

  test("does not remember that the state was unreadable, so that nobody is told of its end", () => {
    const { next, drafts } = step(null, run("state-unreadable"), now, policy);
    expect(drafts).toHaveLength(1);
    expect(next.problems).toEqual([]);
  });
});

describe("step, over time", () => {
  test("opens what the network shows twice in a row, dated from the first time", () => {
    const history = histories();
    expect(history.run([refused])).toEqual([]);
    expect(history.run([refused])).toEqual([["opened", { opened: ["connection-refused"] }]]);
    expect(history.state().incidents[0]?.openedAt).toBe(new Date(now.getTime() + hourMs / 4).toISOString());
    expect(history.state().suspicions).toEqual([]);
  });

  test("dates what two runs in a row confirm from the first of them, not from an earlier flicker", () => {
    const history = histories();
    history.run([refused]);
    history.run([healthy]);
    history.run([refused], 20 * hourMs);
    history.run([refused]);
    expect(history.state().incidents[0]?.openedAt).toBe(new Date(now.getTime() + 20.5 * hourMs).toISOString());
  });

  test("forgets what the network showed once", () => {
    const history = histories();
    history.run([refused]);
    expect(history.run([healthy])).toEqual([]);
    expect(history.run([refused])).toEqual([]);
    history.run([healthy]);
    history.run([healthy], 2 * dayMs);
    expect(history.state()).toEqual(emptyState);
  });

  test("does not break a row by a run that could not look", () => {
    const history = histories();
    history.run([refused]);
    expect(history.run([timedOut])).toEqual([]);
    expect(history.run([refused])).toEqual([["opened", { opened: ["connection-refused"] }]]);
  });

  test.each<[string, RunReport]>([
    ["had no list of distributions", report([], { problems: [problem("inventory-failed")] })],
    ["had no list of its distribution", report([], { problems: [{ ...problem("distribution-unreadable") }] })],
    ["had time for some addresses only", report([{ ...broken, findings: [chainIncomplete, finding("out-of-time")] }])],
    [
      "did not come as far",
      report([{ ...refused, verdict: "at-risk", findings: [finding("dns-no-address", { effect: "may" })] }]),
    ],
  ])("does not break a row by a run that %s", (_, run) => {
    const history = histories({ ...policy, mutes: [muteOf("chain-incomplete"), muteOf("dns-no-address")] });
    history.run([refused]);
    history.run(run);
    const opened = expect.objectContaining({ opened: ["connection-refused"] });
    expect(history.run([refused])).toContainEqual(["opened", opened]);
  });

  test("breaks a row by a run that read everything and no longer finds the connection", () => {
    const history = histories();
    history.run([refused]);
    history.run([]);
    expect(history.run([refused])).toEqual([]);
  });

  test("tells an origin that fails every other time, once", () => {
    const history = histories();
    const day = Array.from({ length: 90 }, (_, index) => history.run([index % 2 ? healthy : refused]));
    expect(day.flat()).toEqual([["opened", { opened: ["connection-refused"] }]]);
    expect(day.findIndex((messages) => messages.length > 0)).toBe(6);
  });

  test("tells a certificate that alternates between two nodes as one that comes back, not each time", () => {
    const history = histories();
    const day = Array.from({ length: 90 }, (_, index) => history.run([index % 2 ? healthy : broken]));
    expect(day.flat().map(([event]) => event)).toEqual(["opened", "resolved", "opened"]);
    expect(history.run([healthy], 2 * hourMs)).toEqual([["resolved", { resolved: ["chain-incomplete"] }]]);
  });

  test("waits for a day of calm after the second return", () => {
    const history = histories();
    for (const records of [[broken], [healthy], [broken], [healthy]]) history.run(records, 2 * hourMs);
    history.run([healthy], 2 * hourMs);
    expect(history.run([broken])).toEqual([["opened", { opened: ["chain-incomplete"] }]]);
    expect(history.run([healthy], hourMs)).toEqual([]);
    expect(history.run([healthy], 20 * hourMs)).toEqual([]);
    expect(history.run([healthy], 4 * hourMs)).toEqual([["resolved", { resolved: ["chain-incomplete"] }]]);
  });

  test("reminds of what fails each day, and of a risk each week", () => {
    const history = histories();
    const other = connectionRecord("b.example.com", {
      verdict: "at-risk",
      findings: [finding("client-certificate-requested", { effect: "may" })],
    });
    history.run([broken, other]);
    const weeks = Array.from({ length: 14 }, () => history.run([broken, other], dayMs));
    expect(weeks.every((messages) => messages.length === 1 && messages[0]?.[0] === "reminder")).toBe(true);
    const withRisk = weeks.map(([message]) => message?.[1].still?.length);
    // The risk joins when half of its week is over, so that there is one message and not two.
    expect(withRisk.filter((count) => count === 2).length).toBe(3);
  });

  test.each([0.25, 1, 12, 24])("reminds each day with a run every %d hours, however long each run takes", (hours) => {
    const history = histories({ ...policy, weeklyDigest: true });
    const reminders: number[] = [];
    const digests: number[] = [];
    let before = 0;
    for (let count = 0; count * hours <= 15 * 24; count += 1) {
      // A run takes up to five minutes, this one longer than the one after it.
      const at = count * hours * hourMs + ((count * 37) % 290) * 1_000;
      const told = history.run([broken], at - before);
      before = at;
      if (told.some(([event]) => event === "reminder")) reminders.push(Math.round(at / hourMs));
      if (told.some(([event]) => event === "weekly")) digests.push(Math.round(at / hourMs));
    }
    expect(reminders).toEqual(Array.from({ length: 15 }, (_, day) => (day + 1) * 24));
    expect(digests).toEqual([0, 168, 336]);
  });

  test("reminds of what is frozen as well", () => {
    const history = histories();
    history.run([broken]);
    history.run([timedOut], hourMs);
    expect(history.run([timedOut], dayMs)).toContainEqual(["reminder", { frozen: ["chain-incomplete"] }]);
  });

  test("speaks when an expiry crosses the half, the quarter and the last day of its window, and when it is there", () => {
    const history = histories();
    const end = now.getTime() + 21 * dayMs;
    const leaf = certificate("api.example.com", {
      notBefore: new Date(end - 90 * dayMs).toISOString(),
      notAfter: new Date(end).toISOString(),
    });
    const told: [number, string][] = [];
    for (let hours = 1; hours <= 21 * 24 + 2; hours += 1) {
      const left = 21 * 24 - hours;
      const seen = { ...certificateExpiring, facts: expiryFacts(leaf.notAfter) };
      const record = connectionRecord("api.example.com", {
        verdict: left > 0 ? "at-risk" : "failing",
        findings: [left > 0 ? seen : finding("certificate-expired")],
        observed: { addresses: [address("api.example.com", { chain: [leaf] })] },
      });
      for (const [event] of history.run([record], hourMs)) told.push([Math.round(left / 2.4) / 10, event]);
    }
    expect(told).toEqual([
      [21, "opened"],
      [14, "reminder"],
      [10.5, "worsened"],
      [5.3, "worsened"],
      [1, "worsened"],
      [0, "opened"],
    ]);
  });

  test("keeps to its schedule after a run whose clock was a year ahead", () => {
    const history = histories();
    history.run(
      [broken, refused].map((record, index) => ({ ...record, connection: { ...record.connection, key: `${index}` } })),
    );
    const ahead = report([broken, notChecked], { problems: [problem("out-of-time")] });
    let state = step(history.state(), ahead, new Date(now.getTime() + 365 * dayMs), {
      ...policy,
      weeklyDigest: true,
    }).next;
    const next = (hours: number, records: readonly ConnectionRecord[]) => {
      const stepped = step(state, report(records), new Date(now.getTime() + hours * hourMs), policy);
      state = stepped.next;
      return stepped.drafts.map(({ event }) => event);
    };
    expect(next(1, [broken, notChecked])).not.toContain("reminder");
    const times = JSON.stringify(state).match(/\d{4}-\d{2}-\d{2}T[\d:.]+Z/g) ?? [];
    const latest = new Date(now.getTime() + hourMs).toISOString();
    const ends = new Set([...state.incidents.map(({ leaf }) => leaf?.notAfter), undefined]);
    expect(times.filter((time) => time > latest && !ends.has(time))).toEqual([]);
    expect(next(25, [broken, notChecked])).toContain("reminder");
    expect(next(26, [healthy, notChecked])).toContain("resolved");
  });

  test("tells a risk that keeps becoming an error once a day", () => {
    const history = histories();
    history.run([risk]);
    const day = Array.from({ length: 90 }, (_, index) => history.run([index % 2 ? risk : broken]));
    expect(day.flat()).toEqual([["worsened", { worsened: ["chain-incomplete"] }]]);
  });
});

describe("step, when there is much to tell", () => {
  const many = (count: number, from = 0) =>
    Array.from({ length: count }, (_, index) =>
      connectionRecord(`o${from + index}.example.com`, { verdict: "failing", findings: [chainIncomplete] }),
    );

  test("tells each origin by itself, with all its connections, up to ten", () => {
    const twice = connectionRecord("o0.example.com", {
      connection: { key: "second" },
      verdict: "failing",
      findings: [chainIncomplete],
    });
    const drafts = histories().run([...many(10), twice]);
    expect(drafts).toHaveLength(10);
    expect(drafts[0]).toEqual(["opened", { opened: ["chain-incomplete", "chain-incomplete"] }]);
  });

  test("makes one message of more", () => {
    const drafts = histories().run(many(11));
    expect(drafts.map(([event]) => event)).toEqual(["digest"]);
    expect(drafts[0]?.[1].opened).toHaveLength(11);
  });

  test("recognises a storm that comes in gusts, and its end", () => {
    const history = histories();
    const gusts = [8, 16, 24, 32].map((count) => history.run(many(count), 600_000).map(([event]) => event));
    expect(gusts.map((events) => events.length)).toEqual([8, 1, 1, 1]);
    const calm = [8, 16, 24, 32].map((count) => {
      const repaired = many(count).map(({ connection }) => connectionRecord(connection.domain));
      return history.run([...repaired, ...many(32 - count, count)], 600_000);
    });
    expect(calm.map((drafts) => drafts.length)).toEqual([1, 1, 1, 1]);
  });

  test("does not count what lost its connection as part of a storm", () => {
    const history = histories();
    history.run(many(12), 600_000);
    expect(history.run([], 600_000).map(([event]) => event)).toEqual(["digest"]);
    expect(history.run(many(2, 20), 600_000).map(([event]) => event)).toEqual(["opened", "opened"]);
  });

  test("makes one message of everything when asked to", () => {
    const run = report(
      [broken, connectionRecord("b.example.com", { verdict: "failing", findings: [chainIncomplete] })],
      {
        problems: [problem("state-unreadable")],
      },
    );
    const { drafts } = step(null, run, now, policy, { asOne: true });
    expect(drafts.map(codes)).toEqual([
      ["digest", { opened: ["chain-incomplete", "chain-incomplete"], "problems opened": ["state-unreadable"] }],
    ]);
  });
});

describe("step, about what could not be checked", () => {
  const notChecked = (name: string) =>
    connectionRecord(`${name}.example.com`, {
      verdict: "unknown",
      findings: [connectionTimedOut],
      observed: { addresses: [] },
    });
  const origins = ({ notChecked }: Draft) => notChecked.map(({ domain }) => domain.split(".")[0]);

  test("tells what two runs could not see, at most once a day, and only when there is more of it", () => {
    let state: State = emptyState;
    const run = (after: number, ...names: string[]) => {
      const { next, drafts } = step(state, report(names.map(notChecked)), new Date(now.getTime() + after), policy);
      state = next;
      return drafts.map((draft) => [draft.event, origins(draft)]);
    };
    expect(run(0, "a")).toEqual([]);
    expect(run(1 * hourMs, "a")).toEqual([["unseen", ["a"]]]);
    expect(run(2 * hourMs, "a", "b")).toEqual([]);
    expect(run(3 * hourMs, "a", "b")).toEqual([]);
    expect(run(26 * hourMs, "a", "b")).toEqual([["unseen", ["a", "b"]]]);
    expect(run(60 * hourMs, "a", "b")).toEqual([]);
    expect(run(61 * hourMs, "a")).toEqual([]);
    expect(run(80 * hourMs, "a", "b")).toEqual([]);
    expect(run(81 * hourMs, "a", "b")).toEqual([]);
  });

  describe("and can be again", () => {
    const healthyAgain = connectionRecord("a.example.com");
    const mute = { distribution: null, code: null, until: "2027-12-31T00:00:00Z", reason: "being moved" };
    const begin = () => {
      const history = histories();
      expect(history.run([notChecked("a")])).toEqual([]);
      expect(history.run([notChecked("a")])).toEqual([["unseen", {}]]);
      return history;
    };

    test("tells it once, when every run of a day could check it", () => {
      const history = begin();
      expect(history.run([healthyAgain], 23 * hourMs)).toEqual([]);
      expect(history.run([healthyAgain], 2 * hourMs)).toEqual([["checked-again", {}]]);
      expect(history.run([healthyAgain], 2 * hourMs)).toEqual([]);
      // It is new then.
      history.run([notChecked("a")], dayMs);
      expect(history.run([notChecked("a")])).toEqual([["unseen", {}]]);
    });

    test("counts the day from the last run that could not", () => {
      const history = begin();
      history.run([healthyAgain], 12 * hourMs);
      expect(history.run([notChecked("a")], 2 * hourMs)).toEqual([]);
      expect(history.run([healthyAgain], 23 * hourMs)).toEqual([]);
      expect(history.run([healthyAgain], 2 * hourMs)).toEqual([["checked-again", {}]]);
    });

    test("never tells it before the day is over, although the last run that could not is known to the hour only", () => {
      const history = begin();
      const minutes = (count: number) => (count * hourMs) / 60;
      history.run([notChecked("a")], 2 * hourMs);
      history.run([notChecked("a")], minutes(50));
      expect(history.run([healthyAgain], 23 * hourMs + minutes(40))).toEqual([]);
      expect(history.run([healthyAgain], minutes(40))).toEqual([["checked-again", {}]]);
    });

    test.each([
      [
        "it fails now: there is an alert",
        [connectionRecord("a.example.com", { verdict: "failing", findings: [chainIncomplete] })],
        [["opened", { opened: ["chain-incomplete"] }]],
      ],
      ["it is gone", [connectionRecord("b.example.com")], []],
      ["it needs no check now", [{ ...healthyAgain, verdict: "skipped" as const }], []],
    ])("tells nothing of the kind where %s", (_, records, expected) => {
      const history = begin();
      expect(history.run(records, 30 * hourMs)).toEqual(expected);
      expect(history.run(records, 30 * hourMs).filter(([event]) => event === "checked-again")).toEqual([]);
    });

    test.each([
      ["its origin is muted", { ...policy, mutes: [{ ...mute, origin: "a.example.com" }] }, {}],
      ["that could not be recorded", policy, { asOne: true }],
    ])("tells nothing of the kind where %s", (_, rules, how) => {
      const at = new Date(now.getTime() + 40 * hourMs);
      expect(step(begin().state(), report([healthyAgain]), at, rules, how).drafts).toEqual([]);
    });
  });

  test.each([
    ["out-of-time", [["unseen", {}]]],
    ["probe-failed", []],
  ] as const)("tells what two runs in a row had no time for, and no fault of its own: %s", (code, expected) => {
    const unseen = { ...notChecked("a"), findings: [finding(code, { effect: "unseen" })] };
    const history = histories();
    expect(history.run([unseen])).toEqual([]);
    expect(history.run([unseen])).toEqual(expected);
  });
});

describe("step, where nothing could be reached", () => {
  const names = ["blind", "dark", "dim"];
  const nothing = names.map((name) => ({
    ...timedOut,
    observed: { addresses: [silentAddress("no answer", { address: "203.0.113.9" })] },
    connection: { ...timedOut.connection, key: `${name}.example.com:443`, domain: `${name}.example.com` },
  }));
  const was = {
    ...broken,
    connection: { ...broken.connection, key: "blind.example.com:443", domain: "blind.example.com" },
  };

  test.each(["no-network", "all-origins-dark"] as const)(
    "tells %s at once and as one, leaves what is open as it is, and tells the end",
    (code) => {
      const history = histories();
      expect(history.run([was])).toEqual([["opened", { opened: ["chain-incomplete"] }]]);
      const run = report(nothing, { problems: [problem(code)] });
      const told = [1, 2, 3].flatMap(() => history.run(run));
      expect(told).toEqual([["run-problem", { "problems opened": [code] }]]);
      expect(history.state()).toMatchObject({
        blindSpots: [],
        incidents: [{ code: "chain-incomplete", clearSince: null }],
      });
      expect(history.run([was])).toEqual([["run-problem", { "problems resolved": [code] }]]);
    },
  );

  test.each(["no-network", "all-origins-dark"] as const)("lets no run that met no origin end %s", (code) => {
    const history = histories();
    history.run(report(nothing, { problems: [problem(code)] }));
    const late = nothing.map((record) => ({ ...record, findings: [finding("out-of-time", { effect: "unseen" })] }));
    const ended = [report(nothing.slice(1)), report(late), report([], { problems: [problem("inventory-failed")] })]
      .flatMap((run) => history.run(run))
      .filter(([, told]) => "problems resolved" in told);
    expect(ended).toEqual([]);
    expect(history.state()?.problems).toContainEqual(expect.objectContaining({ code, clearSince: null }));
    expect(history.run([healthy]).at(-1)?.[1]).toMatchObject({ "problems resolved": expect.arrayContaining([code]) });
  });

  test("lets CloudFront's API end no-network when it answers again", () => {
    const history = histories();
    history.run(report(nothing, { problems: [problem("no-network")] }));
    expect(history.run(report(nothing, { problems: [problem("all-origins-dark")] }))).toEqual([
      ["run-problem", { "problems opened": ["all-origins-dark"], "problems resolved": ["no-network"] }],
    ]);
  });

  test("lets a mute of the problem hide no origin", () => {
    const code = "all-origins-dark";
    const mutes = [
      { distribution: null, origin: null, code, reason: "", until: new Date(now.getTime() + dayMs).toISOString() },
    ];
    const run = report(nothing, { problems: [problem(code)] });
    const { next } = step(null, run, now, { ...policy, mutes });
    const { drafts } = step(next, run, new Date(now.getTime() + hourMs), { ...policy, mutes });
    expect(drafts.map(({ event }) => event)).toEqual(["unseen"]);
  });

  const stopped = nothing.map((record) => ({
    ...record,
    verdict: "at-risk" as const,
    findings: [...record.findings, finding("origin-went-dark", { effect: "may", address: null })],
  }));

  test("tells an origin that stopped answering by itself only where nothing explains it", () => {
    const history = histories();
    const run = report(stopped, { problems: [problem("all-origins-dark")] });
    expect([1, 2, 3, 4, 5].flatMap(() => history.run(run)).map(([event]) => event)).toEqual(["run-problem"]);
    expect(history.state()).toMatchObject({ incidents: [], suspicions: [] });
    const some = [healthy, ...stopped.slice(1)];
    expect(history.run(some).map(([event]) => event)).toEqual(["run-problem"]);
    expect(history.run(some)).toEqual([
      ["opened", { opened: ["origin-went-dark"] }],
      ["opened", { opened: ["origin-went-dark"] }],
    ]);
    // What people were told stays open when everything is dark, and is told again in its time.
    history.run(run);
    expect(history.state()?.incidents).toHaveLength(2);
  });

  test("counts the runs before and after what explains it", () => {
    const history = histories();
    expect(history.run(stopped.slice(0, 1))).toEqual([]);
    history.run(report(stopped, { problems: [problem("all-origins-dark")] }));
    expect(history.state()?.suspicions).toMatchObject([{ inARow: 1 }]);
    const last = history.run([healthy, ...stopped.slice(0, 1)]);
    expect(last).toContainEqual(["opened", { opened: ["origin-went-dark"] }]);
  });

  test("tells it by itself where somebody muted what explains it", () => {
    const code = "all-origins-dark";
    const until = new Date(now.getTime() + dayMs).toISOString();
    const mutes = [{ distribution: null, origin: null, code, reason: "", until }];
    const run = report(stopped, { problems: [problem(code)] });
    const { next } = step(null, run, now, { ...policy, mutes });
    const { drafts } = step(next, run, new Date(now.getTime() + hourMs), { ...policy, mutes });
    expect(drafts.map(({ event }) => event)).toEqual(["opened", "opened", "opened"]);
  });

  test("calls nothing fixed that was seen only as long as something answered", () => {
    const refused = finding("connection-refused", { effect: "502" });
    const history = histories();
    const before = nothing
      .map((record) => ({ ...record, verdict: "failing" as const, findings: [refused] }))
      .slice(0, 1);
    history.run(before);
    expect(history.run(before)).toEqual([["opened", { opened: ["connection-refused"] }]]);
    const after = [1, 2].flatMap(() => history.run(stopped.slice(0, 1)));
    expect(after).toEqual([["opened", { opened: ["origin-went-dark"], frozen: ["connection-refused"] }]]);
    expect(history.run(before)).toEqual([]);
    const ok = before.map((record) => ({ ...record, ...healthy, connection: record.connection }));
    expect(history.run(ok)).toEqual([["resolved", { resolved: ["connection-refused"] }]]);
  });

  test("reminds every day of an origin that stopped answering, as of what fails", () => {
    const history = histories();
    history.run(stopped.slice(0, 1));
    expect(history.run(stopped.slice(0, 1)).map(([event]) => event)).toEqual(["opened"]);
    const days = Array.from({ length: 3 }, () => history.run(stopped.slice(0, 1), dayMs)).flat();
    expect(days.map(([event]) => event)).toEqual(["reminder", "reminder", "reminder"]);
  });

  test("lists the origins that cannot be checked where nothing explains it", () => {
    const history = histories();
    history.run(report(nothing));
    expect(history.run(report(nothing)).map(([event]) => event)).toEqual(["unseen"]);
  });
});

describe("step, with mutes", () => {
  const mute = { distribution: null, origin: null, code: null, reason: "being moved" };
  const until = (hours: number) => new Date(now.getTime() + hours * hourMs).toISOString();
  const muted = (...mutes: Partial<(typeof policy)["mutes"][number]>[]) => ({
    ...policy,
    mutes: mutes.map((each) => ({ ...mute, until: until(24), ...each })),
  });

  test.each([
    ["its origin", [{ origin: "API.example.com" }], ["muted"]],
    ["its code", [{ code: "chain-incomplete" }], ["muted"]],
    ["its only distribution", [{ distribution: "E1EXAMPLE" }], ["muted"]],
    ["another origin", [{ origin: "www.example.com" }], ["opened"]],
    ["its origin with another code", [{ origin: "api.example.com", code: "certificate-expired" }], ["opened"]],
    ["its origin until yesterday", [{ origin: "api.example.com", until: until(-24) }], ["opened"]],
  ])("with a mute of %s", (_, mutes, expected) => {
    const { drafts, next } = step(null, report([broken]), now, muted(...mutes));
    expect(drafts.map(({ event }) => event)).toEqual(expected);
    expect(next.incidents).toHaveLength(1);
  });

  test("does not mute an origin for a distribution that is not muted", () => {
    const shared = { ...broken, uses: [use("E1EXAMPLE"), use("E2EXAMPLE")] };
    const events = (policy: ReturnType<typeof muted>) =>
      step(null, report([shared]), now, policy).drafts.map(({ event }) => event);
    expect(events(muted({ distribution: "E1EXAMPLE" }))).toEqual(["opened"]);
    expect(events(muted({ distribution: "E1EXAMPLE" }, { distribution: "E2EXAMPLE" }))).toEqual(["muted"]);
  });

  test("mutes an origin of more distributions than an incident names, once all of them are muted", () => {
    const ids = Array.from({ length: maxDistributionsKept + 10 }, (_, n) => `E${n}EXAMPLE`);
    const shared = { ...broken, uses: ids.map((id) => use(id)) };
    const mutes = ids.map((distribution) => ({ distribution }));
    const events = (some: typeof mutes) =>
      step(null, report([shared]), now, muted(...some)).drafts.map(({ event }) => event);
    expect(events(mutes)).toEqual(["muted"]);
    expect(events(mutes.slice(1))).toEqual(["opened"]);
    expect(events(mutes.slice(0, -1))).toEqual(["opened"]);
  });

  test("does not mute what is out of sight for the distributions that it names, when there are more", () => {
    const ids = Array.from({ length: maxDistributionsKept + 1 }, (_, n) => `E${n}EXAMPLE`);
    const before = told({ ...broken, uses: ids.map((id) => use(id)) });
    const mutes = ids
      .slice()
      .sort()
      .slice(0, -1)
      .map((distribution) => ({ distribution }));
    const incomplete = report([], { problems: [problem("inventory-failed")] });
    const { drafts } = step(before, incomplete, new Date(now.getTime() + dayMs), muted(...mutes));
    expect(drafts.map(({ event, open }) => [event, open.length])).toContainEqual(["reminder", 1]);
  });

  test("speaks again when the mute is over: opened for what was never told, a reminder for what was", () => {
    const rules = muted({ origin: "api.example.com" });
    const never = histories(rules);
    never.run([broken]);
    expect(never.run([broken], dayMs)).toEqual([["opened", { opened: ["chain-incomplete"] }]]);

    const { next } = step(told(broken), report([broken]), new Date(now.getTime() + 22 * hourMs), rules);
    expect(next.incidents[0]).toMatchObject({ tellings: 1, lastTold: earlier.toISOString() });
    const { drafts } = step(next, report([broken]), new Date(now.getTime() + 25 * hourMs), rules);
    expect(drafts.map(codes)).toEqual([["reminder", { still: ["chain-incomplete"] }]]);
  });

  test.each([
    ["its origin", { origin: "blind.example.com" }, ["muted"]],
    ["its code", { code: "connection-timed-out" }, ["muted"]],
    ["its only distribution", { distribution: "E1EXAMPLE" }, ["muted"]],
    ["another code", { code: "dns-lookup-failed" }, ["unseen"]],
  ])("with a mute of %s, keeps quiet about an origin that cannot be checked", (_, what, expected) => {
    const history = histories(muted(what));
    history.run([notChecked]);
    expect(history.run([notChecked]).map(([event]) => event)).toEqual(expected);
    const after = expected[0] === "muted" ? ["unseen"] : [];
    expect(history.run([notChecked], 2 * dayMs).map(([event]) => event)).toEqual(after);
  });

  test("tells of other origins that cannot be checked, without those that are muted", () => {
    const other = {
      ...notChecked,
      connection: { ...notChecked.connection, key: "other", domain: "other.example.com" },
    };
    const rules = muted({ origin: "blind.example.com" });
    const first = step(null, report([notChecked, other]), now, rules).next;
    const [draft] = step(first, report([notChecked, other]), now, rules).drafts;
    expect(draft?.notChecked.map(({ domain }) => domain)).toEqual(["other.example.com"]);
  });

  test("keeps quiet about a problem of the run by its code, tells no end of it, and speaks again", () => {
    const late = (at: number) =>
      report([broken], { problems: [problem("out-of-time")], finishedAt: new Date(at).toISOString() });
    const rules = muted({ code: "out-of-time", until: until(48) });
    const first = step(null, late(now.getTime()), now, policy);
    expect(first.drafts.map(({ event }) => event)).toEqual(["run-problem", "opened"]);
    const later = new Date(now.getTime() + 25 * hourMs);
    const second = step(first.next, late(later.getTime()), later, rules);
    expect(second.drafts.map(codes)).toEqual([
      ["reminder", { still: ["chain-incomplete"] }],
      ["muted", {}],
    ]);
    expect(second.drafts[0]?.change.problems.still).toEqual([]);
    const over = new Date(now.getTime() + 49 * hourMs);
    expect(step(second.next, report([broken]), over, rules).drafts.map(({ event }) => event)).toEqual(["reminder"]);
    expect(step(second.next, late(over.getTime()), over, rules).drafts.map(({ event }) => event)).toContain(
      "run-problem",
    );
  });

  test("does not take a mute of one distribution for one of the run", () => {
    const rules = muted({ code: "out-of-time", distribution: "E1EXAMPLE" });
    const { drafts } = step(null, report([], { problems: [problem("out-of-time")] }), now, rules);
    expect(drafts).toHaveLength(1);
  });

  test.each([
    ["is fixed", [healthy], { resolved: ["chain-incomplete"] }],
    ["is gone", [], { gone: ["chain-incomplete"] }],
  ])("tells that what was told %s, although it is muted by now", (_, after, expected) => {
    const rules = muted({ origin: "api.example.com" });
    const { next } = step(told(broken), report([broken]), now, rules);
    expect(step(next, report(after), now, rules).drafts.map(codes)).toEqual([["resolved", expected]]);
  });

  test("lists what is muted in a digest, and is silent about the end of what was never told", () => {
    const rules = { ...muted({ origin: "api.example.com" }), weeklyDigest: true };
    const { drafts, next } = step(null, report([broken]), now, rules);
    expect(drafts).toMatchObject([
      { event: "muted" },
      {
        event: "weekly",
        open: [],
        muted: [{ incident: { code: "chain-incomplete" }, mutes: [{ reason: "being moved" }] }],
      },
    ]);
    expect(step(next, report([healthy]), now, rules).drafts).toEqual([]);
  });
});

describe("step, with the weekly digest", () => {
  test("comes at once and then each week, whatever the run", () => {
    const history = histories({ ...policy, weeklyDigest: true });
    const days = Array.from({ length: 15 }, () => history.run([healthy], dayMs).map(([event]) => event));
    expect(days.flatMap((events, day) => (events.length > 0 ? [day] : []))).toEqual([0, 7, 14]);
  });
});
