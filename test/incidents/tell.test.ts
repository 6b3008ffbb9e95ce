import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { snsClient, snsPublisher } from "../../lambda/aws/sns.ts";
import { s3Client, s3State } from "../../lambda/aws/state-s3.ts";
import type { Delivery } from "../../lambda/incidents/delivery.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import type { Ports } from "../../lambda/incidents/ports.ts";
import type { ProcessMemory } from "../../lambda/incidents/process-memory.ts";
import { parseState } from "../../lambda/incidents/state-format.ts";
import type { Words } from "../../lambda/incidents/words.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { certificateExpiring, chainIncomplete, connectionRecord, finding, report } from "../tell/records.ts";
import { deliver, newProcess } from "./deliver.ts";
import { words } from "./words.ts";

const topicArn = "arn:aws:sns:us-east-1:111122223333:origin-watch";
const location = { bucket: "origin-watch-state", key: "state.json" };

const healthy = connectionRecord("api.example.com");
const broken = connectionRecord("api.example.com", { verdict: "failing", findings: [chainIncomplete] });
const expiring = connectionRecord("shop.example.com", { verdict: "at-risk", findings: [certificateExpiring] });

let aws: AwsEndpoint;
let denied: ReadonlySet<string>;
let ports: Ports;
let runs: number;
beforeEach(async () => {
  denied = new Set();
  runs = 0;
  aws = await startAwsEndpoint({ isAllowed: (action) => !denied.has(action) });
  for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
  ports = { ...s3State(s3Client(), location), publish: snsPublisher(snsClient(topicArn), topicArn) };
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

/** One run of the function: another run id, and by default a process of its own, an hour after the one before. */
async function run(
  records: RunReport["records"],
  {
    memory = newProcess(),
    through = ports,
    after = 3_600_000,
    lasts = 300_000,
    saying = words,
    firstMessage = "never",
  }: {
    memory?: ProcessMemory;
    through?: Ports;
    after?: number;
    lasts?: number;
    saying?: Words;
    firstMessage?: "now" | "later" | "never";
  } = {},
): Promise<Delivery> {
  runs += 1;
  now += after;
  const at = now;
  const about = report(records, { runId: `run-${runs}`, finishedAt: new Date(at).toISOString() });
  return deliver(
    { report: about, policy: { ...defaultAlertPolicy, firstMessage }, clock: () => at, deadline: at + lasts },
    through,
    saying,
    memory,
  );
}
let now = Date.UTC(2026, 10, 23);
beforeEach(() => {
  now = Date.UTC(2026, 10, 23);
});

const subjects = () => aws.messages.map((message) => message.subject);
/** The subjects without what differs from run to run. */
const kinds = () => subjects().map((subject) => /^\[[^\]]+\]/.exec(subject ?? "")?.[0]);
const text = (index: number): string => JSON.parse(aws.messages.at(index)?.message ?? "").default;
const writes = () => aws.calls.filter((call) => call.action === "s3:PutObject").length;
const stored = () => aws.objects.versions(location.bucket, location.key).at(-1)?.body.toString() ?? "";
function storedState() {
  const parsed = parseState(stored());
  if (parsed.kind !== "state") throw new Error(parsed.problem);
  return parsed.state;
}

const brokenSubject = "[502] api.example.com: intermediate certificate missing (1 distribution, prod)";
const expiringSubject =
  "[EXPIRES IN 6 DAYS] shop.example.com: certificate expires (1 distribution, 1 other failing, prod)";

describe("tell", () => {
  test("tells a change once, then is silent and writes nothing", async () => {
    const first = await run([broken]);
    expect(first).toEqual({
      sent: [{ noticeId: "run-1/1", messageId: aws.messages[0]?.messageId, subject: brokenSubject }],
      failures: [],
      waiting: 0,
      yielded: false,
      updates: [{ status: "opened", incident: storedState().incidents[0] }],
      problems: [],
    });
    expect(storedState()).toMatchObject({ incidents: [{ code: "chain-incomplete" }], outbox: [], lease: null });
    const before = writes();
    expect(await run([broken], { after: 900_000 })).toMatchObject({ sent: [], failures: [] });
    expect(writes()).toBe(before);
    await run([healthy]);
    expect(subjects()).toEqual([
      brokenSubject,
      "[FIXED] api.example.com, was: intermediate certificate missing (1 hour, prod)",
    ]);
  });

  test("does not even write when there is nothing to tell from the beginning", async () => {
    expect(await run([healthy])).toMatchObject({ sent: [], failures: [] });
    expect(aws.calls.map((call) => call.action)).toEqual(["s3:GetObject"]);
  });

  test("sends the first message once, when somebody gets it", async () => {
    const memory = newProcess();
    await run([broken], { memory, firstMessage: "later" });
    await run([broken], { memory, firstMessage: "later" });
    expect(kinds()).toEqual(["[502]"]);
    expect(storedState().firstMessageDue).toBe(true);
    await run([broken], { memory, firstMessage: "now" });
    await run([broken], { memory, firstMessage: "now" });
    expect(kinds()).toEqual(["[502]", "[STARTED]"]);
  });

  test.each(["s3:PutObject", "s3:GetObject"])(
    "sends the first message when the state can be kept, where %s was denied at first",
    async (action) => {
      const memory = newProcess();
      denied = new Set([action]);
      await run([broken], { memory, firstMessage: "now" });
      expect(kinds()).not.toContain("[STARTED]");
      denied = new Set();
      await run([broken], { memory, firstMessage: "now" });
      await run([broken], { memory, firstMessage: "now" });
      expect(kinds().filter((kind) => kind === "[STARTED]")).toHaveLength(1);
    },
  );

  test("records each of several notices before it sends the next", async () => {
    await run([broken, expiring]);
    expect(aws.calls.map((call) => call.action)).toEqual([
      "s3:GetObject",
      "s3:PutObject",
      "sns:Publish",
      "s3:PutObject",
      "sns:Publish",
      "s3:PutObject",
    ]);
  });

  test("leaves a message that SNS does not take in the outbox, and sends it first the next time", async () => {
    denied = new Set(["sns:Publish"]);
    const first = await run([broken]);
    expect(first).toMatchObject({ sent: [], waiting: 1 });
    expect(first.failures).toEqual([
      {
        step: "publish",
        error: expect.stringContaining(`needs sns:Publish on ${topicArn}`),
        consequence: `"${brokenSubject}" was not sent. It cannot be sent until somebody fixes that.`,
      },
    ]);
    expect(storedState()).toMatchObject({ outbox: [{ id: "run-1/1", subject: brokenSubject }], lease: null });

    const blocked = await run([healthy]);
    expect(blocked.failures.map((failure) => failure.step)).toEqual(["publish"]);
    expect(storedState().outbox).toMatchObject([{ id: "run-1/1" }]);

    denied = new Set();
    const last = await run([healthy]);
    expect(last.sent.map((message) => message.noticeId)).toEqual(["run-1/1", "run-3/1"]);
    expect(kinds()).toEqual(["[502]", "[FIXED]"]);
    expect(text(0)).toMatch(/^About this message: it was written 2026-11-23 01:00 UTC and may be a repetition\.$/m);
    expect(storedState()).toMatchObject({ incidents: [], outbox: [], lease: null });
  });

  test("clears the outbox of an earlier run when nothing has changed since", async () => {
    denied = new Set(["sns:Publish"]);
    await run([broken]);
    denied = new Set();
    await run([broken]);
    expect(subjects()).toEqual([brokenSubject]);
    expect(storedState().outbox).toEqual([]);
  });

  test("keeps the order when one of several cannot be sent", async () => {
    let published = 0;
    const second: Ports = {
      ...ports,
      publish: async (message, withinMs) => {
        published += 1;
        return published === 2 ? { kind: "failed", error: "down", retryable: true } : ports.publish(message, withinMs);
      },
    };
    expect(await run([broken, expiring], { through: second })).toMatchObject({ waiting: 1 });
    await run([broken, expiring]);
    expect(subjects()).toEqual([brokenSubject, expiringSubject]);
  });

  test("sends an old message once although its next write meets a conflict", async () => {
    denied = new Set(["sns:Publish"]);
    await run([broken]);
    denied = new Set();
    aws.failNext("s3:PutObject", "conflict");
    await run([healthy]);
    expect(kinds()).toEqual(["[502]", "[FIXED]"]);
  });

  test.each([1, 2])("sends once when the answer to write %i is lost", async (write) => {
    if (write === 2) aws.failNext("s3:PutObject", "conflict");
    aws.failNext("s3:PutObject", "drop-after-success");
    const delivery = await run([broken]);
    expect(delivery.failures).toEqual([]);
    expect(subjects()).toEqual([brokenSubject]);
    expect(text(0)).toMatch(/^Cache misses get 502 for /);
    expect(storedState()).toMatchObject({ outbox: [], lease: null });
  });

  test("begins nothing that it has no time for, and the next run sends it", async () => {
    expect(await run([broken], { lasts: 2_000 })).toMatchObject({ sent: [], waiting: 1, failures: [] });
    expect(storedState().outbox).toHaveLength(1);
    expect((await run([broken])).sent).toHaveLength(1);
  });
});

describe("tell, when it crashes", () => {
  /** Ports that throw at the nth call, before or after it took effect. */
  function crashing(atCall: number, when: "before" | "after"): Ports {
    let calls = 0;
    const crash =
      <Args extends readonly unknown[], Result>(port: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        calls += 1;
        if (calls === atCall && when === "before") throw new Error("crash");
        const result = await port(...args);
        if (calls === atCall) throw new Error("crash");
        return result;
      };
    return {
      readState: crash(ports.readState),
      writeState: crash(ports.writeState),
      keepAside: crash(ports.keepAside),
      publish: crash(ports.publish),
    };
  }

  // Read, write with the message pending, publish, write as sent.
  const moments = [1, 2, 3, 4].flatMap((call) => [[call, "before"] as const, [call, "after"] as const]);

  test.each(moments)(
    "at call %i, %s its effect: nothing is lost and at most one message comes twice",
    async (call, when) => {
      await expect(run([broken], { through: crashing(call, when) })).rejects.toThrow("crash");
      await run([broken]);
      expect(subjects().length).toBeGreaterThanOrEqual(1);
      expect(subjects().length).toBeLessThanOrEqual(2);
      expect(new Set(subjects())).toEqual(new Set([brokenSubject]));
      expect(storedState()).toMatchObject({ incidents: [{ code: "chain-incomplete" }], outbox: [] });
      const told = subjects().length;
      await run([broken]);
      expect(subjects()).toHaveLength(told);
    },
  );

  test.each(moments)(
    "at call %i, %s its effect, and all is well an hour later: no recovery is invented",
    async (call, when) => {
      await expect(run([broken], { through: crashing(call, when) })).rejects.toThrow("crash");
      await run([healthy]);
      const toldBroken = kinds().filter((kind) => kind === "[502]").length;
      const toldFixed = kinds().filter((kind) => kind === "[FIXED]").length;
      // Before the first write nobody knows of the problem, and nobody hears of its end.
      const remembered = call > 2 || (call === 2 && when === "after");
      expect(toldFixed).toBe(remembered ? 1 : 0);
      expect(toldBroken).toBeGreaterThanOrEqual(remembered ? 1 : 0);
      expect(toldBroken).toBeLessThanOrEqual(2);
      if (remembered) expect(kinds().at(-1)).toBe("[FIXED]");
    },
  );

  // Read, claim, publish the old message, write it as sent, write the new one, publish it, write as sent.
  test.each([1, 2, 3, 4, 5, 6, 7].flatMap((call) => [[call, "before"] as const, [call, "after"] as const]))(
    "at call %i, %s its effect, with a full outbox: both messages arrive, in order",
    async (call, when) => {
      denied = new Set(["sns:Publish"]);
      await run([broken]);
      denied = new Set();
      await expect(run([healthy], { through: crashing(call, when) })).rejects.toThrow("crash");
      await run([healthy]);
      expect(kinds()[0]).toBe("[502]");
      expect(kinds().at(-1)).toBe("[FIXED]");
      expect(subjects().length).toBeLessThanOrEqual(3);
      expect(storedState()).toMatchObject({ incidents: [], outbox: [] });
    },
  );
});

describe("tell, beside another run", () => {
  test("lets one of two runs at once tell", async () => {
    const both = await Promise.all([run([broken], { after: 0 }), run([broken], { after: 0 })]);
    expect(subjects()).toEqual([brokenSubject]);
    expect(both.flatMap(({ failures }) => failures)).toEqual([]);
    expect(storedState()).toMatchObject({ incidents: [{ code: "chain-incomplete" }], outbox: [], lease: null });
  });

  test("leaves a full outbox to the run that holds the lease, and takes over when the lease is over", async () => {
    const ended: Ports = { ...ports, publish: () => Promise.reject(new Error("crash")) };
    await expect(run([broken], { through: ended })).rejects.toThrow("crash");
    expect(await run([broken], { after: 60_000 })).toMatchObject({ sent: [], failures: [], yielded: true });
    expect(await run([broken], { after: 250_000 })).toMatchObject({ sent: [{ noticeId: "run-1/1" }], yielded: false });
    expect(subjects()).toEqual([brokenSubject]);
  });

  test("tells nobody twice because another topic did not take it, and says so in the log", async () => {
    const failedBesides = "the topic for critical alerts: gone";
    const lame: Ports = {
      ...ports,
      publish: async (message, withinMs) => ({ ...(await ports.publish(message, withinMs)), failedBesides }) as never,
    };
    const { sent, failures } = await run([broken], { through: lame });
    expect(sent).toHaveLength(1);
    expect(failures).toEqual([
      { step: "publish", error: failedBesides, consequence: `"${brokenSubject}" was not sent there, and will not be.` },
    ]);
    expect(await run([broken])).toMatchObject({ sent: [], failures: [] });
    expect(subjects()).toEqual([brokenSubject]);
  });

  test("does not wait for a lease that lasts longer than any run", async () => {
    const ended: Ports = { ...ports, publish: () => Promise.reject(new Error("crash")) };
    const year = 365 * 86_400_000;
    await expect(run([broken], { through: ended, after: year })).rejects.toThrow("crash");
    expect(await run([broken], { after: -year })).toMatchObject({ sent: [{ noticeId: "run-1/1" }], yielded: false });
  });

  test("does not wait for a lease of its own process, which has one run at a time", async () => {
    const memory = newProcess();
    const ended: Ports = { ...ports, publish: () => Promise.reject(new Error("crash")) };
    await expect(run([broken], { through: ended, memory })).rejects.toThrow("crash");
    expect(await run([broken], { after: 60_000, memory })).toMatchObject({ sent: [{ noticeId: "run-1/1" }] });
  });

  test("compares again when the other one was first", async () => {
    const overtaken: Ports = {
      ...ports,
      readState: async (withinMs) => {
        const read = await ports.readState(withinMs);
        if (runs === 1) await run([broken], { after: 0 });
        return read;
      },
    };
    await run([broken, expiring], { through: overtaken });
    expect(subjects()).toEqual([brokenSubject, expiringSubject]);
    expect(storedState().incidents).toHaveLength(2);
  });

  test("clears its message although somebody wrote in between", async () => {
    const disturbed: Ports = {
      ...ports,
      publish: async (message, withinMs) => {
        const published = await ports.publish(message, withinMs);
        aws.objects.put(location.bucket, location.key, `${stored()}\n`);
        return published;
      },
    };
    expect((await run([broken], { through: disturbed })).failures).toEqual([]);
    expect(storedState()).toMatchObject({ outbox: [], lease: null });
    await run([broken]);
    expect(subjects()).toEqual([brokenSubject]);
  });

  test("gives way after a second conflict, and the next run tells", async () => {
    aws.failNext("s3:PutObject", "conflict", 2);
    const delivery = await run([broken]);
    expect(delivery.sent).toEqual([]);
    expect(delivery.failures).toMatchObject([{ step: "write-state", error: expect.stringContaining("changed twice") }]);
    await run([broken]);
    expect(subjects()).toEqual([brokenSubject]);
  });
});

describe("tell, with a fault of its own", () => {
  const failsAt = (domain: string): Words => ({
    ...words,
    render: (draft, about, remarks) => {
      if (draft.change.opened.some((incident) => incident.domain === domain)) throw new TypeError("no such word");
      return words.render(draft, about, remarks);
    },
  });

  test("tells one draft plainly that could not be put into words, and the others as ever", async () => {
    await run([broken, expiring], { saying: failsAt("shop.example.com") });
    expect(subjects()).toEqual([brokenSubject, "Origin Watch could not put this into words: certificate-expiring"]);
    expect(text(1)).toContain("- opened: certificate-expiring (may), shop.example.com:443");
    expect(text(1)).toContain("TypeError: no such word");
    expect(storedState()).toMatchObject({ incidents: [{}, {}], outbox: [], lease: null });
    await run([broken, expiring], { saying: failsAt("shop.example.com") });
    expect(subjects()).toHaveLength(2);
  });

  test("tells plainly what SNS would refuse, and what cannot be recorded", async () => {
    const refused: Words = { ...words, render: (...args) => ({ ...words.render(...args), subject: "two\nlines" }) };
    await run([broken], { saying: refused });
    expect(storedState()).toMatchObject({ incidents: [{ code: "chain-incomplete" }], outbox: [] });
    denied = new Set(["s3:PutObject"]);
    await run([broken, expiring], { saying: failsAt("shop.example.com") });
    expect(subjects()).toEqual([
      "Origin Watch could not put this into words: chain-incomplete",
      "Origin Watch could not put this into words: certificate-expiring",
    ]);
    expect(text(1)).toContain("The next run may send it again.");
  });

  test("sends a belated message as it was where there are no words for that it is late", async () => {
    denied = new Set(["sns:Publish"]);
    await run([broken]);
    denied = new Set();
    const late = () => {
      throw new Error("no such word");
    };
    await run([broken], { saying: { ...words, late } });
    expect(subjects()).toEqual([brokenSubject]);
    expect(text(0)).toMatch(/^Cache misses get 502 for /);
  });

  test("names the codes where a run cannot be compared, once a day and when they change, and the end of it", async () => {
    const failing = { ...broken };
    Object.defineProperty(failing, "observed", {
      get: () => {
        throw new RangeError("nothing observed");
      },
    });
    await run([failing, expiring]);
    expect(subjects()).toEqual(["[PROBLEM] Origin Watch: changes cannot be put into words (prod)"]);
    expect(text(0)).toContain("RangeError: nothing observed");
    expect(text(0)).toContain("It found: certificate-expiring and chain-incomplete.");
    await run([failing, expiring]);
    expect(subjects()).toHaveLength(1);
    await run([failing]);
    expect(subjects()).toHaveLength(2);
    await run([failing], { after: 25 * 3_600_000 });
    expect(subjects()).toHaveLength(3);
    expect(storedState()).toMatchObject({ problems: [{ code: "telling-failed" }], outbox: [], lease: null });
    await run([broken]);
    expect(kinds().slice(3)).toEqual(["[FIXED]", "[502]"]);
  });
});

describe("tell, without a usable state", () => {
  const refused = connectionRecord("api.example.com", {
    verdict: "failing",
    findings: [finding("connection-refused")],
  });

  test("keeps a damaged state aside, says so, and lists everything once", async () => {
    await run([broken]);
    aws.objects.put(location.bucket, location.key, "{ damaged");
    const delivery = await run([broken]);
    expect(delivery.failures).toMatchObject([{ step: "read-state", error: "it is not JSON" }]);
    expect(kinds()).toEqual(["[502]", "[502]"]);
    const copy = /s3:\/\/origin-watch-state\/(?<key>state\.json\.unreadable-\w+)/.exec(text(-1));
    const versions = aws.objects.versions(location.bucket, copy?.groups?.key ?? "");
    expect(versions.at(-1)?.body.toString()).toBe("{ damaged");
    await run([broken]);
    expect(subjects()).toHaveLength(2);
  });

  test("says that the state was damaged even when nothing else is wrong", async () => {
    aws.objects.put(location.bucket, location.key, "[]");
    await run([healthy]);
    expect(subjects()).toEqual(["[PROBLEM] Origin Watch: record of earlier messages cannot be read (prod)"]);
    await run([healthy]);
    expect(subjects()).toHaveLength(1);
  });

  test("never overwrites a damaged state that it cannot copy", async () => {
    aws.objects.put(location.bucket, location.key, "{ damaged");
    denied = new Set(["s3:PutObject"]);
    const delivery = await run([broken]);
    expect(delivery.failures.map((failure) => failure.step)).toEqual(["read-state", "keep-state-aside"]);
    expect(stored()).toBe("{ damaged");
    expect(text(0)).toContain("It is left as it is.");
    expect(text(0)).toContain("s3:PutObject on s3://origin-watch-state/state.json");
  });

  test("tells what is wrong although the state cannot be read, once in a process, and its end when it can be", async () => {
    denied = new Set(["s3:GetObject"]);
    const memory = newProcess();
    const first = await run([refused], { memory });
    expect(first.failures).toMatchObject([
      {
        step: "read-state",
        error: expect.stringContaining("needs s3:GetObject on s3://origin-watch-state/state.json"),
      },
    ]);
    expect(kinds()).toEqual(["[502]"]);
    expect(text(0)).toContain("lists everything that is open, new or not");
    expect(writes()).toBe(0);

    expect(await run([refused], { memory })).toMatchObject({ sent: [] });
    expect(await run([refused, expiring], { memory })).toMatchObject({ sent: [{}] });
    // An end is told as soon as it can be recorded; a process that knows nothing tells what is open.
    expect(await run([healthy, expiring], { memory })).toMatchObject({ sent: [] });
    expect(await run([expiring])).toMatchObject({ sent: [{}] });
    denied = new Set();
    expect(await run([healthy, expiring], { memory })).toMatchObject({ sent: [{}] });
    expect(kinds()).toEqual(["[502]", "[EXPIRES IN 6 DAYS]", "[EXPIRES IN 6 DAYS]", "[FIXED]"]);
    expect(storedState()).toMatchObject({ incidents: [{ code: "certificate-expiring", tellings: 1 }], outbox: [] });
    expect(await run([healthy, expiring])).toMatchObject({ sent: [] });
  });

  test("sends nothing when the unreadable state is all that is wrong", async () => {
    denied = new Set(["s3:GetObject"]);
    const delivery = await run([healthy]);
    expect(delivery).toMatchObject({ sent: [], failures: [{ step: "read-state" }] });
    expect(subjects()).toEqual([]);
  });

  test("asks for s3:ListBucket where S3 hides that there is no state yet", async () => {
    denied = new Set(["s3:ListBucket"]);
    expect((await run([healthy])).failures[0]?.error).toContain("s3:ListBucket");
  });

  test("tells although the state cannot be written, says that it may repeat itself, once in a process", async () => {
    denied = new Set(["s3:PutObject"]);
    const memory = newProcess();
    const first = await run([broken], { memory });
    expect(first.failures).toMatchObject([{ step: "write-state", error: expect.stringContaining("s3:PutObject") }]);
    expect(text(0)).toContain("The next run may send it again.");
    expect(await run([broken], { memory })).toMatchObject({ sent: [] });

    // What this process told counts once the state can be written again.
    denied = new Set();
    await run([broken], { memory, after: 26 * 3_600_000 });
    await run([healthy], { memory });
    expect(kinds()).toEqual(["[502]", "[STILL 502]", "[FIXED]"]);
    expect(storedState().incidents).toEqual([]);
  });

  test("does not keep back an old message because the state cannot be written", async () => {
    denied = new Set(["sns:Publish"]);
    await run([broken]);
    denied = new Set(["s3:PutObject"]);
    const memory = newProcess();
    expect((await run([broken], { memory })).sent.map(({ noticeId }) => noticeId)).toEqual(["run-1/1"]);
    expect(await run([broken], { memory })).toMatchObject({ sent: [] });
    expect(subjects()).toEqual([brokenSubject]);
  });
});
