import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import { Token } from "aws-cdk-lib/core";
import { accountIdForm, mostListed } from "../lambda/contract/accounts.ts";
import { type VpcPurpose, vpcPurposes, vpcVariables } from "../lambda/contract/vpc.ts";
import { PropError } from "./prop-error.ts";
import { checkNetworks, checkRangesOfVpc } from "./vpc-networks.ts";

/** A vantage inside a VPC, for what is behind VPC origins, for public origins by fixed addresses, or for both. */
export type VpcVantageProps = {
  /** The VPC, in the stack's own account and Region: VPC origins that lead into it are looked at from inside. */
  readonly vpc: IVpc;
  /**
   * Its subnets in which the functions that look get network interfaces. For `vpcOrigins`, S3 must be reached from there,
   * through a gateway endpoint, which costs nothing, or a NAT gateway; for `egress`, the internet, by fixed addresses.
   *
   * @default - as CDK chooses: private subnets
   */
  readonly vpcSubnets?: SubnetSelection;
  /**
   * What it is for: `vpcOrigins`, which are looked at from inside; `egress`, public origins by the fixed addresses through
   * which the VPC reaches the internet, so that an origin's firewall can admit them; or both, by a function each.
   *
   * @default ["vpcOrigins"]
   */
  readonly for?: readonly VpcPurpose[];
  /**
   * With `egress`: ids of the accounts whose origins are looked at by the fixed addresses. Who is not listed cannot have this
   * check look behind another one's firewall.
   *
   * @default - the stack's own account alone
   */
  readonly accounts?: readonly string[];
  /**
   * Whether the functions have IPv6 too. Then every one of the subnets must be dual-stack.
   *
   * @default - where one of `cidrs` is known, at synthesis, to be an IPv6 range
   */
  readonly ipv6?: boolean;
  /**
   * The security groups of the interfaces. Those of VPC origins must admit them.
   *
   * @default - one is made for each function. That for `vpcOrigins` lets out what goes to `cidrs` on ports that CloudFront
   * takes, and HTTPS, for S3; that for `egress` what goes anywhere on ports that CloudFront takes
   */
  readonly securityGroups?: readonly ISecurityGroup[];
  /**
   * All ranges of the VPC in CIDR notation, secondary and IPv6 ones too. For VPC origins, to nothing else is ever connected;
   * for public origins, never to these.
   */
  readonly cidrs: readonly string[];
  /** Networks in CIDR notation to which is never connected. @default - none */
  readonly neverDial?: readonly string[];
};

/** Whether the vantage is for that. */
export function isFor({ for: purposes = ["vpcOrigins"] }: VpcVantageProps, purpose: VpcPurpose): boolean {
  return purposes.includes(purpose);
}

/** Whether its functions have IPv6. */
export function hasIpv6({ ipv6, cidrs }: VpcVantageProps): boolean {
  return ipv6 ?? cidrs.some((cidr) => !Token.isUnresolved(cidr) && cidr.includes(":"));
}

/** How one of its functions is connected to the VPC. */
export function networkFor(vantage: VpcVantageProps, securityGroups: readonly ISecurityGroup[]) {
  const ipv6 = hasIpv6(vantage) ? { ipv6AllowedForDualStack: true as const } : {};
  return { vpc: vantage.vpc, vpcSubnets: vantage.vpcSubnets, securityGroups: [...securityGroups], ...ipv6 };
}

/** What its functions must know of the VPC. */
export function networkVariables({ vpc, cidrs, neverDial = [] }: VpcVantageProps): Record<string, string> {
  return {
    [vpcVariables.vpcId]: vpc.vpcId,
    [vpcVariables.ranges]: cidrs.join(","),
    ...(neverDial.length === 0 ? {} : { [vpcVariables.neverDial]: neverDial.join(",") }),
  };
}

/** @throws PropError for what no deployment could work with */
export function checkVpc(vpc: VpcVantageProps | undefined): void {
  if (vpc === undefined) return;
  checkRangesOfVpc("vpc.cidrs", vpc.cidrs);
  checkNetworks("vpc.neverDial", vpc.neverDial ?? []);
  checkPurposes(vpc);
  if (vpc.securityGroups?.length === 0) {
    throw new PropError("vpc.securityGroups", "expected at least one, or nothing at all, got an empty list");
  }
}

/** @throws PropError for what the vantage cannot be for, and for accounts that it cannot have */
export function checkPurposes(vpc: Pick<VpcVantageProps, "for" | "accounts">): void {
  const { for: purposes = ["vpcOrigins"], accounts } = vpc;
  const given: readonly unknown[] = Array.isArray(purposes) ? purposes : [purposes];
  const strange = given.find((each) => !vpcPurposes.some((known) => known === each));
  if (strange !== undefined || given.length === 0) {
    const got = strange === undefined ? "an empty list" : JSON.stringify(strange);
    throw new PropError("vpc.for", `expected ${vpcPurposes.join(", ")} or both, got ${got}`);
  }
  if (accounts !== undefined && !given.includes("egress")) {
    throw new PropError(
      "vpc.accounts",
      "expected egress among what the VPC is for (vpcFor=egress), got vpcOrigins alone",
    );
  }
  checkAccounts(accounts);
}

function checkAccounts(accounts: readonly string[] | undefined): void {
  if (accounts === undefined) return;
  const entries: readonly unknown[] = Array.isArray(accounts) ? accounts : [accounts];
  const words = "ids of accounts, 12 digits each";
  const invalid = entries.find(
    (entry) => typeof entry !== "string" || !(Token.isUnresolved(entry) || accountIdForm.test(entry)),
  );
  if (invalid !== undefined) throw new PropError("vpc.accounts", `expected ${words}, got ${JSON.stringify(invalid)}`);
  if (entries.length === 0) throw new PropError("vpc.accounts", `expected ${words}, got an empty list`);
  if (new Set(entries).size < entries.length) {
    throw new PropError("vpc.accounts", "expected each id once, got one twice");
  }
  if (entries.length > mostListed) {
    throw new PropError("vpc.accounts", `expected at most ${mostListed}, got ${entries.length}`);
  }
}
