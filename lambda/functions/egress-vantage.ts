import { accountIdForm, mostListed } from "../contract/accounts.ts";
import { vpcIdForm, vpcVariables } from "../contract/vpc.ts";
import { type Environment, listed } from "./environment.ts";

/** The fixed addresses of a VPC, where runs look from there too; lib/ sets it. */
export type EgressSettings = {
  readonly vpcId: string;
  /** The worker there. */
  readonly workerName: string;
  /** Ids of the accounts whose origins it looks at; null for the function's own alone. */
  readonly accounts: readonly string[] | null;
};

/** @throws with the variable's name when it cannot be used: then the deployment is broken */
export function readEgressSettings(environment: Environment): EgressSettings | null {
  const workerName = environment[vpcVariables.egressWorkerName] ?? "";
  if (workerName === "") return null;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(workerName))
    throw new Error(`environment variable ${vpcVariables.egressWorkerName}: expected a function's name`);
  const vpcId = environment[vpcVariables.vpcId] ?? "";
  if (!vpcIdForm.test(vpcId)) throw new Error(`environment variable ${vpcVariables.vpcId}: expected the id of a VPC`);
  const accounts = listed(environment[vpcVariables.accounts]);
  if (accounts.length > mostListed || !accounts.every((id) => accountIdForm.test(id)))
    throw new Error(`environment variable ${vpcVariables.accounts}: expected at most ${mostListed} ids of accounts`);
  return { vpcId, workerName, accounts: accounts.length === 0 ? null : accounts };
}
