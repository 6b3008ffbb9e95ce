import { randomUUID } from "node:crypto";
import { invokeWorker, workersClient } from "../../lambda/aws/workers.ts";
import { longestStackName, workerName } from "../../lambda/contract/vantages.ts";
import { egressWorkerName } from "../../lambda/contract/vpc.ts";
import { observerElsewhere } from "../../lambda/observe/elsewhere.ts";
import type { Observer } from "../../lambda/observe/observer.ts";
import { observersTogether } from "../../lambda/observe/together.ts";
import { egressVantage } from "../../lambda/probe/observation.ts";
import { shortenedName } from "../../lib/shortened-name.ts";
import type { LookingFrom } from "./input/regions.ts";
import { chosenProfile, profileConfig } from "./input/sources/sign-in.ts";

/** A worker takes two minutes at most; so much later nobody waits any more. */
const longestMs = 100_000;

/**
 * Observes from here, and by the workers of a stack beside it: in other Regions, and at the fixed addresses of a VPC. They are
 * found by their names, which the stack's and the account make. The worker for VPC origins is not asked: nobody but the
 * function that watches may write what it reads.
 */
export function observerWithWorkers(
  here: Observer,
  { stack, regions, vpc, profile }: LookingFrom,
  account: string,
): Observer {
  const rights = profileConfig(chosenProfile(profile));
  const runId = randomUUID();
  const elsewhere = (vantage: string, region: string | null, nameOf: typeof workerName) => {
    const client = workersClient(region, 1, rights);
    // As the stack shortens it.
    const name = nameOf(shortenedName(stack, longestStackName), account);
    return observerElsewhere({
      vantage,
      invoke: (event, signal) => invokeWorker(client, name, event, signal),
      runId,
      concurrency: 1,
      deadline: Date.now() + longestMs,
      clock: () => Date.now(),
      random: Math.random,
    });
  };
  return observersTogether(
    here,
    ...regions.map((region) => elsewhere(region, region, workerName)),
    ...(vpc === null ? [] : [elsewhere(egressVantage(vpc.id), vpc.region, egressWorkerName)]),
  );
}
