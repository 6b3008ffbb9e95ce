import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { boardOf } from "../../lambda/board/board.ts";
import { serializeBoard } from "../../lambda/board/board-format.ts";
import { widgetHtml } from "../../lambda/pages/widget.ts";
import { type WidgetNotice, widgetDescription, widgetNotice } from "../../lambda/pages/widget-notice.ts";
import { readWidgetPage } from "../../lambda/pages/widget-page.ts";
import { identity } from "../../lambda/report/identity.ts";
import { isAllowed, unusedActions } from "../lib/iam.ts";
import { type AwsEndpoint, type AwsEndpointOptions, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { BOARD_KEY, deployFunction, FUNCTIONS, rightsOf, STATE_BUCKET, STATE_KEY } from "../sandbox/deployment.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import type { LocalFunction } from "../sandbox/lambda/function.ts";
import { chainIncomplete, connectionRecord, incident, report } from "../tell/records.ts";
import { putState } from "./put-state.ts";

const open = incident({ openedAt: "2026-11-20T02:00:00.000Z", lastSeen: "2026-11-23T02:00:00.000Z" });

const board = boardOf(
  report([
    connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] }),
    connectionRecord("www.example.com"),
  ]),
);

/** What the console sends, with what the widget does not look at. */
const call = (more: object = {}) => ({
  widgetContext: {
    dashboardName: "OriginWatch-origins-us-east-1",
    widgetId: "widget-1",
    accountId: "123456789012",
    locale: "en",
    timezone: { label: "UTC", offsetISO: "+00:00", offsetInMinutes: 0 },
    period: 900,
    isAutoPeriod: true,
    timeRange: { mode: "relative", start: 1, end: 2, relativeStart: 86_400_000 },
    theme: "light",
    linkCharts: true,
    title: "Origins, as the last run saw them",
    forms: { all: {} },
    params: {},
    width: 1_400,
    height: 600,
    ...more,
  },
});

let assembly: Assembly;
let aws: AwsEndpoint;
let widget: LocalFunction;

beforeAll(async () => {
  assembly = await synthesise();
});
afterAll(() => assembly.remove());
beforeEach(() => start());
afterEach(() => stop());

async function start(options: AwsEndpointOptions = {}): Promise<void> {
  const rights = rightsOf(assembly, FUNCTIONS.statusBoard);
  aws = await startAwsEndpoint({
    buckets: [STATE_BUCKET],
    isAllowed: (action, resource) => isAllowed(rights, { action, resource }),
    ...options,
  });
  widget = await deployFunction(assembly, FUNCTIONS.statusBoard, aws);
}

async function stop(): Promise<void> {
  await Promise.all([widget.close(), aws.close()]);
}

async function restarted(options: AwsEndpointOptions): Promise<void> {
  await stop();
  await start(options);
}

const putBoard = (body: Buffer | string = gzipSync(serializeBoard(board))) =>
  aws.objects.put(STATE_BUCKET, BOARD_KEY, body);

async function shown(event: unknown = call()): Promise<string> {
  const { value, logs } = await widget.invoke({ event });
  expect(logs).toEqual([]);
  expect(typeof value).toBe("string");
  // What a person sees is never a stack trace.
  expect(value).not.toMatch(/\bat .*\.(js|ts):\d+|node_modules/);
  return value as string;
}

type View = Partial<Parameters<typeof widgetHtml>[0]>;

/** What the rendering makes of the board; the console's theme and width, and the function's name, get through to it. */
function rendered(now: number, view: View): string {
  const usual = {
    board,
    openedAt: new Map([[identity(open), open.openedAt]]),
    now,
    theme: "light",
    functionArn: widget.definition.arn,
    width: 1_400,
    // Three intervals of the default schedule.
    staleAfterMs: 45 * 60_000,
  } as const;
  return widgetHtml({ ...usual, ...view }, readWidgetPage(call()));
}

/** Expects the board and, before it, a notice; ages are counted from a moment between start and end of the call. */
async function expectBoard(
  view: View = {},
  { event = call(), notice = "" }: { event?: unknown; notice?: string } = {},
) {
  const from = Date.now();
  const html = await shown(event);
  expect([from, Date.now()].map((now) => notice + rendered(now, view))).toContain(html);
}

const noticeHtml = (notice: WidgetNotice) => widgetNotice(notice, "light", 1_400);

const noAges = { openedAt: new Map<string, string>() };

describe("the widget", () => {
  it("shows the board, and since when incidents are open", async () => {
    putBoard();
    putState(aws, { incidents: [open] });
    await expectBoard();
    expect(aws.calls.map(({ action, resource }) => `${action} ${resource}`).toSorted()).toEqual([
      `s3:GetObject arn:aws:s3:::${STATE_BUCKET}/${BOARD_KEY}`,
      `s3:GetObject arn:aws:s3:::${STATE_BUCKET}/${STATE_KEY}`,
    ]);
  });

  it("shows it as the place asks for", async () => {
    putBoard();
    await expectBoard({ ...noAges, theme: "dark", width: 588 }, { event: call({ theme: "dark", width: 588 }) });
  });

  it.each([30, 60])("shows whether the last run, %i minutes ago, is too long ago for the schedule", async (minutes) => {
    const finishedAt = new Date(Date.now() - minutes * 60_000).toISOString();
    const recent = boardOf(report([connectionRecord("www.example.com")], { finishedAt }));
    putBoard(gzipSync(serializeBoard(recent)));
    await expectBoard({ ...noAges, board: recent });
  });

  it("shows a new board when there is one, from the same process", async () => {
    putBoard();
    await shown();
    const next = boardOf(report([connectionRecord("new.example.com")]));
    putBoard(gzipSync(serializeBoard(next)));
    await expectBoard({ ...noAges, board: next });
  });

  it("says that no run has completed before there is a board", async () => {
    putState(aws, { incidents: [open] });
    expect(await shown()).toBe(noticeHtml({ kind: "no-run" }));
  });

  it("shows the board without ages when nothing was ever wrong", async () => {
    putBoard();
    await expectBoard(noAges);
  });

  it.each([
    ["something else", Buffer.from("<script>alert(1)</script>"), "it is not gzip"],
    ["other JSON", gzipSync('{"schemaVersion":2}'), "schemaVersion: Invalid type: Expected 1 but received 2"],
    ["a bomb", gzipSync(Buffer.alloc(200 * 1024 * 1024)), "it is larger than 9437184 bytes"],
  ])("says that the board cannot be read when it is %s", async (_, body, problem) => {
    putBoard(body);
    expect(await shown()).toBe(noticeHtml({ kind: "unreadable", problem }));
  });

  it.each([
    ["s3:GetObject", "s3:GetObject on s3://origin-watch-state/board.json.gz"],
    ["s3:ListBucket", "s3:ListBucket on the bucket, without which a missing object looks forbidden"],
  ])("names the permission that is missing without %s", async (lacking, words) => {
    await restarted({ isAllowed: (action) => action !== lacking });
    const html = await shown();
    expect(html).toContain("Access denied");
    expect(html).toContain(words);
  });

  it("shows the board and says why there are no ages when only the state is denied", async () => {
    await restarted({ isAllowed: (_, resource) => !resource.endsWith(STATE_KEY) });
    putBoard();
    const html = await shown();
    expect(html).toContain("s3:GetObject on s3://origin-watch-state/state.json");
    expect(html).toContain("www.example.com");
  });

  it("shows the board and says why there are no ages when the state is damaged", async () => {
    putBoard();
    aws.objects.put(STATE_BUCKET, STATE_KEY, "<b>not a state</b>");
    const problem = "the state is damaged: it is not JSON";
    await expectBoard({ openedAt: null }, { notice: noticeHtml({ kind: "ages-unknown", problem }) });
  });

  it("says that later runs could not list the distributions, over the board that the last one left that could", async () => {
    putBoard();
    const problem = {
      code: "inventory-failed",
      scope: null,
      message: "The distributions could not be listed (access denied).",
      openedAt: "2026-11-24T01:00:00.000Z",
      lastTold: "2026-11-24T01:00:00.000Z",
      returns: 0,
      clearSince: null,
    };
    const state = { incidents: [open], problems: [problem] };
    putState(aws, state);
    const notice = noticeHtml({ kind: "not-listed", since: problem.openedAt, problem: problem.message });
    await expectBoard({}, { notice });
    // A run that could list them is no longer hidden, though the problem must stay away for a while.
    const cleared = { ...state, problems: [{ ...problem, clearSince: "2026-11-24T02:00:00.000Z" }] };
    putState(aws, cleared);
    await expectBoard();
  });

  it.each(["throttle", "internal-error", "drop-after-success"] as const)("outlasts one %s", async (fault) => {
    putBoard();
    putState(aws, { incidents: [open] });
    aws.failNext("s3:GetObject", fault, 1);
    await expectBoard();
  });

  it("answers in words when S3 does not answer at all", async () => {
    aws.failNext("s3:GetObject", "hang", 10);
    expect(await shown()).toBe(noticeHtml({ kind: "failed", problem: "time ran out" }));
  });

  it("has the rights that it uses, and no others", async () => {
    await shown();
    putBoard();
    putState(aws, { incidents: [open] });
    await shown();
    const rights = rightsOf(assembly, FUNCTIONS.statusBoard);
    expect(aws.calls.filter(({ action, resource }) => !isAllowed(rights, { action, resource }))).toEqual([]);
    // By Lambda, and by S3 itself: the check for 404 in place of 403.
    const byTheService = ["logs:CreateLogStream", "logs:PutLogEvents", "s3:ListBucket"];
    expect(unusedActions(rights, aws.calls).filter((action) => !byTheService.includes(action))).toEqual([]);
  });

  it("describes itself to the console, and asks S3 nothing", async () => {
    expect(await shown({ describe: true })).toBe(widgetDescription);
    expect(aws.calls).toEqual([]);
  });

  it.each([
    ["nothing", null],
    ["a text", "<script>alert(1)</script>"],
    ["a list", [1, 2]],
    ["a context that is none", { widgetContext: "<b>" }],
    ["a theme that is none", call({ theme: "<img src=x onerror=alert(1)>" })],
    ["a width that is none", call({ width: "1e999" })],
    ["a width beyond any screen", call({ width: 1e300 })],
    ["a width below any screen", call({ width: -5 })],
    [
      "names of everything's prototype",
      JSON.parse('{"__proto__":{"theme":"dark"},"constructor":1,"widgetContext":{}}'),
    ],
    ["a describe that is not true", { describe: "yes" }],
    ["nested lists", JSON.parse(`${"[".repeat(500)}${"]".repeat(500)}`)],
    ["a long text", { widgetContext: { theme: "x".repeat(1_000_000) } }],
  ])("shows the board whatever it is sent: %s", async (_, event) => {
    putBoard();
    const html = await shown(event);
    expect(html).toContain("api.example.com");
    expect(html).not.toMatch(/<script>|onerror|1e\+?300/);
  });
});
