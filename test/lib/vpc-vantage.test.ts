import { App, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { type IVpc, Port, SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, describe, expect, it } from "vitest";
import flags from "../../cdk.json" with { type: "json" };
import { ConfigError, readConfig } from "../../lib/config.ts";
import { OriginWatch, type VpcVantageProps } from "../../lib/origin-watch.ts";
import { OriginWatchStack } from "../../lib/origin-watch-stack.ts";
import { nagFindings } from "./nag.ts";

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

const env = { account: "123456789012", region: "eu-west-1" };
const mail = { alertEmail: "ops@example.com" };
const vpcId = "vpc-0123456789abcdef0";
const inVpc = { vpcId, subnetIds: "subnet-0123456789abcdef0,subnet-0123456789abcdef1", vpcCidrs: "10.0.0.0/16" };

function stackOf(context: object): Stack {
  const app = new App({ context: flags.context });
  return new OriginWatchStack(app, "OriginWatch", readConfig({ ...mail, ...context }), { env });
}

type Statement = {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: unknown;
  readonly Condition?: unknown;
};

function statementsOf(template: Template, role: RegExp): Statement[] {
  const policies = template.findResources("AWS::IAM::Policy");
  return Object.entries(policies)
    .filter(([id]) => role.test(id))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);
}

describe("a vantage inside a VPC", () => {
  const template = Template.fromStack(stackOf({ ...inVpc, neverDial: "10.0.9.0/24" }));

  it("is one function in the subnets, told its ranges and where batches lie", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "OriginWatch-vpc-123456789012",
      ReservedConcurrentExecutions: 2,
      Timeout: 120,
      VpcConfig: { SubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"] },
      Environment: {
        Variables: {
          VPC_ID: vpcId,
          VPC_CIDRS: "10.0.0.0/16",
          NEVER_DIAL: "10.0.9.0/24",
          STATE_BUCKET: Match.anyValue(),
        },
      },
    });
    template.resourceCountIs("AWS::Lambda::Permission", 0);
    template.resourceCountIs("AWS::Lambda::Url", 0);
    template.resourceCountIs("AWS::Lambda::EventSourceMapping", 0);
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      FunctionName: { Ref: Match.stringLikeRegexp("VpcWorker") },
      MaximumRetryAttempts: 0,
    });
  });

  it("has IPv6 where the VPC has a range of it, and not otherwise", () => {
    const ofWorker = { FunctionName: "OriginWatch-vpc-123456789012" };
    const dualStack = Template.fromStack(stackOf({ ...inVpc, vpcCidrs: "10.0.0.0/16,2001:db8:1::/56" }));
    dualStack.hasResourceProperties("AWS::Lambda::Function", {
      ...ofWorker,
      VpcConfig: { Ipv6AllowedForDualStack: true },
    });
    template.hasResourceProperties("AWS::Lambda::Function", {
      ...ofWorker,
      VpcConfig: { Ipv6AllowedForDualStack: Match.absent() },
    });
  });

  it("denies to the code what Lambda needs for its network interfaces", () => {
    const statements = statementsOf(template, /VpcWorker/);
    const actions = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
    ];
    const denied = statements.find(({ Effect }) => Effect === "Deny");
    expect(denied?.Condition).toEqual({
      ArnEquals: {
        "lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:OriginWatch-vpc-123456789012",
      },
    });
    expect(statements.find(({ Sid }) => Sid === "ConnectToVpc")?.Action).toEqual(actions);
    expect(denied?.Action).toEqual([...actions, "ec2:DetachNetworkInterface"].toSorted());
    // What is left to it: its batches, its answers, its log.
    const own = statements.filter(({ Effect, Sid }) => Effect === "Allow" && Sid !== "ConnectToVpc");
    expect(own.map(({ Action }) => Action)).toEqual([
      "s3:GetObject",
      "s3:PutObject",
      ["logs:CreateLogStream", "logs:PutLogEvents"],
    ]);
  });

  it("lets nobody but the two roles write batches and answers, and forgets them after a day", () => {
    const policy = Object.values(template.findResources("AWS::S3::BucketPolicy"))[0]!;
    const written = (policy.Properties.PolicyDocument.Statement as (Statement & { Principal: unknown })[]).filter(
      ({ Sid = "" }) => Sid.startsWith("Only"),
    );
    const only = (sid: string, prefix: string, role: RegExp) => ({
      Sid: sid,
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: ["s3:DeleteObject", "s3:PutObject"],
      Resource: { "Fn::Join": ["", [{ "Fn::GetAtt": [expect.any(String), "Arn"] }, prefix]] },
      Condition: {
        ArnNotEquals: { "aws:PrincipalArn": { "Fn::GetAtt": [expect.stringMatching(role), "Arn"] } },
      },
    });
    expect(written).toEqual([
      only("OnlyHubWritesBatches", "/fleet/in/*", /^WatchRole/),
      only("OnlyWorkerWritesAnswers", "/fleet/out/*", /^WatchVpcWorkerRole/),
    ]);
    template.hasResourceProperties("AWS::S3::Bucket", {
      LifecycleConfiguration: {
        Rules: Match.arrayWith([
          {
            Id: "forget-batches",
            Prefix: "fleet/",
            ExpirationInDays: 1,
            NoncurrentVersionExpiration: { NoncurrentDays: 1 },
            Status: "Enabled",
          },
        ]),
      },
    });
  });

  it("gives the function that watches one question to EC2, in its Region, and the two prefixes", () => {
    const added = statementsOf(template, /^WatchRole/).filter(({ Sid = "" }) =>
      /^(FindWhatIsBehind|WriteBatches|ReadAnswers|InvokeWorkers)/.test(Sid),
    );
    expect(added.map(({ Action, Condition }) => [Action, Condition])).toEqual([
      ["lambda:InvokeFunction", undefined],
      ["ec2:DescribeNetworkInterfaces", { StringEquals: { "aws:RequestedRegion": "eu-west-1" } }],
      ["s3:PutObject", undefined],
      ["s3:GetObject", undefined],
    ]);
  });

  it("makes a security group that lets out what is needed, unless it is given some", () => {
    template.hasResourceProperties("AWS::EC2::SecurityGroup", {
      VpcId: vpcId,
      SecurityGroupEgress: [
        [80, 80, "10.0.0.0/16"],
        [443, 443, "10.0.0.0/16"],
        [1_024, 65_535, "10.0.0.0/16"],
        [443, 443, "0.0.0.0/0"],
      ].map(([FromPort, ToPort, CidrIp]) => Match.objectLike({ FromPort, ToPort, CidrIp, IpProtocol: "tcp" })),
    });
    const given = Template.fromStack(stackOf({ ...inVpc, securityGroupIds: "sg-0123456789abcdef0" }));
    given.resourceCountIs("AWS::EC2::SecurityGroup", 0);
    given.hasResourceProperties("AWS::Lambda::Function", {
      VpcConfig: { SecurityGroupIds: ["sg-0123456789abcdef0"] },
    });
    given.hasOutput("VpcWorkerSecurityGroupIds", { Value: "sg-0123456789abcdef0" });
  });

  it("is invoked by the same statement as workers elsewhere, and its key is used through S3", () => {
    const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    const both = Template.fromStack(stackOf({ ...inVpc, fleet: true, kmsKeyArn }));
    const invoking = statementsOf(both, /^WatchRole/).filter(({ Action }) => Action === "lambda:InvokeFunction");
    expect(invoking).toMatchObject([{ Resource: [expect.anything(), expect.anything()] }]);
    expect(JSON.stringify(invoking)).not.toContain("*");
    const key = statementsOf(both, /VpcWorker/).find(({ Sid }) => Sid === "UseKey");
    expect(key?.Condition).toMatchObject({
      StringEquals: { "kms:ViaService": expect.arrayContaining(["s3.eu-west-1.amazonaws.com"]) },
    });
  });

  it("adds nothing for cdk-nag but the wildcards of network interfaces and of its prefixes", () => {
    const before = new Set(nagFindings({}));
    const added = nagFindings(inVpc).filter((finding) => !before.has(finding));
    expect(added.filter((finding) => !/\/fleet\/(in|out)\/\*/.test(finding))).toEqual([]);
    expect(before.size).toBeGreaterThan(2);
  });

  it("warns of nothing", () => {
    const app = new App({ context: flags.context });
    const stack = new OriginWatchStack(app, "OriginWatch", readConfig({ ...mail, ...inVpc }), { env });
    expect(app.synth().getStackArtifact(stack.artifactId).messages).toEqual([]);
  });
});

describe("the construct with a VPC", () => {
  function made(props: (vpc: IVpc) => VpcVantageProps) {
    const stack = new Stack(new App({ context: flags.context }), "Mine", { env });
    const vpc = new Vpc(stack, "Vpc", { natGateways: 0, maxAzs: 2 }) as IVpc;
    const watch = new OriginWatch(stack, "Watch", { vpc: props(vpc) });
    return { stack, vpc, watch };
  }

  it("takes one of the app, and lets origins admit its function", () => {
    const { stack, vpc, watch } = made((own) => ({
      vpc: own,
      vpcSubnets: { subnets: own.isolatedSubnets },
      cidrs: ["10.0.0.0/16", "2600:1f18:1234::/56"],
    }));
    const origin = new SecurityGroup(stack, "Origin", { vpc });
    origin.connections.allowFrom(watch.vpcWorker!.function, Port.tcp(8_443));
    const template = Template.fromStack(stack);
    template.hasResourceProperties("AWS::EC2::SecurityGroupIngress", { FromPort: 8_443, ToPort: 8_443 });
    template.hasResourceProperties("AWS::EC2::SecurityGroup", {
      SecurityGroupEgress: Match.arrayWith([Match.objectLike({ CidrIpv6: "2600:1f18:1234::/56", FromPort: 443 })]),
    });
  });

  it.each<[string, Partial<VpcVantageProps>, RegExp]>([
    ["no ranges", { cidrs: [] }, /prop vpc\.cidrs: expected every range of the VPC/],
    [
      "a range that is none",
      { cidrs: ["10.0.0.0"] },
      /prop vpc\.cidrs: expected ranges of a VPC such as 10\.0\.0\.0\/16 .*, got "10/,
    ],
    ["no security group", { securityGroups: [] }, /prop vpc\.securityGroups: expected at least one/],
    ["a network that is none", { neverDial: ["db"] }, /prop vpc\.neverDial: expected networks/],
  ])("refuses %s", (_, change, problem) => {
    expect(() => made((vpc) => ({ vpc, cidrs: ["10.0.0.0/16"], ...change }))).toThrow(problem);
  });
});

describe("the context", () => {
  const subnetIds = "subnet-0123456789abcdef0";
  it.each<[object, string]>([
    [
      { vpcCidrs: "10.0.0.0/16" },
      "context vpcCidrs: expected vpcId beside it, got none: there is no vantage inside a VPC",
    ],
    [
      { neverDial: "10.0.0.0/16" },
      "context neverDial: expected vpcId beside it, got none: there is no vantage inside a VPC",
    ],
    [{ ...inVpc, vpcId: "main" }, 'context vpcId: expected the id of a VPC (vpc-0123456789abcdef0), got "main"'],
    [{ ...inVpc, subnetIds: "" }, "context subnetIds: expected at least one subnet of the VPC, got none"],
    [
      { ...inVpc, subnetIds: "private-a" },
      'context subnetIds: expected ids of subnets of the VPC (subnet-0123456789abcdef0), got "private-a"',
    ],
    [
      { ...inVpc, securityGroupIds: "default" },
      'context securityGroupIds: expected ids of security groups (sg-0123456789abcdef0), got "default"',
    ],
    [
      { vpcId, subnetIds },
      "context vpcCidrs: expected every range of the VPC (10.0.0.0/16, its IPv6 range too), got none",
    ],
    [
      { ...inVpc, vpcCidrs: "0.0.0.0/0" },
      'context vpcCidrs: expected ranges of a VPC such as 10.0.0.0/16 (/16 to /28; of IPv6 /44 to /64), got "0.0.0.0/0"',
    ],
    [
      { ...inVpc, vpcCidrs: "127.0.0.0/16" },
      'context vpcCidrs: expected ranges of a VPC such as 10.0.0.0/16 (/16 to /28; of IPv6 /44 to /64), got "127.0.0.0/16"',
    ],
    [
      { ...inVpc, vpcCidrs: "169.254.0.0/16" },
      'context vpcCidrs: expected ranges of a VPC such as 10.0.0.0/16 (/16 to /28; of IPv6 /44 to /64), got "169.254.0.0/16"',
    ],
    [
      { ...inVpc, vpcCidrs: "fe80::/64" },
      'context vpcCidrs: expected ranges of a VPC such as 10.0.0.0/16 (/16 to /28; of IPv6 /44 to /64), got "fe80::/64"',
    ],
    [
      { ...inVpc, vpcCidrs: Array.from({ length: 41 }, (_, n) => `10.${n}.0.0/16`).join(",") },
      "context vpcCidrs: expected at most 40 of them, got 41",
    ],
    [
      { ...inVpc, neverDial: "10.0.0.0/33" },
      'context neverDial: expected networks such as 10.0.0.0/8, got "10.0.0.0/33"',
    ],
  ])("refuses %j in one line", (context, problem) => {
    expect(() => readConfig({ ...mail, ...context })).toThrow(new ConfigError(problem));
  });
});
