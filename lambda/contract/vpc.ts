/** What the stack and its functions agree on of a vantage inside a VPC. */

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html */
export const vpcIdForm = /^vpc-[0-9a-f]{8,17}$/;
export const subnetIdForm = /^subnet-[0-9a-f]{8,17}$/;
export const securityGroupIdForm = /^sg-[0-9a-f]{8,17}$/;

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
  /** Also what the vantage is called. */
  vpcId: "VPC_ID",
  /** Of the function that watches: the worker in the VPC. */
  workerName: "VPC_WORKER_NAME",
  /** Of the worker: networks in CIDR notation, with commas between them. */
  ranges: "VPC_CIDRS",
  neverDial: "NEVER_DIAL",
  bucket: "STATE_BUCKET",
} as const;

/** The worker inside a VPC, beside those of `workerName`. */
export function vpcWorkerName(stackName: string, accountId: string): string {
  return `${stackName}-vpc-${accountId}`;
}
