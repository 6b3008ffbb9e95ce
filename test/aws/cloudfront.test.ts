import { createServer, type RequestListener } from "node:http";
import type { CloudFrontClient, CloudFrontClientConfig, DistributionSummary } from "@aws-sdk/client-cloudfront";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type AccountConfiguration, cloudFrontClient, readAccount } from "../../lambda/aws/cloudfront.ts";
import { unknownScope } from "../../lambda/configuration/scope.ts";
import { type AwsEndpoint, type AwsEndpointOptions, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { listen } from "../sandbox/listener.ts";
import { managedCachePolicies, managedOriginRequestPolicies } from "../sandbox/managed-policies.ts";

const secret = "SECRET-7f3a";
const closing: (() => Promise<void> | void)[] = [];

beforeEach(() => {
  // The SDK would otherwise look for credentials and settings of the machine that runs the tests.
  for (const name of [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
  ]) {
    vi.stubEnv(name, undefined);
  }
  vi.stubEnv("AWS_CONFIG_FILE", "/dev/null");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) await close();
});

async function sandbox(options: AwsEndpointOptions): Promise<AwsEndpoint> {
  const aws = await startAwsEndpoint({
    cachePolicies: managedCachePolicies(),
    originRequestPolicies: managedOriginRequestPolicies(),
    ...options,
  });
  closing.push(() => aws.close());
  return aws;
}

/** A server that answers everything in one way, for answers that the sandbox does not give. */
async function answering(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  const { port, close } = await listen(server);
  closing.push(() => {
    server.closeAllConnections();
    return close();
  });
  return `http://127.0.0.1:${port}`;
}

function clientFor(endpoint: string, overrides: CloudFrontClientConfig = {}): CloudFrontClient {
  const credentials = { accessKeyId: "AKIASANDBOX", secretAccessKey: secret };
  const client = cloudFrontClient({ endpoint, credentials, ...overrides });
  closing.push(() => client.destroy());
  return client;
}

async function inventoryOf(client: CloudFrontClient, signal?: AbortSignal): Promise<AccountConfiguration> {
  const result = await readAccount(client, signal);
  if (result.kind !== "configuration") throw new Error(result.message);
  expect(JSON.stringify(result)).not.toMatch(new RegExp(`${secret}|\\n|    at |\\$metadata`));
  return result;
}

function many(count: number): DistributionSummary[] {
  return Array.from({ length: count }, (_, index) => {
    const origins = [customOrigin(`o${index}.box.test`, 443, { headers: { "X-Secret": secret } })];
    return distribution(
      { id: `E${1_000 + index}`, comment: "", origins, defaultBehavior: { target: `o${index}.box.test` } },
      "123456789012",
    );
  });
}

function actions(aws: AwsEndpoint): string[] {
  return aws.calls.map(({ action, status }) => `${action} ${status}`);
}

describe("readAccount", () => {
  it("reads every page of distributions and the policies, one call after the other, through throttling", async () => {
    const aws = await sandbox({ distributions: many(205) });
    aws.failNext("cloudfront:ListDistributions", "throttle", 2);
    const inventory = await inventoryOf(clientFor(aws.url));
    expect(inventory.problems).toEqual([]);
    expect(inventory.distributions.map(({ id }) => id)).toEqual(many(205).map(({ Id }) => Id));
    expect(inventory.distributions[0]?.origins).toEqual([
      {
        id: "o0.box.test",
        domainName: "o0.box.test",
        connectionTimeout: 10,
        connectionAttempts: 1,
        kind: {
          kind: "custom",
          httpPort: 80,
          httpsPort: 443,
          originProtocolPolicy: "https-only",
          originSslProtocols: ["TLSv1.2"],
          ipAddressType: "ipv4",
          originMtls: false,
        },
      },
    ]);
    expect(inventory.policies.originRequest["216adef6-5c7f-47e4-b989-5492eafa07d3"]?.headerBehavior).toBe("allViewer");
    expect(inventory.policies.cache["658327ea-f89d-4fab-a63d-7e88639e58f6"]?.headerBehavior).toBe("none");
    expect(actions(aws)).toEqual([
      "cloudfront:ListDistributions 400",
      "cloudfront:ListDistributions 400",
      "cloudfront:ListDistributions 200",
      "cloudfront:ListDistributions 200",
      "cloudfront:ListDistributions 200",
      "cloudfront:ListCachePolicies 200",
      "cloudfront:ListOriginRequestPolicies 200",
    ]);
  });

  it("reads every page of policies", async () => {
    const [pattern] = managedCachePolicies() as [ReturnType<typeof managedCachePolicies>[number]];
    const cachePolicies = Array.from({ length: 150 }, (_, n) => ({
      ...pattern,
      CachePolicy: { ...pattern.CachePolicy!, Id: `c-${n}` },
    }));
    const aws = await sandbox({ distributions: many(1), cachePolicies });
    const { policies, problems } = await inventoryOf(clientFor(aws.url));
    expect([problems, Object.keys(policies.cache).length]).toEqual([[], 150]);
  });

  it("reads an account without distributions", async () => {
    const { distributions, problems } = await inventoryOf(clientFor((await sandbox({})).url));
    expect([distributions, problems]).toEqual([[], []]);
  });

  it("names the action where listing policies is denied, and leaves AWS's managed ones to the table", async () => {
    const aws = await sandbox({
      distributions: many(1),
      isAllowed: (action) => !action.endsWith("Policies"),
    });
    const inventory = await inventoryOf(clientFor(aws.url));
    expect(inventory.distributions).toHaveLength(1);
    expect(inventory.policies).toEqual({ cache: {}, originRequest: {} });
    expect(inventory.problems).toEqual([
      {
        code: "policies-unreadable",
        scope: unknownScope,
        message:
          "The cache policies could not be read (access denied to arn:aws:iam::123456789012:user/sandbox); AWS's managed ones are known all the same, " +
          "but origins that depend on others are not checked.",
        remedy: 'Allow cloudfront:ListCachePolicies on resource "*".',
      },
      {
        code: "policies-unreadable",
        scope: unknownScope,
        message:
          "The origin request policies could not be read (access denied to arn:aws:iam::123456789012:user/sandbox); AWS's managed ones are known all the same, " +
          "but origins that depend on others are not checked.",
        remedy: 'Allow cloudfront:ListOriginRequestPolicies on resource "*".',
      },
    ]);
  });

  it("names the action where listing distributions is denied", async () => {
    const aws = await sandbox({ isAllowed: (action) => action !== "cloudfront:ListDistributions" });
    expect((await inventoryOf(clientFor(aws.url))).problems).toEqual([
      {
        code: "inventory-failed",
        scope: unknownScope,
        message:
          "The list of distributions could not be read (access denied to arn:aws:iam::123456789012:user/sandbox); no distribution is checked.",
        remedy: 'Allow cloudfront:ListDistributions on resource "*".',
      },
    ]);
  });

  it("keeps the pages that it has read when the list breaks off", async () => {
    const distributions = many(250);
    const aws = await sandbox({
      distributions,
      // The second page and whatever comes after it.
      isAllowed: (action) => action !== "cloudfront:ListDistributions" || aws.calls.length < 1,
    });
    const inventory = await inventoryOf(clientFor(aws.url));
    expect(inventory.distributions).toHaveLength(100);
    expect(inventory.problems).toMatchObject([
      {
        code: "inventory-failed",
        scope: unknownScope,
        message:
          "The list of distributions broke off after 100 (access denied to arn:aws:iam::123456789012:user/sandbox); the rest is not checked.",
      },
    ]);
  });

  it("gives up on a server that keeps failing, with what it answered", async () => {
    const aws = await sandbox({});
    aws.failNext("cloudfront:ListDistributions", "internal-error", 10);
    const { problems } = await inventoryOf(clientFor(aws.url, { maxAttempts: 2 }));
    expect(problems).toMatchObject([
      { code: "inventory-failed", message: expect.stringContaining("(AWS answered InternalError, HTTP 500)") },
    ]);
    expect(actions(aws).slice(0, 2)).toEqual(["cloudfront:ListDistributions 500", "cloudfront:ListDistributions 500"]);
  });

  it.each<[string, RequestListener, string]>([
    [
      "broken XML",
      (_, response) => response.end(`<DistributionList><Items><X>${secret}</Y>`),
      "AWS's answer could not be understood",
    ],
    ["no list", (_, response) => response.end(`<html><p>${secret}</p></html>`), "AWS's answer holds no list"],
    ["nothing", (_, response) => response.end(), "AWS's answer holds no list"],
    [
      "a list that goes on nowhere",
      (_, response) =>
        response.end("<DistributionList><IsTruncated>true</IsTruncated><Quantity>0</Quantity></DistributionList>"),
      "AWS's answer does not say how the list goes on",
    ],
    [
      "the same page again and again",
      (_, response) =>
        response.end(
          "<DistributionList><IsTruncated>true</IsTruncated><NextMarker>E1</NextMarker><Quantity>0</Quantity></DistributionList>",
        ),
      "AWS's answers go round in a circle",
    ],
    [
      "a refused connection",
      (request) => request.socket.resetAndDestroy(),
      "the connection to AWS failed (ECONNRESET)",
    ],
  ])("does not take %s for an account without distributions", async (_, listener, reason) => {
    const { distributions, problems } = await inventoryOf(clientFor(await answering(listener), { maxAttempts: 1 }));
    expect(distributions).toEqual([]);
    expect(problems[0]).toMatchObject({
      code: "inventory-failed",
      message: expect.stringContaining(`(${reason})`),
    });
  });

  it.each<[string, RequestListener]>([
    ["never answers", () => {}],
    ["stops in the middle of an answer", (_, response) => void response.writeHead(200).write("<DistributionList>")],
  ])("gives up on a server that %s", async (_, listener) => {
    const requestHandler = { requestTimeout: 100, throwOnRequestTimeout: true, socketTimeout: 100 };
    const { problems } = await inventoryOf(clientFor(await answering(listener), { maxAttempts: 2, requestHandler }));
    expect(problems[0]).toMatchObject({ message: expect.stringContaining("(AWS did not answer in time)") });
  });

  it("stops at the caller's deadline and keeps what it has", async () => {
    const aws = await sandbox({ distributions: many(150) });
    const deadline = new AbortController();
    const client = clientFor(aws.url);
    client.middlewareStack.add(
      (next) => async (args) => {
        if (aws.calls.length === 1) {
          aws.failNext("cloudfront:ListDistributions", "hang");
          setTimeout(() => deadline.abort(), 50);
        }
        return await next(args);
      },
      { step: "finalizeRequest" },
    );
    const inventory = await inventoryOf(client, deadline.signal);
    expect(inventory.distributions).toHaveLength(100);
    expect(inventory.problems[0]).toEqual({
      code: "inventory-failed",
      scope: unknownScope,
      message: "The list of distributions broke off after 100 (time ran out); the rest is not checked.",
      remedy: "Give the run more time.",
    });
    expect(actions(aws)).toHaveLength(2);
  });

  it("does not begin when the deadline has passed", async () => {
    const aws = await sandbox({ distributions: many(1) });
    const { problems } = await inventoryOf(clientFor(aws.url), AbortSignal.abort());
    expect(problems.map(({ code }) => code)).toEqual(["inventory-failed"]);
    expect(aws.calls).toEqual([]);
  });

  it("asks for no policies where there is no distribution that could have one", async () => {
    const aws = await sandbox({ distributions: [] });
    expect((await inventoryOf(clientFor(aws.url))).problems).toEqual([]);
    expect(actions(aws)).toEqual(["cloudfront:ListDistributions 200"]);
  });

  it("names the account of each distribution by its ARN, and of what it could not read by whom it asked", async () => {
    const [own, foreign] = many(2) as [DistributionSummary, DistributionSummary];
    const bare = { ...own, Id: "E9", ARN: undefined };
    const aws = await sandbox({
      distributions: [own, { ...foreign, ARN: "arn:aws-cn:cloudfront::444455556666:distribution/E1001" }, bare],
    });
    aws.failNext("cloudfront:ListCachePolicies", "access-denied");
    const account = { accountId: "123456789012", accountName: "shop", partition: "aws" };
    const read = await readAccount(clientFor(aws.url), undefined, account);
    if (read.kind !== "configuration") throw new Error(read.message);
    expect(read.distributions.map(({ scope }) => scope)).toEqual([
      account,
      { accountId: "444455556666", accountName: null, partition: "aws-cn" },
      account,
    ]);
    expect(read.problems).toMatchObject([{ code: "policies-unreadable", scope: account }]);
  });

  it("says that there are no credentials", async () => {
    const aws = await sandbox({});
    const client = cloudFrontClient({ endpoint: aws.url });
    expect(await readAccount(client)).toEqual({
      kind: "not-signed-in",
      message: "Not signed in to AWS: Could not load credentials from any providers.",
      problem: "missing",
    });
    expect(aws.calls).toEqual([]);
  });

  it.each([
    ["InvalidClientTokenId", "not-accepted", "AWS does not accept the credentials"],
    ["ExpiredToken", "expired", "the credentials have expired"],
    ["SignatureDoesNotMatch", "not-accepted", "AWS does not accept the credentials"],
    ["MissingAuthenticationToken", "not-accepted", "AWS does not accept the credentials"],
    ["RequestTimeTooSkewed", "clock", "AWS does not accept the credentials"],
  ])("says that AWS does not accept the credentials: %s", async (code, problem, words) => {
    const message = `The request signature does not match.\n\nThe Canonical String was x-amz-security-token:${secret}`;
    const url = await answering((_, response) => {
      response
        .writeHead(403)
        .end(`<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`);
    });
    expect(await readAccount(clientFor(url, { maxAttempts: 1 }))).toEqual({
      kind: "not-signed-in",
      message: `Not signed in to AWS: ${words} (${code}).`,
      problem,
    });
  });

  it("lists distributions that it cannot read, or only in part, as problems", async () => {
    const [good, odd] = many(2) as [DistributionSummary, DistributionSummary];
    const aws = await sandbox({
      distributions: [
        good,
        {
          ...odd,
          DefaultCacheBehavior: { ...odd.DefaultCacheBehavior!, ViewerProtocolPolicy: "h3-only" as "https-only" },
        },
        { ...good, Id: "E9", Origins: undefined },
      ],
    });
    const { distributions, unreadable, problems } = await inventoryOf(clientFor(aws.url));
    expect(distributions.map(({ id }) => id)).toEqual(["E1000", "E1001"]);
    expect(unreadable).toMatchObject([{ id: "E9" }]);
    expect(problems.map(({ distributions: ids }) => ids)).toEqual([["E9"], ["E1001"]]);
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      [
        "distribution-unreadable",
        "Distribution E9 is not checked: Origins: expected an object with Items, got nothing.",
      ],
      [
        "distribution-unreadable",
        expect.stringMatching(/^Distribution E1001: DefaultCacheBehavior\.ViewerProtocolPolicy: .*"h3-only"/),
      ],
    ]);
  });
});

describe("cloudFrontClient", () => {
  it("falls back on us-east-1 and keeps a region that is configured", async () => {
    expect(await cloudFrontClient().config.region()).toBe("us-east-1");
    vi.stubEnv("AWS_REGION", "cn-north-1");
    expect(await cloudFrontClient().config.region()).toBe("cn-north-1");
  });

  it("goes to the endpoint of the environment", async () => {
    const aws = await sandbox({ distributions: many(1) });
    for (const [name, value] of Object.entries(aws.environment)) vi.stubEnv(name, value);
    const { distributions } = await inventoryOf(cloudFrontClient());
    expect(distributions).toHaveLength(1);
  });

  it("retries adaptively and does not wait for ever", async () => {
    const { config } = cloudFrontClient();
    expect(await config.maxAttempts()).toBe(10);
    expect(await config.retryStrategy()).toMatchObject({ mode: "adaptive" });
  });
});
