import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { DistributionSummary } from "@aws-sdk/client-cloudfront";
import type { AwsSecurityFinding } from "@aws-sdk/client-securityhub";
import { type ViewerCounts, viewerCounts } from "../edge/viewer-counts.ts";
import { listen } from "../listener.ts";
import { SECRET_MARKER } from "../secret-marker.ts";
import { cloudFormationService, type SandboxStack } from "./cloudformation.ts";
import { type CloudFrontInventory, cloudFrontService } from "./cloudfront.ts";
import { cloudWatchService, type MetricStore } from "./cloudwatch.ts";
import { type BoxInterface, ec2Service } from "./ec2.ts";
import { eventsService, type PutEvent } from "./events.ts";
import type { AwsReply, AwsRequest, Operation, Service } from "./exchange.ts";
import { type BoxFunction, lambdaService } from "./lambda.ts";
import type { MemberAccount, Organization } from "./organization.ts";
import { organizationsService } from "./organizations.ts";
import { createObjectStore, type ObjectStore, s3Service } from "./s3.ts";
import { secretsManagerService } from "./secrets-manager.ts";
import { securityHubService } from "./security-hub.ts";
import { type PublishedMessage, snsService } from "./sns.ts";
import { type Session, signedAt, stsService } from "./sts.ts";

/** One request that reached the endpoint, in the words of IAM. */
export type Call = {
  readonly service: string;
  /** For example `cloudfront:ListDistributions`; `SERVICE:?` for an operation that the sandbox does not know. */
  readonly action: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  /** The region that the request was signed for. */
  readonly region: string;
  /** Where it went: the account of the credentials, or of the role that was to be assumed. */
  readonly account: string;
  /** HTTP status; 0 when the request was left hanging. */
  readonly status: number;
};

export type Fault =
  /** All goes well: lets a later request meet the fault that comes next in the queue. */
  | "none"
  | "throttle"
  | "access-denied"
  | "expired-token"
  | "internal-error"
  /** A concurrent conditional write (S3 only). */
  | "conflict"
  /** Does what was asked and cuts the connection instead of answering. */
  | "drop-after-success"
  /** Nothing is done, and a proxy on the way answers 200 with a page of its own. */
  | "proxy-page"
  /** Never answers. */
  | "hang"
  /** Does what was asked, and half of the answer arrives. */
  | "half-answer"
  /** Nothing is done, and somebody on the way answers 200 with as good as nothing. */
  | "empty-answer";

export type AwsEndpointOptions = Partial<CloudFrontInventory> & {
  /** @default "us-east-1" */
  readonly region?: string;
  /** Topics that exist. @default all */
  readonly topics?: readonly string[];
  /** Buckets that exist. @default all */
  readonly buckets?: readonly string[];
  /** Stacks by name. @default none */
  readonly stacks?: Readonly<Record<string, SandboxStack>>;
  /** Other accounts, which lie behind roles. @default none: any role leads into the endpoint's own account */
  readonly organization?: Organization;
  /** Network interfaces of the account's VPCs. @default none */
  readonly interfaces?: readonly BoxInterface[];
  /** The objects of another endpoint: one account, asked with the rights of two roles. @default its own */
  readonly objects?: ObjectStore;
  /** Stands for the caller's IAM policy. @default everything is allowed */
  readonly isAllowed?: (action: string, resource: string, region: string) => boolean;
};

export type AwsEndpoint = {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly calls: readonly Call[];
  readonly messages: readonly PublishedMessage[];
  readonly objects: ObjectStore;
  readonly events: readonly PutEvent[];
  /** Security Hub's findings by their id. */
  readonly securityFindings: ReadonlyMap<string, AwsSecurityFinding>;
  /** Texts of Secrets Manager by the ARN of their secret. */
  readonly secrets: Map<string, string>;
  /** Functions of the own account that can be invoked, by their ARNs. */
  readonly functions: Map<string, BoxFunction>;
  /** Series of CloudWatch as they are, for what no count leads to: gaps, NaN, statuses. */
  readonly metrics: MetricStore;
  /** CloudFront's count of what viewers were answered, which CloudWatch shows. */
  readonly counts: ViewerCounts;
  /**
   * The next `times` requests for `action` meet the fault; faults for one action queue up.
   *
   * @param account only those that go to this account. @default any account's
   */
  failNext(action: string, fault: Fault, times?: number, account?: string): void;
  /** Forgets the faults that have not struck yet. */
  clearFaults(): void;
  /** So many subscriptions wait for their confirmation. @default 0 */
  setUnconfirmedSubscriptions(count: number): void;
  setDistributions(distributions: readonly DistributionSummary[]): void;
  distributions(): readonly DistributionSummary[];
  /** Environment variables with which a client process uses this endpoint, and nothing else. */
  readonly environment: Readonly<Record<string, string>>;
  /** The same for a client that a test makes itself. */
  readonly client: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  close(): Promise<void>;
};

/**
 * Starts one HTTP server that speaks the wire protocols of CloudFront, SNS, S3, STS, EventBridge, Security Hub, Secrets
 * Manager, Organizations, CloudWatch and EC2, as far as the product uses them. Credentials that STS gave lead into the account of
 * their role; all others into the endpoint's own.
 */
export async function startAwsEndpoint(options: AwsEndpointOptions = {}): Promise<AwsEndpoint> {
  const region = options.region ?? "us-east-1";
  const partition = region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  const organization = options.organization ?? null;
  const sessions = new Map<string, Session>();
  const isAllowed = options.isAllowed ?? (() => true);
  let distributions = options.distributions ?? [];
  let unconfirmed = 0;
  const calls: Call[] = [];
  const messages: PublishedMessage[] = [];
  const objects = options.objects ?? createObjectStore();
  const events: PutEvent[] = [];
  const securityFindings = new Map<string, AwsSecurityFinding>();
  const secrets = new Map<string, string>();
  const functions = new Map<string, BoxFunction>();
  const metrics: MetricStore = { series: new Map(), statusCodes: new Map(), pageSize: 500 };
  const faults: { readonly action: string; readonly fault: Fault; readonly account: string | undefined }[] = [];
  const services: Readonly<Record<string, Service>> = {
    cloudfront: cloudFrontService(CALLER, () => inventoryOf({ ...options, distributions })),
    cloudformation: cloudFormationService(CALLER, options.stacks ?? {}),
    ec2: ec2Service(CALLER, () => options.interfaces ?? []),
    events: eventsService(events),
    monitoring: cloudWatchService(metrics),
    lambda: lambdaService(functions, partition, OWN_ACCOUNT),
    secretsmanager: secretsManagerService(secrets),
    securityhub: securityHubService(securityFindings),
    sns: snsService(messages, { topics: options.topics, unconfirmed: () => unconfirmed }),
    organizations: organizationsService(partition, organization),
    sts: stsService(CALLER, organization, sessions),
    s3: s3Service(objects, {
      partition,
      buckets: options.buckets,
      mayListBucket: (arn) => isAllowed("s3:ListBucket", arn, region),
    }),
  };

  const takeFault = (action: string, account: string): Fault | undefined => {
    const index = faults.findIndex((entry) => entry.action === action && (entry.account ?? account) === account);
    return index < 0 ? undefined : faults.splice(index, 1)[0]?.fault;
  };
  const own: Caller = { accountId: OWN_ACCOUNT, services, isAllowed };

  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing);
  });
  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    if (request === undefined) return void incoming.destroy();
    const scope = credentialScope(request);
    const session = sessions.get(scope?.keyId ?? "");
    const caller = session === undefined ? own : memberCaller(session, organization);
    const service = scope === undefined ? undefined : caller.services[scope.service];
    if (scope === undefined || service === undefined) {
      return send(outgoing, { status: 403, body: "The request is not signed for a service that the sandbox speaks." });
    }
    const operation = service.operation(request);
    const record = (status: number) => {
      const action = operation?.action ?? `${scope.service}:?`;
      calls.push({
        service: scope.service,
        action,
        resource: operation?.resource ?? "*",
        region: scope.region,
        account: operation?.account ?? caller.accountId,
        status,
      });
    };
    const refusal = session === undefined ? undefined : sessionProblem(session, request, service);
    if (refusal !== undefined) {
      record(refusal.status);
      return send(outgoing, refusal);
    }
    if (operation === undefined) {
      record(400);
      return send(
        outgoing,
        service.error(400, "InvalidAction", `The sandbox does not know ${request.method} ${request.path}`),
      );
    }
    const fault = takeFault(operation.action, operation.account ?? caller.accountId);
    const outcome = await perform(operation, service, fault, (action, resource) =>
      caller.isAllowed(action, resource, scope.region),
    );
    record(outcome.reply?.status ?? 0);
    if (outcome.drop) incoming.socket.resetAndDestroy();
    else if (outcome.reply !== undefined) send(outgoing, outcome.reply);
  }

  const listener = await listen(server);
  const url = `http://127.0.0.1:${listener.port}`;
  return {
    url,
    calls,
    messages,
    objects,
    events,
    securityFindings,
    secrets,
    functions,
    metrics,
    counts: viewerCounts(metrics),
    failNext(action, fault, times = 1, account) {
      for (let n = 0; n < times; n += 1) faults.push({ action, fault, account });
    },
    clearFaults() {
      faults.length = 0;
    },
    setUnconfirmedSubscriptions(count) {
      unconfirmed = count;
    },
    setDistributions(next) {
      distributions = next;
    },
    client: { endpoint: url, region, credentials },
    distributions: () => distributions,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      AWS_EC2_METADATA_DISABLED: "true",
    },
    close: listener.close,
  };
}

/** Whose credentials a request is signed with. */
type Caller = {
  readonly accountId: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly isAllowed: (action: string, resource: string, region: string) => boolean;
};

/** Other accounts have CloudFront and what it counts; their roles are for nothing else. */
function memberCaller({ accountId, role, name }: Session, organization: Organization | null): Caller {
  const member = (): MemberAccount | undefined => organization?.accounts.get(accountId);
  return {
    accountId,
    isAllowed: role.isAllowed ?? (() => true),
    services: {
      cloudfront: cloudFrontService(name, () => inventoryOf(member()?.inventory ?? {})),
      monitoring: cloudWatchService(member()?.metrics ?? { series: new Map(), statusCodes: new Map(), pageSize: 500 }),
    },
  };
}

/** What AWS says of temporary credentials whose token is missing, or whose time is over. */
function sessionProblem({ token, expires }: Session, request: AwsRequest, service: Service): AwsReply | undefined {
  if (request.headers["x-amz-security-token"] !== token) {
    return service.error(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
  }
  if (signedAt(request) < expires) return undefined;
  return service.error(403, "ExpiredToken", "The security token included in the request is expired");
}

function inventoryOf(some: Partial<CloudFrontInventory>): CloudFrontInventory {
  return {
    distributions: some.distributions ?? [],
    cachePolicies: some.cachePolicies ?? [],
    originRequestPolicies: some.originRequestPolicies ?? [],
    responseHeadersPolicies: some.responseHeadersPolicies ?? [],
    vpcOrigins: some.vpcOrigins ?? [],
    tenants: some.tenants ?? [],
    continuousDeploymentPolicies: some.continuousDeploymentPolicies ?? [],
    configs: some.configs ?? {},
    tags: some.tags ?? {},
    functions: some.functions ?? {},
  };
}

type Outcome = { readonly reply: AwsReply | undefined; readonly drop: boolean };

async function perform(
  operation: Operation,
  service: Service,
  fault: Fault | undefined,
  isAllowed: (action: string, resource: string) => boolean,
): Promise<Outcome> {
  const { action, resource } = operation;
  if (!isAllowed(action, resource)) return { reply: service.denied(action, resource), drop: false };
  switch (fault) {
    case undefined:
    case "none":
      return { reply: await operation.perform(), drop: false };
    case "drop-after-success":
      return { reply: await operation.perform(), drop: true };
    case "hang":
      return { reply: undefined, drop: false };
    case "half-answer": {
      const reply = await operation.perform();
      const body = Buffer.from(reply.body ?? "");
      return { reply: { ...reply, body: body.subarray(0, body.length / 2) }, drop: false };
    }
    case "empty-answer": {
      const isXml = /^(sns|cloudfront|s3|sts):/.test(action);
      const headers = { "content-type": isXml ? "text/xml" : "application/json" };
      return { reply: { status: 200, headers, foreign: true, body: isXml ? "<Answer/>" : "{}" }, drop: false };
    }
    case "proxy-page":
      return { reply: proxyPage, drop: false };
    case "throttle":
      return { reply: service.throttled, drop: false };
    case "access-denied":
      return { reply: service.denied(action, resource), drop: false };
    case "expired-token":
      return {
        reply: service.error(403, "ExpiredToken", "The security token included in the request is expired"),
        drop: false,
      };
    case "internal-error":
      return {
        reply: service.error(500, "InternalError", "We encountered an internal error. Please try again."),
        drop: false,
      };
    case "conflict":
      return { reply: service.error(409, "ConditionalRequestConflict", CONFLICT), drop: false };
  }
}

/** Every SDK signs for a service and a region (Signature Version 4); that is how one port can serve them all. */
function credentialScope(
  request: AwsRequest,
): { readonly keyId: string; readonly region: string; readonly service: string } | undefined {
  const scope = /Credential=(?<keyId>[^/]+)\/\d{8}\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request/;
  const { keyId, region, service } = scope.exec(request.headers.authorization ?? "")?.groups ?? {};
  if (keyId === undefined || region === undefined || service === undefined) return undefined;
  return { keyId, region, service };
}

/** Undefined when the client gives up or sends more than any request of the product needs. */
async function readRequest(incoming: IncomingMessage): Promise<AwsRequest | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
  } catch {
    return undefined;
  }
  const url = new URL(incoming.url ?? "/", "http://sandbox");
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(",") : value]),
  );
  return {
    method: incoming.method ?? "GET",
    host: incoming.headers.host ?? "",
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: Buffer.concat(chunks),
  };
}

function send(outgoing: ServerResponse, reply: AwsReply): void {
  const requestId = randomUUID();
  const ids = reply.foreign === true ? {} : { "x-amzn-requestid": requestId, "x-amz-request-id": requestId };
  outgoing.writeHead(reply.status, { ...ids, ...reply.headers });
  outgoing.end(reply.body);
}

const proxyPage: AwsReply = {
  status: 200,
  headers: { "content-type": "text/html", "set-cookie": `session=${SECRET_MARKER}` },
  body: `<html><body><p>Please accept the terms of use.</p><p>${SECRET_MARKER}</p></body></html>`,
  foreign: true,
};

/** Whoever signs: the endpoint looks at no keys but those that STS gave. */
const OWN_ACCOUNT = "123456789012";
const CALLER = `arn:aws:iam::${OWN_ACCOUNT}:user/sandbox`;
const credentials = { accessKeyId: "AKIASANDBOX", secretAccessKey: "sandbox" };
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const CONFLICT = "The conditional request cannot succeed due to a conflicting operation against this resource.";
