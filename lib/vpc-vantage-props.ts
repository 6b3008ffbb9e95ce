import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import { PropError } from "./prop-error.ts";
import { checkNetworks, checkRangesOfVpc } from "./vpc-networks.ts";

/** A vantage inside a VPC, for what is behind VPC origins. */
export type VpcVantageProps = {
  /** The VPC, in the stack's own account and Region: VPC origins that lead into it are looked at from inside. */
  readonly vpc: IVpc;
  /**
   * Its subnets in which the function that looks gets network interfaces. From there S3 must be reached, through a gateway
   * endpoint, which costs nothing, or a NAT gateway.
   *
   * @default - as CDK chooses: private subnets
   */
  readonly vpcSubnets?: SubnetSelection;
  /**
   * The security groups of these interfaces. The origins' own must admit them.
   *
   * @default - one is made that lets out what goes to `cidrs` on ports that CloudFront takes, and HTTPS, for S3
   */
  readonly securityGroups?: readonly ISecurityGroup[];
  /** All ranges of the VPC in CIDR notation, secondary and IPv6 ones too. To nothing else is ever connected. */
  readonly cidrs: readonly string[];
  /** Networks in CIDR notation to which is never connected, although they are in `cidrs`. @default - none */
  readonly neverDial?: readonly string[];
};

/** @throws PropError for what no deployment could work with */
export function checkVpc(vpc: VpcVantageProps | undefined): void {
  if (vpc === undefined) return;
  checkRangesOfVpc("vpc.cidrs", vpc.cidrs);
  checkNetworks("vpc.neverDial", vpc.neverDial ?? []);
  if (vpc.securityGroups?.length === 0) {
    throw new PropError("vpc.securityGroups", "expected at least one, or nothing at all, got an empty list");
  }
}
