import {
  GetTopicAttributesCommand,
  type MessageAttributeValue,
  PublishCommand,
  type PublishCommandInput,
  SNSClient,
} from "@aws-sdk/client-sns";
import type { Message, Ports, Publication } from "../incidents/ports.ts";
import { type ClientLimits, clientLimits } from "./client-limits.ts";
import { untilAborted } from "./failure.ts";
import { refusal } from "./refusal.ts";

/** A client for the region of the topic: SNS refuses a topic of another region. */
export function snsClient(topicArn: string, given: ClientLimits = clientLimits): SNSClient {
  return new SNSClient({ ...given, retryMode: "adaptive", region: topicArn.split(":")[3] ?? "" });
}

/**
 * Publishes to one topic. A call that the client repeats after a lost answer may send a message twice.
 *
 * If SNS refuses a message as invalid, its text is published alone: a message without its renderings is better than one
 * that never leaves the outbox.
 */
export function snsPublisher(client: SNSClient, topicArn: string): Ports["publish"] {
  return async (message, withinMs) => {
    const signal = AbortSignal.timeout(withinMs);
    // A 200 without a message id is the answer of somebody on the way, such as a proxy: SNS has not got the message.
    const send = async (input: PublishCommandInput): Promise<Publication> => {
      const sent = client.send(new PublishCommand(input), { abortSignal: signal });
      const { MessageId } = await untilAborted(sent, signal);
      if (MessageId === undefined || MessageId === "") return { kind: "failed", error: noMessageId, retryable: true };
      return { kind: "sent", messageId: MessageId };
    };
    try {
      return await send(publication(message, topicArn));
    } catch (thrown) {
      const needed = `sns:Publish on ${topicArn}, and kms:GenerateDataKey and kms:Decrypt on the topic's key if it has one`;
      const { error, retryable } = refusal(thrown, needed, signal);
      if (!(thrown instanceof Error && invalid.has(thrown.name))) return { kind: "failed", error, retryable };
      try {
        const plain = { TopicArn: topicArn, Subject: message.subject, Message: message.text };
        return await send(plain);
      } catch {
        return { kind: "failed", error, retryable };
      }
    }
  };
}

/** A publisher for one more topic, null where there is none. The topic may be of another Region. */
export function criticalPublisher(topicArn: string | null): Ports["publish"] | null {
  return topicArn === null ? null : snsPublisher(snsClient(topicArn), topicArn);
}

/**
 * Publishes what is critical, and what is fixed, to a second topic besides the first. The first decides whether a message
 * is sent: should the second be gone, its own failure must not have the first told again with every run.
 */
export function withCritical(first: Ports["publish"], critical: Ports["publish"] | null): Ports["publish"] {
  if (critical === null) return first;
  return async (message, withinMs) => {
    if (!isForCritical(message)) return first(message, withinMs);
    const [published, besides] = await Promise.all([first(message, withinMs), critical(message, withinMs)]);
    return published.kind === "sent" && besides.kind === "failed"
      ? { ...published, failedBesides: `the topic for critical alerts: ${besides.error}` }
      : published;
  };
}

/** A message of severity `info` about many origins says that they are fixed. */
function isForCritical({ attributes: { event, severity } }: Message): boolean {
  return (
    severity === "critical" ||
    event === "resolved" ||
    (event === "digest" && severity === "info") ||
    (event === "muted" && severity === "warning")
  );
}

/**
 * Whether a subscription of the topic waits for the confirmation of its owner, to whom nothing is delivered until then.
 * SNS deletes a subscription that nobody confirms after 48 hours
 * (https://aws.amazon.com/about-aws/whats-new/2023/05/amazon-sns-automatic-deletion-unconfirmed-subscriptions/).
 * Null where SNS does not say.
 */
export async function awaitsConfirmation(
  client: SNSClient,
  topicArn: string,
  withinMs: number,
): Promise<boolean | null> {
  const signal = AbortSignal.timeout(withinMs);
  try {
    const asked = client.send(new GetTopicAttributesCommand({ TopicArn: topicArn }), { abortSignal: signal });
    const pending = (await untilAborted(asked, signal)).Attributes?.SubscriptionsPending;
    return pending === undefined || !/^\d{1,9}$/.test(pending) ? null : Number(pending) > 0;
  } catch {
    return null;
  }
}

const noMessageId = "SNS's answer could not be understood: it has no message id";

/** SNS's own names (API reference, Publish). */
const invalid: ReadonlySet<string> = new Set([
  "InvalidParameterException",
  "InvalidParameterValueException",
  "ParameterValueInvalid",
]);

/**
 * One Publish for all protocols (SNS Developer Guide, "Publishing Amazon SNS notifications with platform-specific
 * payloads"). HTTPS gets the chat notification, because that is how Amazon Q Developer subscribes.
 */
export function publication(message: Message, topicArn: string): PublishCommandInput {
  const { subject, text, short, data, chat } = message;
  const parts = {
    default: text,
    email: text,
    ...(short === null ? {} : { sms: short }),
    ...(data === null ? {} : { sqs: data, lambda: data, http: data }),
    ...(chat === null ? {} : { https: chat }),
  };
  return {
    TopicArn: topicArn,
    Subject: subject,
    Message: JSON.stringify(parts),
    MessageStructure: "json",
    MessageAttributes: messageAttributes(message),
  };
}

/** At most 10, the number that raw delivery to SQS takes. SNS takes no empty list. */
function messageAttributes({ attributes }: Message): Record<string, MessageAttributeValue> {
  const { event, severity, codes, distributionIds, origins, accountIds } = attributes;
  const lists = Object.entries({ codes, distributionIds, origins, accountIds }).filter(([, list]) => list.length > 0);
  return {
    schemaVersion: { DataType: "String", StringValue: "1" },
    event: { DataType: "String", StringValue: event },
    severity: { DataType: "String", StringValue: severity },
    ...Object.fromEntries(
      lists.map(([name, list]) => [name, { DataType: "String.Array", StringValue: JSON.stringify(list) }]),
    ),
  };
}
