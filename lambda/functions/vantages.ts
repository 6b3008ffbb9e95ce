import { invokeWorker, workersClient } from "../aws/workers.ts";
import { defaults } from "../contract/defaults.ts";
import { isRegion, mostWithoutFleet } from "../contract/vantages.ts";
import { vpcConcurrency } from "../contract/vpc.ts";
import { byReference, type Exchange } from "../observe/by-reference.ts";
import { type InvokeWorker, observerElsewhere } from "../observe/elsewhere.ts";
import type { ConnectionToObserve, Observer } from "../observe/observer.ts";
import { lookingOnlyAt, observersTogether } from "../observe/together.ts";
import { egressVantage } from "../probe/observation.ts";
import type { RunProblem } from "../report/record.ts";
import type { EgressSettings } from "./egress-vantage.ts";
import { type Environment, functionName, listed } from "./environment.ts";
import type { VpcVantageSettings } from "./vpc-vantage.ts";

/** Where else a run is observed from; lib/ sets it. */
export type VantageSettings = {
  /** The name of the worker function, the same in every Region; null where there is none. */
  readonly workerName: string | null;
  /** Regions beside the function's own. */
  readonly regions: readonly string[];
  /** Whether workers in its own Region observe in its place. */
  readonly fleet: boolean;
  /** Batches under way in a Region at once. */
  readonly concurrency: number;
};

/** @throws with the variable's name when it cannot be used: then the deployment is broken */
export function readVantageSettings(environment: Environment): VantageSettings {
  const { VANTAGE_REGIONS: givenRegions, WORKER_CONCURRENCY: given } = environment;
  const workerName = functionName(environment, "WORKER_NAME");
  const regions = listed(givenRegions);
  const concurrency = Number(given ?? defaults.workerConcurrency);
  if (!regions.every(isRegion)) throw new Error("environment variable VANTAGE_REGIONS: expected names of Regions");
  if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 1_000)
    throw new Error("environment variable WORKER_CONCURRENCY: expected 1 to 1000");
  return { workerName, regions, fleet: environment.FLEET === "true", concurrency };
}

export type ThisRun = {
  readonly runId: string;
  /** The Region of this function. */
  readonly region: string;
  /** Milliseconds since the epoch, at which observing ends. */
  readonly deadline: number;
};

/** The observer of a run: this process, workers in other Regions beside it, and with a fleet workers in its place. */
export function observerFor(
  { workerName, regions, fleet, concurrency }: VantageSettings,
  here: () => Observer,
  { runId, region, deadline }: ThisRun,
): Observer {
  if (workerName === null) return here();
  const elsewhere = (vantage: string) =>
    observerElsewhere({
      vantage,
      invoke: (event, signal) => invokeWorker(clientFor(vantage, workerName, concurrency), workerName, event, signal),
      ...usual({ runId, concurrency, deadline }),
    });
  const others = regions.filter((each) => each !== region).map(elsewhere);
  return observersTogether(fleet ? elsewhere(region) : here(), ...others);
}

/** The same beside the fixed addresses of a VPC, where runs look from there too: at these connections and no others. */
export function withEgress(
  others: Observer,
  egress: EgressSettings | null,
  servedBy: (egress: EgressSettings) => ReadonlySet<string>,
  { concurrency }: Pick<VantageSettings, "concurrency">,
  { runId, region, deadline }: ThisRun,
): Observer {
  if (egress === null) return others;
  const { vpcId, workerName } = egress;
  const fixed = observerElsewhere({
    vantage: egressVantage(vpcId),
    invoke: (event, signal) => invokeWorker(clientFor(region, workerName, concurrency), workerName, event, signal),
    ...usual({ runId, concurrency, deadline }),
  });
  const keys = servedBy(egress);
  return observersTogether(
    others,
    lookingOnlyAt(fixed, ({ key }) => keys.has(key)),
  );
}

/** The same beside a vantage inside a VPC, where there is one: what it can look at is looked at by it alone. */
export function withVpcVantage(
  outside: Observer,
  vpc: VpcVantageSettings | null,
  exchange: () => Exchange,
  { runId, region, deadline }: ThisRun,
): Observer {
  if (vpc === null) return outside;
  const { vpcId: vantage, workerName } = vpc;
  const concurrency = vpcConcurrency;
  const invoke: InvokeWorker = (event, signal) =>
    invokeWorker(clientFor(region, workerName, concurrency), workerName, event, signal);
  const inside = observerElsewhere({
    vantage,
    invoke: byReference(invoke, exchange(), runId),
    ...usual({ runId, concurrency, deadline }),
  });
  const isInVpc = ({ addresses }: ConnectionToObserve) => addresses !== undefined;
  return observersTogether(
    lookingOnlyAt(outside, (each) => !isInVpc(each)),
    lookingOnlyAt(inside, isInVpc),
  );
}

function usual<T>(of: T) {
  return { ...of, clock: () => Date.now(), random: Math.random };
}

/** Most runs have no worker to invoke; a client is made for the first one that has. */
function clientFor(region: string, worker: string, concurrency: number): ReturnType<typeof workersClient> {
  // One for each worker: in the stack's own Region there may be three, and a call holds a socket for as long as it takes.
  const key = `${region} ${worker}`;
  const client = clients.get(key) ?? workersClient(region, concurrency);
  clients.set(key, client);
  return client;
}
const clients = new Map<string, ReturnType<typeof workersClient>>();

/** What to say where there is more to observe than one function can. */
export function fleetProblems({ fleet }: VantageSettings, connections: number): readonly RunProblem[] {
  if (fleet || connections <= mostWithoutFleet) return [];
  const message = `There are ${connections} connections to observe, more than the ${mostWithoutFleet} for which one function is made. A run may not get to all of them.`;
  const remedy = "Deploy with fleet=true: functions beside this one then observe them, many at once.";
  return [{ code: "fleet-needed", message, remedy, scope: null }];
}
