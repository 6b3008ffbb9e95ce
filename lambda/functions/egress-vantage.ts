import { accountIdForm, mostListed } from "../contract/accounts.ts";
import { vpcVariables } from "../contract/vpc.ts";
import { type Environment, functionName, listed, vpcIdIn } from "./environment.ts";

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
  const workerName = functionName(environment, vpcVariables.egressWorkerName);
  if (workerName === null) return null;
  const vpcId = vpcIdIn(environment);
  const accounts = listed(environment[vpcVariables.accounts]);
  if (accounts.length > mostListed || !accounts.every((id) => accountIdForm.test(id)))
    throw new Error(`environment variable ${vpcVariables.accounts}: expected at most ${mostListed} ids of accounts`);
  return { vpcId, workerName, accounts: accounts.length === 0 ? null : accounts };
}
