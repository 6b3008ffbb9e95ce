/** What the stack and its functions agree on of a vantage inside a VPC. */

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html */
export const vpcIdForm = /^vpc-[0-9a-f]{8,17}$/;
export const subnetIdForm = /^subnet-[0-9a-f]{8,17}$/;
export const securityGroupIdForm = /^sg-[0-9a-f]{8,17}$/;

/**
 * What a vantage inside a VPC is for: what is behind VPC origins, and public origins by the fixed addresses through which the
 * VPC reaches the internet. Each has a worker of its own, because the one may connect to what the other must not.
 */
export const vpcPurposes = ["vpcOrigins", "egress"] as const;
export type VpcPurpose = (typeof vpcPurposes)[number];

/** Of a VPC's ranges, of which AWS allows 5 of each family, and of others: all of a function's environment must fit in 4 KB. */
export const mostNetworks = 40;

/** Addresses behind a VPC origin that are looked at: as many as of any origin. A load balancer has one in each of its subnets. */
export const mostAddressesInVpc = 16;

/** Batches under way there at once: of VPC origins there are few. */
export const vpcConcurrency = 2;

/** Where batches and answers are put down in the bucket of the state. */
export const batchPrefix = "fleet/in/";
export const answerPrefix = "fleet/out/";

/** The variables of the function that watches and of the worker in the VPC; absent where there is no such vantage. */
export const vpcVariables = {
  /** Also what the vantages are called after. */
  vpcId: "VPC_ID",
  /** Of the function that watches: the worker for VPC origins, and the one for public origins. */
  workerName: "VPC_WORKER_NAME",
  egressWorkerName: "EGRESS_WORKER_NAME",
  /** Of the function that watches: the accounts whose origins the latter looks at, with commas between them; absent for its own. */
  accounts: "VPC_ACCOUNTS",
  /** Of the workers: networks in CIDR notation, with commas between them. */
  ranges: "VPC_CIDRS",
  neverDial: "NEVER_DIAL",
  /** Of the one for VPC origins. */
  bucket: "STATE_BUCKET",
} as const;

/** The worker for VPC origins, beside those of `workerName`. */
export function vpcWorkerName(stackName: string, accountId: string): string {
  return `${stackName}-vpc-${accountId}`;
}

/** The worker for public origins. */
export function egressWorkerName(stackName: string, accountId: string): string {
  return `${stackName}-egress-${accountId}`;
}
