import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Ended, Incident, State } from "../../lambda/incidents/state.ts";
import { isAllowed, type Statement, unusedActions } from "../lib/iam.ts";
import { ended, noticeRow, noticeText, toldIncident } from "../relay/notices.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { deployFunction, FUNCTIONS, rightsOf, STATE_BUCKET, TOPIC_ARN, topicEvent } from "../sandbox/deployment.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import type { LocalFunction } from "../sandbox/lambda/function.ts";
import { putState } from "./put-state.ts";

const bus = "arn:aws:events:us-east-1:123456789012:event-bus/default";
const incident = toldIncident("a", { key: "tls a.example.com:443", distributions: ["E1", "E2"], distributionCount: 2 });
const row = noticeRow;
const over = ({ key, code, domain, openedAt }: Incident, as: Ended["as"] = "resolved") =>
  ended("a", { key, code, domain, openedAt, as });
const notice = (incidents = [row("a")]) => noticeText(incidents);

/** The stack with both ways, with the bus alone, and with a bus that takes nothing. */
let both: Assembly;
let busOnly: Assembly;
let fullBus: Assembly;
let aws: AwsEndpoint;
let relay: LocalFunction;
let rights: readonly Statement[];

beforeAll(async () => {
  [both, busOnly, fullBus] = await Promise.all([
    synthesise({ eventBus: "default", securityHub: true }),
    synthesise({ eventBus: "default" }),
    synthesise({ eventBus: "full" }),
  ]);
});
afterAll(() => {
  for (const assembly of [both, busOnly, fullBus]) assembly.remove();
});
beforeEach(async () => {
  aws = await startAwsEndpoint({
    buckets: [STATE_BUCKET],
    isAllowed: (action, resource) => isAllowed(rights, { action, resource }),
  });
});
afterEach(async () => {
  await Promise.all([relay.close(), aws.close()]);
});

async function start(assembly: Assembly): Promise<void> {
  rights = rightsOf(assembly, FUNCTIONS.relay);
  relay = await deployFunction(assembly, FUNCTIONS.relay, aws);
}

let messages = 0;
/** What SNS hands over; the same event again is what Lambda repeats. */
function event(message: string) {
  messages += 1;
  return topicEvent(`message-${messages}`, message);
}
const put = (state: Partial<State>) => putState(aws, state);

describe("the relay", () => {
  it("puts a notice on the bus, as the topic's subscribers get it", async () => {
    await start(busOnly);
    await relay.invoke({ event: event(notice()) });
    expect(aws.events).toEqual([
      { bus, source: "origin-watch", detailType: "Origin Watch Notice", detail: JSON.parse(notice()) },
    ]);
    expect(aws.calls.map(({ action }) => action)).toEqual(["events:PutEvents"]);
  });

  it("imports a finding for each origin and code, and archives it when it is over", async () => {
    await start(both);
    const other = { ...incident, key: "tls b", domain: "b.example.com", effect: "may" as const };
    const muted = { ...incident, key: "tls c", domain: "c.example.com", tellings: 0, lastTold: null };
    // The same origin under another server name.
    const twin = { ...incident, key: "tls a as www", distributions: ["E9"], openedAt: "2026-11-24T01:00:00.000Z" };
    put({ incidents: [incident, twin, other, muted] });
    await relay.invoke({ event: event(notice()) });
    const summary = () =>
      [...aws.securityFindings.values()].map(({ Id, RecordState, Severity }) => [Id, RecordState, Severity?.Label]);
    expect(summary()).toEqual([
      ["origin-watch/a.example.com:443/chain-incomplete", "ACTIVE", "HIGH"],
      ["origin-watch/b.example.com:443/chain-incomplete", "ACTIVE", "MEDIUM"],
    ]);
    const [first] = aws.securityFindings.values();
    expect(first).toMatchObject({ CreatedAt: "2026-11-24T01:00:00.000Z", AwsAccountId: "123456789012" });
    expect(first?.Resources?.map(({ Id }) => Id)).toEqual([
      "origin/a.example.com:443",
      ...["E1", "E2", "E9"].map((id) => `arn:aws:cloudfront::123456789012:distribution/${id}`),
    ]);

    const left = { ...incident, key: "tls d", domain: "d.example.com" };
    put({ incidents: [twin], ended: [over(incident), over(other), over(left, "gone")] });
    await relay.invoke({ event: event(notice([])) });
    expect(summary()).toEqual([
      // One of its connections is still open.
      ["origin-watch/a.example.com:443/chain-incomplete", "ACTIVE", "HIGH"],
      ["origin-watch/b.example.com:443/chain-incomplete", "ARCHIVED", "INFORMATIONAL"],
      ["origin-watch/d.example.com:443/chain-incomplete", "ARCHIVED", "INFORMATIONAL"],
    ]);
  });

  it.each(["resolved", "gone"])("archives nothing because a record says that it is %s", async (status) => {
    await start(both);
    const untold = { ...incident, key: "tls b", domain: "b.example.com" };
    put({ incidents: [incident, untold] });
    await relay.invoke({ event: event(notice()) });
    const before = [...aws.securityFindings.values()].map(({ Id, RecordState }) => [Id, RecordState]);
    const forged = ["a", "b", "never-heard-of"].map((name) => row(name, status));
    await relay.invoke({ event: event(notice(forged)) });
    expect([...aws.securityFindings.values()].map(({ Id, RecordState }) => [Id, RecordState])).toEqual(before);
    expect(before.map(([, recordState]) => recordState)).toEqual(["ACTIVE", "ACTIVE"]);
  });

  it.each([
    ["another topic", topicEvent("m", notice(), `${TOPIC_ARN}-2`)],
    ["no topic", { Records: [{ EventSource: "aws:sns", Sns: { MessageId: "m", Message: notice() } }] }],
    [
      "another service",
      { Records: [{ EventSource: "aws:sqs", Sns: { TopicArn: TOPIC_ARN, MessageId: "m", Message: notice() } }] },
    ],
    ["no record at all", { notice: notice() }],
    ["nothing", null],
  ])("leaves a record of %s alone, and says so in its log", async (_, foreign) => {
    await start(both);
    put({ incidents: [incident] });
    const { logs } = await relay.invoke({ event: foreign });
    expect(aws.calls).toEqual([]);
    expect(logs.join("\n")).toContain("Records that are not of the topic were left alone");
  });

  it("keeps the day on which a finding was made, when it is over and when later notices come", async () => {
    await start(both);
    const created = () =>
      [...aws.securityFindings.values()].map(({ CreatedAt, RecordState }) => [CreatedAt, RecordState]);
    put({ incidents: [incident] });
    await relay.invoke({ event: event(notice()) });
    expect(created()).toEqual([[incident.openedAt, "ACTIVE"]]);
    put({ ended: [over(incident)] });
    await relay.invoke({ event: event(notice([row("a", "resolved")])) });
    expect(created()).toEqual([[incident.openedAt, "ARCHIVED"]]);
    await relay.invoke({ event: event(notice([])) });
    expect(created()).toEqual([[incident.openedAt, "ARCHIVED"]]);
  });

  it("has no right that it does not use", async () => {
    await start(both);
    put({ incidents: [incident] });
    await relay.invoke({ event: event(notice()) });
    // Made by Lambda and by S3 themselves: log writes, failed notices, and the check for 404 in place of 403.
    const byTheService = ["logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage", "s3:ListBucket"];
    expect(unusedActions(rights, aws.calls).toSorted()).toEqual(byTheService.toSorted());
  });

  it("imports 250 in three calls", async () => {
    await start(both);
    put({
      incidents: Array.from({ length: 250 }, (_, n) => ({ ...incident, key: `k${n}`, domain: `o${n}.example.com` })),
    });
    await relay.invoke({ event: event(notice()) });
    expect(aws.securityFindings.size).toBe(250);
    expect(aws.calls.filter(({ action }) => action === "securityhub:BatchImportFindings")).toHaveLength(3);
  });

  it.each(['{"AlarmName":"NoCompletedRun"}', "a person's words", '{"schemaVersion":2,"source":"origin-watch"}'])(
    "leaves what is no notice alone: %s",
    async (message) => {
      await start(both);
      await relay.invoke({ event: event(message) });
      expect(aws.calls).toEqual([]);
    },
  );

  it.each([
    ["events:PutEvents", /events:PutEvents/],
    ["securityhub:BatchImportFindings", /securityhub:BatchImportFindings/],
    ["s3:GetObject", /s3:GetObject/],
  ])("fails, so that it is started again, when %s is denied, and does the rest", async (action, words) => {
    await start(both);
    put({ incidents: [incident] });
    // A state that cannot be read is read once more.
    aws.failNext(action, "access-denied", action === "s3:GetObject" ? 2 : 1);
    await expect(relay.invoke({ event: event(notice()) })).rejects.toThrow(words);
    expect([aws.events.length, aws.securityFindings.size]).toEqual(action === "events:PutEvents" ? [0, 1] : [1, 0]);
    await relay.invoke({ event: event(notice()) });
    expect(aws.securityFindings.size).toBe(1);
  });

  it("does not repeat an event on the bus where Lambda repeats a notice for Security Hub's sake", async () => {
    await start(both);
    put({ incidents: [incident] });
    aws.failNext("securityhub:BatchImportFindings", "access-denied", 2);
    const repeated = { event: event(notice()) };
    await expect(relay.invoke(repeated)).rejects.toThrow(/securityhub:BatchImportFindings/);
    await expect(relay.invoke(repeated)).rejects.toThrow(/securityhub:BatchImportFindings/);
    await relay.invoke(repeated);
    expect([aws.events.length, aws.securityFindings.size]).toEqual([1, 1]);
    // The same words in another message are another notice.
    await relay.invoke({ event: event(notice()) });
    expect(aws.events).toHaveLength(2);
  });

  it("repeats what the bus did not take, where Lambda repeats a notice", async () => {
    await start(both);
    put({ incidents: [incident] });
    aws.failNext("events:PutEvents", "access-denied");
    const repeated = { event: event(notice()) };
    await expect(relay.invoke(repeated)).rejects.toThrow(/events:PutEvents/);
    await relay.invoke(repeated);
    expect(aws.events).toHaveLength(1);
  });

  it.each(["throttle", "internal-error", "drop-after-success"] as const)("outlasts one %s", async (fault) => {
    await start(both);
    put({ incidents: [incident] });
    for (const action of ["events:PutEvents", "securityhub:BatchImportFindings", "s3:GetObject"]) {
      aws.failNext(action, fault);
    }
    await relay.invoke({ event: event(notice()) });
    expect(aws.events.length).toBeGreaterThan(0);
    expect(aws.securityFindings.size).toBe(1);
  });

  it("sees that the bus answered 200 and took nothing", async () => {
    await start(fullBus);
    await expect(relay.invoke({ event: event(notice()) })).rejects.toThrow(
      /did not take the event \(InternalFailure\)/,
    );
  });

  it("has no state to report before the first one is written", async () => {
    await start(both);
    await relay.invoke({ event: event(notice()) });
    expect(aws.securityFindings.size).toBe(0);
  });
});
