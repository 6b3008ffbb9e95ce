import { afterAll, beforeAll, expect, it } from "vitest";
import { egressVantage } from "../../lambda/probe/observation.ts";
import { isAllowed, unusedActions } from "../lib/iam.ts";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import { type Authority, createAuthority } from "../sandbox/authority.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { deployFunction, FUNCTIONS, rightsOf, STATE_BUCKET, STATE_KEY, TOPIC_ARN } from "../sandbox/deployment.ts";
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
  interfaceOf,
  inVpc,
  metIn,
  moveVpc,
  region,
  runSeen,
  throughVpcOrigin,
  trustIn,
  vpcId,
  vpcOriginOf,
} from "./vpc-box.ts";

// Both that a VPC is for, in one stack and in the same runs: a VPC origin, a public origin whose firewall admits CloudFront and
// the fixed addresses of the VPC, one that everybody reaches, and one whose public address is the VPC's own. What happens to
// them is told in order; each test goes on where the one before it ended.

const [balancer, own, open, walled] = ["127.0.1.5", "127.0.1.6", "127.0.0.1", "127.0.2.1"] as const;
const domains = { vpcOrigin: "intranet.internal", walled: "walled.public.test", open: "open.public.test" };
const egress = egressVantage(vpcId);

let assemblies: Readonly<Record<"both" | "egress" | "none", Assembly>>;
let authority: Authority;
let trust: ReturnType<typeof trustIn>;
let servers: Readonly<Record<typeof balancer | typeof own | typeof open | typeof walled, TlsOrigin>>;
let dns: DnsServer;
let aws: AwsEndpoint;
let outside: BoxWorker;
let inside: Readonly<Record<keyof typeof insideWorkers, InsideWorker>>;
let rights: ReturnType<typeof rightsOf>;
let watch: LocalFunction | undefined;

beforeAll(async () => {
  const [both, onlyEgress, none, made] = await Promise.all([
    synthesise({ ...inVpc, vpcFor: "vpcOrigins,egress", fleet: true }),
    synthesise({ ...inVpc, vpcFor: "egress", fleet: true }),
    synthesise({ fleet: true, reserveConcurrency: false }),
    createAuthority(),
  ]);
  assemblies = { both, egress: onlyEgress, none };
  for (const assembly of [both, onlyEgress]) moveVpc(assembly);
  authority = made;
  trust = trustIn(authority);
  const leaf = await authority.leaf({ names: ["*.public.test", domains.vpcOrigin] });
  const good = { chain: [leaf.certificatePem], keyPem: leaf.keyPem };
  const first = await startTlsOrigin({ ...good, address: open });
  const [behind, inThere, ofVpc] = await Promise.all(
    [walled, balancer, own].map((address) => startTlsOrigin({ ...good, address, port: first.port })),
  );
  servers = { [open]: first, [walled]: behind!, [balancer]: inThere!, [own]: ofVpc! };
  dns = await startDnsServer({
    [domains.open]: { A: [open] },
    [domains.walled]: { A: [walled] },
    "own.public.test": { A: [own] },
  });
  const vpcOrigin = vpcOriginOf("intranet", first.port);
  const publicOrigins = [domains.open, domains.walled, "own.public.test"].map((name) => customOrigin(name, first.port));
  aws = await startAwsEndpoint({
    topics: [TOPIC_ARN],
    buckets: [STATE_BUCKET],
    isAllowed: (action, resource, to) => isAllowed(rights, { action, resource, region: to }),
    interfaces: [interfaceOf("intranet", balancer)],
    vpcOrigins: [vpcOrigin],
    distributions: [throughVpcOrigin(domains.vpcOrigin, vpcOrigin), ...publicOrigins].map((origin, index) =>
      distribution(
        { id: `E1BOTH${index}`, comment: "", origins: [origin], defaultBehavior: { target: origin.Id ?? "" } },
        ACCOUNT_ID,
      ),
    ),
  });
  const common = { DNS_SERVERS: dns.address, EXTRA_TRUST_ANCHORS_FILES: trust.caFile };
  const anywhere = { ...common, ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8" };
  outside = deployWorker(both, aws, { region, places: 1, additions: anywhere });
  aws.functions.set(outside.arn, asFromLambda(outside.invoke, { walled }));
  const ofVpcOrigins = { ...common, ALLOWED_PRIVATE_NETWORKS: "127.0.1.0/24" };
  inside = {
    vpcOrigins: await deployInside(both, aws, "vpcOrigins", { places: 1, additions: ofVpcOrigins }),
    egress: await deployInside(both, aws, "egress", { places: 1, additions: anywhere }),
  };
  watch = await deploy(both);
});
afterAll(async () => {
  await Promise.all([watch?.close(), outside.close(), ...Object.values(inside).map((each) => each.close())]);
  await Promise.all([aws.close(), dns.close(), ...Object.values(servers).map((each) => each.close())]);
  for (const assembly of Object.values(assemblies)) assembly.remove();
  trust.remove();
});

/** The function that watches as it is deployed then, with the rights that it has then. */
function deploy(assembly: Assembly): Promise<LocalFunction> {
  rights = rightsOf(assembly, FUNCTIONS.watch);
  return deployFunction(assembly, FUNCTIONS.watch, aws, {
    DNS_SERVERS: dns.address,
    EXTRA_TRUST_ANCHORS_FILES: trust.caFile,
    ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
  });
}

let read = 0;
/** What was told since the last call, without the word that Origin Watch works. */
function told() {
  const since = aws.messages.slice(read);
  read = aws.messages.length;
  return since
    .filter(({ subject = "" }) => !subject.startsWith("[STARTED]"))
    .map(({ subject = "", message }) => ({
      subject,
      email: (JSON.parse(message) as { email: string }).email.replaceAll(/\s+/g, " "),
    }));
}

const batchesOf = ({ logs }: BoxWorker) =>
  logs.map((line) => JSON.parse(line) as { connections: number }).map(({ connections }) => connections);

it("is looked at by each for what it is for, and by nobody for more", async () => {
  const { of, problems } = await runSeen(watch!);
  expect(problems).toEqual([]);
  expect(told()).toEqual([]);
  expect(metIn(of(domains.vpcOrigin))).toEqual([`${vpcId} ${balancer} handshake completed`]);
  expect(metIn(of(domains.walled))).toEqual([
    `us-east-1 ${walled} connection timed out`,
    `${egress} ${walled} handshake completed`,
  ]);
  expect(metIn(of(domains.open))).toEqual([
    `us-east-1 ${open} handshake completed`,
    `${egress} ${open} handshake completed`,
  ]);
  for (const domain of [...Object.values(domains), "own.public.test"]) {
    expect(of(domain), domain).toMatchObject({ verdict: "healthy", findings: [] });
  }
  expect(batchesOf(inside.vpcOrigins)).toEqual([1]);
  expect(batchesOf(inside.egress)).toEqual([3]);
  // From outside, as everybody; not from inside, where it may be past every firewall.
  expect(servers[own].connections()).toBe(1);
});

it("costs no right that is not used, and each worker has none of the other's", async () => {
  const added = rightsOf(assemblies.both, FUNCTIONS.watch).filter(({ actions, resources }) =>
    /lambda:|ec2:|\/fleet\//.test([...actions, ...resources].join()),
  );
  expect(added.flatMap(({ actions }) => actions).toSorted()).toEqual([
    "ec2:DescribeNetworkInterfaces",
    "lambda:InvokeFunction",
    "s3:GetObject",
    "s3:PutObject",
  ]);
  expect(unusedActions(added, aws.calls)).toEqual([]);
  const invoked = aws.calls.filter(({ action }) => action === "lambda:InvokeFunction").map(({ resource }) => resource);
  const workers = [outside.arn, inside.vpcOrigins.arn, inside.egress.arn].toSorted();
  expect(invoked.toSorted()).toEqual(workers);
  expect(added.find(({ actions }) => actions.includes("lambda:InvokeFunction"))?.resources.toSorted()).toEqual(workers);
  expect(inside.egress.aws.calls).toEqual([]);
  expect(inside.vpcOrigins.aws.calls.map(({ action, status }) => `${action} ${status}`)).toEqual([
    "s3:GetObject 200",
    "s3:PutObject 200",
  ]);
  const bucket = `arn:aws:s3:::${STATE_BUCKET}`;
  const mays = (purpose: keyof typeof insideWorkers) =>
    [
      ["s3:GetObject", `${bucket}/fleet/in/a`],
      ["s3:PutObject", `${bucket}/fleet/in/a`],
      ["s3:GetObject", `${bucket}/fleet/out/a`],
      ["s3:PutObject", `${bucket}/fleet/out/a`],
      ["s3:GetObject", `${bucket}/${STATE_KEY}`],
      ["lambda:InvokeFunction", inside.vpcOrigins.arn],
      ["lambda:InvokeFunction", inside.egress.arn],
    ].filter(([action = "", resource = ""]) => {
      const rights = rightsOf(assemblies.both, `${insideWorkers[purpose].construct}/Function`);
      return isAllowed(rights, { action, resource, region, sourceFunction: inside[purpose].arn });
    });
  expect(mays("egress")).toEqual([]);
  expect(mays("vpcOrigins")).toEqual([
    ["s3:GetObject", `${bucket}/fleet/in/a`],
    ["s3:PutObject", `${bucket}/fleet/out/a`],
  ]);
});

it("is told with where it was seen from, in mail, record and board", async () => {
  const leaf = await authority.leaf({
    names: ["*.public.test", domains.vpcOrigin],
    notBefore: new Date(Date.now() - 30 * 86_400_000),
    notAfter: new Date(Date.now() - 86_400_000),
  });
  for (const address of [balancer, walled] as const) {
    servers[address].present({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
  }
  const { of, problems } = await runSeen(watch!);
  expect(problems).toEqual([]);
  expect(codesOf(of(domains.vpcOrigin))).toEqual(["certificate-expired 502"]);
  expect(of(domains.walled).findings).toMatchObject([
    { code: "certificate-expired", effect: "502", seenFrom: [egress] },
  ]);
  const messages = told();
  expect(messages.map(({ subject }) => subject)).toEqual([
    expect.stringMatching(/^\[502\] intranet\.internal:\d+: certificate expired/),
    expect.stringMatching(/^\[502\] walled\.public\.test:\d+: certificate expired/),
  ]);
  expect(messages[0]?.email).toContain(`This was seen from inside ${vpcId}, where a command has to run too.`);
  expect(messages[0]?.email).not.toContain("fixed addresses");
  expect(messages[1]?.email).toContain(`Seen from the fixed addresses of ${vpcId}, not from us-east-1.`);
  const board = await shownBoard();
  expect(board).toContain(`the fixed addresses of ${vpcId}`);
  for (const domain of Object.values(domains)) expect(board).toContain(domain);
  expect(board).not.toContain(egress);
});

it("is told of one worker that fails, and goes on with what the other looks at", async () => {
  const failed = { payload: '{"errorType":"Runtime.OutOfMemory"}', failed: true } as const;
  const failing = async (purpose: keyof typeof insideWorkers) => {
    aws.functions.set(inside[purpose].arn, async () => failed);
    const { problems, of } = await runSeen(watch!);
    aws.functions.set(inside[purpose].arn, inside[purpose].invoke);
    return { problems, found: [domains.vpcOrigin, domains.walled].map((domain) => codesOf(of(domain)).join()) };
  };
  const withoutOne = await failing("vpcOrigins");
  expect(withoutOne.found).toEqual(["out-of-time unseen", "certificate-expired 502"]);
  expect(withoutOne.problems).toContainEqual(
    expect.stringMatching(/^vantage-failed: 1 of 1 connections were not observed from vpc-0123456789abcdef0:/),
  );
  const withoutOther = await failing("egress");
  expect(withoutOther.found).toEqual(["certificate-expired 502", "connection-timed-out unseen"]);
  expect(withoutOther.problems).toContainEqual(
    expect.stringMatching(/^vantage-failed: 3 of 3 connections .* from the fixed addresses of vpc-01234/),
  );
  expect((await runSeen(watch!)).problems).toEqual([]);
  // What is told is of the workers, and nothing of an origin, least of all that it is fixed.
  const subjects = told().map(({ subject }) => subject);
  expect(subjects.filter((subject) => !/^\[(?:PROBLEM|FIXED)\] Origin Watch\b/.test(subject))).toEqual([]);
  expect(subjects.at(-1)).toMatch(/^\[FIXED\] /);
});

it("closes what only the one saw that is taken out, and calls nothing fixed", async () => {
  const without = async (assembly: Assembly) => {
    await watch?.close();
    watch = await deploy(assembly);
    await runSeen(watch);
    await runSeen(watch);
    return told().map(({ subject }) => /^\[.*?\] [^:]*/.exec(subject)?.[0]);
  };
  expect(await without(assemblies.egress)).toEqual(["[CLOSED] intranet.internal", "[NOT CHECKED] intranet.internal"]);
  // That it cannot be checked from now on is said once a day, and was just said of another one.
  expect(await without(assemblies.none)).toEqual(["[CLOSED] walled.public.test"]);
});

/** What the status board shows, by a function with the rights of its own role. */
async function shownBoard(): Promise<string> {
  const rights = rightsOf(assemblies.both, FUNCTIONS.statusBoard);
  const ofBoard = await startAwsEndpoint({
    objects: aws.objects,
    buckets: [STATE_BUCKET],
    isAllowed: (action, resource) => isAllowed(rights, { action, resource }),
  });
  const board = await deployFunction(assemblies.both, FUNCTIONS.statusBoard, ofBoard);
  const { value } = await board.invoke({ event: { widgetContext: { params: {}, width: 1_400, height: 600 } } });
  await Promise.all([board.close(), ofBoard.close()]);
  return String(value);
}
