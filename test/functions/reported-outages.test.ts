import type { DistributionSummary } from "@aws-sdk/client-cloudfront";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { startDeafOrigin } from "../sandbox/deaf-origin.ts";
import { customOrigin } from "../sandbox/distributions.ts";
import { answers, onlyHosts } from "../sandbox/http-origin.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startRawOrigin } from "../sandbox/raw-origin.ts";
import { type Outage, outageDistribution, startOutage } from "./outage.ts";

// Outages as people reported them, played in the box from both sides: viewers ask through an edge that counts, and the
// function runs every quarter of an hour. Each is told in time, or rightly is not; docs/alerts.md has the times. Origins
// that go dark are in origin-went-dark.test.ts.

let assembly: Assembly;
let outage: Outage;
const open: Listener[] = [];

beforeAll(async () => {
  assembly = await synthesise();
});
afterAll(() => assembly.remove());
afterEach(async () => {
  await Promise.all([outage.close(), ...open.splice(0).map((each) => each.close())]);
});

/** An hour, in which all distributions are asked for once, and two runs. */
const hourAndTwoRuns = 6;
const nothing: readonly string[] = [];
const silent = Array.from({ length: hourAndTwoRuns }, () => nothing);

function watch(made: DistributionSummary): void {
  outage.account.aws.setDistributions([made]);
}

/** The distribution on this origin of the account. */
function on(domain: string, behavior: Parameters<typeof outageDistribution>[1] = {}): DistributionSummary {
  return outageDistribution(customOrigin(domain, outage.portOf(domain)), behavior);
}

/** The same where an address of it does not answer. */
function onSilent(domain: string): DistributionSummary {
  return outageDistribution(customOrigin(domain, outage.portOf(domain), { silent: true }));
}

it("an origin that forbids a wrong Host is no outage", async () => {
  outage = await startOutage(assembly);
  await outage.account.serve("alb.box.test", onlyHosts("api.example.com"));
  watch(on("alb.box.test", { originRequestPolicy: "AllViewer" }));
  expect(await outage.quarters(hourAndTwoRuns)).toEqual(silent);
});

it("a zone of a load balancer that is dark is a risk, in two runs", async () => {
  outage = await startOutage(assembly);
  const domain = "half-broken.box.test";
  await outage.account.repair(domain);
  const deaf = await startDeafOrigin({ address: "127.0.0.3", port: outage.portOf(domain) });
  if (deaf !== null) open.push(deaf);
  outage.account.dns.set(domain, { A: ["127.0.0.1", "127.0.0.2", "127.0.0.3"] });
  watch(onSilent(domain));
  const risk = expect.stringMatching(/^\[AT RISK\] half-broken\.box\.test:\d+: 1 of 3 addresses gives no a/);
  // The edge meets the dark address too, which CloudFront counts.
  const counted = expect.stringMatching(/^\[504\] .*: 33\.3% of requests get 504 /);
  expect(await outage.quarters(2)).toEqual([[], [risk, counted]]);
  const mail = outage.mailAbout("[AT RISK]");
  expect(mail).toContain("127.0.0.3 did not answer connection attempts, and 127.0.0.1 and 127.0.0.2 did");
  // It is not to be seen anywhere else.
  expect(mail).toContain("openssl s_client -connect 127.0.0.3:");
});

it("an origin that a function replaces is a risk as long as nobody saw it pass, and never an error", async () => {
  outage = await startOutage(assembly, {
    functions: { router: () => ({ kind: "origin", domain: "rsa.box.test", port: outage.portOf("rsa.box.test") }) },
  });
  await outage.account.serve("rsa.box.test", answers(200));
  const { DefaultCacheBehavior, ...made } = on("missing.box.test");
  const FunctionAssociations = {
    Quantity: 1,
    Items: [{ FunctionARN: "router", EventType: "viewer-request" as const }],
  };
  watch({ ...made, DefaultCacheBehavior: { ...DefaultCacheBehavior!, FunctionAssociations } });
  const risk = expect.stringMatching(/^\[AT RISK\] missing\.box\.test: domain name does not exist in DNS/);
  expect(await outage.quarters(hourAndTwoRuns)).toEqual([[], [risk], [], [], [], []]);
  expect(outage.lastMail()).toContain("unless the edge function router chooses another origin or answers the request");
});

it("an origin that closes connections before a TLS answer is a risk, and an error by CloudFront's count", async () => {
  outage = await startOutage(assembly);
  const closing = await startRawOrigin({ kind: "close", after: "client-hello" });
  open.push(closing);
  outage.account.dns.set("closes.box.test", { A: [closing.address] });
  watch(outageDistribution(customOrigin("closes.box.test", closing.port)));
  const counted = expect.stringMatching(/^\[502\] app\.example\.com: 100\.0% of requests get 502 /);
  const risk = expect.stringMatching(/^\[AT RISK\] closes\.box\.test:\d+: connection closed before a T/);
  const error = expect.stringMatching(/^\[502\] closes\.box\.test:\d+: connection closed .*CloudFront counts 502/);
  expect(await outage.quarters(4)).toEqual([[counted], [risk], [error], nothing]);
  expect(outage.mailAbout("[502] closes")).toContain("CloudFront's own count shows that it meets the same");
});

it("a VPC origin that works is a notice, once", async () => {
  outage = await startOutage(assembly);
  await outage.account.serveOnlyEdge("intranet.box.test", answers(200));
  watch(intranet());
  const notice = expect.stringMatching(/^\[NOT CHECKED\] intranet\.box\.test:8443: VPC origin/);
  expect(await outage.quarters(hourAndTwoRuns)).toEqual([[], [notice], [], [], [], []]);
});

it("an origin behind a firewall that admits CloudFront only is a notice, once", async () => {
  outage = await startOutage(assembly);
  const domain = "healthy.box.test";
  await outage.account.serveOnlyEdge(domain, answers(200));
  await outage.account.silence(domain);
  watch(onSilent(domain));
  const notice = expect.stringMatching(/^\[NOT CHECKED\] healthy\.box\.test:\d+: no answer on port/);
  expect(await outage.quarters(hourAndTwoRuns)).toEqual([[], [notice], [], [], [], []]);
  expect(outage.lastMail()).toContain(
    "Check whether the security group admits only CloudFront's managed prefix list. If so, this is expected",
  );
});

/** The account's distribution on a VPC origin, in the place of the one that viewers ask. */
function intranet(): DistributionSummary {
  const made = outage.account.aws.distributions().find(({ Id }) => Id === "E6BOXINTRANET6");
  const { Id, ARN, DomainName } = on("healthy.box.test");
  return { ...made!, Id, ARN, DomainName };
}
