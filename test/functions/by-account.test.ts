import { expect, it } from "vitest";
import { cloudFrontClient } from "../../lambda/aws/cloudfront.ts";
import { trafficClientOf } from "../../lambda/functions/by-account.ts";

const cloudFront = cloudFrontClient({ region: "us-east-1" });
const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret", sessionToken: "token" };
const access = (accountId: string) => ({
  scope: { accountId, accountName: null, partition: "aws" },
  cloudFront,
  credentials: { ...credentials, expiration: new Date() },
});

it("asks for the metrics of an account with one client in a run, and with no other account's", () => {
  const [one, other] = [access("111111111111"), access("222222222222")];
  expect(trafficClientOf(one)).toBe(trafficClientOf(one));
  expect(trafficClientOf(other)).not.toBe(trafficClientOf(one));
  // The next run has credentials of its own.
  expect(trafficClientOf(access("111111111111"))).not.toBe(trafficClientOf(one));
});
