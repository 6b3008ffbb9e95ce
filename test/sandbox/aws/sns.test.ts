import { PublishCommand, type PublishCommandInput, SNSClient } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AwsEndpoint, startAwsEndpoint } from "./endpoint.ts";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts";

let aws: AwsEndpoint;
let client: SNSClient;

beforeEach(async () => {
  aws = await startAwsEndpoint({ topics: [TOPIC] });
  client = new SNSClient({
    ...aws.client,
    maxAttempts: 1,
  });
});

afterEach(async () => {
  client.destroy();
  await aws.close();
});

const publish = (input: Omit<PublishCommandInput, "TopicArn">) => {
  return client.send(new PublishCommand({ TopicArn: TOPIC, ...input }));
};

describe("Publish", () => {
  it("keeps what was published and answers with its id", async () => {
    const Message = JSON.stringify({ default: "é & <ü>\r\n+%", https: "{}" });
    const answer = await publish({
      Subject: "s".repeat(99),
      Message,
      MessageStructure: "json",
      MessageAttributes: {
        severity: { DataType: "String", StringValue: "critical" },
        findings: { DataType: "String.Array", StringValue: '["chain-incomplete"]' },
      },
    });
    expect(aws.messages).toEqual([
      {
        messageId: answer.MessageId,
        topicArn: TOPIC,
        subject: "s".repeat(99),
        message: Message,
        messageStructure: "json",
        attributes: {
          severity: { dataType: "String", value: "critical" },
          findings: { dataType: "String.Array", value: '["chain-incomplete"]' },
        },
      },
    ]);
    expect(aws.calls).toEqual([
      {
        service: "sns",
        action: "sns:Publish",
        resource: TOPIC,
        region: "us-east-1",
        account: "123456789012",
        status: 200,
      },
    ]);
  });

  it("takes a message of exactly 256 KiB", async () => {
    await publish({ Message: "x".repeat(262_144) });
    expect(aws.messages).toHaveLength(1);
  });

  it.each<[string, Omit<PublishCommandInput, "TopicArn">]>([
    ["a subject of 100 characters", { Subject: "s".repeat(100), Message: "m" }],
    ["a line break in the subject", { Subject: "one\ntwo", Message: "m" }],
    ["a control character in the subject", { Subject: "one\u0007", Message: "m" }],
    ["an empty subject", { Subject: "", Message: "m" }],
    ["a message beyond 256 KiB", { Message: "x".repeat(262_145) }],
    [
      "a message that attributes bring beyond 256 KiB",
      {
        Message: "x".repeat(262_144),
        MessageAttributes: { a: { DataType: "String", StringValue: "b" } },
      },
    ],
    ["an empty message", { Message: "" }],
    ["an empty attribute", { Message: "m", MessageAttributes: { a: { DataType: "String", StringValue: "" } } }],
    [
      "an array attribute that is none",
      {
        Message: "m",
        MessageAttributes: { a: { DataType: "String.Array", StringValue: "b" } },
      },
    ],
    ["a structured message that is not JSON", { Message: "m", MessageStructure: "json" }],
    ["a structured message without default", { Message: '{"https":"x"}', MessageStructure: "json" }],
    ["a structured message with an object inside", { Message: '{"default":{}}', MessageStructure: "json" }],
  ])("rejects %s", async (_name, input) => {
    await expect(publish(input)).rejects.toMatchObject({ name: "InvalidParameterException" });
    expect(aws.messages).toEqual([]);
    expect(aws.calls.map((call) => call.status)).toEqual([400]);
  });

  it("knows which topics exist", async () => {
    const elsewhere = new PublishCommand({ TopicArn: `${TOPIC}2`, Message: "m" });
    await expect(client.send(elsewhere)).rejects.toMatchObject({ name: "NotFoundException" });
  });
});
