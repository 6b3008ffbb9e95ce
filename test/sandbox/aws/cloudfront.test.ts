import {
  CloudFrontClient,
  type DistributionSummary,
  ListCachePoliciesCommand,
  ListDistributionsCommand,
  ListOriginRequestPoliciesCommand,
  paginateListDistributions,
} from "@aws-sdk/client-cloudfront";
import { afterEach, expect, it } from "vitest";
import { customOrigin, distribution } from "../distributions.ts";
import { managedCachePolicies, managedOriginRequestPolicies } from "../managed-policies.ts";
import { type AwsEndpoint, type AwsEndpointOptions, startAwsEndpoint } from "./endpoint.ts";
import { everythingDistribution } from "./everything-distribution.ts";

let aws: AwsEndpoint;
let client: CloudFrontClient;

afterEach(async () => {
  client.destroy();
  await aws.close();
});

async function start(options: AwsEndpointOptions): Promise<void> {
  aws = await startAwsEndpoint(options);
  client = new CloudFrontClient({
    ...aws.client,
  });
}

function many(count: number): DistributionSummary[] {
  return Array.from({ length: count }, (_, index) => {
    const origins = [customOrigin(`o${index}.box.test`, 443)];
    const defaultBehavior = { target: `o${index}.box.test` };
    return distribution({ id: `E${1000 + index}`, comment: "", origins, defaultBehavior }, "123456789012");
  });
}

it("gives the SDK back every member of a distribution that uses everything", async () => {
  await start({ distributions: [everythingDistribution] });
  const answer = await client.send(new ListDistributionsCommand({}));
  expect(answer.DistributionList?.Items).toEqual([everythingDistribution]);
});

it("gives the SDK back the distributions that the account is made of", async () => {
  const distributions = many(2);
  await start({ distributions });
  expect((await client.send(new ListDistributionsCommand({}))).DistributionList?.Items).toEqual(distributions);
});

it("keeps characters that mean something in XML", async () => {
  const [plain] = many(1);
  const comment = `<a href="x">&amp; 'é' 🦉\r\n\ttail`;
  await start({ distributions: [{ ...plain!, Comment: comment }] });
  expect((await client.send(new ListDistributionsCommand({}))).DistributionList?.Items?.[0]?.Comment).toBe(comment);
});

it("pages by a hundred, with the last id of a page as the marker", async () => {
  const distributions = many(205);
  await start({ distributions });
  const pages = [];
  for await (const page of paginateListDistributions({ client }, {})) pages.push(page.DistributionList);
  expect(pages.map((page) => [page?.Quantity, page?.IsTruncated, page?.NextMarker])).toEqual([
    [100, true, "E1099"],
    [100, true, "E1199"],
    [5, false, undefined],
  ]);
  expect(pages.flatMap((page) => page?.Items?.map((item) => item.Id))).toEqual(distributions.map((item) => item.Id));
});

it("honours MaxItems and refuses a marker that it never gave", async () => {
  await start({ distributions: many(3) });
  const page = await client.send(new ListDistributionsCommand({ MaxItems: 2, Marker: "E1000" }));
  expect(page.DistributionList?.Items?.map((item) => item.Id)).toEqual(["E1001", "E1002"]);
  await expect(client.send(new ListDistributionsCommand({ Marker: "E9" }))).rejects.toMatchObject({
    name: "InvalidArgument",
  });
});

it("lists an account without distributions", async () => {
  await start({});
  const { DistributionList: list } = await client.send(new ListDistributionsCommand({}));
  expect([list?.Quantity, list?.IsTruncated, list?.Items]).toEqual([0, false, undefined]);
});

it("lists policies of either type", async () => {
  const custom = managedCachePolicies().slice(0, 1);
  custom[0]!.Type = "custom";
  const cachePolicies = [...managedCachePolicies(), ...custom];
  const originRequestPolicies = managedOriginRequestPolicies();
  await start({ cachePolicies, originRequestPolicies });
  const all = await client.send(new ListCachePoliciesCommand({}));
  expect(all.CachePolicyList?.Items).toEqual(cachePolicies);
  const some = await client.send(new ListCachePoliciesCommand({ Type: "custom" }));
  expect(some.CachePolicyList?.Items).toEqual(custom);
  const requests = await client.send(new ListOriginRequestPoliciesCommand({ Type: "managed" }));
  expect(requests.OriginRequestPolicyList?.Items).toEqual(originRequestPolicies);
});

it("shows changed distributions to the next request", async () => {
  await start({ distributions: many(1) });
  aws.setDistributions(many(3));
  expect((await client.send(new ListDistributionsCommand({}))).DistributionList?.Quantity).toBe(3);
});
