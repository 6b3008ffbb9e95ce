import { Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { ArnFormat, Stack } from "aws-cdk-lib/core";
import { Construct } from "constructs";

export type AlertTopicProps = {
  /** Each gets a confirmation mail from SNS and alerts once it has confirmed. */
  readonly emails: readonly string[];
  readonly encryptionKey?: IKey | undefined;
};

/**
 * The topic to which alerts are published, by the function and by CloudWatch's alarms. Only TLS publishers are let in.
 */
export class AlertTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { emails, encryptionKey }: AlertTopicProps) {
    super(scope, id);
    this.topic = new Topic(this, "Topic", {
      displayName: "Origin Watch",
      enforceSSL: true,
      ...(encryptionKey === undefined ? {} : { masterKey: encryptionKey }),
    });
    for (const email of emails) this.topic.addSubscription(new EmailSubscription(email));
    this.letAlarmsPublish();
  }

  /**
   * A topic with a policy of its own has lost the default one, under which the account's alarms may publish
   * (https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html).
   */
  private letAlarmsPublish(): void {
    const { account } = Stack.of(this);
    const alarms = Stack.of(this).formatArn({
      service: "cloudwatch",
      resource: "alarm",
      resourceName: "*",
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "LetAlarmsPublish",
        effect: Effect.ALLOW,
        principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { "aws:SourceAccount": account }, ArnLike: { "aws:SourceArn": alarms } },
      }),
    );
  }
}
