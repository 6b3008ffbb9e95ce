import { gunzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseBoard } from "../../lambda/board/board-format.ts";
import { byVerdict } from "../../lambda/judge/verdict.ts";
import { emptyMemory } from "../../lambda/memory/memory.ts";
import { parseMemory } from "../../lambda/memory/memory-format.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { ACCOUNT_ID, SECRET_MARKER } from "../sandbox/account-distributions.ts";
import { BOARD_KEY, type Deployment, deploy, MEMORY_KEY, STATE_BUCKET, STATE_KEY } from "../sandbox/deployment.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";

let assembly: Assembly;
/** With one distribution chosen. */
let choosing: Assembly;
/** Without a dashboard. */
let plain: Assembly;
let box: Deployment;

beforeAll(async () => {
  [assembly, choosing, plain] = await Promise.all([
    synthesise(),
    synthesise({ includeDistributions: "E3BOXAPP000003" }),
    synthesise({ dashboard: "false" }),
  ]);
});

afterAll(() => {
  for (const each of [assembly, choosing, plain]) each.remove();
});

beforeEach(async () => {
  box = await deploy(assembly);
});

afterEach(() => box.close());

type LogRecord = { readonly message?: string } & Record<string, unknown>;

function logged(logs: readonly string[], message: string): LogRecord[] {
  return logs.map((line) => JSON.parse(line) as LogRecord).filter((record) => record.message === message);
}

function connectionRecords(logs: readonly string[]): ConnectionRecord[] {
  return logged(logs, "connection") as unknown as ConnectionRecord[];
}

/** What was published, without the first message, and the daily one on origins that could not be checked. */
function told() {
  return box.account.aws.messages.filter(({ subject = "" }) => !/^\[(?:STARTED|NOT CHECKED)\]/.test(subject));
}

function boardText(): string {
  const version = box.account.aws.objects.versions(STATE_BUCKET, BOARD_KEY).at(-1);
  return version === undefined ? "" : gunzipSync(version.body).toString();
}

function stateText(): string {
  const version = box.account.aws.objects.versions(STATE_BUCKET, STATE_KEY).at(-1);
  return version === undefined ? "" : version.body.toString();
}

describe("the function that watches", () => {
  it("judges every origin of the account rightly, with one TCP connection for each planned one", async () => {
    const { logs } = await box.handler.invoke();
    const records = connectionRecords(logs);
    for (const origin of box.account.origins) {
      // An origin is as bad as the worst of its connections, which are logged as they are judged.
      const record = records
        .filter(({ connection }) => connection.domain === origin.domain)
        .toSorted(byVerdict)
        .at(0);
      expect([origin.domain, record?.verdict]).toEqual([origin.domain, origin.expectedVerdict]);
      expect(record?.findings.map(({ code }) => code)).toEqual(expect.arrayContaining([...origin.expectedCodes]));
      const planned = records.filter(({ connection }) => connection.domain === origin.domain).length;
      if (origin.expectedVerdict === "healthy")
        expect([origin.domain, origin.connections()]).toEqual([origin.domain, planned]);
      // Of an http-only origin, the port is tried.
      const tried = origin.domain === "http-only.box.test" ? 1 : 0;
      if (origin.expectedVerdict === "skipped")
        expect([origin.domain, origin.connections()]).toEqual([origin.domain, tried]);
    }
  });

  it("tells once, the network's part once it is confirmed, is silent then, and tells when it is over", async () => {
    await box.handler.invoke();
    expect(told()).toHaveLength(1);
    expect(told()[0]?.subject).toMatch(
      /^\[502\] 14 origins: expired\.box\.test.*\(10 failing, 4 at risk, 123456789012\)$/,
    );
    await box.handler.invoke();
    expect(told()).toHaveLength(2);
    expect(told()[1]?.subject).toMatch(
      /^\[502\] 4 origins: missing\.box\.test.*\(3 failing, 1 at risk, 10 more failing, 123456789012\)$/,
    );

    const writes = box.account.aws.objects.versions(STATE_BUCKET, STATE_KEY).length;
    await box.handler.invoke();
    expect(told()).toHaveLength(2);
    expect(box.account.aws.objects.versions(STATE_BUCKET, STATE_KEY)).toHaveLength(writes);

    await box.account.repair("expired.box.test");
    await box.handler.invoke();
    expect(told()).toHaveLength(3);
    expect(told()[2]?.subject).toMatch(/^\[FIXED\] expired\.box\.test/);
    const renderings = JSON.parse(told()[2]?.message ?? "") as Readonly<Record<string, string>>;
    expect(renderings.email).toContain("What changed: a new certificate");
    expect(renderings.email).toContain("Still open:");
    expect(told()[2]?.attributes.event?.value).toBe("resolved");
  });

  it("says first that it works and what it found, as soon as somebody gets it", async () => {
    const { aws } = box.account;
    const tags = () => aws.messages.map(({ subject = "" }) => subject.slice(0, subject.indexOf("]") + 1));
    aws.setUnconfirmedSubscriptions(1);
    await box.handler.invoke();
    expect(tags()).toEqual(["[502]"]);
    aws.setUnconfirmedSubscriptions(0);
    await box.handler.invoke();
    expect(tags()[1]).toBe("[STARTED]");
    const { subject, message, attributes } = aws.messages[1] ?? {};
    expect(subject).toMatch(/^\[STARTED\] Origin Watch: \d+ origins: 13 failing, 5 at risk, .*123456789012\)$/);
    expect(attributes?.event?.value).toBe("started");
    const { email = "" } = JSON.parse(message ?? "") as Readonly<Record<string, string>>;
    expect(email).toMatch(/^Origin Watch works in account 123456789012\. It checks \d+ distributions\.$/m);
    await box.handler.invoke();
    expect(tags().filter((tag) => tag === "[STARTED]")).toHaveLength(1);
    expect(aws.calls.filter(({ action }) => action === "sns:GetTopicAttributes")).toHaveLength(2);
  });

  it("shows the value of a custom header nowhere", async () => {
    const { logs } = await box.handler.invoke();
    expect(JSON.stringify(box.account.listDistributionsJson())).toContain(SECRET_MARKER);
    const everything = [
      ...logs,
      ...box.account.aws.messages.map(({ subject, message }) => `${subject}\n${message}`),
      stateText(),
      boardText(),
    ];
    expect(everything.join("\n").length).toBeGreaterThan(10_000);
    expect(everything.join("\n")).not.toContain(SECRET_MARKER);
  });

  it("leaves a board of what it saw, anew in every run", async () => {
    const { logs } = await box.handler.invoke();
    const parsed = parseBoard(boardText());
    if (parsed.kind !== "board") throw new Error(parsed.problem);
    const { runId, origins, records } = parsed.board;
    expect(logged(logs, "run")).toMatchObject([
      {
        runId,
        board: { kind: "stored", bytes: box.account.aws.objects.versions(STATE_BUCKET, BOARD_KEY).at(-1)?.body.length },
      },
    ]);
    expect(records).toHaveLength(connectionRecords(logs).length);
    expect(origins).toMatchObject({ failing: 13, "at-risk": 5 });
    await box.handler.invoke();
    expect(box.account.aws.objects.versions(STATE_BUCKET, BOARD_KEY)).toHaveLength(2);
    expect(parseBoard(boardText())).not.toMatchObject({ board: { runId } });
  });

  it("keeps the last board when it cannot list the distributions", async () => {
    await box.handler.invoke();
    const before = boardText();
    box.account.aws.failNext("cloudfront:ListDistributions", "access-denied");
    const { logs } = await box.handler.invoke();
    expect(logged(logs, "run")).toMatchObject([
      { board: { kind: "last-kept" }, problems: [{ code: "inventory-failed" }] },
    ]);
    expect(boardText()).toBe(before);
  });

  it("leaves a board that says why it is empty where it never could list the distributions", async () => {
    box.account.aws.failNext("cloudfront:ListDistributions", "access-denied", 2);
    await box.handler.invoke();
    const parsed = parseBoard(boardText());
    expect(parsed).toMatchObject({ board: { records: [], problems: [{ code: "inventory-failed" }] } });
    const { logs } = await box.handler.invoke();
    expect(logged(logs, "run")).toMatchObject([{ board: { kind: "last-kept" } }]);
  });

  it("tells and logs all the same when the board cannot be stored, and says why it was not", async () => {
    const forbids = (action: string, resource: string) => action === "s3:PutObject" && resource.endsWith(BOARD_KEY);
    const other = await deploy(assembly, { isAllowed: (action, resource) => !forbids(action, resource) });
    try {
      const { logs } = await other.handler.invoke();
      expect(logged(logs, "run")).toMatchObject([
        {
          level: "WARN",
          board: {
            kind: "failed",
            error: expect.stringContaining("needs s3:PutObject on s3://origin-watch-state/board"),
          },
          trouble: expect.stringMatching(/^The status board was not stored: access denied/),
        },
      ]);
      const [metrics] = logs.map((line) => JSON.parse(line) as LogRecord).filter((record) => "_aws" in record);
      expect(metrics).toMatchObject({ RunCompleted: 1, MessagesSent: 2, MessageFailures: 0 });
      expect(other.account.aws.messages.length).toBeGreaterThan(0);
    } finally {
      await other.close();
    }
  });

  it("does not begin to store a board when the time is nearly up", async () => {
    const { logs } = await box.handler.invoke({ remainingMs: 7_000 });
    expect(logged(logs, "run")).toMatchObject([{ board: { kind: "failed", error: "no time was left" } }]);
    expect(boardText()).toBe("");
  });

  it("leaves no board where nobody looks at one", async () => {
    const other = await deploy(plain);
    try {
      const { logs } = await other.handler.invoke();
      expect(logged(logs, "run")).toMatchObject([{ board: null, trouble: null }]);
      expect(other.account.aws.objects.versions(STATE_BUCKET, BOARD_KEY)).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it("leaves what the next run is to begin with, and goes on without where that cannot be read", async () => {
    const accounts = { [`aws:${ACCOUNT_ID}`]: { leftOut: [], unanswered: ["203.0.113.7 443"] } };
    box.account.aws.objects.put(STATE_BUCKET, MEMORY_KEY, JSON.stringify({ ...emptyMemory, accounts }));
    const first = await box.handler.invoke();
    const [, memory] = box.account.aws.objects.versions(STATE_BUCKET, MEMORY_KEY);
    const bytes = memory?.body.length;
    expect(logged(first.logs, "run")).toMatchObject([{ memory: { kind: "stored", bytes } }]);
    // Everything answers.
    const parsed = parseMemory(memory?.body.toString() ?? "");
    if (parsed.kind !== "memory") throw new Error(parsed.kind);
    const kept = parsed.memory.accounts[`aws:${ACCOUNT_ID}`];
    const day = expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/);
    expect(kept).toMatchObject({ leftOut: [], unanswered: [] });
    expect(Object.values(kept?.origins ?? {})).toContainEqual({ answeredOn: day, passedOn: day });
    const second = await box.handler.invoke();
    expect(logged(second.logs, "run")).toMatchObject([{ memory: { kind: "unchanged" } }]);

    const forbids = (action: string, resource: string) => action === "s3:GetObject" && resource.endsWith(MEMORY_KEY);
    const other = await deploy(assembly, { isAllowed: (action, resource) => !forbids(action, resource) });
    try {
      const { logs } = await other.handler.invoke();
      expect(logged(logs, "run")).toMatchObject([
        { level: "WARN", memory: { kind: "failed", error: expect.stringContaining("needs s3:GetObject on s3://") } },
      ]);
      expect(other.account.aws.messages.length).toBeGreaterThan(0);
    } finally {
      await other.close();
    }
  });

  it("says after an upgrade what other rules make of what is open, and calls nothing fixed", async () => {
    await box.handler.invoke();
    // What the network does is told once it is seen twice.
    await box.handler.invoke();
    const { incidents, ...state } = JSON.parse(
      box.account.aws.objects.versions(STATE_BUCKET, STATE_KEY).at(-1)?.body.toString() ?? "",
    );
    type Stored = { readonly code: string; readonly domain: string };
    const isIt = ({ code, domain }: Stored) => code === "chain-out-of-order" && domain === "out-of-order.box.test";
    // As the version before left it: another effect, and a finding that there is no more.
    const { rules, ...before } = { ...incidents.find(isIt), effect: "502", toldEffect: "502" };
    expect(rules).toBe(2);
    const gone = { ...before, code: "certificate-untrusted", title: "certificate not trusted" };
    const others = incidents.filter((incident: Stored) => !isIt(incident));
    const old = { ...state, incidents: [...others, before, gone] };
    box.account.aws.objects.put(STATE_BUCKET, STATE_KEY, JSON.stringify(old));
    const sent = told().length;
    await box.handler.invoke();
    const about = () =>
      told()
        .slice(sent)
        .filter(({ subject }) => subject?.includes("out-of-order.box.test"));
    expect(about().map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/^\[AT RISK\] out-of-order\.box\.test:.*\(rules changed/),
    ]);
    const { email } = JSON.parse(about()[0]?.message ?? "") as Readonly<Record<string, string>>;
    expect(email).toContain("was reported as 502 before");
    expect(email).toMatch(/- out-of-order\.box\.test:\d+: certificate not trusted, open for .*no longer reported/);
    expect(email).not.toContain("FIXED");
    await box.handler.invoke();
    expect(about()).toHaveLength(1);
  });

  it("logs each origin and each open incident", async () => {
    const { logs } = await box.handler.invoke();
    const origins = logged(logs, "origin");
    for (const { domain, expectedVerdict } of box.account.origins) {
      const own = origins.filter(({ origin }) => String(origin).startsWith(`${domain}:`));
      expect([domain, own.map(({ verdict }) => verdict)]).toEqual([domain, [expectedVerdict]]);
    }
    const status = (lines: readonly string[], domain: string) =>
      logged(lines, "incident").find(({ origin }) => String(origin).startsWith(`${domain}:`))?.status;
    expect(status(logs, "expired.box.test")).toBe("opened");
    expect(status((await box.handler.invoke()).logs, "expired.box.test")).toBe("open");
    await box.account.repair("expired.box.test");
    expect(status((await box.handler.invoke()).logs, "expired.box.test")).toBe("resolved");
    expect(status((await box.handler.invoke()).logs, "expired.box.test")).toBeUndefined();
  });

  it("emits the metrics of the run", async () => {
    const { logs } = await box.handler.invoke();
    const [metrics] = logs.map((line) => JSON.parse(line) as LogRecord).filter((record) => "_aws" in record);
    expect(metrics).toMatchObject({
      RunCompleted: 1,
      OriginsFailing: 13,
      OriginsAtRisk: 5,
      MessagesSent: 2,
      MessageFailures: 0,
    });
  });

  it("tells an inventory that could not be read, instead of falling silent", async () => {
    box.account.aws.failNext("cloudfront:ListDistributions", "access-denied");
    const { logs } = await box.handler.invoke();
    expect(logged(logs, "run")).toMatchObject([{ level: "WARN", problems: [{ code: "inventory-failed" }] }]);
    expect(box.account.aws.messages).toHaveLength(1);
    expect(box.account.aws.messages[0]?.message).toContain("cloudfront:ListDistributions");
  });

  it("reports nothing as fixed when the inventory cannot be read afterwards", async () => {
    await box.handler.invoke();
    await box.handler.invoke();
    box.account.aws.failNext("cloudfront:ListDistributions", "access-denied");
    await box.handler.invoke();
    expect(told()).toHaveLength(3);
    expect(told().at(-1)?.subject).toContain("[PROBLEM]");
    await box.handler.invoke();
    expect(told().at(-1)?.subject).toContain("[FIXED] Origin Watch, was:");
    expect(told()).toHaveLength(4);
  });

  it("goes on when the policies cannot be read, and says what that leaves open", async () => {
    box.account.aws.failNext("cloudfront:ListOriginRequestPolicies", "access-denied");
    const { logs } = await box.handler.invoke();
    expect(connectionRecords(logs)).toHaveLength(30);
    expect(logged(logs, "run")).toMatchObject([{ problems: [{ code: "policies-unreadable" }] }]);
  });

  it("survives throttling", async () => {
    box.account.aws.failNext("cloudfront:ListDistributions", "throttle", 2);
    box.account.aws.failNext("sns:Publish", "throttle", 1);
    await box.handler.invoke();
    expect(told()).toHaveLength(1);
  });

  it("does not lose a message whose publication failed", async () => {
    box.account.aws.failNext("sns:Publish", "access-denied", 1);
    const { logs } = await box.handler.invoke();
    expect(told()).toHaveLength(0);
    expect(logged(logs, "run")).toMatchObject([{ delivery: { failures: [{ step: "publish" }] } }]);
    await box.handler.invoke();
    // The late one, and what the second run confirms.
    expect(told()).toHaveLength(2);
    expect(told()[0]?.message).toContain("may be a repetition");
    await box.handler.invoke();
    expect(told()).toHaveLength(2);
  });

  it("reports what it had no time for as such, and resolves nothing", async () => {
    await box.handler.invoke();
    const { logs } = await box.handler.invoke({ remainingMs: 60_000 });
    const run = logged(logs, "run");
    expect(run[0]?.problems).toContainEqual(expect.objectContaining({ code: "inventory-failed" }));
    expect(box.account.aws.messages.at(-1)?.subject).not.toContain("FIXED");
  });

  it("says once of an account without anything that there is nothing to check", async () => {
    box.account.aws.setDistributions([]);
    await box.handler.invoke();
    await box.handler.invoke();
    expect(box.account.aws.messages.map(({ subject }) => subject)).toEqual([
      "[STARTED] Origin Watch: 0 distributions, 0 origins (123456789012)",
    ]);
  });

  it("watches only the distributions that it is told to", async () => {
    const chosen = await deploy(choosing);
    try {
      const { logs } = await chosen.handler.invoke();
      const ids = connectionRecords(logs).flatMap(({ uses }) => uses.map(({ distributionId }) => distributionId));
      expect(new Set(ids)).toEqual(new Set(["E3BOXAPP000003"]));
    } finally {
      await chosen.close();
    }
  });
});
