import { describe, expect, it } from "vitest";
import type { CacheBehavior } from "../../lambda/configuration/distribution.ts";
import { noPolicies } from "../../lambda/configuration/policies.ts";
import {
  askThroughCloudFront,
  askUntilConfirmed,
  type EdgePorts,
  mostDistributionsAsked,
} from "../../lambda/observe/through-cloudfront.ts";
import type { EdgeOutcome, EdgeQuestion } from "../../lambda/probe/ask-edge.ts";
import type { CheckPath } from "../../lambda/witness/edge-path.ts";
import type { JudgedConnection } from "../../lambda/witness/edge-wanted.ts";
import { behavior, customOrigin, distribution } from "../plan/fixtures.ts";

const now = Date.parse("2026-11-28T09:00:00Z");
const never = new AbortController().signal;

function judged(distributionId: string, verdict: JudgedConnection["verdict"] = "unknown"): JudgedConnection {
  return {
    verdict,
    skipped: null,
    connection: { domain: "api.example.com", serverName: "api.example.com" },
    uses: [{ distributionId, originId: "api", pathPatterns: ["*"], viewerSchemes: ["https"], group: null }],
  };
}

function distributions(ids: readonly string[], settings: Partial<CacheBehavior> = {}) {
  const origins = [customOrigin("api.example.com", { id: "api" })];
  return ids.map((id) =>
    distribution({
      id,
      domainName: `d${id.toLowerCase()}.cloudfront.net`,
      origins,
      behaviors: [behavior({ ...settings, targetOriginId: "api" })],
    }),
  );
}

const reached: EdgeOutcome = {
  kind: "answered",
  response: { method: "HEAD", status: 404, headers: new Map([["server", "nginx"]]), body: null, elapsedMs: 20 },
};

/** Ports that answer every request so, and note what they are asked. */
function ports(outcome: EdgeOutcome | ((question: EdgeQuestion) => EdgeOutcome), changes: Partial<EdgePorts> = {}) {
  const questions: EdgeQuestion[] = [];
  const pauses: number[] = [];
  const calls: string[] = [];
  const all: EdgePorts = {
    requests: async (ids) => {
      calls.push(`requests ${ids.length}`);
      return new Map(ids.map((id) => [id, 5_000]));
    },
    checkPaths: async (ids) => {
      calls.push(`tags ${ids.length}`);
      return new Map(ids.map((id): [string, CheckPath] => [id, { kind: "unsaid" }]));
    },
    responseHeaders: async () => {
      calls.push("policies");
      return { own: ["x-powered-by"] };
    },
    ask: async (question) => {
      questions.push(question);
      return typeof outcome === "function" ? outcome(question) : outcome;
    },
    pause: async (ms) => {
      pauses.push(ms);
    },
    token: () => `t${questions.length}`,
    chance: () => 0,
    clock: () => now,
    ...changes,
  };
  return { all, questions, pauses, calls };
}

function run(
  connections: readonly JudgedConnection[],
  { all }: { all: EdgePorts },
  settings: Partial<CacheBehavior> = {},
  signal = never,
) {
  const ids = connections.flatMap(({ uses }) => uses.map(({ distributionId }) => distributionId));
  const of = { mode: "doubt" as const, leastRequests: 1_000, policies: noPolicies };
  return askThroughCloudFront(connections, [], { ...of, distributions: distributions(ids, settings) }, all, signal);
}

describe("asking through distributions", () => {
  it("asks once for an origin in doubt, and remembers what came", async () => {
    const made = ports(reached);
    const { asked, entries } = await run([judged("E1")], made);
    expect(asked.map(({ answer }) => [answer?.whose, answer?.decidedBy])).toEqual([
      ["reached-origin", "server: nginx"],
    ]);
    expect(entries).toMatchObject([{ distributionId: "E1", last: "reached" }]);
    expect(made.calls).toEqual(["requests 1", "tags 1"]);
  });

  it("costs nothing where nothing is in doubt", async () => {
    const made = ports(reached);
    expect(await run([judged("E1", "healthy")], made)).toEqual({ asked: [], notAsked: [], entries: [] });
    expect([made.calls, made.questions]).toEqual([[], []]);
  });

  it("drops the headers that a policy sets before it judges", async () => {
    const headers = new Map([["x-powered-by", "us"]]);
    const outcome = { ...reached, response: { ...reached.response, headers } } as EdgeOutcome;
    const made = ports(outcome);
    const { asked } = await run([judged("E1")], made, { responseHeadersPolicyId: "own" });
    expect(asked.map(({ answer }) => answer?.whose)).toEqual(["unknown"]);
    expect(made.calls).toContain("policies");
  });

  it("does not ask where the number of requests or the owner's word is not known", async () => {
    for (const [unknown, why] of [
      ["requests", "requests-unknown"],
      ["checkPaths", "tags-unknown"],
    ] as const) {
      const made = ports(reached, { [unknown]: async () => new Map() });
      const { notAsked } = await run([judged("E1")], made);
      expect([notAsked.map((each) => each.why), made.questions]).toEqual([[why], []]);
    }
  });

  it("spreads what it asks, and asks through no more distributions than a run reads tags of", async () => {
    const many = Array.from({ length: mostDistributionsAsked + 20 }, (_, index) => judged(`E${index}`));
    const made = ports(reached);
    await run(many, made);
    expect(made.calls).toEqual([`requests ${mostDistributionsAsked}`, `tags ${mostDistributionsAsked}`]);
    expect(made.questions).toHaveLength(mostDistributionsAsked);
    expect(new Set(made.pauses)).toEqual(new Set([600]));
  });

  it("goes on where one answer fails, and says so", async () => {
    const failed: EdgeOutcome = { kind: "failed", problem: "no answer in time" };
    const made = ports(({ domainName }) => (domainName.startsWith("de1.") ? failed : reached));
    const { asked, entries } = await run([judged("E1"), judged("E2")], made);
    expect(asked.map(({ problem }) => problem)).toEqual(["no answer in time", null]);
    expect(entries.map(({ last }) => last).toSorted()).toEqual(["failed", "reached"]);
  });

  it("asks again by a GET where there is no next run, and only what wants to be confirmed", async () => {
    const headers = new Map([
      ["content-type", "text/html"],
      ["x-cache", "Error from cloudfront"],
      ["x-amz-cf-id", "same"],
    ]);
    const body =
      "<H1>502 ERROR</H1>The request could not be satisfied. Generated by cloudfront (CloudFront) Request ID: same";
    const bad = (method: "HEAD" | "GET"): EdgeOutcome => ({
      kind: "answered",
      response: { method, status: 502, headers, body: method === "GET" ? body : null, elapsedMs: 9 },
    });
    const made = ports(({ domainName, method }) => (domainName.startsWith("de1.") ? bad(method) : reached));
    const settings = { mode: "all" as const, leastRequests: 0, policies: noPolicies };
    const all = { ...settings, distributions: distributions(["E1", "E2"]) };
    const run = await askUntilConfirmed([judged("E1", "healthy"), judged("E2")], all, made.all, never, 60_000);
    expect(made.questions.map(({ domainName, method }) => `${method} ${domainName}`)).toEqual([
      "HEAD de2.cloudfront.net",
      "HEAD de1.cloudfront.net",
      "GET de1.cloudfront.net",
    ]);
    expect(made.pauses).toContain(60_000);
    expect(run.entries).toMatchObject([{ distributionId: "E1", error: { status: 502 } }, { last: "reached" }]);
  });

  it("asks nothing when the time is over, and forgets nothing", async () => {
    const made = ports(reached);
    const { entries } = await run([judged("E1")], made);
    const late = ports(reached);
    const of = { mode: "doubt" as const, leastRequests: 1_000, policies: noPolicies };
    const over = AbortSignal.abort();
    const settings = { ...of, distributions: distributions(["E1"]) };
    expect(await askThroughCloudFront([judged("E1")], entries, settings, late.all, over)).toMatchObject({
      asked: [],
      entries,
    });
    expect([late.calls, late.questions]).toEqual([[], []]);
  });
});
