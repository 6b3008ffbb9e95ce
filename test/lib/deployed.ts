import type { JsonObject } from "../../lib/one-file/json.ts";
import { objectOf, textOf } from "./one-file/evaluate.ts";

/**
 * The types whose resources people would miss: they hold what was told, or people have confirmed them, linked to them or
 * pointed tools at them. For each, the properties that a resource cannot change: with another value CloudFormation makes
 * a new one ("Update requires: Replacement" in
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html, and
 * `createOnlyProperties` of the type's schema).
 */
export const replacing: Readonly<Record<string, readonly string[]>> = {
  "AWS::CloudWatch::Alarm": ["AlarmName"],
  "AWS::CloudWatch::Dashboard": ["DashboardName"],
  "AWS::IAM::Role": ["Path", "RoleName"],
  "AWS::Lambda::Function": ["DurableConfig", "FunctionName", "PackageType", "TenancyConfig"],
  "AWS::Logs::LogGroup": ["LogGroupName"],
  "AWS::S3::Bucket": ["BucketName", "BucketNamePrefix", "BucketNamespace", "ObjectLockEnabled"],
  "AWS::SNS::Subscription": ["Endpoint", "Protocol", "Region", "TopicArn"],
  "AWS::SNS::Topic": ["FifoTopic", "TopicName"],
  "AWS::SQS::Queue": ["FifoQueue", "QueueName"],
};

/** What makes a resource the same one in the next deployment. */
export type Identity = {
  readonly type: string;
  /** The name of the condition on which it exists, where there is one. */
  readonly condition?: string;
  readonly properties: JsonObject;
};

/** The resources of those types in a template, by logical id. */
export function identitiesIn(template: JsonObject): Readonly<Record<string, Identity>> {
  const resources = Object.entries(objectOf(template.Resources)).map(([id, each]) => [id, objectOf(each)] as const);
  return Object.fromEntries(
    resources.flatMap(([id, { Type, Condition, Properties }]) => {
      const type = textOf(Type);
      const names = replacing[type];
      if (names === undefined) return [];
      const properties = Object.entries(objectOf(Properties)).filter(([name]) => names.includes(name));
      const condition = Condition === undefined ? {} : { condition: textOf(Condition) };
      return [[id, { type, ...condition, properties: Object.fromEntries(properties) }]];
    }),
  );
}
