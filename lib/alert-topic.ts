import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";

export type AlertTopicProps = {
  /** Each gets a confirmation mail from SNS and alerts once it has confirmed. */
  readonly emails: readonly string[];
};

/** The topic to which alerts are published. Only TLS publishers are let in. */
export class AlertTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { emails }: AlertTopicProps) {
    super(scope, id);
    this.topic = new Topic(this, "Topic", { displayName: "Origin Watch", enforceSSL: true });
    for (const email of emails) this.topic.addSubscription(new EmailSubscription(email));
  }
}
