import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { snsClient, snsPublisher } from "../../lambda/aws/sns.ts";
import { s3Client, s3State } from "../../lambda/aws/state-s3.ts";
import { type Delivery, deliver, type ProcessMemory, type Words } from "../../lambda/incidents/deliver.ts";
import type { Ports } from "../../lambda/incidents/ports.ts";
import { parseState } from "../../lambda/incidents/state.ts";
import { changeMessage, lateMessage } from "../../lambda/tell/message.ts";
import type { RunReport } from "../../lambda/tell/record.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { certificateExpiring, chainIncomplete, connectionRecord, connectionRefused, report } from "../tell/records.ts";

const topicArn = "arn:aws:sns:us-east-1:111122223333:origin-watch";
const location = { bucket: "origin-watch-state", key: "state.json" };
const words: Words = {
  change: (change, run, remarks) => changeMessage(change, run, { topicArn, logGroup: null }, remarks),
  late: lateMessage,
};

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

/** One run of the function: another run id, and by default a process of its own. */
async function run(
  records: RunReport["records"],
  { memory = { told: null }, through = ports }: { memory?: ProcessMemory; through?: Ports } = {},
): Promise<Delivery> {
  runs += 1;
  const now = new Date(Date.UTC(2026, 10, 23, runs));
  return deliver(report(records, { runId: `run-${runs}` }), now, through, words, memory);
}

const subjects = () => aws.messages.map((message) => message.subject);
const writes = () => aws.calls.filter((call) => call.action === "s3:PutObject").length;
const stored = () => aws.objects.versions(location.bucket, location.key).at(-1)?.body.toString() ?? "";
function storedState() {
  const parsed = parseState(stored());
  if (parsed.kind !== "state") throw new Error(parsed.problem);
  return parsed.state;
}

const brokenSubject = "[502] api.example.com: certificate chain incomplete (1 distribution)";
const fixedSubject = "[FIXED] api.example.com: certificate chain incomplete (1 distribution)";

describe("deliver", () => {
  test("tells a change once, then is silent and writes nothing", async () => {
    const first = await run([broken]);
    expect(first).toEqual({
      sent: [{ noticeId: "run-1", messageId: aws.messages[0]?.messageId, subject: brokenSubject }],
      failures: [],
      heldBack: false,
    });
    expect(storedState()).toMatchObject({ findings: [{ code: "chain-incomplete" }], pending: null });
    const before = writes();
    expect(await run([broken])).toEqual({ sent: [], failures: [], heldBack: false });
    expect(writes()).toBe(before);
    await run([healthy]);
    expect(subjects()).toEqual([brokenSubject, fixedSubject]);
  });

  test("does not even write when there is nothing to tell from the beginning", async () => {
    expect(await run([healthy])).toEqual({ sent: [], failures: [], heldBack: false });
    expect(aws.calls.map((call) => call.action)).toEqual(["s3:GetObject"]);
  });

  test("leaves a message that SNS does not take in the outbox, and sends it first the next time", async () => {
    denied = new Set(["sns:Publish"]);
    const first = await run([broken]);
    expect(first.sent).toEqual([]);
    expect(first.failures).toEqual([
      {
        step: "publish",
        error: expect.stringContaining(`needs sns:Publish on ${topicArn}`),
        consequence: `"${brokenSubject}" was not sent. It cannot be sent until somebody mends that.`,
      },
    ]);
    expect(storedState().pending).toMatchObject({ id: "run-1", subject: brokenSubject });

    const blocked = await run([healthy]);
    expect(blocked.failures.map((failure) => failure.step)).toEqual(["publish"]);
    expect(storedState().pending).toMatchObject({ id: "run-1" });

    denied = new Set();
    const last = await run([healthy]);
    expect(last.sent.map((message) => message.noticeId)).toEqual(["run-1", "run-3"]);
    expect(subjects()).toEqual([brokenSubject, fixedSubject]);
    expect(aws.messages[0]?.message).toMatch(/^This message was written 2026-11-23 01:00 UTC and is not known/);
    expect(storedState()).toMatchObject({ findings: [], pending: null });
  });

  test("clears the outbox of an earlier run when nothing has changed since", async () => {
    denied = new Set(["sns:Publish"]);
    await run([broken]);
    denied = new Set();
    await run([broken]);
    expect(subjects()).toEqual([brokenSubject]);
    expect(storedState().pending).toBeNull();
  });

  test("sends an old message once although its next write meets a conflict", async () => {
    denied = new Set(["sns:Publish"]);
    await run([broken]);
    denied = new Set();
    aws.failNext("s3:PutObject", "conflict");
    await run([healthy]);
    expect(subjects()).toEqual([brokenSubject, fixedSubject]);
  });

  test("sends once when the answer to its first write is lost", async () => {
    aws.failNext("s3:PutObject", "drop-after-success");
    const delivery = await run([broken]);
    expect(delivery.failures).toEqual([]);
    expect(subjects()).toEqual([brokenSubject]);
    expect(aws.messages[0]?.message).toMatch(/^In distribution E1EXAMPLE, cache misses for .* get 502/);
    expect(storedState().pending).toBeNull();
  });
});

describe("deliver, when it crashes", () => {
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
      expect(storedState()).toMatchObject({ findings: [{ code: "chain-incomplete" }], pending: null });
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
      const toldBroken = subjects().filter((subject) => subject === brokenSubject).length;
      const toldFixed = subjects().filter((subject) => subject === fixedSubject).length;
      // Before the first write nobody knows of the problem, and nobody hears of its end.
      const remembered = call > 2 || (call === 2 && when === "after");
      expect(toldFixed).toBe(remembered ? 1 : 0);
      expect(toldBroken).toBeGreaterThanOrEqual(remembered ? 1 : 0);
      expect(toldBroken).toBeLessThanOrEqual(2);
      if (remembered) expect(subjects().at(-1)).toBe(fixedSubject);
    },
  );

  // Read, publish the old message, write the new one, publish it, write as sent.
  test.each([1, 2, 3, 4, 5].flatMap((call) => [[call, "before"] as const, [call, "after"] as const]))(
    "at call %i, %s its effect, with a full outbox: both messages arrive, in order",
    async (call, when) => {
      denied = new Set(["sns:Publish"]);
      await run([broken]);
      denied = new Set();
      await expect(run([healthy], { through: crashing(call, when) })).rejects.toThrow("crash");
      await run([healthy]);
      expect(subjects().indexOf(brokenSubject)).toBe(0);
      expect(subjects().at(-1)).toBe(fixedSubject);
      expect(subjects().length).toBeLessThanOrEqual(3);
      expect(storedState()).toMatchObject({ findings: [], pending: null });
    },
  );
});

describe("deliver, beside another run", () => {
  test("tells a change that two runs see at once, and keeps one state", async () => {
    await Promise.all([run([broken]), run([broken])]);
    expect(subjects().length).toBeGreaterThanOrEqual(1);
    expect(subjects().length).toBeLessThanOrEqual(2);
    expect(storedState()).toMatchObject({ findings: [{ code: "chain-incomplete" }], pending: null });
  });

  test("compares again when the other one was first", async () => {
    const overtaken: Ports = {
      ...ports,
      readState: async () => {
        const read = await ports.readState();
        if (runs === 1) await run([broken]);
        return read;
      },
    };
    await run([broken, expiring], { through: overtaken });
    expect(subjects()).toEqual([brokenSubject, expect.stringMatching(/^\[502 RISK\] shop\.example\.com/)]);
    expect(storedState().findings).toHaveLength(2);
  });

  test("clears its message although the other one wrote in between", async () => {
    const disturbed: Ports = {
      ...ports,
      publish: async (message) => {
        const published = await ports.publish(message);
        aws.objects.put(location.bucket, location.key, `${stored()}\n`);
        return published;
      },
    };
    expect((await run([broken], { through: disturbed })).failures).toEqual([]);
    expect(storedState().pending).toBeNull();
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

describe("deliver, without a usable state", () => {
  test("keeps a damaged state aside, says so, and lists everything once", async () => {
    await run([broken]);
    aws.objects.put(location.bucket, location.key, "{ damaged");
    const delivery = await run([broken]);
    expect(delivery.failures).toMatchObject([{ step: "read-state", error: "it is not JSON" }]);
    expect(subjects()).toEqual([brokenSubject, brokenSubject]);
    const copy = /s3:\/\/origin-watch-state\/(?<key>state\.json\.unreadable-\w+)/.exec(
      aws.messages.at(-1)?.message ?? "",
    );
    expect(
      aws.objects
        .versions(location.bucket, copy?.groups?.key ?? "")
        .at(-1)
        ?.body.toString(),
    ).toBe("{ damaged");
    await run([broken]);
    expect(subjects()).toHaveLength(2);
  });

  test("says that the state was damaged even when nothing else is wrong", async () => {
    aws.objects.put(location.bucket, location.key, "[]");
    await run([healthy]);
    expect(subjects()).toEqual(["[RUN PROBLEM] the record of earlier messages could not be read"]);
    await run([healthy]);
    expect(subjects()).toHaveLength(1);
  });

  test("never overwrites a damaged state that it cannot copy", async () => {
    aws.objects.put(location.bucket, location.key, "{ damaged");
    denied = new Set(["s3:PutObject"]);
    const delivery = await run([broken]);
    expect(delivery.failures.map((failure) => failure.step)).toEqual(["read-state", "keep-state-aside"]);
    expect(stored()).toBe("{ damaged");
    expect(aws.messages[0]?.message).toContain("It is left as it is.");
    expect(aws.messages[0]?.message).toContain("s3:PutObject on s3://origin-watch-state/state.json");
  });

  test("tells what is wrong although the state cannot be read, once in a process", async () => {
    denied = new Set(["s3:GetObject"]);
    const memory = { told: null };
    const first = await run([broken], { memory });
    expect(first.failures).toMatchObject([
      {
        step: "read-state",
        error: expect.stringContaining("needs s3:GetObject on s3://origin-watch-state/state.json"),
      },
    ]);
    expect(subjects()).toHaveLength(1);
    expect(aws.messages[0]?.message).toContain("lists everything that is open, told before or not");
    expect(writes()).toBe(0);

    expect(await run([broken], { memory })).toMatchObject({ sent: [], heldBack: true });
    expect(await run([broken, expiring], { memory })).toMatchObject({ sent: [{}], heldBack: false });
    expect(await run([broken])).toMatchObject({ sent: [{}] });
  });

  test("sends nothing when the unreadable state is all that is wrong", async () => {
    denied = new Set(["s3:GetObject"]);
    const delivery = await run([healthy]);
    expect(delivery).toMatchObject({ sent: [], failures: [{ step: "read-state" }], heldBack: false });
    expect(subjects()).toEqual([]);
  });

  test("asks for s3:ListBucket where S3 hides that there is no state yet", async () => {
    denied = new Set(["s3:ListBucket"]);
    expect((await run([healthy])).failures[0]?.error).toContain("s3:ListBucket");
  });

  test("tells although the state cannot be written, says that it may repeat itself, once in a process", async () => {
    denied = new Set(["s3:PutObject"]);
    const memory = { told: null };
    const first = await run([broken], { memory });
    expect(first.failures).toMatchObject([{ step: "write-state", error: expect.stringContaining("s3:PutObject") }]);
    expect(aws.messages[0]?.message).toContain("The next run may send it again.");
    expect(await run([broken], { memory })).toMatchObject({ sent: [], heldBack: true });

    denied = new Set();
    await run([broken], { memory });
    expect(subjects()).toEqual([brokenSubject, brokenSubject]);
    const changed = connectionRecord("api.example.com", { verdict: "failing", findings: [connectionRefused] });
    await run([changed], { memory });
    expect(subjects()).toHaveLength(3);

    // Once the state was written, what went before is no reason to hold the same change back.
    await run([healthy], { memory });
    denied = new Set(["s3:PutObject"]);
    expect(await run([broken], { memory })).toMatchObject({ sent: [{}], heldBack: false });
  });
});
