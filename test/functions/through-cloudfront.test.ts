import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Memory } from "../../lambda/memory/memory.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { unusedActions } from "../lib/iam.ts";
import type { Account } from "../sandbox/account.ts";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import { type Deployment, deploy, FUNCTIONS, MEMORY_KEY, rightsOf, STATE_BUCKET } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { startDnsServer } from "../sandbox/dns-server.ts";
import type { Edge } from "../sandbox/edge/edge.ts";
import { type Application, answers, closesWithoutAnswer, neverAnswers } from "../sandbox/http-origin.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";

// What CloudFront itself answers, which the box's edge does: the function asks through distributions, run by run.

const id = "E1BOXEDGE000001";
const origin = "healthy.box.test";
const minute = 60_000;
let off: Assembly;
let doubt: Assembly;
let box: Deployment;
let edge: Edge;
let start = 0;
let ended: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [off, doubt] = await Promise.all([synthesise(), synthesise({ throughCloudFront: "doubt" })]);
});
afterAll(() => {
  for (const each of [off, doubt]) each.remove();
});
afterEach(async () => {
  await Promise.all([box.close(), ...ended.map((end) => end())]);
  ended = [];
});

function outline(account: Account, silent = false) {
  const port = account.origins.find(({ domain }) => domain === origin)?.port ?? 0;
  const origins = [customOrigin(origin, port, { silent })];
  return distribution({ id, comment: "", origins, defaultBehavior: { target: origin } }, ACCOUNT_ID);
}

/**
 * A distribution with one origin, which the edge reaches and the function does not: for the function its name leads to an
 * address where nothing listens.
 */
async function begin(
  assembly: Assembly,
  {
    refused = false,
    silent = false,
    requests = 100,
    tags = {},
    application,
  }: {
    refused?: boolean;
    /** It stops answering the function later. */
    silent?: boolean;
    requests?: number;
    tags?: Readonly<Record<string, Readonly<Record<string, string>>>>;
    application?: Application;
  } = {},
): Promise<void> {
  start = Date.now();
  box = await deploy(assembly, { tags }, async (account) => {
    account.aws.setDistributions([outline(account, silent)]);
    edge = await account.openEdge();
    account.aws.counts.script(id, start - 120 * minute, start + 9 * 24 * 60 * minute, { requests });
    if (!refused) return { EDGE_PORT: String(edge.port) };
    const door = application === undefined ? edge : await account.addOrigin("in-place.box.test", application);
    const dns = await startDnsServer({
      [origin]: { A: ["127.0.0.99"] },
      "*.cloudfront.net": { A: [edge.address] },
    });
    ended.push(() => dns.close());
    return { EDGE_PORT: String(door.port), DNS_SERVERS: dns.address };
  });
}

/** A run so many minutes after the first one: subjects, records, and what it asked of AWS. */
async function at(minutes: number) {
  const { aws } = box.account;
  const [calls, messages] = [aws.calls.length, aws.messages.length];
  const { logs } = await box.handler.invoke({ clockAheadMs: start + minutes * minute - Date.now() });
  const lines = logs.map((line) => JSON.parse(line) as { message?: string });
  const named = (name: string) => lines.filter(({ message }) => message === name) as never[];
  const records: readonly ConnectionRecord[] = named("connection");
  const published = aws.messages.slice(messages).filter(({ subject = "" }) => !subject.startsWith("[STARTED]"));
  return {
    subjects: published.map(({ subject = "" }) => subject),
    mail: (JSON.parse(published.at(-1)?.message ?? "{}") as { email?: string }).email?.replaceAll(/\s+/g, " ") ?? "",
    record: records[0],
    found: records.flatMap(({ verdict, findings }) => [verdict, ...findings.map((f) => `${f.code} ${f.effect}`)]),
    /** What its log record says of the requests through distributions. */
    logged: (named("run")[0] as { throughCloudFront?: unknown } | undefined)?.throughCloudFront,
    calls: aws.calls.slice(calls).map(({ action }) => action),
  };
}

function memory(): Memory {
  const text = box.account.aws.objects.versions(STATE_BUCKET, MEMORY_KEY).at(-1)?.body.toString() ?? "{}";
  return JSON.parse(text) as Memory;
}

const atRisk = expect.stringMatching(/^\[AT RISK\] healthy\.box\.test:\d+: port \d+ refuses connections/);
const failing = expect.stringMatching(/^\[502\] healthy\.box\.test:\d+: port \d+ refuses connections/);

describe("an origin that refuses this check only", () => {
  it("is told once as what it is, with what CloudFront reached, and not again as long as CloudFront gets through", async () => {
    await begin(doubt, { refused: true });
    const first = await at(0);
    expect(first.subjects).toEqual([]);
    expect(first.record?.witness).toMatchObject({
      gotThrough: true,
      edgeAnswers: [{ distributionId: id, method: "HEAD", whose: "reached-origin", pop: "FRA56-P1" }],
    });
    const second = await at(15);
    expect(second.subjects).toEqual([atRisk]);
    expect(second.mail).toMatch(/CloudFront reached the origin at .{16} UTC, edge location FRA56-P1/);
    expect(second.found).toEqual(["at-risk", "connection-refused may", "seen-through-cloudfront note"]);
    for (const hours of [8, 16, 25, 8 * 24]) expect((await at(hours * 60)).subjects).toEqual([]);
    // Where the edge stops answering for it, the reminder that was due comes.
    edge.refuse(id, "blocked");
    const refused = await at(8 * 24 * 60 + 15);
    expect(refused.subjects).toHaveLength(1);
  });

  it("is told as an error where nobody asks CloudFront", async () => {
    await begin(off, { refused: true });
    expect([(await at(0)).subjects, (await at(15)).subjects]).toEqual([[], [failing]]);
    expect((await at(25 * 60)).subjects).toHaveLength(1);
  });
});

describe("an origin that CloudFront does not reach either", () => {
  it("is confirmed by two requests, and raised", async () => {
    await begin(doubt, { silent: true });
    expect((await at(0)).found).toEqual(["healthy"]);
    await box.account.silence(origin);
    const head = await at(15);
    expect(head.record?.witness?.edgeAnswers).toMatchObject([{ method: "HEAD", status: 504, confirmed: false }]);
    const get = await at(30);
    expect(get.record?.witness?.edgeAnswers).toMatchObject([
      { method: "GET", status: 504, whose: "cloudfront-could-not-connect", confirmed: true },
    ]);
    expect(get.found).toEqual(["failing", expect.stringContaining("origin-went-dark 504"), expect.anything()]);
    expect(get.subjects).toEqual([expect.stringMatching(/^\[504\] healthy\.box\.test:\d+: stopped answering/)]);
    expect(get.mail).toContain("Confirmed: CloudFront itself answered 504");
    await box.account.repair(origin);
    expect((await at(45)).subjects).toEqual([expect.stringMatching(/^\[FIXED\]/)]);
  });

  it("is a finding of its own where all that is seen from here is in order", async () => {
    const everything = await synthesise({ throughCloudFront: "all" });
    ended.push(async () => everything.remove());
    await begin(everything);
    await box.account.serve(origin, (request) => void request.socket.destroy());
    await at(0);
    const second = await at(15);
    expect(second.found).toEqual(["failing", "cloudfront-answers-error 502"]);
    expect(second.subjects).toEqual([expect.stringMatching(/^\[502\] healthy\.box\.test:\d+: requests through Cloud/)]);
    // What is remembered may be lost: nothing is fixed by that.
    box.account.aws.objects.put(STATE_BUCKET, MEMORY_KEY, "lost");
    edge.refuse(id, "throttled");
    expect((await at(30)).subjects).toEqual([]);
    edge.refuse(id, null);
    box.account.aws.objects.put(STATE_BUCKET, MEMORY_KEY, "lost");
    await box.account.serve(origin, answers(404, "no such page"));
    expect((await at(45)).subjects).toEqual([expect.stringMatching(/^\[FIXED\]/)]);
  });
});

describe("an origin behind a firewall that admits CloudFront only", () => {
  it("is healthy as long as CloudFront reaches it, and failing where CloudFront does not", async () => {
    await begin(doubt, { silent: true });
    const server = await box.account.serveOnlyEdge(origin, answers(404, "no such page"));
    await box.account.silence(origin);
    for (const minutes of [0, 15, 30]) {
      const run = await at(minutes);
      expect(run.found).toEqual(["healthy", "connection-timed-out unseen", "seen-through-cloudfront note"]);
      expect(run.subjects).toEqual([]);
    }
    await server.close();
    expect((await at(45)).subjects).toEqual([]);
    const told = await at(60);
    expect(told.subjects).toEqual([expect.stringMatching(/^\[502\] healthy\.box\.test:\d+: requests through Cloud/)]);
    expect(told.mail).toContain("a GET for d1boxedge000001.cloudfront.net (*) with its own 502");
  });
});

describe("a false claim", () => {
  it("is taken back in words when CloudFront gets through, and not told again", async () => {
    // As yet CloudFront has too few viewers to be asked.
    await begin(doubt, { refused: true, requests: 10 });
    expect([(await at(0)).subjects, (await at(15)).subjects]).toEqual([[], [failing]]);
    const { counts } = box.account.aws;
    counts.script(id, start - 120 * minute, start + 9 * 24 * 60 * minute, { requests: 100 });
    const back = await at(30);
    expect(back.found).toEqual(["at-risk", "connection-refused may", "seen-through-cloudfront note"]);
    expect(back.record?.findings[0]?.explanation).toMatch(/CloudFront reached the origin at .{16} UTC/);
    expect(back.subjects).toEqual([]);
    for (const hours of [8, 16, 25, 8 * 24]) expect((await at(hours * 60)).subjects).toEqual([]);
  });
});

describe("what answers in CloudFront's place", () => {
  /** Whatever was asked for: a HEAD has no body. */
  const gigabyte: Application = ({ socket }) => {
    let left = 1024 ** 3;
    const more = () => {
      while (left > 0 && !socket.destroyed) {
        left -= 65_536;
        if (!socket.write(Buffer.alloc(65_536, "x"))) return;
      }
    };
    socket.on("drain", more).on("error", () => undefined);
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${left}\r\n\r\n`);
    more();
  };
  const raw =
    (text: string): Application =>
    ({ socket }) =>
      void socket.end(text);
  it.each<[what: string, application: Application, logged: object]>([
    ["redirects for ever", answers(302, "", { location: "/again" }), { requests: 1, refused: 0, failed: 0 }],
    ["sends a gigabyte", gigabyte, { requests: 1, refused: 0, failed: 0 }],
    ["sends invalid headers", raw("HTTP/1.1 200 OK\r\n: \x00\r\nno header\r\n\r\n"), { requests: 1, failed: 1 }],
    ["sends too many of them", raw(`HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(10_000)}\r\n`), { requests: 1, failed: 1 }],
    ["closes", closesWithoutAnswer, { requests: 1, failed: 1 }],
    ["answers slowly", neverAnswers, { requests: 1, failed: 1 }],
  ])("and %s stops no run", async (_, application, logged) => {
    await begin(doubt, { refused: true, application });
    const [first, second] = [await at(0), await at(15)];
    expect(first.logged).toMatchObject(logged);
    expect(second.subjects).toHaveLength(1);
  });
});

describe("a VPC origin", () => {
  const intranet = "E6BOXINTRANET6";

  async function beginInVpc(assembly: Assembly): Promise<void> {
    start = Date.now();
    box = await deploy(assembly, {}, async (account) => {
      account.aws.setDistributions(account.aws.distributions().filter(({ Id }) => Id === intranet));
      edge = await account.openEdge();
      account.aws.counts.script(intranet, start - 120 * minute, start + 3 * 24 * 60 * minute, { requests: 100 });
      return { EDGE_PORT: String(edge.port) };
    });
  }

  it("is healthy as long as CloudFront reaches it, and nobody is told that it was not checked", async () => {
    await beginInVpc(doubt);
    await box.account.serveOnlyEdge("intranet.box.test", answers(404, "no such page"));
    const first = await at(0);
    expect(first.found).toEqual(["healthy", "vpc-origin unseen", "seen-through-cloudfront note"]);
    for (const minutes of [15, 30]) expect((await at(minutes)).subjects).toEqual([]);
    // A day without an answer that says anything.
    edge.refuse(intranet, "blocked");
    expect((await at(45)).found).toEqual(["healthy", "vpc-origin unseen", "seen-through-cloudfront note"]);
    expect((await at(27 * 60)).found).toEqual(["unknown", "vpc-origin unseen"]);
  });

  it("is told where CloudFront does not reach it, and as not checked where nobody asks", async () => {
    await beginInVpc(doubt);
    expect((await at(0)).found).toEqual(["unknown", "vpc-origin unseen"]);
    const second = await at(15);
    expect(second.found).toEqual([
      "failing",
      expect.stringMatching(/^cloudfront-answers-error 50[24]$/),
      "vpc-origin unseen",
    ]);
    expect(second.subjects).toEqual([expect.stringMatching(/^\[50[24]\] intranet\.box\.test/)]);
    await box.account.serveOnlyEdge("intranet.box.test", answers(200, "yes"));
    expect((await at(30)).subjects).toEqual([expect.stringMatching(/^\[FIXED\] intranet/)]);
    await box.close();
    await beginInVpc(off);
    expect([(await at(0)).subjects, (await at(15)).subjects]).toEqual([
      [],
      [expect.stringMatching(/^\[NOT CHECKED\]/)],
    ]);
  });
});

describe("what is asked", () => {
  it("is nothing where viewers are few, where the owner says never, and where nothing is in doubt", async () => {
    await begin(doubt, { refused: true, requests: 10 });
    const few = await at(0);
    expect(few.record?.witness).not.toHaveProperty("edgeAnswers");
    expect(few.record?.findings[0]?.explanation).toContain("the distribution had too few requests");
    await box.close();
    await begin(doubt, { refused: true, tags: { [id]: { "origin-watch:check-path": "never" } } });
    const never = await at(0);
    expect(never.record?.findings[0]?.explanation).toContain("tag origin-watch:check-path says never");
    await box.close();
    await begin(doubt);
    const quiet = [await at(0), await at(15)];
    expect(quiet.map(({ found, logged }) => [found, logged])).toEqual(
      Array.from({ length: 2 }, () => [["healthy"], { requests: 0, refused: 0, failed: 0 }]),
    );
    await box.close();
    await begin(off);
    // Not a call more than where it is switched off.
    expect(quiet.map(({ calls }) => calls)).toEqual([(await at(0)).calls, (await at(15)).calls]);
  });

  it("costs one call for the requests and one for the tags, which mutes are read from too", async () => {
    await begin(off, { refused: true });
    await at(0);
    const without = await at(15);
    await box.close();
    await begin(doubt, { refused: true });
    await at(0);
    const { calls } = await at(15);
    expect(calls.filter((action) => action === "cloudfront:ListTagsForResource")).toHaveLength(1);
    const count = (of: readonly string[]) => of.filter((action) => action === "cloudwatch:GetMetricData").length;
    expect([count(without.calls), count(calls)]).toEqual([1, 2]);
  });

  it("is nothing for a day after a refusal, which is said as what it is", async () => {
    await begin(doubt, { refused: true });
    edge.refuse(id, "challenged");
    const first = await at(0);
    expect(first.found).toEqual(["failing", "connection-refused 502"]);
    expect(first.logged).toEqual({ requests: 1, refused: 1, failed: 0 });
    expect(first.record?.findings[0]?.explanation).toContain("refused at the edge (x-amzn-waf-action)");
    const second = await at(15);
    expect(second.record?.witness).not.toHaveProperty("edgeAnswers");
    expect(second.subjects).toEqual([failing]);
    const [account] = Object.values(memory().accounts);
    expect(account?.edge).toMatchObject([{ last: "refused", refusedBy: expect.stringContaining("x-amzn-waf-action") }]);
  });

  it("needs every right that it has for it, and no other", async () => {
    await begin(doubt, { refused: true });
    const base = outline(box.account);
    const DefaultCacheBehavior = { ...base.DefaultCacheBehavior!, ResponseHeadersPolicyId: "own" };
    box.account.aws.setDistributions([{ ...base, DefaultCacheBehavior }]);
    const run = await at(0);
    expect(run.record?.findings[0]?.explanation).toContain("which headers the distribution's policy sets is not known");
    expect(box.account.aws.calls.filter(({ status }) => status === 403)).toEqual([]);
    const unused = unusedActions(rightsOf(doubt, FUNCTIONS.watch), box.account.aws.calls);
    expect(unused).not.toContain("cloudfront:ListResponseHeadersPolicies");
    expect(unused).not.toContain("cloudfront:ListTagsForResource");
  });
});
