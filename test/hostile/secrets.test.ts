import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountDistributions, SECRET_MARKER } from "../sandbox/account-distributions.ts";
import {
  BOARD_KEY,
  type Deployment,
  deploy,
  deployFunction,
  FUNCTIONS,
  MEMORY_KEY,
  STATE_BUCKET,
  STATE_KEY,
  topicEvent,
} from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import { type Assembly, synthesise } from "../sandbox/lambda/assembly.ts";
import { FunctionError } from "../sandbox/lambda/function.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startRawOrigin } from "../sandbox/raw-origin.ts";
import { runCommand } from "../terminal/run-check.ts";

// One marker stands in every place where a secret may be: values of custom headers, keys and tokens, cookies and targets
// that an origin answers with, what a proxy says, values of parameters. It is looked for in all that comes out.

const answers = [
  `HTTP/1.1 302 Found\r\nLocation: https://x.test/?token=${SECRET_MARKER}\r\n\r\n`,
  `HTTP/1.1 200 OK\r\nSet-Cookie: session=${SECRET_MARKER}\r\n\r\n`,
  `HTTP/1.0 401 No\nWWW-Authenticate: Basic realm="${SECRET_MARKER}"\n\n`,
  `http/1.1 400 Bad Request\r\n\r\n${SECRET_MARKER}`,
  `220 mail.test\r\n250 ${SECRET_MARKER}\r\n`,
  `${"x".repeat(200)}${SECRET_MARKER}`,
];

const loginFunction = "arn:aws:cloudfront::123456789012:function/login";
const loginCode = `var password = "${SECRET_MARKER}";
// ${SECRET_MARKER}
function handler(event) { return { statusCode: 401, body: "${SECRET_MARKER}" }; }`;

let assembly: Assembly;
let box: Deployment;
let leaky: readonly Listener[];
let folder: string;

beforeAll(async () => {
  assembly = await synthesise({ eventBus: "default", securityHub: true, muteTags: true, readFunctions: true });
  box = await deploy(assembly, {
    isAllowed: () => true,
    tags: { E0LEAKY: { "api-key": SECRET_MARKER } },
    functions: { [loginFunction]: loginCode },
  });
  leaky = await Promise.all(answers.map((bytes) => startRawOrigin({ kind: "reply", bytes })));
  box.account.dns.set("leaky.test", { A: ["127.0.0.1"] });
  box.account.aws.setDistributions(all());
  folder = mkdtempSync(join(tmpdir(), "origin-watch-secrets-"));
});
afterAll(async () => {
  await Promise.all([...leaky.map((each) => each.close()), box.close()]);
  assembly.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The account in a box, and origins that tell secrets to whoever asks. */
function all() {
  const port = (domain: string) => box.account.origins.find((origin) => origin.domain === domain)?.port ?? 0;
  const origins = leaky.map(({ port: at }, index) => ({
    ...customOrigin("leaky.test", at, { headers: { Authorization: SECRET_MARKER } }),
    Id: `o${index}`,
  }));
  const behaviors = origins.map(({ Id }) => ({ pathPattern: `/${Id}`, target: Id }));
  const outline = { id: "E0LEAKY", comment: "", origins, defaultBehavior: { target: "o0" }, behaviors };
  const base = distribution(outline, "123456789012");
  const Items = [{ FunctionARN: loginFunction, EventType: "viewer-request" as const }];
  const DefaultCacheBehavior = { ...base.DefaultCacheBehavior!, FunctionAssociations: { Quantity: 1, Items } };
  return [{ ...base, DefaultCacheBehavior }, ...accountDistributions(port)];
}

/** Everything that the functions have written anywhere. */
function written(): string {
  const { aws } = box.account;
  const objects = [STATE_KEY, BOARD_KEY, MEMORY_KEY].flatMap((key) => aws.objects.versions(STATE_BUCKET, key));
  const texts = objects.map(({ body }) => (body[0] === 0x1f ? gunzipSync(body) : body).toString());
  return JSON.stringify([texts, aws.messages, aws.events, [...aws.securityFindings]]);
}

describe("the functions", () => {
  it("show no secret in a log, a message, an object, an event, a finding or a page", async () => {
    const logs: string[] = [];
    for (let run = 0; run < 2; run += 1) logs.push(...(await box.handler.invoke()).logs);
    const { aws } = box.account;
    const [relay, board] = await Promise.all(
      [FUNCTIONS.relay, FUNCTIONS.statusBoard].map((path) => deployFunction(assembly, path, aws)),
    );
    if (relay === undefined || board === undefined) throw new Error("not deployed");
    const notices = aws.messages.map(({ message }) => JSON.parse(message) as { lambda?: string; default: string });
    for (const [index, notice] of notices.entries()) {
      const event = topicEvent(`m${index}`, notice.lambda ?? notice.default);
      logs.push(...(await relay.invoke({ event })).logs);
    }
    const page = await board.invoke({
      event: { widgetContext: { params: {}, forms: { all: {} }, width: 900, theme: "light" } },
    });
    logs.push(...page.logs, JSON.stringify(page.value));
    await Promise.all([relay.close(), board.close()]);
    expect(written()).toContain("tls-not-spoken");
    expect(written()).toContain("may-answer");
    expect(aws.messages.length * aws.events.length * aws.securityFindings.size).toBeGreaterThan(0);
    expect(logs.join("\n")).toContain("HTTP/1.1 302 Found");
    expect(`${logs.join("\n")}${written()}`).not.toContain(SECRET_MARKER);
  });

  it.each([
    "cloudfront:ListDistributions",
    "cloudfront:ListCachePolicies",
    "cloudfront:ListTagsForResource",
    "cloudfront:GetFunction",
    "s3:GetObject",
    "s3:PutObject",
    "sns:Publish",
  ])("show no secret where %s is denied, fails, or is answered by somebody else", async (action) => {
    for (const fault of ["access-denied", "expired-token", "internal-error", "proxy-page"] as const) {
      box.account.aws.failNext(action, fault, 3);
      const logs = await box.handler.invoke().then(
        (run) => run.logs,
        (error: unknown) => {
          if (!(error instanceof FunctionError)) throw error;
          return [...error.logs, error.message, JSON.stringify(error)];
        },
      );
      box.account.aws.clearFaults();
      expect(logs.length).toBeGreaterThan(0);
      expect(`${logs.join("\n")}${written()}`).not.toContain(SECRET_MARKER);
    }
  });
});

describe("the terminal", () => {
  const tails = [
    ["check"],
    ["check", "--read-functions"],
    ["explain", "--origin", "leaky.test"],
    ["what-if", "--protocols", "TLSv1"],
    ["watch", "--for", "1"],
  ];
  const cases = tails.flatMap(([command = "", ...more]) =>
    [[], ["--json"]].map((mode) => ({ command, more: [...more, ...mode] })),
  );

  async function expectNoSecret(args: readonly string[]): Promise<void> {
    const { account } = box;
    const environment = {
      ...account.aws.environment,
      AWS_SECRET_ACCESS_KEY: SECRET_MARKER,
      AWS_SESSION_TOKEN: SECRET_MARKER,
    };
    const into = ["--dns-server", account.dns.address, "--ca", account.caFile, "--allow-private"];
    const { stdout, stderr } = await runCommand([...args, ...into], { environment });
    // As JSON it says only what would be different.
    if (args[0] !== "what-if") expect(`${stdout}${stderr}`).not.toBe("");
    expect(`${stdout}${stderr}`).not.toContain(SECRET_MARKER);
  }

  it.each(cases)("shows no secret with $command account $more", async ({ command, more }) => {
    if (!more.includes("--for") || !more.includes("--json")) await expectNoSecret([command, "account", ...more]);
  });

  it.each(cases.filter(({ command, more }) => command !== "watch" && !more.includes("--read-functions")))(
    "shows no secret with $command template $more",
    async ({ command, more }) => {
      const origins = leaky.map(({ port }, index) => ({
        Id: `o${index}`,
        DomainName: "leaky.test",
        OriginCustomHeaders: [
          { HeaderName: "X-A", HeaderValue: SECRET_MARKER },
          { HeaderName: "X-B", HeaderValue: { Ref: "Secret" } },
        ],
        CustomOriginConfig: { OriginProtocolPolicy: "https-only", HTTPSPort: port, OriginSSLProtocols: ["TLSv1.2"] },
      }));
      const behavior = { ViewerProtocolPolicy: "https-only", CachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6" };
      const config = {
        Enabled: true,
        Origins: origins,
        DefaultCacheBehavior: { ...behavior, TargetOriginId: "o0" },
        CacheBehaviors: origins.slice(1).map(({ Id }) => ({ ...behavior, TargetOriginId: Id, PathPattern: `/${Id}` })),
      };
      const template = {
        Metadata: { key: SECRET_MARKER },
        Parameters: { Secret: { Type: "String", NoEcho: true, Default: SECRET_MARKER } },
        Resources: {
          Site: { Type: "AWS::CloudFront::Distribution", Properties: { DistributionConfig: config } },
          Other: { Type: "AWS::SecretsManager::Secret", Properties: { SecretString: SECRET_MARKER } },
        },
        Outputs: { Key: { Value: SECRET_MARKER } },
      };
      const file = join(folder, "site.json");
      writeFileSync(file, JSON.stringify(template));
      await expectNoSecret([command, "template", file, ...more]);
    },
  );

  it.each(cases.filter(({ command, more }) => command !== "watch" && !more.includes("--read-functions")))(
    "shows no secret with $command config $more",
    async ({ command, more }) => {
      const file = join(folder, "account.json");
      writeFileSync(file, JSON.stringify({ DistributionList: { Items: all() } }));
      await expectNoSecret([command, "config", file, ...more]);
    },
  );

  it("shows no secret with check origin", async () => {
    for (const { port } of leaky) await expectNoSecret(["check", "origin", `leaky.test:${port}`, "--json"]);
  });

  it("shows no secret of a profile's credential process", async () => {
    const config = join(folder, "profiles");
    writeFileSync(
      config,
      `[profile p]\ncredential_process = sh -c "echo ${SECRET_MARKER} >&2; echo ${SECRET_MARKER}; exit 1" ${SECRET_MARKER}\n`,
    );
    const environment = { ...box.account.aws.environment, AWS_CONFIG_FILE: config };
    const { stdout, stderr } = await runCommand(["check", "account", "--profile", "p"], { environment });
    expect(stderr).toContain("credential process");
    expect(`${stdout}${stderr}`).not.toContain(SECRET_MARKER);
  });

  it("shows no secret in its files", async () => {
    const [xml, page] = [join(folder, "junit.xml"), join(folder, "report.html")];
    await expectNoSecret(["check", "account", "--junit", xml, "--report", page]);
    const files = `${readFileSync(xml, "utf8")}${readFileSync(page, "utf8")}`;
    expect(files).toContain("leaky.test");
    expect(files).not.toContain(SECRET_MARKER);
  });

  it.each([
    ["a list that is cut off", `{"DistributionList":{"Items":[{"Id":"E1","x":"${SECRET_MARKER}"`],
    [
      "a value of the wrong type",
      JSON.stringify({ DistributionList: { Items: [{ Id: { a: SECRET_MARKER }, Origins: SECRET_MARKER }] } }),
    ],
    ["something else", JSON.stringify({ [SECRET_MARKER.toLowerCase()]: SECRET_MARKER, token: SECRET_MARKER })],
  ])("repeats nothing of %s", async (_, text) => {
    const file = join(folder, "list.json");
    writeFileSync(file, text);
    await expectNoSecret(["check", "config", file]);
    await expectNoSecret(["check", "template", file]);
  });
});
