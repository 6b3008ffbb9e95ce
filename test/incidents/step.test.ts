import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change } from "../../lambda/incidents/change.ts";
import type { State } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "../../lambda/tell/record.ts";
import {
  address,
  certificateExpiring,
  chainIncomplete,
  connectionRecord,
  connectionRefused,
  connectionTimedOut,
  finding,
  report,
  runTime,
  silentAddress,
  use,
} from "../tell/records.ts";
import { arbitraryReport } from "./arbitrary-reports.ts";

const now = new Date(runTime);
const earlier = new Date("2026-11-22T00:00:00Z");
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
const expiring = connectionRecord("api.example.com", { verdict: "at-risk", findings: [certificateExpiring] });

function told(...records: readonly ConnectionRecord[]): State {
  return step(null, report(records), earlier).next;
}

/** A change as lists of codes, without what is empty. */
function codes(change: Change | null): Readonly<Record<string, readonly string[]>> | null {
  if (change === null) return null;
  const { gone, problems: _, ...findings } = change;
  const lists = Object.entries({ ...findings, gone: gone.map((entry) => entry.finding) });
  const named = lists.map(([name, list]) => [name, list.map(({ code }) => code)] as const);
  return Object.fromEntries(named.filter(([, list]) => list.length > 0));
}

function problem(code: RunProblem["code"]): RunProblem {
  return { code, message: `${code} happened.`, remedy: "Repair it." };
}

describe("step, on the first run", () => {
  test("changes nothing when nothing is wrong", () => {
    expect(step(null, report([healthy]), now).change).toBeNull();
  });

  test("opens what it finds, with the time of the run", () => {
    const { next, change } = step(null, report([broken]), now);
    expect(codes(change)).toEqual({ opened: ["chain-incomplete"] });
    expect(next.findings).toEqual([
      {
        key: "api.example.com:443",
        code: "chain-incomplete",
        firstSeen: runTime,
        effect: "502",
        title: "certificate chain incomplete",
        domain: "api.example.com",
        port: 443,
        distributions: ["E1EXAMPLE"],
        distributionCount: 1,
      },
    ]);
  });

  test("tells that the distributions could not be listed", () => {
    const { next, change } = step(null, report([], { problems: [problem("inventory-failed")] }), now);
    expect(change?.problems.opened.map(({ code }) => code)).toEqual(["inventory-failed"]);
    expect(next.problems).toEqual([
      { code: "inventory-failed", firstSeen: runTime, message: "inventory-failed happened." },
    ]);
  });

  test.each([
    ["a note", connectionRecord("a.example.com", { findings: [finding("chain-superfluous", { effect: "note" })] })],
    ["what could not be seen", timedOut],
    ["a skipped connection", connectionRecord("a.example.com", { verdict: "skipped", skipped: "s3-origin" })],
  ])("says nothing about %s", (_, record) => {
    expect(step(null, report([record]), now).change).toBeNull();
  });

  test("counts the same finding on two addresses once", () => {
    const twice = { ...broken, findings: [chainIncomplete, { ...chainIncomplete, address: "203.0.113.8" }] };
    expect(step(null, report([twice]), now).next.findings).toHaveLength(1);
  });

  test("keeps a bounded list of distributions and the count of all", () => {
    const uses = Array.from({ length: 400 }, (_, index) => use(`E${index}`));
    const { next } = step(null, report([{ ...broken, uses }]), now);
    expect(next.findings[0]).toMatchObject({ distributionCount: 400 });
    expect(next.findings[0]?.distributions).toHaveLength(50);
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

  test.each<[string, readonly ConnectionRecord[], readonly ConnectionRecord[], ReturnType<typeof codes>]>([
    ["is silent about the same finding", [broken], [broken], null],
    [
      "tells a new finding, and which are still open",
      [broken],
      [bothBroken],
      { opened: ["certificate-expired"], still: ["chain-incomplete"] },
    ],
    [
      "tells that one of two is over",
      [bothBroken],
      [broken],
      { resolved: ["certificate-expired"], still: ["chain-incomplete"] },
    ],
    ["resolves what a healthy observation refutes", [broken], [healthy], { resolved: ["chain-incomplete"] }],
    ["freezes what could not be seen again", [broken], [timedOut], null],
    ["drops a connection that is gone", [broken], [connectionRecord("b.example.com")], { gone: ["chain-incomplete"] }],
    [
      "drops a connection that is not to be judged any more",
      [broken],
      [{ ...healthy, verdict: "skipped", skipped: "distribution-disabled" }],
      { gone: ["chain-incomplete"] },
    ],
    [
      "does not take a refused port for a repaired certificate",
      [broken],
      [refused],
      { opened: ["connection-refused"], frozen: ["chain-incomplete"] },
    ],
    [
      "takes a certificate that was seen for an open port",
      [refused],
      [broken],
      { opened: ["chain-incomplete"], resolved: ["connection-refused"] },
    ],
    [
      "freezes when the run had no time",
      [broken],
      [{ ...timedOut, findings: [finding("out-of-time", { effect: "unseen" })] }],
      null,
    ],
    [
      "freezes on an address that had no time, whatever the other says",
      [broken],
      [{ ...refused, findings: [connectionRefused, finding("out-of-time", { effect: "unseen" })] }],
      { opened: ["connection-refused"], frozen: ["chain-incomplete"] },
    ],
    [
      "freezes when some address had no time, although a certificate was seen on the others",
      [broken],
      [{ ...broken, findings: [finding("certificate-expired"), finding("out-of-time", { effect: "unseen" })] }],
      { opened: ["certificate-expired"], frozen: ["chain-incomplete"] },
    ],
    [
      "tells a risk that became an error",
      [{ ...broken, verdict: "at-risk", findings: [{ ...chainIncomplete, effect: "may" }] }],
      [broken],
      { worsened: ["chain-incomplete"] },
    ],
    [
      "is silent when an error became a risk",
      [broken],
      [{ ...broken, verdict: "at-risk", findings: [{ ...chainIncomplete, effect: "may" }] }],
      null,
    ],
    [
      "does not call an expired certificate the end of an expiring one",
      [expiring],
      [{ ...broken, findings: [finding("certificate-expired")] }],
      { opened: ["certificate-expired"] },
    ],
    [
      "does not call it better when all addresses fail after some",
      [half],
      [refused],
      { worsened: ["connection-refused"] },
    ],
    [
      "tells when only some addresses still fail",
      [refused],
      [half],
      { opened: ["some-addresses-failing"], still: ["connection-refused"] },
    ],
    [
      "resolves behind origin mTLS, which always leaves the verdict unknown",
      [{ ...mtls(broken) }],
      [{ ...mtls(healthy), verdict: "unknown" }],
      { resolved: ["chain-incomplete"] },
    ],
    [
      "resolves beside an IPv6 address that can never be tried",
      [broken],
      [dualstack],
      { resolved: ["chain-incomplete"] },
    ],
    ["freezes behind origin mTLS while the certificate is not seen", [mtls(broken)], [{ ...mtls(timedOut) }], null],
  ])("%s", (_, before, after, expected) => {
    expect(codes(step(told(...before), report(after), now).change)).toEqual(expected);
  });

  test("is silent about other evidence, titles and users", () => {
    const other = {
      ...broken,
      uses: [...broken.uses, use("E9NEW")],
      findings: [{ ...chainIncomplete, title: "other words", address: "203.0.113.99", evidence: { seen: 3 } }],
    };
    const before = told(broken);
    const { next, change } = step(before, report([other]), now);
    expect(change).toBeNull();
    expect(next).toBe(before);
  });

  test("keeps the time of the first sight through worsening and freezing", () => {
    const risk = told({ ...broken, verdict: "at-risk", findings: [{ ...chainIncomplete, effect: "may" }] });
    const { next } = step(risk, report([broken]), now);
    expect(next.findings[0]).toMatchObject({ firstSeen: earlier.toISOString(), effect: "502" });
    const frozen = step(next, report([refused]), new Date("2026-11-24T00:00:00Z")).next;
    expect(frozen.findings.map(({ code, firstSeen }) => [code, firstSeen])).toEqual([
      ["chain-incomplete", earlier.toISOString()],
      ["connection-refused", "2026-11-24T00:00:00.000Z"],
    ]);
  });

  test("never calls a connection failing that is at risk", () => {
    const { next } = step(null, report([{ ...broken, verdict: "at-risk" }]), now);
    expect(next.findings[0]?.effect).toBe("may");
  });

  test.each(["inventory-failed", "policies-unreadable", "distribution-unreadable", "out-of-time"] as const)(
    "does not call a connection gone after %s",
    (code) => {
      const { next, change } = step(told(broken), report([], { problems: [problem(code)] }), now);
      expect(codes(change)).toEqual({ frozen: ["chain-incomplete"] });
      expect(change?.problems.opened).toHaveLength(1);
      expect(next.findings).toEqual(told(broken).findings);
    },
  );

  test("tells that a run problem is over, and only when the run got as far", () => {
    const before = step(null, report([healthy], { problems: [problem("out-of-time")] }), earlier).next;
    const cut = step(before, report([], { problems: [problem("inventory-failed")] }), now);
    expect(cut.change?.problems.resolved).toEqual([]);
    expect(cut.next.problems.map(({ code }) => code)).toEqual(["out-of-time", "inventory-failed"]);
    const over = step(cut.next, report([healthy]), now);
    expect(over.change?.problems.resolved.map(({ code }) => code)).toEqual(["out-of-time", "inventory-failed"]);
    expect(over.next.problems).toEqual([]);
  });

  test("does not remember that the state was unreadable, so that nobody is told of its end", () => {
    const { next, change } = step(null, report([healthy], { problems: [problem("state-unreadable")] }), now);
    expect(change?.problems.opened).toHaveLength(1);
    expect(next.problems).toEqual([]);
    expect(step(next, report([healthy]), now).change).toBeNull();
  });
});

describe("step, over any sequence of runs", () => {
  const sequence = fc.array(arbitraryReport, { minLength: 1, maxLength: 5 });
  const stateAfter = (reports: readonly RunReport[]) =>
    reports.reduce<State | null>((previous, run) => step(previous, run, now).next, null);

  test("says nothing the second time", () => {
    fc.assert(
      fc.property(sequence, (reports) => {
        const last = reports.at(-1)!;
        expect(step(stateAfter(reports), last, now).change).toBeNull();
      }),
    );
  });

  test("resolves nothing without an observation of the connection", () => {
    fc.assert(
      fc.property(sequence, arbitraryReport, (reports, last) => {
        const { change } = step(stateAfter(reports), last, now);
        for (const { key, code } of change?.resolved ?? []) {
          const record = last.records.find(({ connection }) => connection.key === key);
          expect(record?.verdict).toMatch(/^(healthy|at-risk|failing)$/);
          expect(record?.findings.map((entry) => entry.code)).not.toContain(code);
          if (code.startsWith("certificate") || code.startsWith("chain")) {
            expect(
              record?.verdict === "healthy" || record?.observed.addresses.every(({ chain }) => chain.length > 0),
            ).toBe(true);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test("loses nothing: every open finding is told as opened, still open, over or gone", () => {
    fc.assert(
      fc.property(sequence, arbitraryReport, (reports, last) => {
        const before = stateAfter(reports)!;
        const { next, change } = step(before, last, now);
        if (change === null) {
          expect(next).toBe(before);
          return;
        }
        const kept = new Set(next.findings.map(({ key, code }) => `${key} ${code}`));
        const ended = new Set(
          [...change.resolved, ...change.gone.map((entry) => entry.finding)].map(({ key, code }) => `${key} ${code}`),
        );
        for (const { key, code } of before.findings) {
          const superseded = code === "certificate-expiring" || code === "some-addresses-failing";
          expect(kept.has(`${key} ${code}`) || ended.has(`${key} ${code}`) || superseded).toBe(true);
        }
        const counting = last.records.flatMap((record) =>
          record.findings
            .filter(({ effect }) => ["502", "504", "may"].includes(effect))
            .map(({ code }) => `${record.connection.key} ${code}`),
        );
        for (const id of counting) expect(kept.has(id)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
