import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Ports } from "../incidents/ports.ts";
import { patience } from "./patience.ts";
import { refusal } from "./refusal.ts";

/** A client for the region of the topic: SNS refuses a topic of another region. */
export function snsClient(topicArn: string): SNSClient {
  return new SNSClient({ ...patience, retryMode: "adaptive", region: topicArn.split(":")[3] ?? "" });
}

/** Publishes to one topic. A call that the client repeats after a lost answer may send a message twice. */
export function snsPublisher(client: SNSClient, topicArn: string): Ports["publish"] {
  return async ({ subject, body }) => {
    try {
      const { MessageId } = await client.send(
        new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: body }),
      );
      return { kind: "sent", messageId: MessageId ?? "" };
    } catch (thrown) {
      const needed = `sns:Publish on ${topicArn}, and kms:GenerateDataKey and kms:Decrypt on the topic's key if it has one`;
      const { error, retryable } = refusal(thrown, needed);
      return { kind: "failed", error, retryable };
    }
  };
}
