import type {
  CloudFrontClient,
  ContinuousDeploymentPolicy,
  DistributionSummary,
  DistributionTenant,
  VpcOrigin,
} from "@aws-sdk/client-cloudfront";
import { afterEach, describe, expect, it } from "vitest";
import { cloudFrontClient, readAccount } from "../../lambda/aws/cloudfront.ts";
import { mostAsked } from "../../lambda/aws/primaries.ts";
import {
  mostAskedForParameters,
  mostTenants,
  mostTenantsOfFleet,
  type TenantBounds,
  tenantsOfFleet,
  withTenants,
} from "../../lambda/aws/tenants.ts";
import { mostVpcOrigins } from "../../lambda/aws/vpc-origins.ts";
import type { Distribution } from "../../lambda/configuration/distribution.ts";
import { readDistribution } from "../../lambda/configuration/read-distribution.ts";
import { unknownScope } from "../../lambda/configuration/scope.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { type AwsEndpoint, type AwsEndpointOptions, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { answering } from "./answering.ts";

const account = "123456789012";
const when = new Date("2026-01-01T00:00:00.000Z");
const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function sandbox(options: AwsEndpointOptions): Promise<{ aws: AwsEndpoint; client: CloudFrontClient }> {
  const aws = await startAwsEndpoint(options);
  const client = cloudFrontClient({
    ...aws.client,
    maxAttempts: 3,
  });
  closing.push(
    () => client.destroy(),
    () => aws.close(),
  );
  return { aws, client };
}

async function read(client: CloudFrontClient, signal?: AbortSignal, tenants?: TenantBounds) {
  const inventory = await readAccount(client, signal, undefined, undefined, undefined, tenants);
  if (inventory.kind !== "configuration") throw new Error(inventory.message);
  const find = (id: string) => inventory.distributions.find((each) => each.id === id) as Distribution;
  const { connections } = plan(inventory.distributions, inventory.policies);
  return { ...inventory, find, keys: connections.map(({ connection }) => connection.key) };
}

/** The calls beyond the three lists. */
function details(aws: AwsEndpoint): string[] {
  const lists = new Set(["ListDistributions", "ListCachePolicies", "ListOriginRequestPolicies"]);
  return aws.calls
    .map(({ action, status }) => `${action.split(":")[1]} ${status}`)
    .filter((call) => !lists.has(call.split(" ")[0] ?? ""));
}

type Parts = Partial<DistributionSummary> & { readonly policy?: string };

function summary(id: string, domain: string, { policy, ...parts }: Parts = {}): DistributionSummary {
  const defaultBehavior = { target: domain, ...(policy === undefined ? {} : { originRequestPolicy: policy }) };
  const outline = { id, comment: "", origins: [customOrigin(domain, 443)], defaultBehavior };
  return { ...distribution(outline, account), ...parts };
}

const vpcOrigin: VpcOrigin = {
  Id: "vo_1",
  Arn: `arn:aws:cloudfront::${account}:vpcorigin/vo_1`,
  Status: "Deployed",
  CreatedTime: when,
  LastModifiedTime: when,
  VpcOriginEndpointConfig: {
    Name: "internal",
    Arn: "arn:aws:ec2:us-east-1:123456789012:instance/i-0123456789abcdef0",
    HTTPPort: 8080,
    HTTPSPort: 8443,
    OriginProtocolPolicy: "match-viewer",
    OriginSslProtocols: { Quantity: 2, Items: ["TLSv1.1", "TLSv1.2"] },
    IpAddressType: "dualstack",
  },
};

function withVpcOrigin(
  id: string,
  parts: Parts = {},
  owner: { OwnerAccountId?: string } = {},
  VpcOriginId = "vo_1",
): DistributionSummary {
  const base = summary(id, "internal.example", parts);
  const { CustomOriginConfig: _, ...origin } = base.Origins!.Items![0]!;
  const Origins = { Quantity: 1, Items: [{ ...origin, VpcOriginConfig: { VpcOriginId, ...owner } }] };
  return { ...base, Origins };
}

describe("VPC origins", () => {
  it("are asked for once, with their ports, policy and protocols, by whichever distributions use them", async () => {
    const { aws, client } = await sandbox({
      distributions: [withVpcOrigin("E1"), withVpcOrigin("E2"), withVpcOrigin("E3", { Enabled: false })],
      vpcOrigins: [vpcOrigin],
    });
    const { find, keys, problems } = await read(client);
    expect(problems).toEqual([]);
    const endpoint = {
      httpPort: 8080,
      httpsPort: 8443,
      originProtocolPolicy: "match-viewer",
      originSslProtocols: ["TLSv1.1", "TLSv1.2"],
      ipAddressType: "dualstack",
    };
    const { Arn: target } = vpcOrigin.VpcOriginEndpointConfig ?? {};
    const kind = { kind: "vpc", vpcOriginId: "vo_1", ownerAccountId: null, endpoint, target };
    expect(find("E1").origins[0]?.kind).toEqual(kind);
    expect(keys[0]).toBe(
      "https://internal.example:8443 sni=internal.example TLSv1.1,TLSv1.2 dualstack attempts=1 unseen=vpc-origin:vo_1",
    );
    expect(details(aws)).toEqual(["GetVpcOrigin 200"]);
  });

  it("stay unknown where the call is denied, and the problem names what to allow", async () => {
    const { client } = await sandbox({
      distributions: [withVpcOrigin("E1")],
      vpcOrigins: [vpcOrigin],
      isAllowed: (action) => action !== "cloudfront:GetVpcOrigin",
    });
    const { find, problems } = await read(client);
    expect(find("E1").origins[0]?.kind).toMatchObject({ endpoint: null });
    expect(problems).toEqual([
      {
        code: "details-unreadable",
        scope: unknownScope,
        message:
          "VPC origins vo_1 could not be read (access denied to arn:aws:iam::123456789012:user/sandbox); their ports and protocols are not known.",
        remedy: "Allow cloudfront:GetVpcOrigin on arn:PARTITION:cloudfront::ACCOUNT:vpcorigin/*.",
      },
    ]);
  });

  it("of another account are no problem of the run, for nothing here can make them readable", async () => {
    const shared = withVpcOrigin("E1", {}, { OwnerAccountId: "999988887777" });
    const { aws, client } = await sandbox({ distributions: [shared] });
    const { find, problems } = await read(client);
    expect(problems).toEqual([]);
    expect(find("E1").origins[0]?.kind).toEqual({
      kind: "vpc",
      vpcOriginId: "vo_1",
      ownerAccountId: "999988887777",
      endpoint: null,
    });
    // Resource shares may allow it, so it is tried.
    expect(details(aws)).toEqual(["GetVpcOrigin 404"]);
  });

  it("are told as a problem beyond the number that is asked for", async () => {
    const many = Array.from({ length: mostVpcOrigins + 2 }, (_, n) => withVpcOrigin(`E${n}`, {}, {}, `vo_${n}`));
    const { aws, client } = await sandbox({
      distributions: many,
      vpcOrigins: many.map((_, n) => ({ ...vpcOrigin, Id: `vo_${n}` })),
    });
    const { problems } = await read(client);
    expect(details(aws)).toHaveLength(mostVpcOrigins);
    expect(problems).toEqual([
      {
        code: "details-unreadable",
        scope: unknownScope,
        message:
          "VPC origins vo_250, vo_251 were not asked for, because a run asks for 250; their ports and protocols are not known.",
        remedy: expect.stringContaining("excludeDistributions"),
        distributions: ["E250", "E251"],
      },
    ]);
  });

  it("are told as a problem where the answer makes no sense", async () => {
    const { client } = await sandbox({
      distributions: [withVpcOrigin("E1")],
      vpcOrigins: [
        { ...vpcOrigin, VpcOriginEndpointConfig: { ...vpcOrigin.VpcOriginEndpointConfig!, HTTPSPort: 70_000 } },
      ],
    });
    expect((await read(client)).problems).toMatchObject([
      {
        message: expect.stringContaining(
          "VPC origin vo_1: VpcOrigin.VpcOriginEndpointConfig.HTTPSPort: expected a port",
        ),
      },
    ]);
  });

  it.each([{}, { OwnerAccountId: account }])("may be deleted between two calls: %j", async (owner) => {
    const { client } = await sandbox({ distributions: [withVpcOrigin("E1", {}, owner)] });
    expect((await read(client)).problems).toMatchObject([
      { message: expect.stringContaining("(AWS answered EntityNotFound, HTTP 404)") },
    ]);
  });
});

describe("a call that is denied", () => {
  const denied = async (operation: string, options: AwsEndpointOptions) => {
    const { aws, client } = await sandbox({
      ...options,
      isAllowed: (action) => action !== `cloudfront:${operation}`,
    });
    const { problems } = await read(client);
    return { calls: details(aws).filter((call) => call.startsWith(operation)), problems };
  };

  it("is not tried for further VPC origins, but once for each account that owns some", async () => {
    const owned = (OwnerAccountId: string) => ({ OwnerAccountId });
    const { calls, problems } = await denied("GetVpcOrigin", {
      distributions: [
        withVpcOrigin("E1", {}, {}, "vo_1"),
        withVpcOrigin("E2", {}, {}, "vo_2"),
        withVpcOrigin("E3", {}, owned("111111111111"), "vo_3"),
        withVpcOrigin("E4", {}, owned("111111111111"), "vo_4"),
        withVpcOrigin("E5", {}, owned("222222222222"), "vo_5"),
      ],
    });
    expect(calls).toEqual(["GetVpcOrigin 403", "GetVpcOrigin 403", "GetVpcOrigin 403"]);
    expect(problems).toMatchObject([{ message: expect.stringContaining("VPC origins vo_1, vo_2 could not be read") }]);
  });

  it("is not tried for further tenants", async () => {
    const { calls, problems } = await denied("GetDistributionTenant", {
      distributions: [multiTenant("{{name}}.example.net")],
      configs: parameterDefinitions,
      tenants: [tenant(1), tenant(2), tenant(3)],
    });
    expect(calls).toEqual(["GetDistributionTenant 403"]);
    expect(problems).toMatchObject([
      { message: expect.stringContaining("tenants dt_1, dt_2, dt_3 could not be read") },
    ]);
  });

  it.each(["ListDistributionTenants", "GetDistributionConfig"])(
    "is not tried for further multi-tenant distributions: %s",
    async (operation) => {
      const two = ["EMT1", "EMT2"].map((id) => ({ ...multiTenant("{{name}}.example.net"), Id: id }));
      const tenants = two.map(({ Id }, n) => tenant(n, { DistributionId: Id }));
      const { calls, problems } = await denied(operation, { distributions: two, tenants });
      expect(calls).toEqual([`${operation} 403`]);
      expect(problems).toMatchObject([{ message: expect.stringContaining("EMT1, EMT2 could not be read") }]);
    },
  );

  it("is not tried for further candidates for a primary", async () => {
    const staging = summary("EST", "new.example.com", { Staging: true, DomainName: "dst.cloudfront.net" });
    const others = Array.from({ length: 3 }, (_, n) => summary(`E${n}`, "new.example.com"));
    const { calls, problems } = await denied("GetDistributionConfig", {
      distributions: [...others, staging],
      continuousDeploymentPolicies: [deploymentPolicy("cd-1", "dst.cloudfront.net")],
    });
    expect(calls).toEqual(["GetDistributionConfig 403"]);
    expect(problems).toMatchObject([{ message: expect.stringContaining("EST could not be read (access denied") }]);
  });
});

function tenant(number: number, parts: Partial<DistributionTenant> = {}): DistributionTenant {
  const id = `dt_${number}`;
  return {
    Id: id,
    DistributionId: "EMT",
    Name: id,
    Arn: `arn:aws:cloudfront::${account}:distribution-tenant/${id}`,
    Domains: [{ Domain: `shop${number}.example.com`, Status: "active" }],
    Enabled: true,
    Status: "Deployed",
    CreatedTime: when,
    LastModifiedTime: when,
    ...parts,
  };
}

function multiTenant(domain: string, parts: Parts = {}): DistributionSummary {
  return summary("EMT", domain, { ConnectionMode: "tenant-only", ...parts });
}

const parameterDefinitions = {
  EMT: {
    TenantConfig: {
      ParameterDefinitions: [
        { Name: "name", Definition: { StringSchema: { Required: true } } },
        { Name: "region", Definition: { StringSchema: { Required: false, DefaultValue: "eu" } } },
      ],
    },
  },
};

describe("multi-tenant distributions", () => {
  it("have their tenants listed, a page after the other, and nothing more where no origin has a parameter", async () => {
    const { aws, client } = await sandbox({
      distributions: [multiTenant("static.example.com", { policy: "AllViewer" })],
      tenants: [
        ...Array.from({ length: 101 }, (_, n) => tenant(n)),
        tenant(998, { Enabled: false }),
        tenant(999, { Domains: [{ Domain: "late.example.com", Status: "inactive" }] }),
        tenant(997, { DistributionId: "EOTHER" }),
      ],
    });
    const { find, problems } = await read(client);
    expect([find("EMT").tenants?.list.length, problems]).toEqual([101, []]);
    expect(details(aws)).toEqual(["ListDistributionTenants 200", "ListDistributionTenants 200"]);
  });

  it("have their parameters asked for where an origin's domain name contains one", async () => {
    const { aws, client } = await sandbox({
      distributions: [multiTenant("{{name}}.{{region}}.example.net")],
      configs: parameterDefinitions,
      tenants: [
        tenant(1, { Parameters: [{ Name: "name", Value: "one" }] }),
        tenant(2, {
          Parameters: [
            { Name: "name", Value: "two" },
            { Name: "region", Value: "us" },
          ],
        }),
        tenant(3, { Parameters: [{ Name: "name", Value: "one" }] }),
        tenant(4),
      ],
    });
    const { keys, problems } = await read(client);
    expect(problems).toEqual([]);
    expect(keys.map((key) => key.split(" ")[0])).toEqual([
      "https://one.eu.example.net:443",
      "https://two.us.example.net:443",
      "https://{{name}}.eu.example.net:443",
    ]);
    expect(keys[2]).toContain("unseen=tenant-parameters-unresolved");
    expect(details(aws)).toEqual([
      "ListDistributionTenants 200",
      "GetDistributionConfig 200",
      ...Array.from({ length: 4 }, () => "GetDistributionTenant 200"),
    ]);
  });

  it("cost no call while they are disabled", async () => {
    const { aws, client } = await sandbox({ distributions: [multiTenant("{{name}}.example.net", { Enabled: false })] });
    await read(client);
    expect(details(aws)).toEqual([]);
  });

  it("are looked at up to a bound, and a problem says so", async () => {
    const count = mostTenants + 50;
    const { aws, client } = await sandbox({
      distributions: [multiTenant("{{name}}.example.net")],
      configs: parameterDefinitions,
      tenants: Array.from({ length: count }, (_, n) => tenant(n, { Parameters: [{ Name: "name", Value: `n${n}` }] })),
    });
    const { find, problems } = await read(client);
    expect(find("EMT").tenants?.list).toHaveLength(mostTenants);
    expect(details(aws).filter((call) => call.startsWith("GetDistributionTenant"))).toHaveLength(
      mostAskedForParameters,
    );
    expect(problems).toMatchObject([
      {
        code: "tenants-left-out",
        message: `Of the tenants of distributions EMT only a part is checked: a run looks at ${mostTenants} tenants, and asks ${mostAskedForParameters} of them for their parameters.`,
      },
    ]);
  });

  it("are read up to AWS's quota with a fleet, and a problem has the bound", async () => {
    const { aws, client } = await sandbox({
      distributions: [multiTenant("static.example.com")],
      tenants: Array.from({ length: mostTenantsOfFleet + 1 }, (_, n) => tenant(n)),
    });
    const { find, problems } = await read(client, undefined, tenantsOfFleet);
    expect(find("EMT").tenants?.list).toHaveLength(mostTenantsOfFleet);
    expect(details(aws)).toHaveLength(mostTenantsOfFleet / 100 + 1);
    expect(problems).toMatchObject([
      { code: "tenants-left-out", message: expect.stringContaining(`a run looks at ${mostTenantsOfFleet} tenants`) },
    ]);
  });

  it("have a part of the time with a fleet, and the rest of the account is read", async () => {
    const { aws, client } = await sandbox({
      distributions: [multiTenant("static.example.com"), withVpcOrigin("E1"), summary("E2", "www.example.com")],
      vpcOrigins: [vpcOrigin],
    });
    aws.failNext("cloudfront:ListDistributionTenants", "hang");
    const { find, problems } = await read(client, undefined, { most: 10, withinMs: 50 });
    expect(problems).toMatchObject([
      { message: expect.stringContaining("The tenants of distributions EMT could not be read (time ran out)") },
    ]);
    expect([find("EMT").tenants, find("E2").origins.length]).toEqual([null, 1]);
  });

  it.each([
    [
      "ListDistributionTenants",
      "The tenants of distributions EMT could not be read (access denied to arn:aws:iam::123456789012:user/sandbox)",
    ],
    [
      "GetDistributionConfig",
      "The parameter definitions of distributions EMT could not be read (access denied to arn:aws:iam::123456789012:user/sandbox)",
    ],
    [
      "GetDistributionTenant",
      "Distribution tenants dt_1 could not be read (access denied to arn:aws:iam::123456789012:user/sandbox)",
    ],
  ])("are told as a problem where %s is denied, and the origin is not given up", async (operation, message) => {
    const { client } = await sandbox({
      distributions: [multiTenant("{{name}}.{{region}}.example.net")],
      configs: parameterDefinitions,
      tenants: [tenant(1, { Parameters: [{ Name: "name", Value: "one" }] })],
      isAllowed: (action) => action !== `cloudfront:${operation}`,
    });
    const { keys, problems } = await read(client);
    expect(problems).toMatchObject([
      {
        code: "distribution-unreadable",
        scope: unknownScope,
        message: expect.stringContaining(message),
        remedy: expect.stringContaining(operation),
      },
    ]);
    expect(keys).toEqual([expect.stringContaining("unseen=tenant-parameters-unresolved")]);
  });

  it.each([
    ["ListDistributionTenants", "The tenants of distributions EMT could not be read (AWS's answer holds no list)"],
    ["GetDistributionConfig", "The parameter definitions of distributions EMT could not be read (not found in"],
    ["GetDistributionTenant", "Distribution tenants dt_1 could not be read (not found in"],
  ])("are told as a problem where somebody else answers %s with 200", async (operation, message) => {
    const { aws, client } = await sandbox({
      distributions: [multiTenant("{{name}}.{{region}}.example.net")],
      configs: parameterDefinitions,
      tenants: [tenant(1, { Parameters: [{ Name: "name", Value: "one" }] })],
    });
    aws.failNext(`cloudfront:${operation}`, "proxy-page");
    const { keys, problems } = await read(client);
    expect(problems).toMatchObject([{ code: "distribution-unreadable", message: expect.stringContaining(message) }]);
    expect(keys).toEqual([expect.stringContaining("unseen=tenant-parameters-unresolved")]);
  });

  it("may have no tenants yet", async () => {
    const { client } = await sandbox({ distributions: [multiTenant("static.example.com")] });
    const { find, problems } = await read(client);
    expect([find("EMT").tenants, problems]).toEqual([{ list: [], defaults: [] }, []]);
  });

  it.each<[string, Partial<DistributionTenant>, string]>([
    [
      "has more domains than are read",
      { Domains: Array.from({ length: 501 }, (_, n) => ({ Domain: `d${n}.example.com`, Status: "active" })) },
      "tenant dt_1: Domains: 501 entries, of which the first 500 are read",
    ],
    ["has no id", { Id: undefined }, "tenant without Id: Id: expected text, got nothing"],
  ])("are told as a problem where a tenant %s, with whose it is", async (_, parts, message) => {
    const { client } = await sandbox({
      distributions: [multiTenant("static.example.com", { policy: "AllViewer" })],
      tenants: [tenant(1, parts)],
    });
    expect((await read(client)).problems).toEqual([
      {
        code: "distribution-unreadable",
        scope: unknownScope,
        message: `Distribution EMT: ${message}.`,
        remedy: expect.any(String),
        distributions: ["EMT"],
      },
    ]);
  });

  it("survive throttling of every call", async () => {
    const { aws, client } = await sandbox({
      distributions: [multiTenant("{{name}}.example.net")],
      configs: parameterDefinitions,
      tenants: [tenant(1, { Parameters: [{ Name: "name", Value: "one" }] })],
    });
    for (const operation of ["ListDistributionTenants", "GetDistributionConfig", "GetDistributionTenant"]) {
      aws.failNext(`cloudfront:${operation}`, "throttle");
    }
    const { keys, problems } = await read(client);
    expect([keys.length, problems]).toEqual([1, []]);
    expect(keys[0]).toContain("https://one.example.net:443");
  });

  it("stop at the deadline", async () => {
    const { aws, client } = await sandbox({
      distributions: [multiTenant("{{name}}.example.net")],
      configs: parameterDefinitions,
      tenants: [tenant(1), tenant(2)],
    });
    aws.failNext("cloudfront:GetDistributionTenant", "hang");
    const deadline = new AbortController();
    client.middlewareStack.add((next, { commandName }) => async (args) => {
      if (commandName === "GetDistributionTenantCommand") setTimeout(() => deadline.abort(), 50);
      return await next(args);
    });
    const { problems } = await read(client, deadline.signal);
    expect(problems).toMatchObject([
      { message: expect.stringContaining("Distribution tenants dt_1, dt_2 could not be read (time ran out)") },
    ]);
  });
});

describe("pages of tenants", () => {
  type Page = { readonly tenants: number; readonly next?: string } | "fails";

  /** Reads the tenants from somebody who answers with these pages, one after the other. */
  async function readFrom(pages: readonly Page[]) {
    let first = 0;
    const aws = await answering((_, count) => {
      const page = pages[Math.min(count, pages.length) - 1];
      if (page === undefined || page === "fails") return { status: 403, body: denied };
      const items = Array.from({ length: page.tenants }, () => summaryOf(first++)).join("");
      const next = page.next === undefined ? "" : `<NextMarker>${page.next}</NextMarker>`;
      const body = `<R>${next}<DistributionTenantList>${items}</DistributionTenantList></R>`;
      return { body };
    });
    const client = cloudFrontClient({
      endpoint: aws.url,
      region: "us-east-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b" },
      maxAttempts: 1,
    });
    closing.push(
      () => client.destroy(),
      () => aws.close(),
    );
    const read = readDistribution(multiTenant("static.example.com"));
    if (read.kind !== "distribution") throw new Error(read.kind);
    const { distributions, problems } = await withTenants(client, [read.distribution], undefined, tenantsOfFleet);
    return { tenants: distributions[0]?.tenants?.list.length ?? null, problems, calls: aws.asked.length };
  }
  const denied = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
  const summaryOf = (n: number) =>
    `<DistributionTenantSummary><Id>dt_${n}</Id><Enabled>true</Enabled><Domains><member><Domain>s${n}.example.com</Domain><Status>active</Status></member></Domains></DistributionTenantSummary>`;

  it("may be empty, and go on", async () => {
    const pages: readonly Page[] = [{ tenants: 2, next: "a" }, { tenants: 0, next: "b" }, { tenants: 1 }];
    expect(await readFrom(pages)).toEqual({ tenants: 3, problems: [], calls: 3 });
  });

  it.each<[string, readonly Page[], string]>([
    [
      "repeat a marker",
      [
        { tenants: 2, next: "a" },
        { tenants: 2, next: "a" },
      ],
      "AWS's answers go round in a circle",
    ],
    ["fail in the middle", [{ tenants: 4, next: "a" }, "fails"], "access denied"],
  ])("that %s end the list: what was read is kept, and a problem says how much", async (_, pages, why) => {
    const { tenants, problems, calls } = await readFrom(pages);
    expect([tenants, calls]).toEqual([4, 2]);
    expect(problems).toMatchObject([{ code: "distribution-unreadable" }]);
    expect(problems[0]?.message).toContain(`The tenants of distributions EMT could not be read (${why}`);
    expect(problems[0]?.message).toContain("but for 4 tenants that were read");
  });

  it("that fail at once leave the tenants unknown", async () => {
    const { tenants, problems } = await readFrom(["fails"]);
    expect(tenants).toBeNull();
    expect(problems[0]?.message).not.toContain("but for");
  });
});

function deploymentPolicy(id: string, stagingDomain: string, enabled = true): ContinuousDeploymentPolicy {
  return {
    Id: id,
    LastModifiedTime: when,
    ContinuousDeploymentPolicyConfig: {
      Enabled: enabled,
      StagingDistributionDnsNames: { Quantity: 1, Items: [stagingDomain] },
    },
  };
}

describe("staging distributions", () => {
  const staging = summary("EST", "new.example.com", {
    Staging: true,
    policy: "AllViewer",
    DomainName: "dst.cloudfront.net",
  });
  const primary = summary("EPR", "new.example.com", {
    Aliases: { Quantity: 1, Items: ["www.example.com"] },
    DomainName: "dpr.cloudfront.net",
  });
  const others = Array.from({ length: 40 }, (_, n) => summary(`E${n}`, `other${n}.example.com`));

  it("are met with the names of their primary, the likeliest distribution being asked first", async () => {
    const { aws, client } = await sandbox({
      distributions: [...others, staging, primary],
      continuousDeploymentPolicies: [deploymentPolicy("cd-1", "DST.cloudfront.net")],
      configs: { EPR: { ContinuousDeploymentPolicyId: "cd-1" } },
    });
    const { find, keys, problems } = await read(client);
    expect(problems).toEqual([]);
    expect(find("EST").primary).toEqual({
      id: "EPR",
      aliases: ["www.example.com"],
      domainName: "dpr.cloudfront.net",
    });
    expect(keys).toContainEqual(expect.stringContaining("sni=www.example.com "));
    expect(keys).toContainEqual(expect.stringContaining("sni=dpr.cloudfront.net "));
    expect(details(aws)).toEqual(["ListContinuousDeploymentPolicies 200", "GetDistributionConfig 200"]);
  });

  it("stay without a primary, after a bounded search, where none names the policy", async () => {
    const { aws, client } = await sandbox({
      distributions: [...others, staging],
      continuousDeploymentPolicies: [deploymentPolicy("cd-1", "dst.cloudfront.net")],
    });
    const { find, keys, problems } = await read(client);
    expect(find("EST").primary).toBeNull();
    expect(keys).toContainEqual(expect.stringContaining("unseen=viewer-host-unknown"));
    expect(details(aws)).toHaveLength(1 + mostAsked);
    expect(problems).toMatchObject([
      {
        message: expect.stringMatching(
          /^The primaries of staging distributions EST are not among the 25 distributions /,
        ),
        distributions: ["EST"],
      },
    ]);
  });

  it("are told as not found where all distributions were asked", async () => {
    const { client } = await sandbox({
      distributions: [...others.slice(0, 3), staging],
      continuousDeploymentPolicies: [deploymentPolicy("cd-1", "dst.cloudfront.net")],
    });
    expect((await read(client)).problems).toMatchObject([
      { message: expect.stringContaining("EST could not be read (not found in AWS's answer)") },
    ]);
  });

  it("serve nobody where the primary is disabled", async () => {
    const { client } = await sandbox({
      distributions: [{ ...primary, Enabled: false }, staging],
      continuousDeploymentPolicies: [deploymentPolicy("cd-1", "dst.cloudfront.net")],
      configs: { EPR: { ContinuousDeploymentPolicyId: "cd-1" } },
    });
    const { keys, problems } = await read(client);
    expect(keys.filter((key) => key.includes("new.example.com"))).toEqual([
      expect.stringContaining("skipped=distribution-disabled"),
      expect.stringContaining("skipped=no-viewers"),
    ]);
    expect(problems).toEqual([]);
  });

  it.each([
    ["disabled", [deploymentPolicy("cd-1", "dst.cloudfront.net", false)]],
    ["missing", []],
    ["about another", [deploymentPolicy("cd-1", "dother.cloudfront.net")]],
  ])("serve nobody where the policy is %s, and nobody is asked", async (_, continuousDeploymentPolicies) => {
    const { aws, client } = await sandbox({ distributions: [primary, staging], continuousDeploymentPolicies });
    const { problems, find, keys } = await read(client);
    expect([details(aws), problems]).toEqual([["ListContinuousDeploymentPolicies 200"], []]);
    expect(find("EST").noViewers).toBe("no-enabled-policy");
    expect(keys).toContainEqual(expect.stringContaining("skipped=no-viewers"));
  });

  it("are told as a problem where the policies cannot be listed", async () => {
    const { client } = await sandbox({
      distributions: [primary, staging],
      isAllowed: (action) => action !== "cloudfront:ListContinuousDeploymentPolicies",
    });
    expect((await read(client)).problems).toMatchObject([
      { remedy: 'Allow cloudfront:ListContinuousDeploymentPolicies on resource "*".' },
    ]);
  });
});
