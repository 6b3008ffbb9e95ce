import { vpcIdForm, vpcVariables } from "../contract/vpc.ts";
import type { VpcNetworks } from "../probe/private-address.ts";
import { type Environment, listed, required } from "./environment.ts";
import { readWorkerSettings, type WorkerSettings } from "./worker-settings.ts";

/** What every worker inside a VPC is told through its environment; lib/ sets it. */
export type VpcNetworkSettings = Pick<WorkerSettings, "dnsServers" | "extraAnchorsPem"> & {
  readonly vpcId: string;
  readonly networks: VpcNetworks;
};

/** What the one for VPC origins is told besides. */
export type VpcWorkerSettings = VpcNetworkSettings & {
  /** Where batches and answers lie. */
  readonly bucket: string;
};

/** @throws with the variable's name when it cannot be used: then the deployment is broken */
export function readVpcNetworkSettings(environment: Environment): VpcNetworkSettings {
  const { dnsServers, extraAnchorsPem, allowedPrivateNetworks: allowed } = readWorkerSettings(environment);
  const vpcId = required(environment, vpcVariables.vpcId);
  if (!vpcIdForm.test(vpcId)) throw new Error(`environment variable ${vpcVariables.vpcId}: expected the id of a VPC`);
  const ranges = listed(required(environment, vpcVariables.ranges));
  const neverDial = listed(environment[vpcVariables.neverDial]);
  return { dnsServers, extraAnchorsPem, vpcId, networks: { ranges, neverDial, allowed } };
}

/** @throws with the variable's name when it cannot be used: then the deployment is broken */
export function readVpcWorkerSettings(environment: Environment): VpcWorkerSettings {
  return { ...readVpcNetworkSettings(environment), bucket: required(environment, vpcVariables.bucket) };
}
