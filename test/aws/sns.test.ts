import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  awaitsConfirmation,
  criticalPublisher,
  publication,
  snsClient,
  snsPublisher,
  withCritical,
} from "../../lambda/aws/sns.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";

const topicArn = "arn:aws:sns:eu-central-1:111122223333:origin-watch";
/** Of another Region. */
const criticalArn = "arn:aws:sns:eu-west-1:111122223333:pager";
const message = {
  subject: "[502] api.example.com",
  text: "CloudFront answers 502.\n",
  short: "Origin Watch: [502] api.example.com",
  data: '{"event":"opened"}',
  chat: '{"version":"1.0"}',
  attributes: {
    event: "opened",
    severity: "critical" as const,
    codes: ["chain-incomplete"],
    distributionIds: ["E1", "E2"],
    origins: [],
    accountIds: [],
  },
};

describe("snsPublisher", () => {
  let aws: AwsEndpoint;
  beforeEach(async () => {
    aws = await startAwsEndpoint({ topics: [topicArn, criticalArn] });
    for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await aws.close();
  });

  const publish = (arn = topicArn, client = snsClient(arn), sent = message, withinMs = 60_000) =>
    snsPublisher(client, arn)(sent, withinMs);

  test("publishes in the topic's region and gives the message id", async () => {
    expect(await publish()).toEqual({ kind: "sent", messageId: aws.messages[0]?.messageId });
    expect(aws.messages).toMatchObject([{ topicArn, subject: message.subject, messageStructure: "json" }]);
    expect(aws.calls[0]?.region).toBe("eu-central-1");
  });

  test("gives each protocol its own rendering, and people the text", async () => {
    await publish();
    const { text, short, data, chat } = message;
    expect(JSON.parse(aws.messages[0]?.message ?? "")).toEqual({
      default: text,
      email: text,
      sms: short,
      sqs: data,
      lambda: data,
      http: data,
      https: chat,
    });
  });

  test("lets subscribers filter, by lists that are not empty", async () => {
    await publish();
    expect(aws.messages[0]?.attributes).toEqual({
      schemaVersion: { dataType: "String", value: "1" },
      event: { dataType: "String", value: "opened" },
      severity: { dataType: "String", value: "critical" },
      codes: { dataType: "String.Array", value: '["chain-incomplete"]' },
      distributionIds: { dataType: "String.Array", value: '["E1","E2"]' },
    });
    const all = publication({ ...message, attributes: { ...message.attributes, origins: ["o"] } }, topicArn);
    expect(Object.keys(all.MessageAttributes ?? {}).length).toBeLessThanOrEqual(10);
  });

  test("gives everybody the text where there is no other rendering", async () => {
    const old = { ...message, short: null, data: null, chat: null };
    expect(JSON.parse(publication(old, topicArn).Message ?? "")).toEqual({
      default: message.text,
      email: message.text,
    });
  });

  test("publishes the text alone when SNS finds the message invalid", async () => {
    const tooLong = { ...message, data: "x".repeat(300_000) };
    expect((await publish(topicArn, snsClient(topicArn), tooLong)).kind).toBe("sent");
    expect(aws.messages).toMatchObject([{ message: message.text, messageStructure: undefined, attributes: {} }]);
    const hopeless = { ...message, subject: "a\nb" };
    expect(await publish(topicArn, snsClient(topicArn), hopeless)).toMatchObject({ kind: "failed", retryable: false });
  });

  test.each(["throttle", "internal-error"] as const)("gets over %s", async (fault) => {
    aws.failNext("sns:Publish", fault, 2);
    expect((await publish()).kind).toBe("sent");
    expect(aws.messages).toHaveLength(1);
  });

  test("names the permission when access is denied, and does not repeat the call", async () => {
    aws.failNext("sns:Publish", "access-denied");
    expect(await publish()).toEqual({
      kind: "failed",
      error: `access denied: the function's role needs sns:Publish on ${topicArn}, and kms:GenerateDataKey and kms:Decrypt on the topic's key if it has one`,
      retryable: false,
    });
    expect(aws.calls).toHaveLength(1);
  });

  test("gives up a call that hangs when its time is up, and calls it retryable", async () => {
    aws.failNext("sns:Publish", "hang", 10);
    const failed = { kind: "failed", error: "time ran out", retryable: true };
    expect(await publish(topicArn, snsClient(topicArn), message, 20)).toEqual(failed);
  });

  test("does not call a missing topic retryable", async () => {
    const failed = await publish("arn:aws:sns:us-east-1:111122223333:gone");
    expect(failed).toMatchObject({ kind: "failed", retryable: false, error: expect.stringMatching(/NotFound.*404/) });
  });

  test("gives up on a service that stays down, in one line without a stack", async () => {
    aws.failNext("sns:Publish", "internal-error", 100);
    const failed = await publish();
    expect(failed).toMatchObject({ kind: "failed", retryable: true });
    expect(failed.kind === "failed" && failed.error).toMatch(/^[^\n]{1,300}$/);
    expect(aws.calls).toHaveLength(3);
  });

  describe("with a topic for what is critical", () => {
    const both = (critical: string, arn = topicArn) =>
      withCritical(snsPublisher(snsClient(arn), arn), criticalPublisher(critical));

    test.each([
      ["opened", "critical", true],
      ["reminder", "critical", true],
      ["digest", "critical", true],
      ["resolved", "info", true],
      ["resolved", "warning", true],
      ["digest", "info", true],
      ["digest", "warning", false],
      ["opened", "warning", false],
      ["run-problem", "warning", false],
      ["unseen", "info", false],
      ["weekly", "info", false],
    ] as const)("%s of severity %s: %s", async (event, severity, expected) => {
      const sent = { ...message, attributes: { ...message.attributes, event, severity } };
      expect(await both(criticalArn)(sent, 60_000)).toMatchObject({ kind: "sent" });
      expect(aws.messages.map((each) => each.topicArn).toSorted()).toEqual(
        expected ? [topicArn, criticalArn] : [topicArn],
      );
    });

    test("counts as sent where the first topic has it, and says that the second has not", async () => {
      const gone = await both(`${criticalArn}-gone`)(message, 60_000);
      expect(gone).toMatchObject({
        kind: "sent",
        failedBesides: expect.stringMatching(/^the topic for critical.*NotFound/),
      });
      expect(aws.messages).toHaveLength(1);
    });

    test("does not count as sent where the second has it alone", async () => {
      expect(await both(criticalArn, `${topicArn}-gone`)(message, 60_000)).toMatchObject({ kind: "failed" });
      expect(aws.messages.map((each) => each.topicArn)).toEqual([criticalArn]);
    });
  });

  test("knows whether a subscription waits for its confirmation, and when it does not know", async () => {
    const waits = (withinMs = 60_000, arn = topicArn) => awaitsConfirmation(snsClient(arn), arn, withinMs);
    expect(await waits()).toBe(false);
    aws.setUnconfirmedSubscriptions(2);
    expect(await waits()).toBe(true);
    aws.failNext("sns:GetTopicAttributes", "access-denied");
    expect(await waits()).toBeNull();
    aws.failNext("sns:GetTopicAttributes", "empty-answer");
    expect(await waits()).toBeNull();
    aws.failNext("sns:GetTopicAttributes", "hang", 10);
    expect(await waits(20)).toBeNull();
    aws.clearFaults();
    expect(await waits(60_000, `${topicArn}2`)).toBeNull();
  });

  test("calls a connection that cannot be made retryable", async () => {
    const client = snsClient(topicArn);
    await aws.close();
    expect(await publish(topicArn, client)).toMatchObject({
      kind: "failed",
      retryable: true,
      error: expect.stringContaining("ECONNREFUSED"),
    });
  });
});
