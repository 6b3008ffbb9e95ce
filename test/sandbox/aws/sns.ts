import { randomUUID } from "node:crypto";
import type { AwsReply, Service } from "./exchange.ts";
import { document, element, wrappedError } from "./xml.ts";

/** A message that was accepted by Publish. */
export type PublishedMessage = {
  readonly messageId: string;
  readonly topicArn: string;
  readonly subject: string | undefined;
  readonly message: string;
  readonly messageStructure: string | undefined;
  readonly attributes: Readonly<Record<string, { readonly dataType: string; readonly value: string }>>;
};

export type Topics = {
  /** Those that exist; undefined: all do. */
  readonly topics: readonly string[] | undefined;
  /** How many subscriptions wait for their confirmation, whatever the topic. */
  readonly unconfirmed: () => number;
};

/** SNS's Publish and GetTopicAttributes in the query protocol; accepted messages are appended to `messages`. */
export function snsService(messages: PublishedMessage[], given: Topics): Service {
  const { topics } = given;
  return {
    operation(request) {
      const form = new URLSearchParams(request.body.toString("utf8"));
      if (request.method !== "POST") return undefined;
      if (form.get("Action") === "GetTopicAttributes") {
        const resource = form.get("TopicArn") ?? "*";
        return { action: "sns:GetTopicAttributes", resource, perform: () => topicAttributes(resource, given) };
      }
      if (form.get("Action") !== "Publish") return undefined;
      return {
        action: "sns:Publish",
        resource: form.get("TopicArn") ?? form.get("TargetArn") ?? "*",
        perform: () => publish(form, messages, topics),
      };
    },
    error: snsError,
    throttled: snsError(429, "Throttled", "Rate exceeded"),
    denied: (action, resource) =>
      snsError(
        403,
        "AuthorizationError",
        `User is not authorized to perform: ${action.replace("sns:", "SNS:")} on resource: ${resource} because no identity-based policy allows the action`,
      ),
  };
}

function publish(form: URLSearchParams, messages: PublishedMessage[], topics: readonly string[] | undefined): AwsReply {
  const topicArn = form.get("TopicArn") ?? form.get("TargetArn") ?? "";
  if (!/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(\.fifo)?$/.test(topicArn))
    return invalid("TopicArn or TargetArn");
  if (topics?.includes(topicArn) === false) return snsError(404, "NotFound", "Topic does not exist");
  const subject = form.get("Subject") ?? undefined;
  const message = form.get("Message") ?? "";
  const messageStructure = form.get("MessageStructure") ?? undefined;
  const attributes = messageAttributes(form);
  const problem =
    subjectProblem(subject) ?? messageProblem(message, attributes) ?? structureProblem(message, messageStructure);
  if (problem !== undefined) return invalid(problem);
  const messageId = randomUUID();
  messages.push({ messageId, topicArn, subject, message, messageStructure, attributes });
  const result = { PublishResult: { MessageId: messageId }, ResponseMetadata: { RequestId: randomUUID() } };
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: document(element("PublishResponse", result), NAMESPACE),
  };
}

function topicAttributes(topicArn: string, { topics, unconfirmed }: Topics): AwsReply {
  if (topics?.includes(topicArn) === false) return snsError(404, "NotFound", "Topic does not exist");
  const pending = { key: "SubscriptionsPending", value: String(unconfirmed()) };
  const attributes = [{ key: "TopicArn", value: topicArn }, pending];
  const result = { Attributes: attributes };
  const body = { GetTopicAttributesResult: result, ResponseMetadata: { RequestId: randomUUID() } };
  return {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: document(
      element("GetTopicAttributesResponse", body, () => "entry"),
      NAMESPACE,
    ),
  };
}

/** `MessageAttributes.entry.N.Name`, `.Value.DataType` and `.Value.StringValue`, N from 1. */
function messageAttributes(form: URLSearchParams): Record<string, { dataType: string; value: string }> {
  const attributes: Record<string, { dataType: string; value: string }> = {};
  for (let n = 1; form.has(`MessageAttributes.entry.${n}.Name`); n += 1) {
    const entry = `MessageAttributes.entry.${n}`;
    attributes[form.get(`${entry}.Name`) ?? ""] = {
      dataType: form.get(`${entry}.Value.DataType`) ?? "",
      value: form.get(`${entry}.Value.StringValue`) ?? form.get(`${entry}.Value.BinaryValue`) ?? "",
    };
  }
  return attributes;
}

/** "UTF-8 text with no line breaks or control characters, and less than 100 characters long" (API reference, Publish). */
function subjectProblem(subject: string | undefined): string | undefined {
  if (subject === undefined) return undefined;
  return subject.length === 0 || subject.length >= 100 || /\p{Cc}|[\u2028\u2029]/u.test(subject)
    ? "Subject"
    : undefined;
}

/** The limit of 256 KiB counts the attributes' names, types and values too. */
function messageProblem(message: string, attributes: PublishedMessage["attributes"]): string | undefined {
  if (message.length === 0) return "Empty message";
  let bytes = Buffer.byteLength(message);
  for (const [name, { dataType, value }] of Object.entries(attributes)) {
    if (dataType === "" || value === "")
      return `The message attribute '${name}' must contain a type and a non-empty value`;
    if (dataType === "String.Array" && !Array.isArray(parseJson(value)))
      return `The message attribute '${name}' is not an array`;
    bytes += Buffer.byteLength(name + dataType + value);
  }
  return bytes > MAX_MESSAGE_BYTES ? "Message too long" : undefined;
}

function structureProblem(message: string, structure: string | undefined): string | undefined {
  if (structure === undefined) return undefined;
  if (structure !== "json") return "MessageStructure";
  const parsed = parseJson(message);
  if (typeof parsed !== "object" || parsed === null) return "Message Structure - JSON message body failed to parse";
  const entries = Object.entries(parsed);
  if (entries.some(([, value]) => typeof value !== "string"))
    return "Message Structure - JSON message body failed to parse";
  return "default" in parsed ? undefined : "Message Structure - No default entry in JSON message body";
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(what: string): AwsReply {
  return snsError(400, "InvalidParameter", `Invalid parameter: ${what}`);
}

function snsError(status: number, code: string, message: string): AwsReply {
  return wrappedError(status, code, message, NAMESPACE);
}

const MAX_MESSAGE_BYTES = 262_144;
const NAMESPACE = "http://sns.amazonaws.com/doc/2010-03-31/";
