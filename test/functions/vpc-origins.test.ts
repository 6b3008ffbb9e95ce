import type { VpcOrigin } from "@aws-sdk/client-cloudfront";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { mostBatchBytes } from "../../lambda/observe/batch-reference.ts";
import { isAllowed, unusedActions } from "../lib/iam.ts";
import { ACCOUNT_ID as account } from "../sandbox/account-distributions.ts";
import { type Authority, createAuthority } from "../sandbox/authority.ts";
import type { BoxInterface } from "../sandbox/aws/ec2.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { deployFunction, FUNCTIONS, rightsOf, STATE_BUCKET, TOPIC_ARN } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type DnsServer, startDnsServer } from "../sandbox/dns-server.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import type { LocalFunction } from "../sandbox/lambda/function.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startTlsOrigin } from "../sandbox/tls-origin.ts";
import type { BoxWorker } from "../sandbox/workers.ts";
import {
  codesOf,
  deployInside,
  type InsideWorker,
  insideWorkers,
  interfaceOf,
  inVpc,
  runSeen,
  throughVpcOrigin,
  trustIn,
  vpcId,
  vpcOriginOf,
} from "./vpc-box.ts";

// A VPC origin under a name that no DNS has, its neighbour in the same VPC, and a public origin whose name leads to the
// neighbour. In the box 127.0.1.0/24 stands for the VPC, and 127.0.0.1 for the internet.

const [inside, neighbour] = ["127.0.1.5", "127.0.1.6"] as const;
const worker = insideWorkers.vpcOrigins.construct;

let authority: Authority;
let assemblies: { readonly with: Assembly; readonly without: Assembly };
let trust: ReturnType<typeof trustIn>;
let dns: DnsServer;
let servers: Readonly<Record<typeof inside | typeof neighbour | "public", Listener>>;
let aws: AwsEndpoint;
let vpcWorker: InsideWorker;
let interfaces: BoxInterface[];
let vpcOrigin: VpcOrigin;
let watch: LocalFunction | undefined;

async function serve(address: string, names: readonly string[], days: Parameters<Authority["leaf"]>[0] = { names }) {
  const leaf = await authority.leaf({ ...days, names });
  return startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem, address });
}

beforeAll(async () => {
  const [withVantage, without, made] = await Promise.all([
    synthesise(inVpc),
    synthesise({ reserveConcurrency: false }),
    createAuthority(),
  ]);
  assemblies = { with: withVantage, without };
  authority = made;
  trust = trustIn(authority);
});
afterAll(() => {
  assemblies.with.remove();
  assemblies.without.remove();
  trust.remove();
});

beforeEach(async () => {
  servers = {
    [inside]: await serve(inside, ["intranet.internal"]),
    [neighbour]: await serve(neighbour, ["*.public.test"]),
    public: await serve("127.0.0.1", ["*.public.test"]),
  };
  dns = await startDnsServer({
    "good.public.test": { A: ["127.0.0.1"] },
    "prying.public.test": { A: [neighbour] },
  });
  const balancer = interfaceOf("intranet", inside);
  interfaces = [
    balancer,
    // Somebody in the account gave one of his own the same description.
    { ...balancer, privateIpAddress: neighbour, requesterManaged: false },
    { ...balancer, ipv6Addresses: ["fd00::5"] },
  ];
  vpcOrigin = vpcOriginOf("intranet", servers[inside].port);
  watch = undefined;
  await startAccount();
});
afterEach(async () => {
  await Promise.all([watch?.close(), vpcWorker.close()]);
  await Promise.all([aws.close(), dns.close(), ...Object.values(servers).map((each) => each.close())]);
});

async function startAccount() {
  const rights = rightsOf(assemblies.with, FUNCTIONS.watch);
  const origins = [
    throughVpcOrigin("intranet.internal", vpcOrigin),
    customOrigin("good.public.test", servers.public.port),
    customOrigin("prying.public.test", servers[neighbour].port),
  ];
  aws = await startAwsEndpoint({
    topics: [TOPIC_ARN],
    buckets: [STATE_BUCKET],
    isAllowed: (action, resource, region) => isAllowed(rights, { action, resource, region }),
    interfaces,
    vpcOrigins: [vpcOrigin],
    distributions: origins.map((origin, index) =>
      distribution(
        { id: `E1VPC${index}`, comment: "", origins: [origin], defaultBehavior: { target: origin.Id ?? "" } },
        account,
      ),
    ),
  });
  const additions = { ALLOWED_PRIVATE_NETWORKS: "127.0.1.0/24", EXTRA_TRUST_ANCHORS_FILES: trust.caFile };
  vpcWorker = await deployInside(assemblies.with, aws, "vpcOrigins", { places: 1, additions });
}

async function run(assembly: Assembly = assemblies.with) {
  watch ??= await deployFunction(assembly, FUNCTIONS.watch, aws, {
    DNS_SERVERS: dns.address,
    ALLOWED_PRIVATE_NETWORKS: "127.0.0.1/32",
    EXTRA_TRUST_ANCHORS_FILES: trust.caFile,
  });
  return runSeen(watch);
}

/** Puts something else in the place of the worker. */
function replace(script: (event: Buffer) => ReturnType<BoxWorker["invoke"]>): void {
  aws.functions.set(vpcWorker.arn, script);
}

describe("a VPC origin behind an internal name", () => {
  it("is unknown without a vantage inside", async () => {
    const { of, problems } = await run(assemblies.without);
    expect(of("intranet.internal")).toMatchObject({ verdict: "unknown", findings: [{ code: "vpc-origin" }] });
    expect(problems).toEqual([]);
    expect(aws.calls.filter(({ service }) => service === "ec2" || service === "lambda")).toEqual([]);
  });

  it("is judged with one, by what AWS says is behind it, and nothing else in the VPC is connected to", async () => {
    const { of, problems } = await run();
    expect(problems).toEqual([]);
    expect(of("intranet.internal")).toMatchObject({ verdict: "healthy", findings: [] });
    expect(of("intranet.internal").observed.addresses).toMatchObject([
      { address: inside, outcome: "handshake completed", seenFrom: vpcId },
    ]);
    expect(of("good.public.test").observed.addresses).toMatchObject([{ seenFrom: "us-east-1" }]);
    expect(codesOf(of("prying.public.test"))).toEqual(["dns-private-address 504"]);
    expect(servers[neighbour].connections()).toBe(0);
    expect(dns.queries().filter((name) => JSON.stringify(name).includes("internal"))).toEqual([]);
    const batches = vpcWorker.logs.map((line) => JSON.parse(line) as object);
    expect(batches).toMatchObject([{ message: "batch", connections: 1, answered: 1, vantage: vpcId }]);
  });

  it("costs no right that is not used, and the worker has none but on its two prefixes", async () => {
    await run();
    const hub = rightsOf(assemblies.with, FUNCTIONS.watch);
    const added = hub.filter(
      ({ actions, resources }) =>
        /ec2:|lambda:/.test(actions.join()) || resources.some((resource) => resource.includes("/fleet/")),
    );
    expect(added).toHaveLength(4);
    expect(unusedActions(added, aws.calls)).toEqual([]);
    const own = rightsOf(assemblies.with, `${worker}/Function`).filter(({ resources }) =>
      resources.every((resource) => resource.startsWith("arn:aws:s3:")),
    );
    expect(own.map(({ actions, resources }) => [actions, resources])).toEqual([
      [["s3:GetObject"], [`arn:aws:s3:::${STATE_BUCKET}/fleet/in/*`]],
      [["s3:PutObject"], [`arn:aws:s3:::${STATE_BUCKET}/fleet/out/*`]],
    ]);
    expect(unusedActions(own, vpcWorker.aws.calls)).toEqual([]);
    expect(vpcWorker.aws.calls.map(({ action, status }) => `${action} ${status}`)).toEqual([
      "s3:GetObject 200",
      "s3:PutObject 200",
    ]);
  });

  it("has only risks in what its certificate says and who vouches for it, and what it says of the time is certain", async () => {
    await servers[inside].close();
    const stranger = await createAuthority();
    const leaf = await stranger.leaf({ names: ["other.internal"] });
    const self = { chain: [leaf.certificatePem], keyPem: leaf.keyPem };
    servers = { ...servers, [inside]: await startTlsOrigin({ ...self, address: inside, port: servers[inside].port }) };
    const { of } = await run();
    const record = of("intranet.internal");
    expect(record.verdict).toBe("at-risk");
    expect(codesOf(record)).toEqual(expect.arrayContaining(["certificate-name-mismatch may"]));
    expect(codesOf(record).filter((code) => /(502|504)$/.test(code))).toEqual([]);
    expect(record.findings[0]?.explanation).toContain("AWS does not say what CloudFront demands");
    expect(record.findings[0]?.explanation).toContain(`from inside ${vpcId}`);
  });

  it("is closed, and called fixed by nobody, when the vantage is taken out again", async () => {
    await servers[inside].close();
    await run();
    await run();
    const subjects = () => aws.messages.map(({ subject }) => subject ?? "");
    expect(subjects().filter((subject) => subject.includes("intranet.internal"))).toHaveLength(1);
    await watch?.close();
    watch = undefined;
    const { of } = await run(assemblies.without);
    expect(of("intranet.internal").verdict).toBe("unknown");
    await run(assemblies.without);
    expect(subjects().filter((subject) => subject.startsWith("[OK]"))).toEqual([]);
    expect(subjects().filter((subject) => subject.startsWith("[CLOSED]"))).toHaveLength(1);
  });
});

describe("what the vantage does not look at", () => {
  it.each<[string, () => void, RegExp]>([
    [
      "is in another VPC",
      () => interfaces.splice(0, 9, ...interfaces.map((one) => ({ ...one, vpcId: "vpc-0a" }))),
      /in another VPC than/,
    ],
    ["has no interface", () => interfaces.splice(0, 9), /has no network interface/],
    ["is of another Region", () => retarget("eu-west-1", account), /in another Region than/],
    ["is of another account", () => retarget("us-east-1", "210987654321"), /only at what its own account has/],
  ])("stays unknown and says why: it %s", async (_, change, why) => {
    change();
    await vpcWorker.close();
    await aws.close();
    await startAccount();
    const { of, problems } = await run();
    expect(of("intranet.internal").findings).toMatchObject([
      { code: "vpc-origin", effect: "unseen", explanation: expect.stringMatching(why) },
    ]);
    expect(problems).toEqual([]);
    expect(vpcWorker.logs).toEqual([]);
  });

  function retarget(region: string, owner: string) {
    const arn = `arn:aws:elasticloadbalancing:${region}:${owner}:loadbalancer/app/intranet/0123456789abcdef`;
    vpcOrigin = {
      ...vpcOrigin,
      VpcOriginEndpointConfig: { ...vpcOrigin.VpcOriginEndpointConfig!, Arn: arn },
    };
  }

  it("is told where EC2 denies the question, and where the worker cannot be used, and no origin is blamed", async () => {
    aws.failNext("ec2:DescribeNetworkInterfaces", "access-denied", 9);
    const denied = await run();
    expect(denied.problems).toEqual([expect.stringMatching(/^details-unreadable: The network interfaces behind VPC/)]);
    expect(codesOf(denied.of("intranet.internal"))).toEqual(["vpc-origin unseen"]);
    aws.clearFaults();
    replace(async () => ({ payload: '{"errorType":"Runtime.OutOfMemory"}', failed: true }));
    const failed = await run();
    expect(failed.problems).toContainEqual(
      expect.stringMatching(/^vantage-failed: 1 of 1 connections .* from vpc-0123/),
    );
    expect(codesOf(failed.of("intranet.internal"))).toEqual(["out-of-time unseen"]);
    expect(failed.of("good.public.test").verdict).toBe("healthy");
  });

  it("believes no answer but the one that the worker says it stored", async () => {
    replace(async (event) => {
      const answer = await vpcWorker.invoke(event);
      const { key } = JSON.parse(String(event)) as { key: string };
      aws.objects.put(STATE_BUCKET, key.replace("/in/", "/out/"), '{"schemaVersion":1,"kind":"observed"}');
      return answer;
    });
    const { of, problems } = await run();
    expect(problems).toContainEqual(expect.stringMatching(/^vantage-failed: .*PreconditionFailed/));
    expect(of("intranet.internal").verdict).toBe("unknown");
  });
});

describe("what lies in the bucket", () => {
  const answerOf = (event: Buffer) =>
    (JSON.parse(String(event)) as { readonly key: string }).key.replace("/in/", "/out/");
  const stored = (key: string, text: string | Buffer) => {
    const { etag } = aws.objects.put(STATE_BUCKET, key, text);
    return { payload: JSON.stringify({ schemaVersion: 1, kind: "stored", etag }) };
  };
  /** What the worker stored, of the run before and of this one. */
  const answers: string[] = [];
  const remembering = async (event: Buffer) => {
    const answer = await vpcWorker.invoke(event);
    const [last] = aws.objects.versions(STATE_BUCKET, answerOf(event)).slice(-1);
    answers.push(String(last?.body));
    return answer;
  };
  // An answer that would be an outage, if it were believed.
  const dead = (text: string, changes: object) =>
    JSON.stringify({
      ...(JSON.parse(text) as object),
      observations: [{ key: "foreign", observation: { dns: { kind: "name-not-found" }, addresses: [] } }],
      ...changes,
    });

  it("is taken for no verdict where it was swapped, is foreign, is no answer or is far too much, and is said in words", async () => {
    replace(remembering);
    expect((await run()).problems).toEqual([]);
    const foreign: readonly (readonly [string, (event: Buffer) => ReturnType<BoxWorker["invoke"]>, RegExp])[] = [
      [
        "a batch that was swapped before it was read",
        async (event) => {
          const { key } = JSON.parse(String(event)) as { readonly key: string };
          aws.objects.put(STATE_BUCKET, key, "{}");
          return vpcWorker.invoke(event);
        },
        /the worker could not read the batch from S3/,
      ],
      [
        "the answer of the last run",
        async (event) => stored(answerOf(event), answers[0] ?? ""),
        /it is of another run/,
      ],
      [
        "somebody else's answer",
        async (event) => stored(answerOf(event), dead(answers[0] ?? "", {})),
        /another form than/,
      ],
      ["no JSON", async (event) => stored(answerOf(event), "<Error/>"), /it is not JSON/],
      [
        "much more than an answer may be",
        async (event) => stored(answerOf(event), Buffer.alloc(mostBatchBytes + 1, " ")),
        /is larger than 4194304 bytes/,
      ],
      [
        "an answer that is not there",
        async () => ({ payload: JSON.stringify({ schemaVersion: 1, kind: "stored", etag: '"gone"' }) }),
        /unless there is no such object|there is no s3:/,
      ],
      [
        "a place of the worker's own choice",
        async () => ({ payload: JSON.stringify({ schemaVersion: 1, kind: "stored", etag: "x", key: "state.json" }) }),
        /another form than/,
      ],
    ];
    for (const [what, script, why] of foreign) {
      replace(script);
      const { of, problems } = await run();
      expect(codesOf(of("intranet.internal")), what).toEqual(["out-of-time unseen"]);
      expect(of("good.public.test"), what).toMatchObject({ verdict: "healthy", findings: [] });
      const said = problems.filter((problem) => problem.startsWith("vantage-failed: "));
      expect(said, what).toEqual([expect.stringContaining(`1 of 1 connections were not observed from ${vpcId}: `)]);
      expect(said[0], what).toMatch(why);
    }
    replace(vpcWorker.invoke);
    const { of, problems } = await run();
    expect([of("intranet.internal").verdict, problems]).toEqual(["healthy", []]);
  });
});

describe("the worker in the VPC", () => {
  const runId = "0f9a1c52-7b1e-4f0a-9d1e-3c2b4a5d6e7f";
  const connection = () => ({
    key: "k",
    scheme: "https",
    domain: "intranet.internal",
    port: servers[inside].port,
    serverName: "intranet.internal",
    originSslProtocols: ["TLSv1.2"],
    ipAddressType: "ipv4",
    connectTimeoutMs: 10_000,
    connectAttempts: 1,
    alpn: [],
    share: [],
    leftOut: false,
    addresses: [inside],
  });
  const batch = (changes: object = {}, of: object = {}) => ({
    schemaVersion: 1,
    runId,
    batch: "0-0",
    nonce: "n",
    deadline: Date.now() + 90_000,
    connections: [{ ...connection(), ...of }],
    ...changes,
  });
  const put = (value: unknown, key = `fleet/in/${runId}/0`) => {
    const { etag } = aws.objects.put(STATE_BUCKET, key, JSON.stringify(value));
    return { schemaVersion: 1, key, etag };
  };
  const ask = async (event: object) => {
    const answer = await vpcWorker.invoke(Buffer.from(JSON.stringify(event)));
    return JSON.parse(String(answer?.payload)) as { kind: string; why?: string };
  };
  const observed = async (event: { readonly key: string }) => {
    expect(await ask(event)).toMatchObject({ kind: "stored" });
    const [stored] = aws.objects.versions(STATE_BUCKET, event.key.replace("/in/", "/out/")).slice(-1);
    const { observations } = JSON.parse(String(stored?.body)) as {
      observations: { observation: { addresses: { address: string; outcome: { kind: string; range?: string } }[] } }[];
    };
    return observations.flatMap(({ observation }) =>
      observation.addresses.map(({ address, outcome }) => `${address} ${outcome.kind} ${outcome.range ?? ""}`.trim()),
    );
  };

  it("connects to what a batch names that lies where only the function that watches writes", async () => {
    expect(await observed(put(batch()))).toEqual([`${inside} handshake-completed`]);
  });

  it("takes no batch by value, from elsewhere, of another run, swapped, or that asks for more", async () => {
    const reference = put(batch());
    const refused: readonly (readonly [string, object, string])[] = [
      ["a batch by value", batch(), "not-a-batch"],
      ["the state", { ...reference, key: "state.json" }, "not-a-batch"],
      ["a way out of the prefix", { ...reference, key: `fleet/in/${runId}/../../state.json` }, "not-a-batch"],
      ["an answer", { ...reference, key: `fleet/out/${runId}/0` }, "not-a-batch"],
      ["another bucket", { ...reference, bucket: "foreign" }, "not-a-batch"],
      ["another release", { ...reference, schemaVersion: 2 }, "other-release"],
      ["an object that is missing", { ...reference, key: `fleet/in/${runId}/77` }, "batch-unreadable"],
      ["a batch of another run", put(batch(), "fleet/in/11111111-7b1e-4f0a-9d1e-3c2b4a5d6e7f/0"), "not-a-batch"],
      ["a public connection", put(batch({}, { addresses: undefined }), `fleet/in/${runId}/1`), "not-a-batch"],
      ["port 25", put(batch({}, { port: 25 }), `fleet/in/${runId}/2`), "not-a-batch"],
      [
        "a name in the place of an address",
        put(batch({}, { addresses: ["a.test"] }), `fleet/in/${runId}/3`),
        "not-a-batch",
      ],
      ["leave for more", put(batch({ allowPrivate: true }), `fleet/in/${runId}/4`), "not-a-batch"],
      ["no JSON", put("x", `fleet/in/${runId}/5`), "not-a-batch"],
    ];
    for (const [what, event, why] of refused)
      expect([what, await ask(event)]).toEqual([what, { schemaVersion: 1, kind: "refused", why }]);
    put(batch());
    put("swapped");
    expect(await ask(reference)).toMatchObject({ kind: "refused", why: "batch-unreadable" });
    expect(servers[inside].connections()).toBe(0);
  });

  it("connects to nothing outside of the VPC, whoever names it", async () => {
    const addresses = ["127.0.0.1", "169.254.169.254", "10.1.0.9", "93.184.216.34", "224.0.0.1", "::1"];
    expect(await observed(put(batch({}, { addresses })))).toEqual([
      "127.0.0.1 not-dialled loopback",
      "169.254.169.254 not-dialled link-local",
      "10.1.0.9 not-dialled outside of the VPC",
      "93.184.216.34 not-dialled outside of the VPC",
      "224.0.0.1 not-dialled multicast",
      "::1 not-dialled unspecified or loopback",
    ]);
  });
});
