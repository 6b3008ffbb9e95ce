import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Stack } from "aws-cdk-lib/core";
import type { Construct } from "constructs";

/**
 * Lets the services that act by themselves use a key: alarms that publish to an encrypted topic, SNS that delivers from
 * it, and CloudWatch Logs. What acts through the function's role is granted there.
 *
 * It changes the policy of a key that is made in the same app. The policy of an imported key is its owner's; the
 * statements for it are in docs/operations.md, and a test holds the two together.
 */
export function letServicesUse(key: IKey, scope: Construct): void {
  for (const statement of keyStatements(scope)) key.addToResourcePolicy(statement);
}

/**
 * The right to use a key for what it encrypts here, and for nothing else: through these services alone, so that a key
 * that also encrypts other data gives no way to it.
 *
 * Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export function useOfKey(
  key: IKey | undefined,
  actions: readonly ("kms:Decrypt" | "kms:GenerateDataKey")[],
  services: readonly ("s3" | "secretsmanager" | "sns" | "sqs")[],
  sid = "UseKey",
): PolicyStatement[] {
  if (key === undefined) return [];
  const { region } = Stack.of(key);
  // The second is how China's Regions may spell it; AWS does not say.
  const suffixes = ["amazonaws.com", "amazonaws.com.cn"];
  const via = suffixes.flatMap((suffix) => services.map((service) => `${service}.${region}.${suffix}`));
  return [
    new PolicyStatement({
      sid,
      actions: [...actions],
      resources: [key.keyArn],
      conditions: { StringEquals: { "kms:ViaService": via } },
    }),
  ];
}

/**
 * Sources: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services and
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
export function keyStatements(scope: Construct): readonly PolicyStatement[] {
  const { account, region, partition } = Stack.of(scope);
  return [
    new PolicyStatement({
      sid: "OriginWatchAlarms",
      principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
      actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:SourceAccount": account } },
    }),
    new PolicyStatement({
      sid: "OriginWatchLogs",
      principals: [new ServicePrincipal(`logs.${region}.amazonaws.com`)],
      actions: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
      resources: ["*"],
      conditions: {
        ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:*` },
      },
    }),
  ];
}
