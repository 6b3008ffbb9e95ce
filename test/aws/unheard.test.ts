import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { boardStore } from "../../lambda/aws/board-s3.ts";
import { eventBridgeClient, putNotice } from "../../lambda/aws/event-bus.ts";
import { memoryStore } from "../../lambda/aws/memory-s3.ts";
import { importFindings, securityHubClient } from "../../lambda/aws/security-hub.ts";
import { snsClient, snsPublisher } from "../../lambda/aws/sns.ts";
import { s3Client, s3State } from "../../lambda/aws/state-s3.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { scope } from "../tell/records.ts";

const topicArn = "arn:aws:sns:us-east-1:111122223333:origin-watch";
const productArn = "arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default";
const location = { bucket: "origin-watch-state", key: "state.json" };
const minute = 60_000;

let aws: AwsEndpoint;
beforeEach(async () => {
  aws = await startAwsEndpoint();
  for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

const message = {
  subject: "[502] api.example.com",
  text: "CloudFront answers 502.\n",
  short: null,
  data: null,
  chat: null,
  attributes: {
    event: "opened",
    severity: "critical" as const,
    codes: [],
    distributionIds: [],
    origins: [],
    accountIds: [],
  },
};
const notice = { text: "{}", event: "opened", at: "2026-11-27T00:00:00.000Z", incidents: [], leftOut: 0 };
const securityFinding = {
  id: "origin-watch/a",
  title: "t",
  description: "d",
  severity: "HIGH" as const,
  active: true,
  createdAt: "2026-11-27T00:00:00.000Z",
  updatedAt: "2026-11-27T00:00:00.000Z",
  distributions: [],
  origin: "a:443",
  scope,
};

const calls: readonly [string, () => Promise<{ readonly kind: string }>][] = [
  ["sns:Publish", () => snsPublisher(snsClient(topicArn), topicArn)(message, minute)],
  ["s3:PutObject", () => s3State(s3Client(), location).writeState("1", null, minute)],
  ["s3:PutObject", () => memoryStore(s3Client(), location).write("1", minute)],
  ["s3:PutObject", () => boardStore(s3Client(), location)("1", minute, true)],
  ["events:PutEvents", () => putNotice(eventBridgeClient(), "default", notice)],
  ["securityhub:BatchImportFindings", () => importFindings(securityHubClient(), productArn, [securityFinding])],
];

const cases = calls.flatMap(([action, call]) =>
  (["proxy-page", "empty-answer"] as const).map((fault) => [action, fault, call] as const),
);

test.each(cases)("%s that a %s answers is not done", async (action, fault, call) => {
  aws.failNext(action, fault, 100);
  expect(await call()).toMatchObject({ kind: "failed", error: expect.stringMatching(/^[^\n]{10,300}$/) });
  aws.clearFaults();
  expect((await call()).kind).not.toBe("failed");
});

test("a copy of a state is not kept where S3 does not say so", async () => {
  aws.objects.put(location.bucket, location.key, "{ damaged");
  const state = s3State(s3Client(), location);
  const read = await state.readState(minute);
  aws.failNext("s3:PutObject", "empty-answer", 100);
  expect(await state.keepAside(read.kind === "found" ? read.etag : "", minute)).toMatchObject({ kind: "failed" });
});
