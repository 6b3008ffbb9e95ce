import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DistributionIncident } from "../../lambda/incidents/state.ts";
import type { Memory } from "../../lambda/memory/memory.ts";
import type { DistributionRecord } from "../../lambda/report/distribution-record.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import type { Account } from "../sandbox/account.ts";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import { type Deployment, deploy, MEMORY_KEY, STATE_BUCKET, STATE_KEY } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";

// What viewers get by CloudFront's own count, which the box's CloudWatch has, run by run: a quarter of an hour apart.

const id = "E1BOXCOUNT00001";
const other = "E2BOXCOUNT00002";
const origin = "healthy.box.test";
const minute = 60_000;
let assembly: Assembly;
let quiet: Assembly;
let box: Deployment;
/** When the first run of a test takes place. */
let start = 0;

beforeAll(async () => {
  [assembly, quiet] = await Promise.all([synthesise(), synthesise({ viewerErrors: "off" })]);
});
afterAll(() => {
  for (const each of [assembly, quiet]) each.remove();
});

beforeEach(async () => {
  box = await deploy(assembly);
  prepare(box);
});
afterEach(() => box.close());

function prepare({ account }: Deployment) {
  account.aws.setDistributions([of(account, id, origin), of(account, other, "rsa.box.test")]);
  start = Date.now();
}

function of(account: Account, distributionId: string, ...domains: readonly string[]) {
  return made(account, distributionId, domains, false);
}

function goesSilent(account: Account, distributionId: string, ...domains: readonly string[]) {
  return made(account, distributionId, domains, true);
}

function made(account: Account, distributionId: string, domains: readonly string[], silent: boolean) {
  const portOf = (domain: string) => account.origins.find((each) => each.domain === domain)?.port ?? 0;
  const origins = domains.map((domain) => customOrigin(domain, portOf(domain), { silent }));
  const [first = "", ...others] = domains;
  const behaviors = others.map((target) => ({ pathPattern: `/${target}/*`, target }));
  const outline = { id: distributionId, comment: "", origins, defaultBehavior: { target: first }, behaviors };
  return distribution(outline, ACCOUNT_ID);
}

/** Viewers of the distribution, from and until so many minutes after the first run: 100 requests a minute. */
function viewers(distributionId: string, from: number, until: number, errors: Readonly<Record<number, number>> = {}) {
  const { counts } = box.account.aws;
  counts.script(distributionId, start + from * minute, start + until * minute, { requests: 100, errors });
}

type Run = {
  readonly distributions: readonly DistributionRecord[];
  readonly connections: readonly ConnectionRecord[];
  readonly run: Readonly<Record<string, unknown>>;
  readonly asked: number;
  readonly calls: readonly string[];
  readonly subjects: readonly string[];
};

/** A run so many minutes after the first one. */
async function at(minutes: number, deployment = box): Promise<Run> {
  const { aws } = deployment.account;
  const [calls, messages] = [aws.calls.length, aws.messages.length];
  const { logs } = await deployment.handler.invoke({ clockAheadMs: start + minutes * minute - Date.now() });
  const records = logs.map((line) => JSON.parse(line) as { message?: string });
  const named = (name: string) => records.filter(({ message }) => message === name) as never[];
  const made = aws.calls.slice(calls).map(({ action }) => action);
  return {
    distributions: named("distribution"),
    connections: named("connection"),
    run: named("run")[0] ?? {},
    asked: made.filter((action) => action === "cloudwatch:GetMetricData").length,
    calls: made,
    subjects: aws.messages
      .slice(messages)
      .map(({ subject = "" }) => subject)
      .filter((subject) => !subject.startsWith("[STARTED]")),
  };
}

function stored<T>(key: string): T {
  return JSON.parse(box.account.aws.objects.versions(STATE_BUCKET, key).at(-1)?.body.toString() ?? "{}") as T;
}

/** What is open about distributions, as the state has it. */
function open(): readonly DistributionIncident[] {
  const { incidents = [] } = stored<{ incidents?: readonly { kind?: string }[] }>(STATE_KEY);
  return incidents.filter(({ kind }) => kind === "distribution") as unknown as DistributionIncident[];
}

describe("viewers who get errors", () => {
  it("are noticed within an hour and two runs where the origin answers 502 itself, until it has been over for an hour", async () => {
    box.account.aws.counts.setAdditionalMetrics(id, true);
    for (const each of [id, other]) viewers(each, -60, 600);
    expect((await at(0)).asked).toBe(1);
    // Just after the first run, of which the second one an hour later sees most.
    viewers(id, 1, 180, { 502: 30, 500: 1 });
    for (const minutes of [15, 30, 45]) expect((await at(minutes)).asked).toBe(0);
    const first = await at(60);
    expect([first.asked, first.distributions, open()]).toEqual([2, [], []]);
    const second = await at(75);
    expect(second.distributions).toMatchObject([
      {
        distributionId: id,
        findings: [
          {
            code: "viewers-get-errors",
            effect: "502",
            title: "requests get 502",
            possibleCauses: [],
            inOrder: [{ domain: origin }],
            counted: [
              { minutes: 60 },
              { minutes: 15, requests: 1_500, errors: 465, byStatus: { "502": 450, "504": 0 } },
            ],
          },
        ],
      },
    ]);
    expect(open()).toMatchObject([{ distributionId: id, code: "viewers-get-errors", effect: "502" }]);
    expect(second.subjects).toEqual([
      expect.stringMatching(/^\[502\] .*: 2\d\.\d% of requests get 502 \(E1BOXCOUNT00001/),
    ]);
    // It is asked in each run as long as it lasts, and is no news again.
    expect([(await at(90)).asked, open()[0]?.openedAt]).toEqual([2, open()[0]?.openedAt]);
    viewers(id, 90, 180);
    for (const minutes of [105, 120, 135, 150]) {
      await at(minutes);
      expect([minutes, open().length]).toEqual([minutes, 1]);
    }
    const fixed = await at(165);
    expect(fixed.subjects).toEqual([expect.stringMatching(/^\[FIXED\] .*, was: requests get 502 /)]);
    expect(open()).toEqual([]);
    expect((await at(180)).distributions).toEqual([]);
  });

  it("are noticed at once where half of the requests fail, by status where that is counted", async () => {
    viewers(id, -60, 60, { 500: 60 });
    viewers(other, -60, 60, { 504: 60 });
    box.account.aws.counts.setAdditionalMetrics(other, true);
    await at(0);
    expect(open().map(({ distributionId, effect, title }) => [distributionId, effect, title])).toEqual([
      [id, "5xx", "requests get 5xx"],
      [other, "504", "requests get 504"],
    ]);
  });

  it("are told with the edge functions of the distribution that CloudFront saw fail meanwhile", async () => {
    const base = of(box.account, id, origin);
    const cloudFrontFunction = {
      FunctionARN: `arn:aws:cloudfront::${ACCOUNT_ID}:function/rewrite`,
      EventType: "viewer-request" as const,
    };
    const lambda = {
      LambdaFunctionARN: `arn:aws:lambda:us-east-1:${ACCOUNT_ID}:function:add-headers:3`,
      EventType: "origin-response" as const,
      IncludeBody: false,
    };
    const DefaultCacheBehavior = {
      ...base.DefaultCacheBehavior!,
      FunctionAssociations: { Quantity: 1, Items: [cloudFrontFunction] },
      LambdaFunctionAssociations: { Quantity: 1, Items: [lambda] },
    };
    box.account.aws.setDistributions([{ ...base, DefaultCacheBehavior }, of(box.account, other, "rsa.box.test")]);
    viewers(id, -60, 60, { 503: 60 });
    const minuteOf = (minutes: number) => Math.floor(start / minute + minutes) * minute;
    const put = (name: string, metric: string, value: number) =>
      box.account.aws.metrics.series.set(
        `${name} ${metric}`,
        new Map([
          [minuteOf(-10), value],
          [minuteOf(-100), 999],
        ]),
      );
    put("rewrite", "FunctionExecutionErrors", 40);
    put("rewrite", "FunctionThrottles", 2);
    put(id, "LambdaValidationError", 7);
    const { distributions, asked } = await at(0);
    expect([asked, distributions[0]?.findings[0]?.functionErrors]).toEqual([
      3,
      [
        { kind: "cloudfront-function", name: "rewrite", errors: 42 },
        { kind: "lambda-at-edge", name: "add-headers", errors: 7 },
      ],
    ]);
  });

  it("are a fact and no incident where the errors are of another kind", async () => {
    box.account.aws.counts.setAdditionalMetrics(id, true);
    viewers(id, -60, 60, { 500: 60 });
    expect((await at(0)).distributions).toMatchObject([{ distributionId: id, otherErrors: true, findings: [] }]);
    expect(open()).toEqual([]);
  });

  it("are not told besides a fresh finding that says the same, but when it is over and they still get errors", async () => {
    for (const each of [id, other]) viewers(each, -60, 600);
    await at(0);
    await box.account.expire(origin);
    viewers(id, 0, 600, { 502: 90 });
    const told = await at(15);
    expect(told.subjects).toEqual([expect.stringMatching(/^\[502\] healthy\.box\.test/)]);
    const [failing] = told.connections.filter(({ verdict }) => verdict === "failing");
    expect(failing?.witness?.traffic).toMatchObject([{ distributionId: id, requests: 1_500, errors: 900 }]);
    for (const minutes of [30, 45, 60, 75]) {
      const { distributions, subjects } = await at(minutes);
      expect([distributions, subjects]).toEqual([[], []]);
    }
    await box.account.repair(origin);
    expect((await at(90)).subjects).toEqual([expect.stringMatching(/^\[FIXED\]/)]);
    expect((await at(105)).distributions).toMatchObject([{ findings: [{ code: "viewers-get-errors" }] }]);
    expect(open()).toHaveLength(1);
  });

  it("are told besides a finding that is open for long, which is named", async () => {
    for (const each of [id, other]) viewers(each, -60, 600);
    await box.account.expire(origin);
    await at(0);
    await at(15);
    viewers(id, 60, 600, { 502: 90 });
    await at(60);
    expect(open()).toEqual([]);
    const [record] = (await at(120)).distributions;
    expect(record?.findings[0]?.possibleCauses).toMatchObject([
      { domain: origin, code: "certificate-expired", effect: "502", openSince: expect.stringMatching(/^\d{4}-/) },
    ]);
  });

  it("are asked for again where what was remembered is lost, and what is open stays open", async () => {
    viewers(id, -60, 600, { 500: 60 });
    await at(0);
    expect(open()).toHaveLength(1);
    box.account.aws.objects.put(STATE_BUCKET, MEMORY_KEY, "lost");
    viewers(id, 0, 600, { 500: 20 });
    expect((await at(15)).asked).toBeGreaterThan(0);
    expect(open()).toHaveLength(1);
  });
});

describe("an origin that went dark", () => {
  beforeEach(() => {
    const { account } = box;
    account.aws.setDistributions([goesSilent(account, id, origin), of(account, other, "rsa.box.test")]);
  });

  it("is raised to 504 by CloudFront's count of the time after it was first seen", async () => {
    for (const each of [id, other]) {
      viewers(each, -60, 600);
      box.account.aws.counts.setAdditionalMetrics(each, true);
    }
    await at(0);
    await box.account.silence(origin);
    viewers(id, 1, 600, { 504: 80 });
    await at(15);
    const confirmed = await at(30);
    expect(confirmed.subjects).toContainEqual(expect.stringMatching(/^\[AT RISK\] healthy\.box\.test/));
    expect(confirmed.distributions).toMatchObject([
      { findings: [{ effect: "504", possibleCauses: [{ code: "origin-went-dark", effect: "may" }] }] },
    ]);
    const raised = await at(45);
    expect(raised.subjects).toContainEqual(expect.stringMatching(/^\[504\] healthy\.box\.test/));
    const [record] = raised.connections.filter(({ verdict }) => verdict === "failing");
    const finding = record?.findings.find(({ code }) => code === "origin-went-dark");
    expect(finding).toMatchObject({ effect: "504", severity: "critical", facts: { confirmedBy: "count" } });
    expect(finding?.explanation).toMatch(
      /1,500 requests in 15 minutes, 1,200 of them answered 5xx \(504: 1,200\), at distribution E1BOXCOUNT00001/,
    );
    expect(open()).toHaveLength(1);
    // It stays so, and no message comes of it.
    viewers(id, 42, 600);
    const later = await at(60);
    const failing = later.connections.filter(({ verdict }) => verdict === "failing");
    expect([later.subjects, failing.length]).toEqual([[], 1]);
  });

  it("is told by itself where the count confirms it at once, and not besides", async () => {
    for (const each of [id, other]) {
      viewers(each, -60, 600);
      box.account.aws.counts.setAdditionalMetrics(each, true);
    }
    await at(0);
    await box.account.silence(origin);
    await at(15);
    viewers(id, 26, 600, { 504: 80 });
    await at(30);
    const raised = await at(45);
    expect(raised.subjects).toEqual([expect.stringMatching(/^\[504\] healthy\.box\.test/)]);
    expect([raised.distributions, open()]).toEqual([[], []]);
    const later = await at(60);
    expect([later.subjects, later.distributions, open()]).toEqual([[], [], []]);
  });

  it("stays a risk where another origin may be what fails", async () => {
    box.account.aws.setDistributions([goesSilent(box.account, id, origin, "rsa.box.test")]);
    box.account.aws.counts.setAdditionalMetrics(id, true);
    viewers(id, -60, 600);
    await at(0);
    await box.account.silence(origin);
    await box.account.silence("rsa.box.test");
    viewers(id, 1, 600, { 504: 80 });
    for (const minutes of [15, 30, 45, 60]) await at(minutes);
    const { connections } = await at(75);
    const effects = connections.flatMap(({ findings }) =>
      findings.filter(({ code }) => code === "origin-went-dark").map(({ effect }) => effect),
    );
    expect(effects).toEqual(["may", "may"]);
  });
});

describe("numbers that cannot be", () => {
  it("are not known, and stop no run: gaps, NaN, below zero, over 100 %", async () => {
    for (const each of [id, other]) viewers(each, -60, 600, { 502: 1 });
    const { series } = box.account.aws.metrics;
    const impossible = [Number.NaN, 250, -3, Number.POSITIVE_INFINITY];
    const minutes = [...(series.get(`${id} Requests`) ?? [])].map(([time]) => time);
    series.set(`${id} 5xxErrorRate`, new Map(minutes.map((time, index) => [time, impossible[index % 4] ?? 0])));
    series.set(`${other} Requests`, new Map(minutes.filter((_, index) => index % 2 === 0).map((time) => [time, 100])));
    const runs = [await at(0), await at(60), await at(75)];
    expect(runs.map(({ subjects, distributions }) => [subjects, distributions])).toEqual(runs.map(() => [[], []]));
    expect(runs.map(({ run }) => run.counts)).toContainEqual(expect.objectContaining({ answered: 2, error: null }));
    const counts = stored<Memory>(MEMORY_KEY).accounts[`aws:${ACCOUNT_ID}`]?.counts;
    expect([counts?.[id]?.last.minutes, counts?.[other]?.last.minutes]).toEqual([0, 30]);
  });

  it("are those of a clock that was ahead: it is asked for again, and nothing is told or over by it", async () => {
    for (const each of [id, other]) viewers(each, -60, 600);
    viewers(id, 0, 600, { 502: 90 });
    await at(0);
    const ahead = await at(60);
    expect(ahead.subjects).toEqual([expect.stringMatching(/^\[502\]|^\[5XX\]/)]);
    for (const minutes of [15, 30]) {
      const { subjects, asked } = await at(minutes);
      expect([subjects, asked > 0, open().length]).toEqual([[], true, 1]);
    }
  });
});

describe("what is asked", () => {
  it("is nothing in a quiet run, and once an hour one call, with which it is remembered", async () => {
    for (const each of [id, other]) viewers(each, -60, 600);
    await at(0);
    const ordinary = await at(15);
    expect(ordinary.calls).not.toContain("cloudwatch:GetMetricData");
    const hourly = await at(60);
    expect(hourly.calls.toSorted()).toEqual([...ordinary.calls, "cloudwatch:GetMetricData", "s3:PutObject"].toSorted());
    expect((await at(75)).calls).toEqual(ordinary.calls);
    const { accounts } = stored<Memory>(MEMORY_KEY);
    expect(Object.keys(accounts[`aws:${ACCOUNT_ID}`]?.counts ?? {})).toEqual([id, other]);
  });

  it("is nothing where that is switched off, and nothing of it is granted", async () => {
    const off = await deploy(quiet);
    try {
      const { aws } = off.account;
      prepare(off);
      aws.counts.script(id, start - 60 * minute, start, { requests: 100, errors: { 502: 90 } });
      const run = await at(0, off);
      expect([run.asked, run.distributions, run.run.problems]).toEqual([0, [], []]);
    } finally {
      await off.close();
    }
  });

  it("is said where it is not permitted, and the run goes on", async () => {
    const forbids = (action: string) => action === "cloudwatch:GetMetricData";
    const denied = await deploy(assembly, { isAllowed: (action) => !forbids(action) });
    try {
      prepare(denied);
      const first = await at(0, denied);
      expect(first.run.problems).toMatchObject([
        { code: "traffic-unreadable", message: expect.stringContaining("needs cloudwatch:GetMetricData in us-east-1") },
      ]);
      expect(first.subjects).toEqual([expect.stringMatching(/^\[PROBLEM\]/)]);
      expect(first.connections.map(({ verdict }) => verdict)).toEqual(["healthy", "healthy"]);
      expect((await at(15, denied)).subjects).toEqual([]);
    } finally {
      await denied.close();
    }
  });

  it("is no news where CloudWatch does not answer once, and is where that lasts for an hour", async () => {
    for (const each of [id, other]) viewers(each, -60, 600);
    await at(0);
    box.account.aws.failNext("cloudwatch:GetMetricData", "throttle", 1_000);
    const first = await at(60);
    expect([first.subjects, first.run.counts]).toEqual([
      [],
      expect.objectContaining({ kind: "asked", answered: 0, error: expect.stringContaining("Throttling") }),
    ]);
    await at(90);
    expect((await at(120)).subjects).toEqual([expect.stringMatching(/^\[PROBLEM\]/)]);
    box.account.aws.clearFaults();
    expect((await at(135)).subjects).toEqual([expect.stringMatching(/^\[FIXED\]/)]);
  });
});
