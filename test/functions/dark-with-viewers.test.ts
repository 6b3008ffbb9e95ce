import type { DistributionSummary } from "@aws-sdk/client-cloudfront";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import { type Outage, outageDistribution, outageId, startOutage } from "./outage.ts";

// Origins that stop answering while viewers ask: they are dark for CloudFront too, which counts. What is told of them where
// nobody asks is in origin-went-dark.test.ts.

const domain = "healthy.box.test";
const other = "rsa.box.test";
const nothing: readonly string[] = [];
let assembly: Assembly;
let outage: Outage;

beforeAll(async () => {
  assembly = await synthesise();
});
afterAll(() => assembly.remove());
afterEach(() => outage.close());

const goesSilent = (name: string) => customOrigin(name, outage.portOf(name), { silent: true });

function watch(made: DistributionSummary = outageDistribution(goesSilent(domain))): void {
  outage.account.aws.setDistributions([made]);
}

const said = (subject: RegExp) => expect.stringMatching(subject);
const counted = said(/^\[504\] app\.example\.com: \d+\.\d% of requests get 504 /);
const risk = said(/^\[AT RISK\] healthy\.box\.test:\d+: stopped answering on port/);
const raised = said(/^\[504\] healthy\.box\.test:\d+: stopped answering on port \d+ \(CloudFront counts 504/);
const fixed = said(/^\[FIXED\] healthy\.box\.test:\d+, was: stopped answering/);
const over = said(/^\[FIXED\] app\.example\.com, was: requests get 504/);

it("goes dark, and goes dark again", async () => {
  outage = await startOutage(assembly);
  watch();
  expect(await outage.quarters(1)).toEqual([nothing]);
  await outage.account.silence(domain);
  expect(await outage.quarters(4)).toEqual([[counted], [risk], [raised], nothing]);
  const mail = outage.mailAbout("[504] app.example.com");
  expect(mail).toMatch(/Possible cause, not reported before: healthy\.box\.test:\d+, stopped answering on port/);
  expect(mail).not.toContain("could not be checked");
  expect(outage.mailAbout("[504] healthy")).toContain(
    "CloudFront's own count shows that it meets the same: 30 requests",
  );
  await outage.account.repair(domain);
  expect(await outage.quarters(5)).toEqual([[fixed], nothing, nothing, [over], nothing]);
  await outage.account.silence(domain);
  expect(await outage.quarters(4)).toEqual([[counted], [risk], [raised], nothing]);
});

it("goes dark where CloudFront does not count by status: the errors name it as a possible cause", async () => {
  outage = await startOutage(assembly, { countsByStatus: false });
  watch();
  expect(await outage.quarters(1)).toEqual([nothing]);
  await outage.account.silence(domain);
  const unclear = said(/^\[5XX\] app\.example\.com: 100\.0% of requests get 5xx /);
  expect(await outage.quarters(4)).toEqual([[unclear], [risk], nothing, nothing]);
  expect(outage.mailAbout("[5XX]")).toMatch(/Possible cause, .*: healthy\.box\.test:\d+, stopped answering on port/);
});

it("is dark every other time", async () => {
  outage = await startOutage(assembly);
  watch();
  const told: (readonly string[])[] = [];
  for (let turn = 0; turn < 4; turn += 1) {
    told.push(...(await outage.quarters(1)));
    await outage.account.silence(domain);
    told.push(...(await outage.quarters(1)));
    await outage.account.repair(domain);
  }
  // Its viewers are told of at once; that it is the origin, when it was seen so often that it is no hiccup.
  expect(told.slice(0, 2)).toEqual([nothing, [counted]]);
  expect(told.slice(2).flat()).toEqual([raised]);
});

it("goes dark behind the notice of an origin that could not be checked", async () => {
  outage = await startOutage(assembly);
  const origins = [domain, other].map(goesSilent);
  const behaviors = [{ pathPattern: "/other/*", target: other }];
  const defaultBehavior = { target: domain, cachePolicy: "CachingDisabled" };
  const aliases = ["app.example.com"];
  watch(distribution({ id: outageId, comment: "", aliases, origins, defaultBehavior, behaviors }, ACCOUNT_ID));
  await outage.account.silence(other);
  const notice = said(/^\[NOT CHECKED\] rsa\.box\.test/);
  expect(await outage.quarters(2)).toEqual([nothing, [notice]]);
  await outage.account.silence(domain);
  const told = await outage.quarters(4);
  // The other origin may be what makes CloudFront answer so: the count names none, and nothing is raised.
  expect(told).toEqual([[counted], [risk], nothing, nothing]);
});
