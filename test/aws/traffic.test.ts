import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { clientLimits } from "../../lambda/aws/client-limits.ts";
import { readFunctionErrors } from "../../lambda/aws/function-errors.ts";
import { readRequests, readTraffic, trafficClient } from "../../lambda/aws/traffic.ts";
import type { Asking } from "../../lambda/witness/askings.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";

const minute = 60_000;
const from = Date.parse("2026-11-27T09:00:00Z");
const window = { from, until: from + 15 * minute };
const signal = new AbortController().signal;

let aws: AwsEndpoint;
beforeEach(async () => {
  aws = await startAwsEndpoint({ region: "eu-west-1" });
  for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

/** CloudWatch has so many minutes of the metric, each with this value, from the beginning of the window on. */
function put(id: string, metric: string, value: number, minutes = 15) {
  const values = Array.from({ length: minutes }, (_, index) => [from + index * minute, value] as const);
  aws.metrics.series.set(`${id} ${metric}`, new Map(values));
}

function read(askings: readonly (string | Asking)[], within = signal) {
  const client = trafficClient("aws", { ...clientLimits, maxAttempts: 1 });
  if (client === null) throw new Error("no client");
  const all = askings.map((each) => (typeof each === "string" ? { distributionId: each, window } : each));
  return readTraffic(client, all, within);
}

const counted = (changes: object) => ({
  from: "2026-11-27T09:00:00.000Z",
  until: "2026-11-27T09:15:00.000Z",
  minutes: 15,
  requests: 1_500,
  errors: 0,
  byStatus: null,
  ...changes,
});

describe("what CloudFront counted", () => {
  test("is asked for in us-east-1, wherever the function runs, and of 502 and 504 only where there are enough errors", async () => {
    for (const id of ["E1", "E2", "E3"]) put(id, "Requests", 100);
    for (const [id, share] of [
      ["E1", 4.9],
      ["E2", 10],
      ["E3", 20],
    ] as const)
      put(id, "5xxErrorRate", share);
    put("E3", "502ErrorRate", 15);
    put("E3", "504ErrorRate", 5);
    const { traffic, problem } = await read(["E1", "E2", "E3"]);
    expect(problem).toBeNull();
    expect(Object.fromEntries(traffic)).toEqual({
      E1: counted({ errors: 75 }),
      E2: counted({ errors: 150 }),
      E3: counted({ errors: 300, byStatus: { "502": 225, "504": 75 } }),
    });
    expect(aws.calls.map(({ action, region, status }) => [action, region, status])).toEqual([
      ["cloudwatch:GetMetricData", "us-east-1", 200],
      ["cloudwatch:GetMetricData", "us-east-1", 200],
    ]);
  });

  test("takes one call more where there are no errors, and none where nothing is asked", async () => {
    put("E1", "Requests", 100);
    put("E1", "5xxErrorRate", 0);
    await read(["E1"]);
    expect(aws.calls).toHaveLength(1);
    expect(await read([])).toEqual({ traffic: new Map(), problem: null, denied: false });
    expect(aws.calls).toHaveLength(1);
  });

  test("counts one metric by status for what it is, although the other has no value", async () => {
    put("E1", "Requests", 100);
    put("E1", "5xxErrorRate", 10);
    put("E1", "502ErrorRate", 10);
    // That 504 has none in a minute with errors means that it is not known.
    expect((await read(["E1"])).traffic.get("E1")).toEqual(counted({ errors: 150 }));
  });

  test("is of each distribution's own window", async () => {
    put("E1", "Requests", 100);
    put("E1", "5xxErrorRate", 0);
    put("E2", "Requests", 100);
    put("E2", "5xxErrorRate", 0);
    const late = { from: from + 10 * minute, until: window.until };
    const { traffic } = await read(["E1", { distributionId: "E2", window: late }]);
    expect([traffic.get("E1")?.requests, traffic.get("E2")?.requests]).toEqual([1_500, 500]);
  });

  test("knows no minute with a gap, with NaN, or with a share that cannot be", async () => {
    put("E1", "Requests", 100);
    const shares = [Number.NaN, -1, 101, 50].map((share, index) => [from + index * minute, share] as const);
    aws.metrics.series.set("E1 5xxErrorRate", new Map(shares));
    expect((await read(["E1"])).traffic.get("E1")).toMatchObject({ minutes: 1, requests: 100, errors: 50 });
  });

  test("has no request where CloudWatch has no value", async () => {
    expect((await read(["E1"])).traffic.get("E1")).toEqual(counted({ minutes: 0, requests: 0 }));
  });

  test("is asked 250 distributions a call, and further pages come together", async () => {
    const ids = Array.from({ length: 600 }, (_, index) => `E${index}`);
    for (const id of ids) {
      put(id, "Requests", 1, 1);
      put(id, "5xxErrorRate", 0, 1);
    }
    aws.metrics.pageSize = 300;
    const { traffic, problem } = await read(ids);
    expect(problem).toBeNull();
    expect([...traffic.values()].filter(({ requests }) => requests === 1)).toHaveLength(600);
    expect(aws.calls).toHaveLength(5);
  });

  test("ends after ten calls, and says so", async () => {
    aws.metrics.pageSize = 1;
    const { traffic, problem } = await read(Array.from({ length: 100 }, (_, index) => `E${index}`));
    expect([traffic.size, problem, aws.calls.length]).toEqual([0, "a run makes 10 calls", 10]);
  });

  test("leaves the rest of 5,000 distributions to the next run", async () => {
    const { traffic, problem } = await read(Array.from({ length: 5_000 }, (_, index) => `E${index}`));
    expect([traffic.size, problem, aws.calls.length]).toEqual([2_000, null, 8]);
  });

  test("is not asked of what is no distribution's id", async () => {
    expect((await read(["E1'; SEARCH", "e1"])).traffic.size).toBe(0);
    expect(aws.calls).toEqual([]);
  });
});

test("how many requests there were is one series each, of which nothing impossible is counted", async () => {
  put("E1", "Requests", 100, 5);
  aws.metrics.series.set("E2 Requests", new Map([Number.NaN, -5, 7].map((value, i) => [from + i * minute, value])));
  const client = trafficClient("aws", { ...clientLimits, maxAttempts: 1 });
  const of = (ids: readonly string[]) => readRequests(client!, ids, { ...window, until: from + 4 * minute }, signal);
  expect(await of(["E1", "E2", "E3", "e1"])).toEqual(
    new Map([
      ["E1", 400],
      ["E2", 7],
      ["E3", 0],
    ]),
  );
  expect(aws.calls).toHaveLength(1);
  aws.failNext("cloudwatch:GetMetricData", "throttle");
  expect(await of(["E1"])).toEqual(new Map());
});

describe("where CloudWatch does not answer", () => {
  beforeEach(() => {
    for (let index = 0; index < 300; index++) {
      put(`E${index}`, "Requests", 100);
      put(`E${index}`, "5xxErrorRate", 0);
    }
  });
  const many = Array.from({ length: 300 }, (_, index) => `E${index}`);

  test("nothing is known without the permission, which is named, and no further call is made", async () => {
    aws.failNext("cloudwatch:GetMetricData", "access-denied", 9);
    expect(await read(many)).toEqual({
      traffic: new Map(),
      problem: "access denied: the function's role needs cloudwatch:GetMetricData in us-east-1",
      denied: true,
    });
    expect(aws.calls).toHaveLength(1);
  });

  test.each(["throttle", "internal-error", "proxy-page", "empty-answer"] as const)(
    "what the other calls say is known, with the fault %s",
    async (fault) => {
      aws.failNext("cloudwatch:GetMetricData", fault);
      const { traffic, problem } = await read(many);
      expect(traffic.size).toBe(50);
      expect(problem).toMatch(/AWS answered|could not be understood/);
    },
  );

  test("a run goes on when its time is over", async () => {
    aws.failNext("cloudwatch:GetMetricData", "hang");
    const over = new AbortController();
    const reading = read(many, over.signal);
    await vi.waitFor(() => expect(aws.calls).toHaveLength(1), 60_000);
    over.abort();
    expect(await reading).toEqual({ traffic: new Map(), problem: "time ran out", denied: false });
    expect(aws.calls).toHaveLength(1);
  });

  test.each([
    ["Forbidden", undefined],
    ["InternalError", undefined],
    ["PartialData", expect.objectContaining({ requests: 1_500 })],
  ])("a series of which it says %s is known or not", async (code, expected) => {
    aws.metrics.statusCodes.set("E0 5xxErrorRate", code);
    const { traffic } = await read(["E0", "E1"]);
    expect(traffic.get("E0")).toEqual(expected);
    expect(traffic.get("E1")).toEqual(counted({}));
  });

  test("errors whose statuses could not be asked are errors all the same", async () => {
    put("E0", "5xxErrorRate", 50);
    put("E0", "502ErrorRate", 50);
    put("E0", "504ErrorRate", 0);
    aws.failNext("cloudwatch:GetMetricData", "none");
    aws.failNext("cloudwatch:GetMetricData", "throttle");
    const { traffic, problem } = await read(["E0"]);
    expect(traffic.get("E0")).toEqual(counted({ errors: 750 }));
    expect(problem).toContain("ThrottlingException");
  });
});

describe("errors of edge functions", () => {
  const functions = [
    { arn: "arn:aws:cloudfront::123456789012:function/rewrite", runtime: "cloudfront-functions" },
    { arn: "arn:aws:lambda:us-east-1:123456789012:function:one:3", runtime: "lambda-at-edge" },
    { arn: "arn:aws:lambda:us-east-1:123456789012:function:two:1", runtime: "lambda-at-edge" },
    { arn: "arn:aws:cloudfront::123456789012:function/x' OR 1", runtime: "cloudfront-functions" },
  ] as const;
  const askings = [
    { distributionId: "E1", functions, window },
    { distributionId: "e2", functions, window },
  ];
  const ask = () => {
    const client = trafficClient("aws", { ...clientLimits, maxAttempts: 1 });
    if (client === null) throw new Error("no client");
    return readFunctionErrors(client, askings, signal);
  };

  test("are summed for each function, and for those of Lambda together", async () => {
    put("rewrite", "FunctionExecutionErrors", 2);
    put("E1", "LambdaExecutionError", 3, 1);
    put("E1", "LambdaLimitExceededErrors", 4, 1);
    const found = await ask();
    expect(Object.fromEntries(found)).toEqual({
      E1: [
        { kind: "cloudfront-function", name: "rewrite", errors: 30 },
        { kind: "lambda-at-edge", name: "one or two", errors: 7 },
      ],
    });
    expect(aws.calls).toHaveLength(1);
  });

  test("that cannot be are none", async () => {
    const values = [Number.NaN, -5, Number.POSITIVE_INFINITY].map(
      (value, index) => [from + index * minute, value] as const,
    );
    aws.metrics.series.set("rewrite FunctionThrottles", new Map(values));
    expect(Object.fromEntries(await ask())).toEqual({ E1: [] });
  });

  test.each(["access-denied", "throttle", "proxy-page", "empty-answer"] as const)(
    "are not known with the fault %s, which says nothing",
    async (fault) => {
      aws.failNext("cloudwatch:GetMetricData", fault);
      expect([...(await ask()).values()].flat()).toEqual([]);
    },
  );
});

test("there is no client where it is not known in which Region CloudFront's metrics are", () => {
  expect([trafficClient("aws-cn"), trafficClient("aws-us-gov")]).toEqual([null, null]);
});
