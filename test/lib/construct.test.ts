import { Annotations, type Stack } from "aws-cdk-lib";
import { SecurityGroup, Vpc } from "aws-cdk-lib/aws-ec2";
import { CloudAssembly } from "aws-cdk-lib/cx-api";
import { afterAll, describe, expect, it } from "vitest";
import type { OriginWatchProps } from "../../lib/origin-watch.ts";
import { resolveProps } from "../../lib/origin-watch-props.ts";
import { PropError } from "../../lib/prop-error.ts";
import { nagFindings } from "./nag.ts";
import { ownStacksOf, resourcesOf, stacksOf } from "./stacks.ts";

afterAll(() => CloudAssembly.cleanupTemporaryDirectories());

const organizationId = "o-a1b2c3d4e5";
const ids = ["111111111111", "222222222222"];
const unit = "ou-box1-aaaaaaaa";
const vpcId = "vpc-0123456789abcdef0";
const subnetId = "subnet-0123456789abcdef0";
const groupId = "sg-0123456789abcdef0";

type Given = {
  readonly props: (stack: Stack) => OriginWatchProps;
  readonly context: Readonly<Record<string, unknown>>;
};

const accounts: Given = {
  props: () => ({ accounts: ids, organizationId, memberRoleName: "watch" }),
  context: { accounts: ids.join(","), organizationId, memberRoleName: "watch" },
};
const organization: Given = {
  props: () => ({ organization: true, organizationId, memberStackSet: [unit] }),
  context: { organization: "true", organizationId, memberStackSet: unit },
};
const units: Given = {
  props: () => ({ organization: [unit, "r-box1"], organizationId }),
  context: { organization: `${unit},r-box1`, organizationId },
};
const regions: Given = { props: () => ({ vantageRegions: ["eu-west-1"] }), context: { vantageRegions: "eu-west-1" } };
const fleet: Given = {
  props: () => ({ fleet: true, workerConcurrency: 20 }),
  context: { fleet: "true", workerConcurrency: "20" },
};
/** A VPC that the app knows by ids, under the names that the context's has. */
const vpc: Given = {
  props: (stack) => {
    const known = { vpcId, availabilityZones: ["zone-1"], privateSubnetIds: [subnetId] };
    const own = Vpc.fromVpcAttributes(stack, "Vpc", known);
    Annotations.of(own).acknowledgeWarning("@aws-cdk/aws-ec2:noSubnetRouteTableId");
    const securityGroups = [SecurityGroup.fromSecurityGroupId(stack, "VpcSecurityGroup1", groupId)];
    return {
      vpc: {
        vpc: own,
        securityGroups,
        cidrs: ["10.0.0.0/16"],
        for: ["vpcOrigins", "egress"],
        accounts: ["123456789012"],
      },
    };
  },
  context: {
    vpcId,
    subnetIds: subnetId,
    securityGroupIds: groupId,
    vpcCidrs: "10.0.0.0/16",
    vpcFor: "vpcOrigins,egress",
    vpcAccounts: "123456789012",
  },
};

/** One of the two ways to watch other accounts, with everything else that there is. */
function withAllElse(members: Given): Given {
  return {
    props: (stack) => ({
      ...members.props(stack),
      ...regions.props(stack),
      ...fleet.props(stack),
      ...vpc.props(stack),
    }),
    context: { ...members.context, ...regions.context, ...fleet.context, ...vpc.context },
  };
}

const examples: readonly [string, Given][] = [
  ["accounts", accounts],
  ["an organization", organization],
  ["units of an organization", units],
  ["other Regions", regions],
  ["a fleet", fleet],
  ["a VPC", vpc],
  ["accounts and all else", withAllElse(accounts)],
  ["an organization and all else", withAllElse(organization)],
];

describe("the construct", () => {
  const made = (stacks: readonly Stack[]) =>
    stacks.map((stack) => ({ name: stack.stackName, region: stack.region, resources: resourcesOf(stack) }));

  it.each(examples)("makes what the app makes of the same settings: %s", (_, { props, context }) => {
    expect(made(ownStacksOf(props))).toEqual(made(stacksOf(context)));
  });

  it("has with all of it every function and every right beside each other", () => {
    const [hub, ...others] = ownStacksOf(withAllElse(organization).props);
    expect(others.map(({ region }) => region)).toEqual(["eu-west-1"]);
    const resources = Object.values(resourcesOf(hub));
    const names = resources.filter(({ Type }) => Type === "AWS::Lambda::Function").map((each) => each.Properties);
    expect(names.flatMap(({ FunctionName: name }) => (typeof name === "string" ? [name] : [])).toSorted()).toEqual([
      "OriginWatch-egress-123456789012",
      "OriginWatch-vpc-123456789012",
      "OriginWatch-worker-123456789012",
    ]);
    expect(resources.filter(({ Type }) => Type === "AWS::CloudFormation::StackSet")).toHaveLength(1);
    expect(names.map(({ Environment }) => (Environment as { Variables: object }).Variables)).toContainEqual(
      expect.objectContaining({
        WATCHED_ORGANIZATION: "all",
        VANTAGE_REGIONS: "eu-west-1",
        FLEET: "true",
        WORKER_NAME: "OriginWatch-worker-123456789012",
        VPC_WORKER_NAME: "OriginWatch-vpc-123456789012",
        EGRESS_WORKER_NAME: "OriginWatch-egress-123456789012",
        VPC_ACCOUNTS: "123456789012",
      }),
    );
  });

  it.each<[object, string]>([
    [{ accounts: ["12345"], organizationId }, 'accounts: expected ids of accounts, 12 digits each, got "12345"'],
    [{ accounts: [111_111_111_111], organizationId }, "accounts: expected ids of accounts, 12 digits each, got 1111"],
    [{ accounts: [ids[0], ids[0]], organizationId }, "accounts: expected each id once, got one twice"],
    [{ accounts: [], organizationId }, "organizationId: expected accounts or organization beside it, got neither"],
    [{ organization: [], organizationId }, "organizationId: expected accounts or organization beside it, got neither"],
    [{ accounts: ids, organization: true, organizationId }, "organization: expected nothing beside accounts, which"],
    [{ accounts: ids, organization: [unit], organizationId }, "organization: expected nothing beside accounts, which"],
    [{ accounts: ids }, "organizationId: expected the organization's id (o-…), got nothing: the role in each account"],
    [{ organization: true }, "organizationId: expected the organization's id (o-…), got nothing: the role in each"],
    [
      { organization: true, organizationId: "a1b2c3d4e5" },
      "organizationId: expected o- and 10 to 32 letters or digits",
    ],
    [{ organization: ["prod"], organizationId }, "organization: expected true, or ids of organizational units"],
    [{ organization: [unit, unit], organizationId }, "organization: expected each id once, got one twice"],
    [
      { organization: true, organizationId, memberStackSet: ["prod"] },
      "memberStackSet: expected ids of organizational units (ou-… or the root, r-…), got",
    ],
    [
      { organization: true, organizationId, memberStackSet: [unit, unit] },
      "memberStackSet: expected each id once, got one twice",
    ],
    [{ memberStackSet: [unit] }, "memberStackSet: expected accounts or organization beside it, got neither"],
  ])("refuses %j", (props, problem) => {
    expect(() => resolveProps(props)).toThrow(PropError);
    expect(() => resolveProps(props)).toThrow(`prop ${problem}`);
  });
});

describe("cdk-nag", () => {
  // Which accounts there are is known only to the organization; what a batch is called, to the run.
  const known = /iam::\*:role\/origin-watch-inventory|\/fleet\/(?:in|out)\/\*/;

  it.each(examples.slice(-2))("finds nothing more with %s", (_, { context }) => {
    // The stack is in eu-west-1 here.
    const found = nagFindings({ ...context, vantageRegions: "eu-central-1" });
    const before = new Set(nagFindings({}));
    expect(before.size).toBeGreaterThan(2);
    expect(found.some((finding) => finding.includes("/fleet/in/"))).toBe(true);
    expect(found.filter((finding) => !(before.has(finding) || known.test(finding)))).toEqual([]);
  });
});
