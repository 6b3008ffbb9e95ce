import { App, Fn, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { IpProtocol, type IVpc, Vpc } from "aws-cdk-lib/aws-ec2";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, describe, expect, it } from "vitest";
import flags from "../../cdk.json" with { type: "json" };
import { workerName } from "../../lambda/contract/vantages.ts";
import { egressWorkerName } from "../../lambda/contract/vpc.ts";
import { ConfigError, readConfig } from "../../lib/config.ts";
import { OriginWatch, type VpcVantageProps } from "../../lib/origin-watch.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";
import { nagFindings } from "./nag.ts";

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

const env = { account: "123456789012", region: "eu-west-1" };
const mail = { alertEmail: "ops@example.com" };
const vpcId = "vpc-0123456789abcdef0";
const inVpc = { vpcId, subnetIds: "subnet-0123456789abcdef0,subnet-0123456789abcdef1", vpcCidrs: "10.0.0.0/16" };
const egress = { ...inVpc, vpcFor: "egress" };

function stackOf(context: object): Stack {
  const app = new App({ context: flags.context });
  return new OriginWatchStack(app, "OriginWatch", readConfig({ ...mail, ...context }), { env });
}

type Statement = {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: unknown;
  readonly Resource: unknown;
};

function statementsOf(template: Template, role: RegExp): Statement[] {
  return Object.entries(template.findResources("AWS::IAM::Policy"))
    .filter(([id]) => role.test(id))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
}

/** The functions that ARNs name, whole: a wildcard is none. */
const namesIn = (resource: unknown) =>
  [...JSON.stringify(resource).matchAll(/:function:([^"]+)"/g)].map(([, name]) => name);

const variablesOf = (template: Template, id: RegExp) =>
  Object.entries(template.findResources("AWS::Lambda::Function")).find(([logical]) => id.test(logical))?.[1].Properties
    .Environment.Variables as Readonly<Record<string, unknown>>;

const rules = (peer: object) =>
  [
    [80, 80],
    [443, 443],
    [1_024, 65_535],
  ].map(([FromPort, ToPort]) => ({ ...peer, FromPort, ToPort, IpProtocol: "tcp", Description: "Origins" }));

describe("the fixed addresses of a VPC", () => {
  const template = Template.fromStack(stackOf({ ...egress, neverDial: "10.200.0.0/16" }));

  it("are one function in the subnets, told what it must not connect to", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "OriginWatch-egress-123456789012",
      ReservedConcurrentExecutions: 10,
      Timeout: 120,
      VpcConfig: {
        SubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
        SecurityGroupIds: [Match.anyValue()],
        Ipv6AllowedForDualStack: Match.absent(),
      },
    });
    const { NODE_OPTIONS: _, ...told } = variablesOf(template, /EgressWorker/);
    expect(told).toEqual({ VPC_ID: vpcId, VPC_CIDRS: "10.0.0.0/16", NEVER_DIAL: "10.200.0.0/16" });
    template.resourceCountIs("AWS::Lambda::Permission", 0);
    template.resourceCountIs("AWS::Lambda::Url", 0);
    template.resourceCountIs("AWS::Lambda::EventSourceMapping", 0);
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      FunctionName: { Ref: Match.stringLikeRegexp("EgressWorker") },
      MaximumRetryAttempts: 0,
    });
  });

  it("leave to the code nothing but its log", () => {
    const statements = statementsOf(template, /EgressWorker/);
    const connecting = statements.find(({ Sid }) => Sid === "ConnectToVpc");
    const denied = statements.find(({ Effect }) => Effect === "Deny");
    expect(denied).toMatchObject({
      Resource: "*",
      Condition: {
        ArnEquals: {
          "lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:OriginWatch-egress-123456789012",
        },
      },
    });
    expect(denied?.Action).toEqual(expect.arrayContaining(connecting?.Action as string[]));
    const own = statements.filter(({ Effect, Sid }) => Effect === "Allow" && Sid !== "ConnectToVpc");
    expect(own.map(({ Action }) => Action)).toEqual([["logs:CreateLogStream", "logs:PutLogEvents"]]);
  });

  it("give the function that watches the one function to invoke, and nothing of VPC origins", () => {
    const plain = statementsOf(Template.fromStack(stackOf({})), /^WatchRole/);
    const added = statementsOf(template, /^WatchRole/).filter(
      (each) => !plain.some((known) => JSON.stringify(known) === JSON.stringify(each)),
    );
    expect(added).toMatchObject([{ Sid: "InvokeWorkers", Effect: "Allow", Action: "lambda:InvokeFunction" }]);
    expect(namesIn(added[0]?.Resource)).toEqual(["OriginWatch-egress-123456789012"]);
    const { VPC_ID, VPC_WORKER_NAME, EGRESS_WORKER_NAME, VPC_ACCOUNTS, WORKER_CONCURRENCY } = variablesOf(
      template,
      /^WatchFunction|^WatchWatch/,
    );
    expect([VPC_ID, VPC_WORKER_NAME, EGRESS_WORKER_NAME, VPC_ACCOUNTS, WORKER_CONCURRENCY]).toEqual([
      vpcId,
      undefined,
      "OriginWatch-egress-123456789012",
      undefined,
      "10",
    ]);
    expect(Object.keys(template.toJSON().Resources).filter((id) => id.includes("VpcWorker"))).toEqual([]);
    expect(JSON.stringify(template.toJSON())).not.toContain("fleet/");
  });

  it("are let out on ports that CloudFront takes and no others, by IPv6 where the VPC has a range of it", () => {
    const groupsOf = (from: Template) =>
      Object.values(from.findResources("AWS::EC2::SecurityGroup")).map(
        ({ Properties }) => Properties.SecurityGroupEgress as unknown,
      );
    expect(groupsOf(template)).toEqual([rules({ CidrIp: "0.0.0.0/0" })]);
    const dual = Template.fromStack(stackOf({ ...egress, vpcCidrs: "10.0.0.0/16,2600:1f18:1234::/56" }));
    expect(groupsOf(dual)).toEqual([[...rules({ CidrIp: "0.0.0.0/0" }), ...rules({ CidrIpv6: "::/0" })]]);
    dual.hasResourceProperties("AWS::Lambda::Function", { VpcConfig: { Ipv6AllowedForDualStack: true } });
    const given = Template.fromStack(stackOf({ ...egress, securityGroupIds: "sg-0123456789abcdef0" }));
    expect(groupsOf(given)).toEqual([]);
    given.hasResourceProperties("AWS::Lambda::Function", {
      VpcConfig: { SecurityGroupIds: ["sg-0123456789abcdef0"] },
    });
  });

  it("go with VPC origins, workers elsewhere, a fleet and listed accounts", () => {
    const all = Template.fromStack(
      stackOf({
        ...inVpc,
        vpcFor: "egress,vpcOrigins",
        accounts: "210987654321",
        organizationId: "o-boxorg0001",
        vpcAccounts: "123456789012,210987654321",
        fleet: true,
        workerConcurrency: 20,
        kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      }),
    );
    const invoking = statementsOf(all, /^WatchRole/).filter(({ Action }) => Action === "lambda:InvokeFunction");
    expect(invoking).toHaveLength(1);
    expect(namesIn(invoking[0]?.Resource)).toEqual([
      "OriginWatch-egress-123456789012",
      "OriginWatch-vpc-123456789012",
      "OriginWatch-worker-123456789012",
    ]);
    all.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "OriginWatch-egress-123456789012",
      ReservedConcurrentExecutions: 20,
    });
    expect(variablesOf(all, /^WatchFunction|^WatchWatch/)).toMatchObject({
      VPC_WORKER_NAME: "OriginWatch-vpc-123456789012",
      EGRESS_WORKER_NAME: "OriginWatch-egress-123456789012",
      VPC_ACCOUNTS: "123456789012,210987654321",
      WORKER_CONCURRENCY: "20",
    });
    all.resourceCountIs("AWS::EC2::SecurityGroup", 2);
    expect(statementsOf(all, /EgressWorker/).filter(({ Sid }) => Sid === "UseKey")).toEqual([]);
  });

  it("have a name that fits as every worker's does", () => {
    expect(egressWorkerName("x", "y")).toHaveLength(workerName("x", "y").length);
  });

  it("add nothing for cdk-nag", () => {
    const before = new Set(nagFindings(inVpc).filter((finding) => !finding.includes("/fleet/")));
    expect(nagFindings(egress).filter((finding) => !before.has(finding))).toEqual([]);
    expect(before.size).toBeGreaterThan(2);
  });

  it("warn of nothing", () => {
    const app = new App({ context: flags.context });
    const stack = new OriginWatchStack(app, "OriginWatch", readConfig({ ...mail, ...egress }), { env });
    expect(app.synth().getStackArtifact(stack.artifactId).messages).toEqual([]);
  });
});

describe("the construct with a VPC for egress", () => {
  function made(props: (vpc: IVpc) => VpcVantageProps) {
    const stack = new Stack(new App({ context: flags.context }), "Mine", { env });
    const vpc = new Vpc(stack, "Vpc", { maxAzs: 2, natGateways: 1, ipProtocol: IpProtocol.DUAL_STACK }) as IVpc;
    const members = { accounts: ["210987654321"], organizationId: "o-boxorg0001" };
    const watch = new OriginWatch(stack, "Watch", { vpc: props(vpc), ...members });
    return { stack, vpc, watch };
  }

  it("takes one of the app, whose ranges are known at deployment only", () => {
    const { stack, watch } = made((vpc) => ({
      vpc,
      for: ["egress"],
      accounts: ["210987654321"],
      cidrs: [vpc.vpcCidrBlock, Fn.select(0, (vpc as Vpc).vpcIpv6CidrBlocks)],
      ipv6: true,
    }));
    expect(watch.vpcWorker).toBeUndefined();
    const template = Template.fromStack(stack);
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "Mine-egress-123456789012",
      VpcConfig: { Ipv6AllowedForDualStack: true, SubnetIds: [Match.anyValue(), Match.anyValue()] },
      Environment: { Variables: { VPC_CIDRS: { "Fn::Join": ["", [Match.anyValue(), ",", Match.anyValue()]] } } },
    });
    template.hasResourceProperties("AWS::EC2::SecurityGroup", {
      SecurityGroupEgress: [...rules({ CidrIp: "0.0.0.0/0" }), ...rules({ CidrIpv6: "::/0" })],
    });
    expect(watch.egressWorker?.function.isBoundToVpc).toBe(true);
  });

  it.each<[string, Partial<VpcVantageProps>, RegExp]>([
    ["no purpose", { for: [] }, /prop vpc\.for: expected vpcOrigins, egress or both, got an empty list/],
    ["one that is none", { for: ["ingress" as "egress"] }, /prop vpc\.for: expected .* or both, got "ingress"/],
    [
      "accounts without egress",
      { for: ["vpcOrigins"], accounts: ["210987654321"] },
      /prop vpc\.accounts: expected egress among what the VPC is for \(vpcFor=egress\), got vpcOrigins alone/,
    ],
    ["no account", { accounts: [] }, /prop vpc\.accounts: expected ids of accounts, 12 digits each, got an empty list/],
    ["an account that is none", { accounts: ["prod"] }, /prop vpc\.accounts: expected ids .* got "prod"/],
    ["an account twice", { accounts: ["210987654321", "210987654321"] }, /prop vpc\.accounts: expected each id once/],
    [
      "an account that nobody watches",
      { accounts: ["210987654321", "123456789012", "333333333333"] },
      /prop vpc\.accounts: expected the stack's own account and those in accounts, got 333333333333, which is not watched/,
    ],
    [
      "more accounts than fit",
      { accounts: Array.from({ length: 151 }, (_, index) => String(200_000_000_000 + index)) },
      /prop vpc\.accounts: expected at most 150, got 151/,
    ],
  ])("refuses %s", (_, change, problem) => {
    expect(() => made((vpc) => ({ vpc, for: ["egress"], cidrs: ["10.0.0.0/16"], ...change }))).toThrow(problem);
  });
});

describe("the accounts that are served", () => {
  const served = (context: object) => () => stackOf({ ...egress, vpcAccounts: "210987654321", ...context });
  const organizationId = "o-boxorg0001";

  it("are watched ones: an organization's are known to runs alone", () => {
    expect(served({})).toThrow(
      "context vpcAccounts: expected the stack's own account and those in accounts, got 210987654321, which is not watched",
    );
    for (const organization of ["true", "ou-box1-aaaaaaaa"]) served({ organization, organizationId })();
    served({ accounts: "210987654321", organizationId })();
  });

  it("may be the stack's own one, where that is known only at the deployment", () => {
    const nowhere = (vpcAccounts: string) => () =>
      new OriginWatchStack(
        new App({ context: flags.context }),
        "OriginWatch",
        readConfig({ ...mail, ...egress, vpcAccounts }),
      );
    nowhere("210987654321")();
    expect(nowhere("210987654321,333333333333")).toThrow("got 210987654321, which is not watched");
  });

  it("are named beside the watched ones where both together do not fit", () => {
    const many = Array.from({ length: 150 }, (_, index) => String(200_000_000_000 + index)).join(",");
    expect(served({ accounts: many, vpcAccounts: many, organizationId })).toThrow(
      /^context accounts: expected at most 4096 bytes .* got 4\d{3}, 19\d\d of them for accounts: watch the organization .*; 19\d\d of them for vpcAccounts: list those alone/,
    );
  });
});

describe("the context", () => {
  it.each<[object, string]>([
    [{ vpcFor: "egress" }, "context vpcFor: expected vpcId beside it, got none: there is no vantage inside a VPC"],
    [{ ...inVpc, vpcFor: "egres" }, 'context vpcFor: expected vpcOrigins, egress or both, got "egres"'],
    [{ ...inVpc, vpcFor: "" }, 'context vpcFor: expected vpcOrigins, egress or both, got ""'],
    [
      { ...inVpc, vpcAccounts: "210987654321" },
      "context vpcAccounts: expected egress among what the VPC is for (vpcFor=egress), got vpcOrigins alone",
    ],
    [
      { ...egress, vpcAccounts: "123456789012,12345" },
      'context vpcAccounts: expected ids of accounts, 12 digits each, got "12345"',
    ],
    [{ ...egress, vpcfor: "egress" }, "context vpcfor: unknown key, expected vpcFor"],
    [{ ...egress, "vpc-accounts": "210987654321" }, "context vpc-accounts: unknown key, expected vpcAccounts"],
  ])("refuses %j in one line", (context, problem) => {
    expect(() => readConfig({ ...mail, ...context })).toThrow(new ConfigError(problem));
  });

  it("takes accounts in a list, and has none where none are given", () => {
    const { vpcVantage } = readConfig({ ...mail, ...egress, vpcAccounts: ["210987654321", "123456789012"] });
    expect(vpcVantage).toMatchObject({ purposes: ["egress"], accounts: ["210987654321", "123456789012"] });
    expect(readConfig({ ...mail, ...inVpc }).vpcVantage).not.toHaveProperty("accounts");
  });
});
