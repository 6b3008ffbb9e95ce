import * as v from "valibot";

/** A message of the topic, as SNS hands it to a function. */
export type TopicRecord = { readonly messageId: string; readonly message: string };

export type TopicRecords = {
  readonly records: readonly TopicRecord[];
  /** How many were of something else, or too many. */
  readonly leftAlone: number;
};

/** SNS hands over one at a time. */
const mostRecords = 10;

/**
 * The records of an event that name the topic. That alone is no proof: whoever may start the function can write the name.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export function topicRecords(event: unknown, topicArn: string): TopicRecords {
  const parsed = v.safeParse(eventSchema, event);
  if (!parsed.success) return { records: [], leftAlone: 1 };
  const all = parsed.output.Records;
  const records = all.slice(0, mostRecords).flatMap((record) => {
    const read = v.safeParse(recordSchema, record);
    if (!read.success || read.output.Sns.TopicArn !== topicArn) return [];
    const { MessageId: messageId, Message: message } = read.output.Sns;
    return [{ messageId, message }];
  });
  return { records, leftAlone: all.length - records.length };
}

const eventSchema = v.object({ Records: v.array(v.unknown()) });

const recordSchema = v.object({
  EventSource: v.literal("aws:sns"),
  Sns: v.object({ TopicArn: v.string(), MessageId: v.string(), Message: v.string() }),
});
