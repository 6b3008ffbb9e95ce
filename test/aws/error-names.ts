import { CloudFrontClient, ListDistributionsCommand } from "@aws-sdk/client-cloudfront";
import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { BatchImportFindingsCommand, SecurityHubClient } from "@aws-sdk/client-securityhub";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";

/** What the SDK makes of a refusal of each service, as far as the functions ask: once as it is, once as it is bundled. */
export async function handler(endpoint: string): Promise<readonly unknown[]> {
  const credentials = { accessKeyId: "AKIASANDBOX", secretAccessKey: "sandbox" };
  const to = { endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
  const calls = [
    () => new CloudFrontClient(to).send(new ListDistributionsCommand({})),
    () =>
      new CloudWatchClient(to).send(
        new GetMetricDataCommand({ MetricDataQueries: [], StartTime: new Date(0), EndTime: new Date(1) }),
      ),
    () => new EventBridgeClient(to).send(new PutEventsCommand({ Entries: [] })),
    () => new S3Client({ ...to, forcePathStyle: true }).send(new GetObjectCommand({ Bucket: "b", Key: "k" })),
    () => new SecurityHubClient(to).send(new BatchImportFindingsCommand({ Findings: [] })),
    () => new SNSClient(to).send(new PublishCommand({ TopicArn: "arn:aws:sns:us-east-1:1:t", Message: "m" })),
  ];
  return Promise.all(
    calls.map(async (call) => {
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const { name, message } = error;
        return { name, message, fault: Reflect.get(error, "$fault"), metadata: Reflect.get(error, "$metadata") };
      }
    }),
  );
}
