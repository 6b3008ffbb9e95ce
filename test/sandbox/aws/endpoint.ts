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
import { eventsService, type PutEvent } from "./events.ts";
import type { AwsReply, AwsRequest, Operation, Service } from "./exchange.ts";
import { createObjectStore, type ObjectStore, s3Service } from "./s3.ts";
import { secretsManagerService } from "./secrets-manager.ts";
import { securityHubService } from "./security-hub.ts";
import { type PublishedMessage, snsService } from "./sns.ts";
import { stsService } from "./sts.ts";

/** One request that reached the endpoint, in the words of IAM. */
export type Call = {
  readonly service: string;
  /** For example `cloudfront:ListDistributions`; `SERVICE:?` for an operation that the sandbox does not know. */
  readonly action: string;
  /** An ARN, or `*`. */
  readonly resource: string;
  /** The region that the request was signed for. */
  readonly region: string;
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
  /** Series of CloudWatch as they are, for what no count leads to: gaps, NaN, statuses. */
  readonly metrics: MetricStore;
  /** CloudFront's count of what viewers were answered, which CloudWatch shows. */
  readonly counts: ViewerCounts;
  /** The next `times` requests for `action` meet the fault; faults for one action queue up. */
  failNext(action: string, fault: Fault, times?: number): void;
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

/** Starts one HTTP server that speaks the wire protocols of CloudFront, SNS, S3, STS, EventBridge, Security Hub, Secrets Manager and CloudWatch, as far as the product uses them. */
export async function startAwsEndpoint(options: AwsEndpointOptions = {}): Promise<AwsEndpoint> {
  const region = options.region ?? "us-east-1";
  const isAllowed = options.isAllowed ?? (() => true);
  let distributions = options.distributions ?? [];
  let unconfirmed = 0;
  const calls: Call[] = [];
  const messages: PublishedMessage[] = [];
  const objects = createObjectStore();
  const events: PutEvent[] = [];
  const securityFindings = new Map<string, AwsSecurityFinding>();
  const secrets = new Map<string, string>();
  const metrics: MetricStore = { series: new Map(), statusCodes: new Map(), pageSize: 500 };
  const faults: { readonly action: string; readonly fault: Fault }[] = [];
  const services: Readonly<Record<string, Service>> = {
    cloudfront: cloudFrontService(CALLER, () => ({
      distributions,
      cachePolicies: options.cachePolicies ?? [],
      originRequestPolicies: options.originRequestPolicies ?? [],
      responseHeadersPolicies: options.responseHeadersPolicies ?? [],
      vpcOrigins: options.vpcOrigins ?? [],
      tenants: options.tenants ?? [],
      continuousDeploymentPolicies: options.continuousDeploymentPolicies ?? [],
      configs: options.configs ?? {},
      tags: options.tags ?? {},
      functions: options.functions ?? {},
    })),
    cloudformation: cloudFormationService(CALLER, options.stacks ?? {}),
    events: eventsService(events),
    monitoring: cloudWatchService(metrics),
    secretsmanager: secretsManagerService(secrets),
    securityhub: securityHubService(securityFindings),
    sns: snsService(messages, { topics: options.topics, unconfirmed: () => unconfirmed }),
    sts: stsService(CALLER),
    s3: s3Service(objects, {
      partition: region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws",
      buckets: options.buckets,
      mayListBucket: (arn) => isAllowed("s3:ListBucket", arn, region),
    }),
  };

  const takeFault = (action: string): Fault | undefined => {
    const index = faults.findIndex((entry) => entry.action === action);
    return index < 0 ? undefined : faults.splice(index, 1)[0]?.fault;
  };

  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing);
  });
  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    if (request === undefined) return void incoming.destroy();
    const scope = credentialScope(request);
    const service = scope === undefined ? undefined : services[scope.service];
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
        status,
      });
    };
    if (operation === undefined) {
      record(400);
      return send(
        outgoing,
        service.error(400, "InvalidAction", `The sandbox does not know ${request.method} ${request.path}`),
      );
    }
    const outcome = perform(operation, service, takeFault(operation.action), (action, resource) =>
      isAllowed(action, resource, scope.region),
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
    metrics,
    counts: viewerCounts(metrics),
    failNext(action, fault, times = 1) {
      for (let n = 0; n < times; n += 1) faults.push({ action, fault });
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

type Outcome = { readonly reply: AwsReply | undefined; readonly drop: boolean };

function perform(
  operation: Operation,
  service: Service,
  fault: Fault | undefined,
  isAllowed: (action: string, resource: string) => boolean,
): Outcome {
  const { action, resource } = operation;
  if (!isAllowed(action, resource)) return { reply: service.denied(action, resource), drop: false };
  switch (fault) {
    case undefined:
    case "none":
      return { reply: operation.perform(), drop: false };
    case "drop-after-success":
      return { reply: operation.perform(), drop: true };
    case "hang":
      return { reply: undefined, drop: false };
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
function credentialScope(request: AwsRequest): { readonly region: string; readonly service: string } | undefined {
  const scope = /Credential=[^/]+\/\d{8}\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request/;
  const { region, service } = scope.exec(request.headers.authorization ?? "")?.groups ?? {};
  return region === undefined || service === undefined ? undefined : { region, service };
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

/** Whoever signs: the endpoint does not look at keys. */
const CALLER = "arn:aws:iam::123456789012:user/sandbox";
const credentials = { accessKeyId: "AKIASANDBOX", secretAccessKey: "sandbox" };
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const CONFLICT = "The conditional request cannot succeed due to a conflicting operation against this resource.";
