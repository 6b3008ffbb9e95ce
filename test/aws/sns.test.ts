import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { snsClient, snsPublisher } from "../../lambda/aws/sns.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";

const topicArn = "arn:aws:sns:eu-central-1:111122223333:origin-watch";
const message = { subject: "[502] api.example.com", body: "CloudFront answers 502.\n" };

describe("snsPublisher", () => {
  let aws: AwsEndpoint;
  beforeEach(async () => {
    aws = await startAwsEndpoint({ topics: [topicArn] });
    for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await aws.close();
  });

  const publish = (arn = topicArn, client = snsClient(arn)) => snsPublisher(client, arn)(message);

  test("publishes in the topic's region and gives the message id", async () => {
    expect(await publish()).toEqual({ kind: "sent", messageId: aws.messages[0]?.messageId });
    expect(aws.messages).toMatchObject([{ topicArn, subject: message.subject, message: message.body }]);
    expect(aws.calls[0]?.region).toBe("eu-central-1");
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
