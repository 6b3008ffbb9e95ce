import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { CloudFrontClient, CreateInvalidationCommand, ListDistributionsCommand } from "@aws-sdk/client-cloudfront";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AwsEndpoint, startAwsEndpoint } from "./endpoint.ts";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts";

let aws: AwsEndpoint;

beforeEach(async () => {
  aws = await startAwsEndpoint();
});

afterEach(() => aws.close());

/** `maxAttempts` 1: what the service says is looked at, not what the SDK makes of it. */
function clients(maxAttempts: number) {
  const config = {
    ...aws.client,
    maxAttempts,
  };
  const cloudfront = new CloudFrontClient(config);
  const sns = new SNSClient(config);
  const s3 = new S3Client(config);
  return {
    list: () => cloudfront.send(new ListDistributionsCommand({})),
    invalidate: () =>
      cloudfront.send(
        new CreateInvalidationCommand({
          DistributionId: "E1",
          InvalidationBatch: { CallerReference: "1", Paths: { Quantity: 0 } },
        }),
      ),
    publish: () => sns.send(new PublishCommand({ TopicArn: TOPIC, Message: "m" })),
    put: () => s3.send(new PutObjectCommand({ Bucket: "state", Key: "k", Body: "1" })),
    get: (abortSignal?: AbortSignal) =>
      s3.send(new GetObjectCommand({ Bucket: "state", Key: "k" }), abortSignal === undefined ? {} : { abortSignal }),
  };
}

describe("faults", () => {
  it("speak each service's own language", async () => {
    const { list, publish, put } = clients(1);
    const outcomes = [];
    for (const fault of ["throttle", "access-denied", "internal-error"] as const) {
      for (const [action, send] of [
        ["cloudfront:ListDistributions", list],
        ["sns:Publish", publish],
        ["s3:PutObject", put],
      ] as const) {
        aws.failNext(action, fault);
        const error = await send().catch((thrown: unknown) => thrown);
        const { name, $metadata } = error as { name: string; $metadata: { httpStatusCode: number } };
        outcomes.push(`${fault} ${name} ${$metadata.httpStatusCode}`);
      }
    }
    expect(outcomes).toEqual([
      "throttle Throttling 400",
      "throttle ThrottledException 429",
      "throttle SlowDown 503",
      "access-denied AccessDenied 403",
      "access-denied AuthorizationErrorException 403",
      "access-denied AccessDenied 403",
      "internal-error InternalError 500",
      "internal-error InternalErrorException 500",
      "internal-error InternalError 500",
    ]);
    expect(aws.messages).toEqual([]);
  });

  it("strike as often as told, and then no more", async () => {
    aws.failNext("sns:Publish", "internal-error", 2);
    await clients(3).publish();
    expect(aws.calls.map((call) => call.status)).toEqual([500, 500, 200]);
  });

  it("are forgotten on request", async () => {
    aws.failNext("sns:Publish", "access-denied", 5);
    aws.clearFaults();
    await clients(1).publish();
    expect(aws.messages).toHaveLength(1);
  });

  it("cut the connection after the deed, so that a retry does it twice", async () => {
    aws.failNext("sns:Publish", "drop-after-success");
    await clients(2).publish();
    expect(aws.messages).toHaveLength(2);
    aws.failNext("s3:PutObject", "drop-after-success");
    await expect(clients(1).put()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(aws.objects.versions("state", "k")).toHaveLength(1);
  });

  it("leave a request hanging until the client gives up", async () => {
    aws.failNext("s3:GetObject", "hang");
    const client = new AbortController();
    const given = expect(clients(1).get(client.signal)).rejects.toMatchObject({ name: "AbortError" });
    await vi.waitUntil(() => aws.calls.length > 0, { timeout: 60_000 });
    client.abort();
    await given;
    expect(aws.calls.map((call) => [call.action, call.status])).toEqual([["s3:GetObject", 0]]);
  });

  it("can be a conflict of conditional writes", async () => {
    aws.failNext("s3:PutObject", "conflict");
    await expect(clients(1).put()).rejects.toMatchObject({ name: "ConditionalRequestConflict" });
  });
});

it("asks the policy about every action and its resource", async () => {
  await aws.close();
  const asked: string[] = [];
  aws = await startAwsEndpoint({
    isAllowed: (action, resource) => {
      asked.push(`${action} ${resource}`);
      return action !== "sns:Publish";
    },
  });
  const { list, publish, put } = clients(1);
  await list();
  await put();
  await expect(publish()).rejects.toMatchObject({ name: "AuthorizationErrorException" });
  expect(asked).toEqual([
    "cloudfront:ListDistributions *",
    "s3:PutObject arn:aws:s3:::state/k",
    `sns:Publish ${TOPIC}`,
  ]);
  expect(aws.messages).toEqual([]);
});

it("records operations that it does not know, and refuses them", async () => {
  await expect(clients(1).invalidate()).rejects.toMatchObject({ name: "InvalidAction" });
  expect(aws.calls.map((call) => [call.action, call.status])).toEqual([["cloudfront:?", 400]]);
});

it("refuses requests that are not signed", async () => {
  const response = await fetch(`${aws.url}/2020-05-31/distribution`);
  expect(response.status).toBe(403);
  expect(aws.calls).toEqual([]);
});

it("is all that a process with its environment needs", async () => {
  const program = `
    const { CloudFrontClient, ListDistributionsCommand } = require("@aws-sdk/client-cloudfront");
    const { SNSClient, PublishCommand } = require("@aws-sdk/client-sns");
    const { S3Client, PutObjectCommand } = require("@aws-sdk/client-s3");
    (async () => {
      await new CloudFrontClient({}).send(new ListDistributionsCommand({}));
      await new SNSClient({}).send(new PublishCommand({ TopicArn: "${TOPIC}", Message: "m" }));
      await new S3Client({}).send(new PutObjectCommand({ Bucket: "state", Key: "k", Body: "1" }));
    })();`;
  const options = { env: aws.environment, cwd: import.meta.dirname };
  await promisify(execFile)(process.execPath, ["--input-type=commonjs", "--eval", program], options);
  expect(aws.calls.map((call) => [call.action, call.status])).toEqual([
    ["cloudfront:ListDistributions", 200],
    ["sns:Publish", 200],
    ["s3:PutObject", 200],
  ]);
});
