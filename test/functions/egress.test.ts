import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { egressVantage } from "../../lambda/probe/observation.ts";
import { isAllowed, unusedActions } from "../lib/iam.ts";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import { type Authority, createAuthority } from "../sandbox/authority.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { deployFunction, FUNCTIONS, rightsOf, STATE_BUCKET, TOPIC_ARN } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type DnsServer, startDnsServer } from "../sandbox/dns-server.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import type { LocalFunction } from "../sandbox/lambda/function.ts";
import { startTlsOrigin, type TlsOrigin } from "../sandbox/tls-origin.ts";
import { type BoxWorker, deployWorker } from "../sandbox/workers.ts";
import {
  asFromLambda,
  codesOf,
  deployInside,
  type InsideWorker,
  insideWorkers,
  metIn,
  moveVpc,
  region,
  runSeen,
  inVpc as settingsOfVpc,
  trustIn,
  vpcId,
} from "./vpc-box.ts";

// Public origins, seen from outside by a worker of the fleet and by the fixed addresses of a VPC. In the box all of 127.0.0.0/8
// and ::1 stand for the internet, but 127.0.1.0/24 for the VPC, and 127.0.2.1 is behind a firewall that admits its addresses.
// This machine has IPv6 on loopback and no firewall, so what the worker outside met there is replaced in its answer.

const egress = egressVantage(vpcId);
const [open, walled, inVpc, six] = ["127.0.0.1", "127.0.2.1", "127.0.1.6", "::1"] as const;
const settings = { ...settingsOfVpc, vpcCidrs: "10.0.0.0/16,2600:1f18:1234::/56" };
const { construct } = insideWorkers.egress;

let assemblies: Readonly<Record<"with" | "without" | "others" | "alone", Assembly>>;
let trust: ReturnType<typeof trustIn>;
let authority: Authority;
let stranger: Authority;
let servers: Readonly<Record<typeof open | typeof walled | typeof inVpc | typeof six, TlsOrigin>>;
let zones: { readonly outside: DnsServer; readonly inside: DnsServer };
let aws: AwsEndpoint;
let workers: { readonly outside: BoxWorker | null; readonly fixed: InsideWorker };
let additions: Readonly<Record<string, string>>;
let watch: LocalFunction | undefined;

type Origin = { readonly name: string; readonly family?: "ipv4" | "ipv6" | "dualstack" };

beforeAll(async () => {
  const [withEgress, without, others, alone, ...made] = await Promise.all([
    synthesise({ ...settings, vpcFor: "vpcOrigins,egress", fleet: true }),
    synthesise({ fleet: true, reserveConcurrency: false }),
    synthesise({ ...settings, vpcFor: "egress", fleet: true }),
    synthesise({ ...settings, vpcFor: "egress" }),
    createAuthority(),
    createAuthority({ name: "Stranger" }),
  ]);
  assemblies = { with: withEgress, without, others, alone };
  [authority, stranger] = made;
  trust = trustIn(authority);
});
afterAll(() => {
  for (const assembly of Object.values(assemblies)) assembly.remove();
  trust.remove();
});

beforeEach(async () => {
  const leaf = await authority.leaf({ names: ["*.public.test"] });
  const good = { chain: [leaf.certificatePem], keyPem: leaf.keyPem };
  const first = await startTlsOrigin({ ...good, address: open });
  const { port } = first;
  const [behind, inside, sixth] = await Promise.all(
    [walled, inVpc, six].map((address) => startTlsOrigin({ ...good, address, port })),
  );
  servers = { [open]: first, [walled]: behind!, [inVpc]: inside!, [six]: sixth! };
  zones = { outside: await startDnsServer(), inside: await startDnsServer() };
  watch = undefined;
});
afterEach(async () => {
  await Promise.all([watch?.close(), workers.outside?.close(), workers.fixed.close()]);
  const all = [aws, ...Object.values(zones), ...Object.values(servers)];
  await Promise.all(all.map((each) => each.close()));
});

/** The same name server's word inside and outside, unless a test says otherwise. */
function resolves(name: string, records: Parameters<DnsServer["set"]>[1], inside = records): void {
  zones.outside.set(name, records);
  zones.inside.set(name, inside);
}

/** As with an account more that is watched, and listed in the place of this one. */
function serveOnly({ template }: Assembly, accounts: string): void {
  for (const { Properties } of Object.values(template.Resources)) {
    const { Environment } = (Properties ?? {}) as { Environment?: { Variables?: Record<string, unknown> } };
    if (Environment?.Variables?.EGRESS_WORKER_NAME !== undefined) Environment.Variables.VPC_ACCOUNTS = accounts;
  }
}

async function startAccount(origins: readonly Origin[], assembly: Assembly = assemblies.with, cidrs?: string) {
  moveVpc(assembly, cidrs);
  const rights = rightsOf(assembly, FUNCTIONS.watch);
  aws = await startAwsEndpoint({
    topics: [TOPIC_ARN],
    buckets: [STATE_BUCKET],
    isAllowed: (action, resource, region) => isAllowed(rights, { action, resource, region }),
    distributions: origins.map(({ name, family = "ipv4" }, index) =>
      distribution(
        {
          id: `E1EGRESS${index}`,
          comment: "",
          origins: [customOrigin(name, servers[open].port, { config: { IpAddressType: family } })],
          defaultBehavior: { target: name },
        },
        ACCOUNT_ID,
      ),
    ),
  });
  const common = { ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8,::1/128", EXTRA_TRUST_ANCHORS_FILES: trust.caFile };
  additions = { ...common, DNS_SERVERS: zones.outside.address };
  const hasFleet = assembly !== assemblies.alone;
  const outside = hasFleet ? deployWorker(assembly, aws, { region, places: 2, additions }) : null;
  if (outside !== null) aws.functions.set(outside.arn, asFromLambda(outside.invoke, { walled, six }));
  const ofInside = { ...common, DNS_SERVERS: zones.inside.address };
  workers = { outside, fixed: await deployInside(assembly, aws, "egress", { places: 2, additions: ofInside }) };
}

async function run(assembly: Assembly = assemblies.with) {
  watch ??= await deployFunction(assembly, FUNCTIONS.watch, aws, additions);
  return runSeen(watch);
}

const subjects = () => aws.messages.map(({ subject }) => subject ?? "");

/** From now on the server has a certificate that nobody trusts. */
async function distrust(address: keyof typeof servers): Promise<void> {
  const leaf = await stranger.leaf({ names: ["*.public.test"] });
  servers[address].present({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
}

describe("an origin that admits CloudFront and the fixed addresses of a VPC alone", () => {
  it("is judged by what these see, and nobody's network is doubted for it", async () => {
    const names = ["a.public.test", "b.public.test", "c.public.test"];
    for (const name of names) resolves(name, { A: [walled] });
    await startAccount(names.map((name) => ({ name })));
    const { of, problems } = await run();
    expect(problems).toEqual([]);
    for (const name of names) {
      expect(of(name)).toMatchObject({ verdict: "healthy", findings: [] });
      expect(metIn(of(name))).toEqual([
        `us-east-1 ${walled} connection timed out`,
        `${egress} ${walled} handshake completed`,
      ]);
    }
    expect(workers.fixed.aws.calls).toEqual([]);
  });

  it("is told with where it was seen; and [CLOSED], not fixed, when nobody looks from there any more", async () => {
    resolves("a.public.test", { A: [walled] });
    await startAccount([{ name: "a.public.test" }]);
    await distrust(walled);
    await run();
    await run();
    const [told] = aws.messages.filter(({ subject }) => subject?.includes("a.public.test"));
    const { default: words } = JSON.parse(told?.message ?? "{}") as { default: string };
    expect(words).toContain(`Seen from the fixed addresses of ${vpcId}, not from us-east-1.`);
    expect(words).not.toContain("-egress");
    await watch?.close();
    watch = undefined;
    const before = subjects().length;
    const { of } = await run(assemblies.without);
    expect(of("a.public.test").verdict).toBe("unknown");
    await run(assemblies.without);
    expect(subjects().filter((subject) => subject.startsWith("[OK]"))).toEqual([]);
    expect(subjects().slice(before)).toEqual([
      expect.stringMatching(/^\[CLOSED\] a\.public\.test/),
      expect.stringMatching(/^\[NOT CHECKED\] a\.public\.test/),
    ]);
  });
});

describe("an origin with IPv6", () => {
  it("is judged by both families, although outside nobody has a route to one", async () => {
    resolves("dual.public.test", { A: [open], AAAA: [six] });
    resolves("six.public.test", { AAAA: [six] });
    await startAccount([
      { name: "dual.public.test", family: "dualstack" },
      { name: "six.public.test", family: "ipv6" },
    ]);
    const healthy = await run();
    expect(healthy.of("six.public.test")).toMatchObject({ verdict: "healthy", findings: [] });
    expect(healthy.of("dual.public.test")).toMatchObject({ verdict: "healthy", findings: [] });
    expect(metIn(healthy.of("dual.public.test"))).toContain(`${egress} ${six} handshake completed`);
    await distrust(six);
    const { of } = await run();
    expect(codesOf(of("six.public.test"))).toEqual(["chain-incomplete 502"]);
    expect(of("dual.public.test").verdict).toBe("at-risk");
    expect(of("dual.public.test").findings.map(({ address }) => address)).toContain(six);
  });

  it("is unknown without the fixed addresses", async () => {
    resolves("six.public.test", { AAAA: [six] });
    await startAccount([{ name: "six.public.test", family: "ipv6" }]);
    const { of } = await run(assemblies.without);
    expect(codesOf(of("six.public.test"))).toEqual(["ipv6-not-testable unseen"]);
  });
});

describe("a name that leads elsewhere inside the VPC", () => {
  it("is not judged by that, nor is that shown; and no server of the VPC is connected to", async () => {
    resolves("private.public.test", { A: [open] }, { A: [inVpc] });
    resolves("other.public.test", { A: [open] }, { A: ["127.0.3.9"] });
    resolves("own.public.test", { A: [inVpc] });
    await startAccount(["private", "other", "own"].map((name) => ({ name: `${name}.public.test` })));
    const { of, problems, logs } = await run();
    expect(problems).toEqual([]);
    expect(of("private.public.test")).toMatchObject({ verdict: "healthy", findings: [] });
    expect(of("other.public.test")).toMatchObject({ verdict: "healthy", findings: [] });
    // A public address of the VPC's own is seen from outside, as everybody sees it.
    expect(of("own.public.test")).toMatchObject({ verdict: "healthy", findings: [] });
    expect(servers[inVpc].connections()).toBe(1);
    expect(logs.filter((line) => line.includes("127.0.3.9"))).toEqual([]);
  });
});

describe("the fixed addresses", () => {
  it("are a vantage that can fail, which is a problem of the run and blames nobody", async () => {
    resolves("a.public.test", { A: [open] });
    await startAccount([{ name: "a.public.test" }]);
    const failed = { payload: '{"errorType":"Runtime.OutOfMemory"}', failed: true } as const;
    aws.functions.set(workers.fixed.arn, async () => failed);
    const { of, problems } = await run();
    expect(problems).toEqual([
      expect.stringMatching(
        /^vantage-failed: 1 of 1 connections were not observed from the fixed addresses of vpc-0123456789abcdef0: the worker failed/,
      ),
    ]);
    expect(of("a.public.test").verdict).toBe("healthy");
    // Another worker's answer is not theirs.
    aws.functions.set(workers.fixed.arn, workers.outside!.invoke);
    expect((await run()).problems).toContainEqual(expect.stringMatching(/^vantage-failed: .* comes from another/));
  });

  it("look at nothing of an account that is not listed", async () => {
    serveOnly(assemblies.others, "210987654321");
    resolves("a.public.test", { A: [open] });
    await startAccount([{ name: "a.public.test" }], assemblies.others);
    const { of, problems } = await run(assemblies.others);
    expect(problems).toEqual([]);
    expect(metIn(of("a.public.test"))).toEqual([`us-east-1 ${open} handshake completed`]);
    expect(workers.fixed.logs).toEqual([]);
    expect(aws.calls.filter(({ resource }) => String(resource).includes("-egress-"))).toEqual([]);
  });

  it("cost the function that watches one right, which it uses, and nothing of S3 or EC2", async () => {
    resolves("a.public.test", { A: [open] });
    await startAccount([{ name: "a.public.test" }], assemblies.alone);
    const own = rightsOf(assemblies.alone, `${construct}/Function`);
    expect(own.filter(({ actions }) => actions.some((action) => action.startsWith("s3:")))).toEqual([]);
    const added = rightsOf(assemblies.alone, FUNCTIONS.watch).filter(({ actions, resources }) =>
      /lambda:|ec2:|fleet/.test([...actions, ...resources].join()),
    );
    expect(added.map(({ actions, resources }) => [...actions, ...resources])).toEqual([
      ["lambda:InvokeFunction", workers.fixed.arn],
    ]);
    const { of, problems } = await run(assemblies.alone);
    expect(problems).toEqual([]);
    expect(metIn(of("a.public.test"))).toEqual([
      `us-east-1 ${open} handshake completed`,
      `${egress} ${open} handshake completed`,
    ]);
    expect(unusedActions(added, aws.calls)).toEqual([]);
    expect(aws.calls.filter(({ service, resource }) => service === "ec2" || resource.includes("/fleet/"))).toEqual([]);
    expect(workers.fixed.aws.calls).toEqual([]);
  });
});

describe("the worker at the fixed addresses", () => {
  const connection = (of: object = {}) => ({
    key: "k",
    scheme: "https",
    domain: "own.public.test",
    port: servers[open].port,
    serverName: "own.public.test",
    originSslProtocols: ["TLSv1.2"],
    ipAddressType: "dualstack",
    connectTimeoutMs: 10_000,
    connectAttempts: 1,
    alpn: [],
    share: [],
    leftOut: false,
    ...of,
  });
  const batch = (of: object = {}) => ({
    schemaVersion: 1,
    runId: "0f9a1c52-7b1e-4f0a-9d1e-3c2b4a5d6e7f",
    batch: "0-0",
    nonce: "n",
    deadline: Date.now() + 90_000,
    connections: [connection(of)],
  });
  type Answer = {
    readonly kind: string;
    readonly why?: string;
    readonly vantage?: string;
    readonly observations?: readonly {
      readonly observation: {
        readonly addresses: readonly { address: string; outcome: { kind: string; range?: string } }[];
      };
    }[];
  };
  const ask = async (event: object) => {
    const answer = await workers.fixed.invoke(Buffer.from(JSON.stringify(event)));
    return JSON.parse(String(answer?.payload)) as Answer;
  };

  it("connects to nothing in the ranges of the VPC, by IPv4 or IPv6, although it looks public", async () => {
    resolves("own.public.test", { A: [open, inVpc, "10.200.0.1", "169.254.169.254"], AAAA: [six, "fd00::5"] });
    await startAccount([], assemblies.with, "127.0.1.0/24,::1/128");
    const { vantage, observations = [] } = await ask(batch());
    expect(vantage).toBe(egress);
    const met = observations.flatMap(({ observation }) => observation.addresses);
    expect(
      met.map(({ address, outcome }) => `${address} ${outcome.kind} ${outcome.range ?? ""}`.trim()).toSorted(),
    ).toEqual([
      "10.200.0.1 not-dialled private",
      `${open} handshake-completed`,
      `${inVpc} not-dialled inside of the VPC`,
      "169.254.169.254 not-dialled link-local",
      `${six} not-dialled inside of the VPC`,
      "fd00::5 not-dialled unique local",
    ]);
    expect([servers[inVpc].connections(), servers[six].connections()]).toEqual([0, 0]);
  });

  it("takes no batch that names an address, that lies somewhere, or that asks for more", async () => {
    await startAccount([]);
    const refused: readonly (readonly [string, object, string])[] = [
      ["an address", batch({ addresses: [inVpc] }), "not-a-batch"],
      ["an address as name", batch({ domain: inVpc }), "not-a-batch"],
      ["port 25", batch({ port: 25 }), "not-a-batch"],
      [
        "a reference",
        { schemaVersion: 1, key: "fleet/in/0f9a1c52-7b1e-4f0a-9d1e-3c2b4a5d6e7f/0", etag: "a" },
        "not-a-batch",
      ],
      ["leave for more", { ...batch(), allowPrivate: true }, "not-a-batch"],
      ["another release", { ...batch(), schemaVersion: 2 }, "other-release"],
    ];
    for (const [what, event, why] of refused)
      expect([what, await ask(event)]).toEqual([what, { schemaVersion: 1, kind: "refused", why }]);
    expect(servers[inVpc].connections()).toBe(0);
    expect(workers.fixed.aws.calls).toEqual([]);
  });
});
