import { Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Annotations, ArnFormat, Stack, Token } from "aws-cdk-lib/core";
import { Construct } from "constructs";
import { PropError } from "./prop-error.ts";

export type AlertTopicProps = {
  /** Each gets a confirmation mail from SNS and alerts once it has confirmed. */
  readonly emails: readonly string[];
  readonly encryptionKey?: IKey | undefined;
  /** A topic that there is already. @default - one is made */
  readonly existing?: ITopic | undefined;
  /** One more, for what is critical. @default - none */
  readonly critical?: ITopic | undefined;
  /** Whether these may be of another account or Region. */
  readonly allowForeign: boolean;
  /** Whether CloudWatch's alarms publish to the first one. */
  readonly alarms: boolean;
};

/**
 * The topic to which alerts are published, by the function and by CloudWatch's alarms. Only TLS publishers are let in to
 * one that is made here; the policy of another one is its owner's.
 */
export class AlertTopic extends Construct {
  readonly topic: ITopic;

  constructor(scope: Construct, id: string, props: AlertTopicProps) {
    super(scope, id);
    const { emails, encryptionKey, existing, critical, allowForeign, alarms } = props;
    if (existing !== undefined) checkTopic(this, "topic", existing, { allowForeign, alarms });
    if (critical !== undefined) checkTopic(this, "criticalTopic", critical, { allowForeign, alarms: false });
    this.topic =
      existing ??
      new Topic(this, "Topic", {
        displayName: "Origin Watch",
        enforceSSL: true,
        ...(encryptionKey === undefined ? {} : { masterKey: encryptionKey }),
      });
    for (const email of emails) this.topic.addSubscription(new EmailSubscription(email));
    const { statementAdded } = this.topic.addToResourcePolicy(alarmStatement(this, this.topic.topicArn));
    if (!statementAdded && alarms) {
      Annotations.of(this).addWarningV2(
        "origin-watch:topic-policy",
        'The policy of the alert topic cannot be changed from here, and must let CloudWatch\'s alarms publish: see docs/operations.md, "A topic of yours".',
      );
    }
  }
}

/**
 * A topic with a policy of its own has lost the default one, under which the account's alarms may publish
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html).
 */
export function alarmStatement(scope: Construct, topicArn: string): PolicyStatement {
  const { account } = Stack.of(scope);
  const alarms = Stack.of(scope).formatArn({
    service: "cloudwatch",
    resource: "alarm",
    resourceName: "*",
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return new PolicyStatement({
    sid: "LetAlarmsPublish",
    effect: Effect.ALLOW,
    principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
    actions: ["sns:Publish"],
    resources: [topicArn],
    conditions: { StringEquals: { "aws:SourceAccount": account }, ArnLike: { "aws:SourceArn": alarms } },
  });
}

const topicForm = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$/;

/**
 * What is not known before the deployment is not refused. Where the stack names no account and Region, they are those for
 * which the CDK's command line synthesises.
 *
 * @throws PropError for a topic that alerts would not get through, or to which they should not go by mistake
 */
function checkTopic(
  scope: Construct,
  prop: string,
  topic: ITopic,
  { allowForeign, alarms }: { readonly allowForeign: boolean; readonly alarms: boolean },
): void {
  const { topicArn } = topic;
  const known = !Token.isUnresolved(topicArn);
  if (known && !topicForm.test(topicArn)) {
    throw new PropError(
      prop,
      `expected the ARN of a topic (arn:aws:sns:REGION:ACCOUNT:NAME), got ${topicArn.slice(0, 100)}`,
    );
  }
  if (topic.fifo || (known && topicArn.endsWith(".fifo"))) {
    throw new PropError(prop, "expected a standard topic, got a FIFO topic, which delivers neither mail nor HTTPS");
  }
  const { account, region } = Stack.of(scope);
  const otherAccount = differs(topic.env.account, account, process.env.CDK_DEFAULT_ACCOUNT);
  const otherRegion = differs(topic.env.region, region, process.env.CDK_DEFAULT_REGION);
  if ((otherAccount || otherRegion) && !allowForeign) {
    const where = otherAccount ? `account ${topic.env.account}` : topic.env.region;
    throw new PropError(
      prop,
      `expected a topic of this account and Region, got one of ${where}; if that is meant, set allowForeignTopic`,
    );
  }
  if (otherRegion && alarms) {
    throw new PropError(
      prop,
      `expected a topic of this Region, got one of ${topic.env.region}: alarms of CloudWatch publish in their own Region only. Set alarms to false, or use criticalTopic for it`,
    );
  }
}

function differs(theirs: string, own: string, usual: string | undefined): boolean {
  const ours = Token.isUnresolved(own) ? usual : own;
  return !Token.isUnresolved(theirs) && ours !== undefined && theirs !== ours;
}
