import { afterAll, beforeAll, expect, it } from "vitest";
import { type Deployment, deploy, TOPIC_ARN } from "../sandbox/deployment.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";

/** Of another Region, to which a client of its own is needed. */
const critical = "arn:aws:sns:eu-west-1:123456789012:pager";

let assembly: Assembly;
let deployment: Deployment;
beforeAll(async () => {
  assembly = await synthesise({ criticalTopicArn: critical, allowForeignTopic: true });
  deployment = await deploy(assembly, { topics: [TOPIC_ARN, critical] });
});
afterAll(async () => {
  await deployment.close();
  assembly.remove();
});

it("gets what is critical, as the first topic does, with the rights that the template gives", async () => {
  await deployment.handler.invoke();
  await deployment.handler.invoke();
  const { messages, calls } = deployment.account.aws;
  const severityOf = ({ attributes }: (typeof messages)[number]) => attributes.severity;
  const sentTo = (arn: string) => messages.filter(({ topicArn }) => topicArn === arn);
  expect(sentTo(critical).map(({ subject }) => subject)).toEqual(
    sentTo(TOPIC_ARN)
      .filter((message) => JSON.stringify(severityOf(message)).includes("critical"))
      .map(({ subject }) => subject),
  );
  expect(sentTo(critical).length).toBeGreaterThan(0);
  expect(calls.filter(({ action, status }) => action === "sns:Publish" && status !== 200)).toEqual([]);
  expect(calls.find(({ resource }) => resource === critical)?.region).toBe("eu-west-1");
});
