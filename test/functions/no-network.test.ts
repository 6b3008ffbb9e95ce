import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { createAuthority } from "../sandbox/authority.ts";
import { type AwsEndpoint, startAwsEndpoint } from "../sandbox/aws/endpoint.ts";
import { deployFunction, FUNCTIONS, STATE_BUCKET, TOPIC_ARN } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type DnsServer, startDnsServer, type ZoneEntry } from "../sandbox/dns-server.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import type { LocalFunction } from "../sandbox/lambda/function.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startTlsOrigin } from "../sandbox/tls-origin.ts";

// Three hundred origins that could be reached, and then a run that reaches none of them. CloudFront's API has a name for
// once: the operating system always knows it, the name server of the origins when it is told to.

const names = Array.from({ length: 300 }, (_, index) => `o${String(index).padStart(3, "0")}.dark.test`);
const apiHost = "localhost";

let assembly: Assembly;
let folder: string;
let server: Listener;
let caFile: string;
let aws: AwsEndpoint;
let dns: DnsServer;
let watch: LocalFunction;

beforeAll(async () => {
  const [synthesised, authority] = await Promise.all([synthesise(), createAuthority()]);
  assembly = synthesised;
  const leaf = await authority.leaf({ names: ["*.dark.test"] });
  server = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
  folder = mkdtempSync(join(tmpdir(), "origin-watch-no-network-"));
  caFile = join(folder, "root.pem");
  writeFileSync(caFile, authority.certificatePem);
});
afterAll(async () => {
  await server.close();
  assembly.remove();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  dns = await startDnsServer();
  aws = await startAwsEndpoint({ topics: [TOPIC_ARN], buckets: [STATE_BUCKET], distributions: distributionsOf(names) });
  const api = new URL(aws.url);
  api.hostname = apiHost;
  watch = await deployFunction(assembly, FUNCTIONS.watch, aws, {
    AWS_ENDPOINT_URL_CLOUDFRONT: api.origin,
    DNS_SERVERS: dns.address,
    ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
    EXTRA_TRUST_ANCHORS_FILES: caFile,
  });
});
afterEach(() => Promise.all([watch.close(), aws.close(), dns.close()]));

function distributionsOf(domains: readonly string[]) {
  const chunks = Array.from({ length: Math.ceil(domains.length / 25) }, (_, n) => domains.slice(n * 25, n * 25 + 25));
  return chunks.map((chunk, index) => {
    const behaviors = chunk.map((domain) => ({ pathPattern: `/${domain}`, target: domain }));
    const origins = chunk.map((domain) => customOrigin(domain, server.port));
    const outline = {
      id: `E1DARK${index}`,
      comment: "",
      origins,
      defaultBehavior: { target: chunk[0] ?? "" },
      behaviors,
    };
    return distribution(outline, "123456789012");
  });
}

function answerAll(domains: readonly string[], entry: ZoneEntry) {
  for (const domain of domains) dns.set(domain, entry);
}
const up = { A: ["127.0.0.1"] };
const down: ZoneEntry = { rcode: "SERVFAIL" };

/** What a run publishes, but for the first message after deployment, and how its connections were judged. */
async function run() {
  const before = aws.messages.length;
  const { logs } = await watch.invoke();
  const records = logs.map((line) => JSON.parse(line) as { message?: string; problems?: unknown });
  const messages = aws.messages.slice(before).filter(({ subject }) => subject?.startsWith("[STARTED]") !== true);
  const connections = records.filter(({ message }) => message === "connection") as unknown as ConnectionRecord[];
  return {
    verdicts: [...new Set(connections.map(({ verdict }) => verdict))],
    problems: records.find(({ message }) => message === "run")?.problems,
    messages,
    subjects: messages.map(({ subject }) => subject ?? ""),
  };
}

describe("a run that reaches none of 300 origins", () => {
  it("says that it has no network where CloudFront's API cannot be resolved either, and leaves what is open", async () => {
    answerAll(names, up);
    dns.set("o000.dark.test", { rcode: "NXDOMAIN" });
    await run();
    expect((await run()).subjects).toEqual([expect.stringMatching(/^\[502\] o000\.dark\.test/)]);

    answerAll(names, down);
    const first = await run();
    expect(first.verdicts).toEqual(["unknown"]);
    expect(first.subjects).toEqual([expect.stringMatching(/^\[PROBLEM\] .*reaches nothing/)]);
    expect(first.messages[0]?.message).toMatch(/None of 300 origins .*localhost:\d+ \(not resolved\)/);
    expect(first.messages[0]?.message).toContain("Open incidents stay open.");
    expect([...(await run()).subjects, ...(await run()).subjects]).toEqual([]);

    answerAll(names, up);
    dns.set("o000.dark.test", { rcode: "NXDOMAIN" });
    const last = await run();
    expect(last.subjects).toEqual([expect.stringMatching(/^\[FIXED\] Origin Watch, was:/)]);
    expect((await run()).subjects).toEqual([]);
  });

  it("says once that it is the origins where CloudFront's API answers", async () => {
    answerAll(names, up);
    dns.set(apiHost, up);
    expect((await run()).subjects).toEqual([]);

    answerAll(names, down);
    const runs = [await run(), await run(), await run()];
    expect(runs.flatMap(({ subjects }) => subjects)).toEqual([
      expect.stringMatching(/^\[PROBLEM\] .*no origin gives any answer/),
    ]);
    expect(runs[0]?.messages[0]?.message).toMatch(/None of 300 origins .* and 290 more/);
    expect(runs.map(({ problems }) => problems)).toMatchObject(Array(3).fill([{ code: "all-origins-dark" }]));

    // One that answers is enough: the others are origins that cannot be checked again.
    answerAll(names.slice(0, 1), up);
    const some = [await run(), await run()].flatMap(({ subjects }) => subjects);
    expect(some).toEqual([expect.stringMatching(/^\[FIXED\]/), expect.stringMatching(/^\[NOT CHECKED\]/)]);
  });

  it("says nothing of a network where nothing was ever reached", async () => {
    answerAll(names, down);
    expect([await run(), await run()].flatMap(({ subjects }) => subjects)).toEqual([
      expect.stringMatching(/^\[NOT CHECKED\]/),
    ]);
  });
});
