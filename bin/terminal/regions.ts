import { randomUUID } from "node:crypto";
import { invokeWorker, workersClient } from "../../lambda/aws/workers.ts";
import { workerName } from "../../lambda/contract/vantages.ts";
import { observerElsewhere } from "../../lambda/observe/elsewhere.ts";
import type { Observer } from "../../lambda/observe/observer.ts";
import { observersTogether } from "../../lambda/observe/together.ts";
import type { LookingFrom } from "./input/regions.ts";
import { chosenProfile, profileConfig } from "./input/sources/sign-in.ts";

/** A worker takes two minutes at most; so much later nobody waits any more. */
const longestMs = 100_000;

/** Observes from here, and by the workers of a stack in other Regions beside it. */
export function observerWithRegions(
  here: Observer,
  { stack, regions, profile }: LookingFrom,
  account: string,
): Observer {
  const rights = profileConfig(chosenProfile(profile));
  const runId = randomUUID();
  const elsewhere = regions.map((vantage) => {
    const client = workersClient(vantage, 1, rights);
    return observerElsewhere({
      vantage,
      invoke: (event, signal) => invokeWorker(client, workerName(stack, account), event, signal),
      runId,
      concurrency: 1,
      deadline: Date.now() + longestMs,
      clock: () => Date.now(),
      random: Math.random,
    });
  });
  return observersTogether(here, ...elsewhere);
}
