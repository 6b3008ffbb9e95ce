import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FindingCode } from "../../lambda/judge/catalogue.ts";
import type { Verdict } from "../../lambda/judge/finding.ts";
import { accountDetails } from "./account-details.ts";
import { ACCOUNT_ID, accountDistributions } from "./account-distributions.ts";
import {
  createPki,
  internalOrigin,
  issueFullChain,
  ORIGIN_SCRIPTS,
  type OriginScript,
  type Started,
  startHealthyOrigin,
} from "./account-origins.ts";
import { type AwsEndpoint, type AwsEndpointOptions, startAwsEndpoint } from "./aws/endpoint.ts";
import { startDeafOrigin } from "./deaf-origin.ts";
import { type DnsServer, startDnsServer } from "./dns-server.ts";
import { type Edge, type EdgeOptions, startEdge } from "./edge/edge.ts";
import { type Application, startHttpOrigin } from "./http-origin.ts";
import type { Listener, ListenOptions } from "./listener.ts";
import { managedCachePolicies, managedOriginRequestPolicies } from "./managed-policies.ts";

/** An origin of the account and what a right judgement of it is. */
export type AccountOrigin = {
  readonly domain: string;
  /** The HTTPS port; the HTTP port where the origin is http-only. */
  readonly port: number;
  readonly expectedVerdict: Verdict;
  /** Codes that must be among the findings; notes may come on top. */
  readonly expectedCodes: readonly FindingCode[];
  /** TCP connections that reached the origin's servers so far. */
  connections(): number;
};

/** An AWS account in a box: CloudFront, SNS and S3, a name server, and an origin for every defect, all on loopback. */
export type Account = {
  readonly aws: AwsEndpoint;
  readonly dns: DnsServer;
  /** The root that the healthy origins' certificates lead to. */
  readonly caPem: string;
  /** The same in a file of a temporary folder. */
  readonly caFile: string;
  readonly origins: readonly AccountOrigin[];
  /** What `aws cloudfront list-distributions` prints for this account. */
  listDistributionsJson(): { readonly DistributionList: { readonly Items: readonly unknown[] } };
  /** Puts a healthy server in the place of the origin's servers. Throws where there are none. */
  repair(domain: string): Promise<void>;
  /** Puts servers with a certificate that expired yesterday in their place. */
  expire(domain: string): Promise<void>;
  /** Puts servers in their place that answer no connection request; `repair` puts them right again. */
  silence(domain: string): Promise<void>;
  /** Puts healthy servers with this application in their place: what goes wrong is not the connection. */
  serve(domain: string, application: Application): Promise<void>;
  /** Starts one more healthy origin, with this application; the others of these treat it as one of the account's. */
  addOrigin(domain: string, application: Application): Promise<{ readonly port: number }>;
  /** Starts the edge that viewers of the account's distributions reach, by all names under cloudfront.net too. */
  openEdge(options?: Pick<EdgeOptions, "clock" | "functions">): Promise<Edge>;
  /** Starts a healthy server that only the edge reaches by this name: in a VPC, or behind a firewall for CloudFront only. */
  serveOnlyEdge(domain: string, application: Application): Promise<Listener>;
  close(): Promise<void>;
};

export type AccountOptions = Pick<
  AwsEndpointOptions,
  "isAllowed" | "topics" | "buckets" | "functions" | "tags" | "organization" | "stacks"
> & {
  /**
   * Where `internal.box.test` leads, for example 10.0.0.1. Only for clients that dial 127.0.0.0/8 and no other private
   * address: whoever dials them all would reach a stranger on the network around.
   *
   * @default a loopback address that refuses
   */
  readonly privateAddress?: string;
};

/** Starts the demo account. No address in it leaves this machine, unless `privateAddress` does. */
export async function startAccount(options: AccountOptions = {}): Promise<Account> {
  const { privateAddress, ...awsOptions } = options;
  const pki = await createPki();
  const scripts = [...ORIGIN_SCRIPTS, internalOrigin(privateAddress)];
  const running = await Promise.all(scripts.map(async (script) => runningOrigin(script, await script.start(pki))));
  const origins = new Map(running.map((origin) => [origin.domain, origin]));
  const dns = await startDnsServer(
    Object.fromEntries(running.flatMap(({ domain, zone }) => (zone === undefined ? [] : [[domain, zone]]))),
  );
  const distributions = accountDistributions((domain) => at(origins, domain).port);
  const details = accountDetails(ACCOUNT_ID);
  const cachePolicies = managedCachePolicies();
  const originRequestPolicies = managedOriginRequestPolicies();
  const aws = await startAwsEndpoint({
    ...awsOptions,
    distributions,
    ...details,
    cachePolicies,
    originRequestPolicies,
  });
  const besides: Listener[] = [];
  const places = new Map<string, Listener>();
  const folder = await mkdtemp(join(tmpdir(), "account-in-a-box-"));
  const caFile = join(folder, "root.pem");
  await writeFile(caFile, pki.root.certificatePem);
  return {
    aws,
    dns,
    caPem: pki.root.certificatePem,
    caFile,
    origins: running,
    listDistributionsJson: () => JSON.parse(JSON.stringify({ DistributionList: { Items: distributions } })),
    repair: (domain) =>
      at(origins, domain).replaceBy((place) => startHealthyOrigin(pki, { names: namesOf(domain) }, place)),
    expire: (domain) => {
      const expired = { names: namesOf(domain), notBefore: -91, notAfter: -1 };
      return at(origins, domain).replaceBy((place) => startHealthyOrigin(pki, expired, place));
    },
    silence: (domain) => at(origins, domain).replaceBy(deafAt),
    async serve(domain, application) {
      const certificate = await issueFullChain(pki, { names: namesOf(domain) });
      await at(origins, domain).replaceBy((place) => startHttpOrigin(application, certificate, place));
    },
    async addOrigin(domain, application) {
      const certificate = await issueFullChain(pki, { names: namesOf(domain) });
      const listener = await startHttpOrigin(application, certificate);
      const zone = { A: [listener.address] };
      const script = { domain, expectedVerdict: "healthy" as const, expectedCodes: [] };
      const added = runningOrigin(script, { port: listener.port, listeners: [listener], zone });
      running.push(added);
      origins.set(domain, added);
      dns.set(domain, zone);
      return { port: listener.port };
    },
    async openEdge(edgeOptions = {}) {
      const edge = await startEdge({
        distributions: () => aws.distributions(),
        policies: { cachePolicies, originRequestPolicies, vpcOrigins: details.vpcOrigins ?? [] },
        nameServer: dns.address,
        anchors: [pki.root.certificatePem],
        issue: async (names) => {
          const { chain, keyPem } = await issueFullChain(pki, { names });
          return { cert: chain.join("\n"), key: keyPem };
        },
        counts: aws.counts,
        places,
        ...edgeOptions,
      });
      besides.push(edge);
      dns.set("*.cloudfront.net", { A: [edge.address] });
      return edge;
    },
    async serveOnlyEdge(domain, application) {
      const started = await startHttpOrigin(application, await issueFullChain(pki, { names: [domain] }));
      besides.push(started);
      places.set(domain, started);
      return started;
    },
    async close() {
      const all = [...besides, aws, dns, ...running];
      await Promise.all(all.map((each) => each.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type RunningOrigin = AccountOrigin & {
  readonly zone: Started["zone"];
  /** Starts another server in the place of each. */
  replaceBy(start: (place: ListenOptions) => Promise<Listener>): Promise<void>;
  close(): Promise<void>;
};

function runningOrigin(script: Omit<OriginScript, "start">, started: Started): RunningOrigin {
  let { listeners } = started;
  let earlier = 0;
  const connections = () => listeners.reduce((sum, listener) => sum + listener.connections(), earlier);
  const close = async () => {
    await Promise.all(listeners.map((listener) => listener.close()));
  };
  return {
    domain: script.domain,
    expectedVerdict: script.expectedVerdict,
    expectedCodes: script.expectedCodes,
    port: started.port,
    zone: started.zone,
    connections,
    async replaceBy(start) {
      if (listeners.length === 0) throw new Error(`${script.domain} has no server that could be replaced`);
      await close();
      earlier = connections();
      listeners = await Promise.all(listeners.map(({ address, port }) => start({ address, port })));
    },
    close,
  };
}

async function deafAt(place: ListenOptions): Promise<Listener> {
  const deaf = await startDeafOrigin(place);
  if (deaf === null) throw new Error("this system answers connection requests that it has no room for");
  return deaf;
}

/** The names that a certificate for this origin needs where CloudFront forwards the viewer's Host, and its own. */
function namesOf(domain: string): string[] {
  return [domain, "app.example.com", "*.cloudfront.net"];
}

function at(origins: ReadonlyMap<string, RunningOrigin>, domain: string): RunningOrigin {
  const origin = origins.get(domain);
  if (origin === undefined) throw new Error(`the account has no origin ${domain}`);
  return origin;
}
