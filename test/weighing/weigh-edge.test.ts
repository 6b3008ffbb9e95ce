import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seenFindingsIn } from "../../lambda/incidents/seen-finding.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { weighedByEdge } from "../../lambda/weighing/weigh-edge.ts";
import type { EdgeEntry } from "../../lambda/witness/edge-history.ts";
import { connectionRecord, use } from "../tell/records.ts";
import { samples } from "../tell/samples.ts";

const now = Date.parse("2026-11-23T03:12:40Z");
const at = "2026-11-23T03:12:00.000Z";
const uses = [use("E1", { originId: "api", pathPatterns: ["/api/*"], viewerSchemes: ["https"] })];

// As a record has it.
const dark = { ...samples["origin-went-dark"]()[0]!, mayAnswer: "504" as const };
const [refused] = samples["connection-refused"]();
const [expiring] = samples["certificate-expiring"]();
const [expired] = samples["certificate-expired"]();
const [vpc] = samples["vpc-origin"]();
const [timedOut] = samples["connection-timed-out"]();
const [lateOne] = samples["out-of-time"]();

function record(verdict: ConnectionRecord["verdict"], ...findings: ConnectionRecord["findings"]): ConnectionRecord {
  return connectionRecord("api.example.com", { uses, verdict, findings });
}

function entry(changes: Partial<EdgeEntry> = {}): EdgeEntry {
  return {
    distributionId: "E1",
    originId: "api",
    pathPattern: "/api/*",
    host: "d1.cloudfront.net",
    reaches: "the-origin",
    askedAt: at,
    last: "reached",
    reached: { at, pop: "FRA56-P1", decidedBy: "server: nginx" },
    ...changes,
  };
}

const error = { status: 504, since: at, at, pop: "FRA56-P1", requestId: "id", wording: null } as const;
const failing = (changes: Partial<EdgeEntry> = {}) => entry({ last: "no-usable-answer", error, ...changes });

function weigh(given: ConnectionRecord, entries: readonly EdgeEntry[]): ConnectionRecord {
  const [weighed] = weighedByEdge([given], { asked: [], notAsked: [], entries }, now);
  if (weighed === undefined) throw new Error("no record");
  return weighed;
}

const codes = ({ findings, verdict }: ConnectionRecord) => [
  verdict,
  ...findings.map(({ code, effect }) => `${code} ${effect}`),
];

describe("CloudFront's own error", () => {
  it("makes the risk that explains it the error, and says so", () => {
    const weighed = weigh(record("at-risk", dark), [failing()]);
    expect(codes(weighed)).toEqual(["failing", "origin-went-dark 504"]);
    expect(weighed.findings[0]).toMatchObject({
      severity: "critical",
      cause: expect.stringContaining("Confirmed: CloudFront itself answered 504 at 2026-11-23 03:12 UTC."),
    });
    expect(weighed.findings[0]).not.toHaveProperty("doubt");
    expect(weighed.findings[0]).not.toHaveProperty("mayAnswer");
  });

  it("is a finding of its own where the status is another one, or where a group or function chooses", () => {
    const other = failing({ error: { ...error, status: 502 } });
    expect(codes(weigh(record("at-risk", dark), [other]))).toEqual([
      "failing",
      "cloudfront-answers-error 502",
      "origin-went-dark may",
    ]);
    const group = weigh(record("at-risk", dark), [failing({ reaches: "one-of" })]);
    expect(codes(group)).toEqual(["failing", "cloudfront-answers-error 504", "origin-went-dark may"]);
    expect(group.findings[0]?.explanation).toContain("An origin group or an edge function");
  });

  it("is one beside what could not be seen, what only may fail, and what will", () => {
    expect(codes(weigh(record("unknown", vpc!), [failing()]))).toEqual([
      "failing",
      "cloudfront-answers-error 504",
      "vpc-origin unseen",
    ]);
    expect(codes(weigh(record("at-risk", expiring!), [failing()]))).toEqual([
      "failing",
      "cloudfront-answers-error 504",
      "certificate-expiring may",
    ]);
    expect(codes(weigh(record("healthy"), [failing()]))).toEqual(["failing", "cloudfront-answers-error 504"]);
  });

  it("is confirmed by, and no finding beside, what fails already", () => {
    const weighed = weigh(record("failing", expired!), [failing()]);
    expect(codes(weighed)).toEqual(["failing", "certificate-expired 502"]);
    expect(weighed.findings[0]?.explanation).toContain("Confirmed: CloudFront itself answered 504");
  });
});

describe("an origin that CloudFront reached", () => {
  it("is healthy where it could not be reached from here, for a day", () => {
    const weighed = weigh(record("unknown", vpc!), [entry()]);
    expect(codes(weighed)).toEqual(["healthy", "vpc-origin unseen", "seen-through-cloudfront note"]);
    expect(weighed.witness).toEqual({ reachedOn: at, gotThrough: true });
    const old = { at: "2026-11-22T03:12:00.000Z", pop: null, decidedBy: "server: nginx" };
    expect(codes(weigh(record("unknown", vpc!), [entry({ reached: old, askedAt: old.at })]))).toEqual([
      "unknown",
      "vpc-origin unseen",
    ]);
  });

  it("is still unknown where nobody looked, and where a group or a function chose", () => {
    expect(weigh(record("unknown", timedOut!, lateOne!), [entry()]).verdict).toBe("unknown");
    const group = weigh(record("unknown", timedOut!), [entry({ reaches: "one-of" })]);
    expect([group.verdict, group.witness]).toEqual(["unknown", undefined]);
    expect(group.findings[0]?.explanation).toContain(
      "A request through CloudFront got an answer at 2026-11-23 03:12 UTC",
    );
  });

  it("is a risk where it refuses this check, and the time stands beside it", () => {
    const weighed = weigh(record("failing", refused!), [entry()]);
    expect(codes(weighed)).toEqual(["at-risk", "connection-refused may", "seen-through-cloudfront note"]);
    expect(weighed.findings[0]).toMatchObject({
      cause: expect.stringMatching(/ CloudFront reached the origin at 2026-11-23 03:12 UTC, edge location FRA56-P1\.$/),
      doubt: "although CloudFront reached the origin at 2026-11-23 03:12 UTC",
    });
  });

  it("is no less in error where the last request did not get through", () => {
    for (const last of ["failed", "refused", "no-usable-answer"] as const) {
      const weighed = weigh(record("failing", refused!), [entry({ last })]);
      expect([weighed.verdict, weighed.witness]).toEqual(["failing", { reachedOn: at }]);
      expect(weighed.findings[0]?.cause).toContain("CloudFront reached the origin at 2026-11-23 03:12 UTC");
    }
  });

  it("has the certificates that it had", () => {
    for (const [verdict, one] of [
      ["failing", expired!],
      ["at-risk", expiring!],
    ] as const) {
      const weighed = weigh(record(verdict, one), [entry()]);
      expect([weighed.verdict, weighed.findings]).toEqual([verdict, [one]]);
    }
  });

  it("is not reached by an answer for another name, behavior, origin or distribution", () => {
    const forwarding = [{ ...uses[0]!, hostForwardedBy: ["cache-policy" as const] }];
    const given = { ...record("unknown", timedOut!), uses: forwarding };
    const connection = { ...given.connection, serverName: "www.example.com" };
    expect(weigh({ ...given, connection }, [entry({ host: "www.example.com" })]).verdict).toBe("healthy");
    expect(weigh({ ...given, connection }, [entry({ host: "shop.example.com" })]).verdict).toBe("unknown");
    for (const changes of [{ pathPattern: "*" }, { originId: "www" }, { distributionId: "E2" }]) {
      expect(weigh(record("unknown", timedOut!), [entry(changes)]).verdict).toBe("unknown");
    }
  });
});

describe("what was not learned", () => {
  it("is said beside what CloudFront could have witnessed, and nowhere else", () => {
    const reasons = (why: "never" | "paused") => [{ distributionId: "E1", originId: "api", pathPattern: null, why }];
    const remarked = (one: ConnectionRecord, why: "never" | "paused") =>
      weighedByEdge([one], { asked: [], notAsked: reasons(why), entries: [] }, now)[0]?.findings[0]?.explanation;
    expect(remarked(record("unknown", timedOut!), "never")).toMatch(
      /CloudFront was not asked about it: the distribution's tag origin-watch:check-path says never\.$/,
    );
    expect(remarked(record("unknown", timedOut!), "paused")).toBe(timedOut!.explanation);
    expect(remarked(record("failing", expired!), "never")).toBe(expired!.explanation);
  });

  it("is a refusal where the edge refused, with what did", () => {
    const { reached: _, ...rest } = entry();
    const paused: EdgeEntry = {
      ...rest,
      last: "refused",
      pausedUntil: "2026-11-24T03:12:00.000Z",
      refusedBy: "x-amzn-waf-action",
    };
    const weighed = weigh(record("unknown", timedOut!), [paused]);
    expect([weighed.verdict, weighed.findings[0]?.explanation]).toEqual([
      "unknown",
      expect.stringContaining(
        "the request was refused at the edge (x-amzn-waf-action), which says nothing of the origin; it is asked again after 2026-11-24 03:12 UTC.",
      ),
    ]);
  });
});

describe("whatever CloudFront answers", () => {
  const all = Object.values(samples).flatMap((of) => of());
  const anyEntry = fc.record({
    last: fc.constantFrom("reached", "no-usable-answer", "refused", "silent", "failed"),
    reaches: fc.constantFrom("the-origin", "one-of"),
    reached: fc.option(fc.constant({ at, pop: null, decidedBy: "x" }), { nil: undefined }),
    error: fc.option(fc.constantFrom(error, { ...error, status: 502 as const }), { nil: undefined }),
  });

  it("lets no finding that people are told of go missing, and no certificate be judged otherwise", () => {
    fc.assert(
      fc.property(
        fc.subarray(all, { minLength: 1, maxLength: 4 }),
        fc.array(anyEntry, { maxLength: 3 }),
        (some, parts) => {
          const effects = new Set(some.map(({ effect }) => effect));
          const verdict =
            effects.has("502") || effects.has("504") ? "failing" : effects.has("may") ? "at-risk" : "unknown";
          const before = record(verdict, ...some);
          const entries = parts.map((part, index) => {
            const { reached, error: failed, ...rest } = part;
            const { reached: _, ...base } = entry({ host: `h${index}` });
            return { ...base, ...rest, ...(reached && { reached }), ...(failed && { error: failed }) } as EdgeEntry;
          });
          const after = weigh(before, entries);
          const told = (one: ConnectionRecord) =>
            [...seenFindingsIn([one], new Date(now)).values()].map(({ code }) => code);
          expect(told(after)).toEqual(expect.arrayContaining(told(before)));
          const certificates = (one: ConnectionRecord) =>
            one.findings
              .filter(({ code }) => code.startsWith("certificate-") || code.startsWith("chain-"))
              .map(({ code, effect }) => [code, effect]);
          expect(certificates(after)).toEqual(certificates(before));
        },
      ),
    );
  });
});
