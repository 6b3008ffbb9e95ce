import { gunzipSync } from "node:zlib";
import type { CustomOriginConfig } from "@aws-sdk/client-cloudfront";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Board } from "../../lambda/board/board.ts";
import { BOARD_KEY, STATE_BUCKET } from "../sandbox/deployment.ts";
import { customOrigin } from "../sandbox/distributions.ts";
import { answers, closesWithoutAnswer, neverAnswers } from "../sandbox/http-origin.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import { type Outage, type OutageOptions, outageDistribution, outageId, startOutage } from "./outage.ts";

// Outages that no check of an origin sees: the origin passes, and requests to it fail, or nothing outside of CloudFront
// reaches it. Viewers ask through the box's edge, and what it counts is all that is known. The word is out within an hour
// and two runs, as docs/alerts.md says.

const domain = "healthy.box.test";
const other = "rsa.box.test";
/** An hour, in which all distributions are asked for once, and two runs. */
const hourAndTwoRuns = 6;
const nothing: readonly string[] = [];
let assembly: Assembly;
let outage: Outage;

beforeAll(async () => {
  assembly = await synthesise();
});
afterAll(() => assembly.remove());
afterEach(() => outage.close());

/** A distribution on the origin, which works for a quarter of an hour. */
async function begin(config: Partial<CustomOriginConfig> = {}, options: OutageOptions = {}): Promise<void> {
  outage = await startOutage(assembly, options);
  const origin = customOrigin(domain, outage.portOf(domain), { config });
  outage.account.aws.setDistributions([outageDistribution(origin)]);
  await outage.account.serve(domain, answers(200));
  expect(await outage.quarters(1)).toEqual([nothing]);
}

/** What is told while it lasts; the first message comes with the count of the hour. */
function afterAnHour(subject: RegExp) {
  return [nothing, nothing, nothing, [expect.stringMatching(subject)], nothing, nothing];
}

describe("an origin that passes the check", () => {
  it("and answers 502 itself is told by CloudFront's count, as a cause that is not known", async () => {
    await begin();
    await outage.account.serve(domain, answers(502, "bad gateway"));
    const told = await outage.quarters(hourAndTwoRuns);
    expect(told).toEqual(afterAnHour(/^\[502\] app\.example\.com: 100\.0% of requests get 502 \(.*no cause found/));
    const mail = outage.lastMail();
    expect(mail).toContain("CloudFront counted 120 requests in 60 minutes, 120 of them answered 5xx (502: 120).");
    expect(mail).toContain("Cause: not known. Its origin passes the check");
    expect(mail).toContain("Origin Watch sends them no request, so it sees no error that an origin answers itself.");
    expect(mail).toContain("x-edge-detailed-result-type");
    await outage.account.serve(domain, answers(200));
    const fixed = /^\[FIXED\] app\.example\.com, was: requests get 502/;
    expect(await outage.quarters(5)).toContainEqual([expect.stringMatching(fixed)]);
  });

  it("and closes without an answer is told as 502, or as 5XX where CloudFront does not count by status", async () => {
    await begin();
    await outage.account.serve(domain, closesWithoutAnswer);
    const told = await outage.quarters(hourAndTwoRuns);
    expect(told).toEqual(afterAnHour(/^\[502\] app\.example\.com: 100\.0% of requests get 502 /));
    expect(outage.lastMail()).toContain("An origin that answers 5xx itself, or closes connections without an answer.");
    await outage.close();
    await begin({}, { countsByStatus: false });
    await outage.account.serve(domain, closesWithoutAnswer);
    const unclear = await outage.quarters(hourAndTwoRuns);
    expect(unclear).toEqual(afterAnHour(/^\[5XX\] app\.example\.com: 100\.0% of requests get 5xx /));
    expect(outage.lastMail()).toContain("The metrics of CloudFront that count 502 and 504 are not on.");
  });

  it("and answers later than its response timeout is told as 504", async () => {
    await begin({ OriginReadTimeout: 1 });
    await outage.account.serve(domain, neverAnswers);
    const told = await outage.quarters(hourAndTwoRuns);
    expect(told).toEqual(afterAnHour(/^\[504\] app\.example\.com: 100\.0% of requests get 504 /));
    expect(outage.lastMail()).toContain("An origin that answers later than its response timeout.");
  });

  it("and answers 503 is no incident, but a fact", async () => {
    await begin();
    await outage.account.serve(domain, answers(503));
    expect((await outage.quarters(hourAndTwoRuns)).flat()).toEqual([]);
    const [board] = outage.account.aws.objects.versions(STATE_BUCKET, BOARD_KEY).slice(-1);
    const { counted } = JSON.parse(gunzipSync(board?.body ?? "").toString()) as Pick<Board, "counted">;
    expect(counted).toMatchObject([{ distributionId: outageId, code: null }]);
  });
});

describe("an origin that nothing outside of CloudFront reaches", () => {
  it("in a VPC is told by CloudFront's count where it fails, as a possible cause", async () => {
    outage = await startOutage(assembly);
    const server = await outage.account.serveOnlyEdge("intranet.box.test", answers(200));
    outage.account.aws.setDistributions([intranet()]);
    const notice = expect.stringMatching(/^\[NOT CHECKED\] intranet\.box\.test:8443: VPC origin/);
    expect(await outage.quarters(2)).toEqual([nothing, [notice]]);
    await server.close();
    const told = await outage.quarters(hourAndTwoRuns);
    const error = /^\[502\] app\.example\.com: .*% of requests get 502 /;
    expect(told.flat()).toEqual([expect.stringMatching(error)]);
    const mail = outage.lastMail();
    expect(mail).toContain("intranet.box.test:8443 could not be checked (VPC origin");
  });

  it("behind a firewall that admits CloudFront only is told so too", async () => {
    outage = await startOutage(assembly);
    const server = await outage.account.serveOnlyEdge(domain, answers(200));
    await outage.account.silence(domain);
    const silent = customOrigin(domain, outage.portOf(domain), { silent: true });
    outage.account.aws.setDistributions([outageDistribution(silent)]);
    expect(await outage.quarters(2)).toEqual([nothing, [expect.stringMatching(/^\[NOT CHECKED\] healthy\.box\.test/)]]);
    await server.close();
    const told = await outage.quarters(hourAndTwoRuns);
    expect(told.flat()).toEqual([expect.stringMatching(/^\[502\] app\.example\.com: .*% of requests get 502 /)]);
    expect(outage.lastMail()).toMatch(/healthy\.box\.test:\d+ could not be checked \(no answer on port/);
  });
});

describe("an origin that a function chooses", () => {
  it("in place of a placeholder that answers is told by CloudFront's count where it fails", async () => {
    const place = () => ({ kind: "origin" as const, domain: other, port: outage.portOf(other) });
    await begin({}, { functions: { router: place } });
    const { DefaultCacheBehavior, ...made } = outageDistribution(customOrigin(domain, outage.portOf(domain)));
    const Items = [{ FunctionARN: "router", EventType: "viewer-request" as const }];
    const FunctionAssociations = { Quantity: Items.length, Items };
    const behavior = { ...DefaultCacheBehavior!, FunctionAssociations };
    outage.account.aws.setDistributions([{ ...made, DefaultCacheBehavior: behavior }]);
    await outage.account.serve(other, answers(502));
    const told = await outage.quarters(hourAndTwoRuns);
    expect(told).toEqual(afterAnHour(/^\[502\] app\.example\.com: 100\.0% of requests get 502 /));
    const mail = outage.lastMail();
    expect(mail).toContain("An edge function that fails, or that chooses another origin.");
    expect(mail).toContain("Check the errors of the edge functions on E1BOXOUTAGE001");
  });
});

/** The account's distribution on a VPC origin, in the place of the one that viewers ask. */
function intranet() {
  const made = outage.account.aws.distributions().find(({ Id }) => Id === "E6BOXINTRANET6");
  const { Id, ARN, DomainName, Aliases } = outageDistribution(customOrigin(domain, 443));
  return { ...made!, Id, ARN, DomainName, Aliases };
}
