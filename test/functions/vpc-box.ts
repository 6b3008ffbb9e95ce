import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { VpcOrigin } from "@aws-sdk/client-cloudfront";
import type { ConnectionRecord, RunProblem } from "../../lambda/report/record.ts";
import { isAllowed } from "../lib/iam.ts";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import type { Authority } from "../sandbox/authority.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { rightsOf, STATE_BUCKET } from "../sandbox/deployment.ts";
import { customOrigin } from "../sandbox/distributions.ts";
import type { Assembly } from "../sandbox/lambda/assembly.ts";
import type { LocalFunction } from "../sandbox/lambda/function.ts";
import { type BoxWorker, deployWorker } from "../sandbox/workers.ts";

// A VPC in the box: 127.0.1.0/24 stands for it, and the rest of 127.0.0.0/8 for the internet.

export const vpcId = "vpc-0123456789abcdef0";
export const region = "us-east-1";
export const inVpc = {
  vpcId,
  subnetIds: "subnet-0123456789abcdef0,subnet-0123456789abcdef1",
  vpcCidrs: "10.0.0.0/16",
  reserveConcurrency: false,
};

/** The workers inside, by what they look at: the path of the construct, and what the name of the function says. */
export const insideWorkers = {
  vpcOrigins: { construct: "OriginWatch/Watch/VpcWorker", called: "vpc" },
  egress: { construct: "OriginWatch/Watch/EgressWorker", called: "egress" },
} as const;

/** A worker in the VPC. */
export type InsideWorker = BoxWorker & {
  /** What answers it in the place of AWS: it allows what the worker's role may, and counts the rest too. */
  readonly aws: AwsEndpoint;
};

export async function deployInside(
  assembly: Assembly,
  aws: AwsEndpoint,
  purpose: keyof typeof insideWorkers,
  { places, additions }: { readonly places: number; readonly additions: Readonly<Record<string, string>> },
): Promise<InsideWorker> {
  const { construct, called } = insideWorkers[purpose];
  const rights = rightsOf(assembly, `${construct}/Function`);
  const sourceFunction = `arn:aws:lambda:${region}:${ACCOUNT_ID}:function:OriginWatch-${called}-${ACCOUNT_ID}`;
  const own = await startAwsEndpoint({
    objects: aws.objects,
    buckets: [STATE_BUCKET],
    isAllowed: (action, resource, to) => isAllowed(rights, { action, resource, region: to, sourceFunction }),
  });
  const deployed = { region, places, construct, additions: { ...additions, AWS_ENDPOINT_URL: own.url } };
  const worker = deployWorker(assembly, aws, deployed);
  return {
    ...worker,
    aws: own,
    async close() {
      await worker.close();
      await own.close();
    },
  };
}

/** A file with what is to be trusted, as functions read it. */
export function trustIn({ certificatePem }: Authority): { readonly caFile: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "origin-watch-trust-"));
  const caFile = join(folder, "root.pem");
  writeFileSync(caFile, certificatePem);
  return { caFile, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A VPC origin that leads to a load balancer of the account. */
export function vpcOriginOf(name: string, httpsPort: number): VpcOrigin {
  return {
    Id: `vo_${name.toUpperCase()}`,
    Arn: `arn:aws:cloudfront::${ACCOUNT_ID}:vpcorigin/vo_${name.toUpperCase()}`,
    Status: "Deployed",
    CreatedTime: new Date("2026-01-15T09:30:00.000Z"),
    LastModifiedTime: new Date("2026-01-15T09:30:00.000Z"),
    VpcOriginEndpointConfig: {
      Name: name,
      Arn: `arn:aws:elasticloadbalancing:${region}:${ACCOUNT_ID}:loadbalancer/app/${name}/0123456789abcdef`,
      HTTPPort: 80,
      HTTPSPort: httpsPort,
      OriginProtocolPolicy: "https-only",
      OriginSslProtocols: { Quantity: 1, Items: ["TLSv1.2"] },
    },
  };
}

/** An origin of a distribution that is a VPC origin. */
export function throughVpcOrigin(domain: string, { Id = "" }: VpcOrigin) {
  const { CustomOriginConfig: _, ...frame } = customOrigin(domain, 443);
  return { ...frame, VpcOriginConfig: { VpcOriginId: Id } };
}

/** The network interface of such a load balancer. */
export function interfaceOf(name: string, privateIpAddress: string) {
  return { vpcId, privateIpAddress, description: `ELB app/${name}/0123456789abcdef`, requesterManaged: true };
}

/** A run as its log has it. */
export type RunSeen = {
  /** The record of the connection to a domain. */
  readonly of: (domain: string) => ConnectionRecord;
  readonly problems: readonly string[];
  readonly logs: readonly string[];
};

export async function runSeen(watch: LocalFunction): Promise<RunSeen> {
  const { logs } = await watch.invoke();
  const lines = logs.map((line) => JSON.parse(line) as { message?: string; problems?: unknown });
  const records = lines.filter(({ message }) => message === "connection") as unknown as ConnectionRecord[];
  const problems = lines.find(({ message }) => message === "run")?.problems as readonly RunProblem[];
  return {
    of: (domain) => records.find(({ connection }) => connection.domain === domain)!,
    problems: problems.map(({ code, message }) => `${code}: ${message}`),
    logs,
  };
}

/** What was found, as `code effect`. */
export const codesOf = ({ findings }: ConnectionRecord) => findings.map(({ code, effect }) => `${code} ${effect}`);

/** What was met, as `vantage address outcome`. */
export const metIn = ({ observed }: ConnectionRecord) =>
  observed.addresses.map(({ address, outcome, seenFrom }) => `${seenFrom} ${address} ${outcome}`).toSorted();

/**
 * What a function of Lambda outside of a VPC meets: no answer from behind a firewall, and no route to IPv6. This machine has
 * neither, so what a worker met there is replaced in its answer.
 */
export function asFromLambda(
  invoke: BoxWorker["invoke"],
  { walled, six }: { readonly walled: string; readonly six?: string },
): BoxWorker["invoke"] {
  return async (event) => {
    const answer = await invoke(event);
    if (answer === null || answer.failed === true) return answer;
    const payload = JSON.parse(String(answer.payload)) as {
      observations: { observation: { addresses: { address: string; outcome: object }[] } }[];
    };
    for (const seen of payload.observations.flatMap(({ observation }) => observation.addresses)) {
      if (seen.address === six) seen.outcome = { kind: "connect-unreachable", errno: "ENETUNREACH" };
      if (seen.address === walled) seen.outcome = { kind: "connect-timed-out", attempts: 3, timeoutMs: 10_000 };
    }
    return { ...answer, payload: JSON.stringify(payload) };
  };
}

/** The ranges of the VPC as they are in the box: no setting takes loopback for any. */
export function moveVpc(assembly: Assembly, cidrs = "127.0.1.0/24"): void {
  for (const { Properties } of Object.values(assembly.template.Resources)) {
    const { Environment } = (Properties ?? {}) as { Environment?: { Variables?: Record<string, unknown> } };
    if (Environment?.Variables?.VPC_CIDRS !== undefined) Environment.Variables.VPC_CIDRS = cidrs;
  }
}
