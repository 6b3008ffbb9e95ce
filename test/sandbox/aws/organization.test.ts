import { CloudFrontClient, GetVpcOriginCommand, ListDistributionsCommand } from "@aws-sdk/client-cloudfront";
import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { ListAccountsCommand, OrganizationsClient, paginateListAccounts } from "@aws-sdk/client-organizations";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { afterEach, describe, expect, it } from "vitest";
import { customOrigin, distribution } from "../distributions.ts";
import { memberRole } from "../member-role.ts";
import { type AwsEndpoint, startAwsEndpoint } from "./endpoint.ts";
import { createMember, createOrganization, type MemberAccount, type Organization } from "./organization.ts";

const hub = { accountId: "123456789012", roleName: "origin-watch-hub", organizationId: "o-boxorg0001" };
const own = `arn:aws:iam::${hub.accountId}:role/${hub.roleName}`;
const roleName = "origin-watch-inventory";

let aws: AwsEndpoint;
let organization: Organization;

afterEach(() => aws.close());

async function start(...members: readonly MemberAccount[]): Promise<void> {
  organization = createOrganization({ caller: own });
  for (const member of members) organization.accounts.set(member.id, member);
  aws = await startAwsEndpoint({ organization, distributions: [oneOf(hub.accountId)] });
}

function oneOf(accountId: string) {
  const outline = { id: `E${accountId.slice(0, 4)}`, comment: "", origins: [customOrigin("o.test", 443)] };
  return distribution({ ...outline, defaultBehavior: { target: "o.test" } }, accountId);
}

function member(id: string): MemberAccount {
  return createMember(id, { roles: { [roleName]: memberRole(hub, id) }, inventory: { distributions: [oneOf(id)] } });
}

async function assume(id: string, options: { sessionName?: string; seconds?: number } = {}) {
  const sts = new STSClient({ ...aws.client, maxAttempts: 1 });
  const { Credentials, AssumedRoleUser } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${id}:role/${roleName}`,
      RoleSessionName: options.sessionName ?? "origin-watch-1",
      DurationSeconds: options.seconds ?? 900,
    }),
  );
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
  const keys = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  return { arn: AssumedRoleUser?.Arn, keys, expires: Credentials?.Expiration };
}

async function distributionsWith(credentials: Awaited<ReturnType<typeof assume>>["keys"]) {
  const client = new CloudFrontClient({ ...aws.client, maxAttempts: 1, credentials });
  const { DistributionList } = await client.send(new ListDistributionsCommand({}));
  return DistributionList?.Items?.map(({ ARN }) => ARN);
}

describe("AssumeRole", () => {
  it("gives credentials that lead into the account of the role, and into no other", async () => {
    await start(member("111111111111"), member("222222222222"));
    const [one, two] = await Promise.all([assume("111111111111"), assume("222222222222")]);
    expect(one.arn).toBe("arn:aws:sts::111111111111:assumed-role/origin-watch-inventory/origin-watch-1");
    expect(await distributionsWith(one.keys)).toEqual(["arn:aws:cloudfront::111111111111:distribution/E1111"]);
    expect(await distributionsWith(two.keys)).toEqual(["arn:aws:cloudfront::222222222222:distribution/E2222"]);
    const hubs = await new CloudFrontClient(aws.client).send(new ListDistributionsCommand({}));
    expect(hubs.DistributionList?.Items?.map(({ Id }) => Id)).toEqual(["E1234"]);
    const accounts = aws.calls.map(({ action, account }) => `${action} ${account}`);
    expect(accounts.slice(2)).toEqual(
      ["111111111111", "222222222222", hub.accountId].map((id) => `cloudfront:ListDistributions ${id}`),
    );
  });

  it.each([
    ["another role of the hub's account", (it: Organization) => (it.caller = `${own}-2`)],
    ["another account", (it: Organization) => (it.caller = own.replace("123456789012", "210987654321"))],
    ["another organization", (it: Organization) => (it.callerOrganizationId = "o-another0001")],
    ["an account outside of any organization", (it: Organization) => (it.callerOrganizationId = null)],
    ["a role that is gone", (it: Organization) => it.accounts.get("111111111111")?.roles.clear()],
    ["an account that is gone", (it: Organization) => it.accounts.delete("111111111111")],
    [
      "a suspended account",
      (it: Organization) => Object.assign(it.accounts.get("111111111111")!, { state: "SUSPENDED" }),
    ],
  ])("is denied to %s", async (_name, change) => {
    await start(member("111111111111"));
    await assume("111111111111");
    change(organization);
    await expect(assume("111111111111")).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("is denied to a session of another name, and for longer than an hour", async () => {
    await start(member("111111111111"));
    await expect(assume("111111111111", { sessionName: "me" })).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(assume("111111111111", { seconds: 3_601 })).rejects.toMatchObject({ name: "ValidationError" });
  });

  it("calls the caller something else where a test wants it so", async () => {
    const liar = member("111111111111");
    liar.assumedRoleArn = "arn:aws:iam::222222222222:role/origin-watch-inventory";
    await start(liar);
    expect((await assume("111111111111")).arn).toContain("::222222222222:");
  });
});

describe("credentials of a member", () => {
  it("allow what its role allows", async () => {
    await start(member("111111111111"));
    const { keys } = await assume("111111111111");
    const vpcOrigin = new CloudFrontClient({ ...aws.client, credentials: keys });
    await expect(vpcOrigin.send(new GetVpcOriginCommand({ Id: "vo_1" }))).rejects.toMatchObject({
      name: "AccessDenied",
    });
    organization.accounts.get("111111111111")!.roles.set(roleName, {
      ...memberRole(hub, "111111111111"),
      isAllowed: () => false,
    });
    const denied = await assume("111111111111");
    await expect(distributionsWith(denied.keys)).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("lead nowhere without their token, with another one, or when their time is over", async () => {
    await start(member("111111111111"));
    const { keys } = await assume("111111111111");
    const { sessionToken: _, ...tokenless } = keys;
    for (const invalid of [tokenless, { ...keys, sessionToken: "another" }]) {
      const list = distributionsWith(invalid as typeof keys);
      await expect(list).rejects.toMatchObject({ name: "InvalidClientTokenId" });
    }
    const later = new CloudFrontClient({
      ...aws.client,
      maxAttempts: 1,
      credentials: keys,
      systemClockOffset: 901_000,
    });
    await expect(later.send(new ListDistributionsCommand({}))).rejects.toMatchObject({ name: "ExpiredToken" });
  });

  it("show what CloudFront counted in that account", async () => {
    const one = member("111111111111");
    await start(one);
    one.counts.script("E1111", Date.parse("2026-01-01T00:00:00Z"), Date.parse("2026-01-01T00:02:00Z"), { requests: 7 });
    const { keys } = await assume("111111111111");
    const asked = new GetMetricDataCommand({
      StartTime: new Date("2026-01-01T00:00:00Z"),
      EndTime: new Date("2026-01-01T00:02:00Z"),
      MetricDataQueries: [
        {
          Id: "a",
          MetricStat: {
            Metric: {
              Namespace: "AWS/CloudFront",
              MetricName: "Requests",
              Dimensions: [
                { Name: "DistributionId", Value: "E1111" },
                { Name: "Region", Value: "Global" },
              ],
            },
            Period: 60,
            Stat: "Sum",
          },
        },
      ],
    });
    const values = async (credentials: typeof keys | undefined) => {
      const client = new CloudWatchClient({ ...aws.client, ...(credentials === undefined ? {} : { credentials }) });
      return (await client.send(asked)).MetricDataResults?.map(({ Values }) => Values);
    };
    expect(await values(keys)).toEqual([[7, 7]]);
    expect(await values(undefined)).toEqual([[]]);
  });
});

it("lets one account fail and not its neighbour", async () => {
  await start(member("111111111111"), member("222222222222"));
  aws.failNext("cloudfront:ListDistributions", "half-answer", 1, "222222222222");
  aws.failNext("sts:AssumeRole", "throttle", 1, "222222222222");
  const { keys } = await assume("111111111111");
  expect(await distributionsWith(keys)).toHaveLength(1);
  await expect(assume("222222222222")).rejects.toMatchObject({ name: "Throttling" });
  const other = await assume("222222222222");
  await expect(distributionsWith(other.keys)).rejects.toThrow();
  expect(await distributionsWith(other.keys)).toHaveLength(1);
});

describe("ListAccounts", () => {
  const ids = (count: number) => Array.from({ length: count }, (_, index) => String(200_000_000_000 + index));
  const list = () => new OrganizationsClient({ ...aws.client, maxAttempts: 1 });

  it("pages by twenty, one page of them empty", async () => {
    await start(...ids(45).map((id) => createMember(id, { units: ["ou-box1-aaaaaaaa"] })));
    const pages = [];
    for await (const page of paginateListAccounts({ client: list() }, {})) pages.push(page.Accounts ?? []);
    expect(pages.map((page) => page.length)).toEqual([20, 0, 20, 5]);
    expect(pages.flat().map(({ Id }) => Id)).toEqual(ids(45));
    expect(pages.flat()[0]).toMatchObject({
      State: "ACTIVE",
      Paths: ["o-boxorg0001/r-box1/ou-box1-aaaaaaaa/"],
      Email: expect.stringContaining("@"),
      JoinedTimestamp: new Date(1_700_000_000_500),
    });
  });

  it("is for delegated administrators, and for accounts in an organization", async () => {
    await start();
    expect((await list().send(new ListAccountsCommand({}))).Accounts).toEqual([]);
    organization.isDelegatedAdministrator = false;
    const denied = list().send(new ListAccountsCommand({}));
    await expect(denied).rejects.toMatchObject({ name: "AccessDeniedException" });
    await aws.close();
    aws = await startAwsEndpoint();
    const alone = list().send(new ListAccountsCommand({}));
    await expect(alone).rejects.toMatchObject({ name: "AWSOrganizationsNotInUseException" });
  });
});
