import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Stack, Stage, Token } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import { longestStackName, workerName } from "../lambda/contract/vantages.ts";
import type { ResolvedProps } from "./origin-watch-props.ts";
import { PropError } from "./prop-error.ts";
import { shortenedName } from "./shortened-name.ts";
import { warnOfUnknownRegions } from "./vantage-regions.ts";
import { vpcVantageOf } from "./vpc-vantage.ts";
import { WorkerFunction } from "./worker-function.ts";

type VantageProps = Pick<
  ResolvedProps,
  "vantageRegions" | "fleet" | "workerConcurrency" | "vpc" | "accounts" | "organization"
>;

/** Where workers observe for a stack. */
export type Vantages = {
  /** What the function that watches must know. */
  readonly variables: Readonly<Record<string, string>>;
  readonly permissions: readonly PolicyStatement[];
};

/** What a stack has that wants none. */
export const noVantages: Vantages = { variables: {}, permissions: [] };

/**
 * What the function that watches must know of its workers, and may do with them: invoke each by its exact name.
 *
 * @throws PropError where the stack cannot have the Regions that are asked for
 */
export function vantagesOf(scope: Construct, props: VantageProps, bucket: Bucket): Vantages {
  const regional = regionalVantages(scope, props);
  const inVpc = props.vpc === undefined ? null : vpcVantageOf(scope, { ...props, vpc: props.vpc }, bucket);
  const workers = [...regional.workers, ...(inVpc?.workerArns ?? [])];
  if (workers.length === 0) return noVantages;
  const actions = ["lambda:InvokeFunction"];
  return {
    variables: { ...regional.variables, ...inVpc?.variables },
    permissions: [
      new PolicyStatement({ sid: "InvokeWorkers", actions, resources: workers }),
      ...(inVpc?.permissions ?? []),
    ],
  };
}

/**
 * The C library gives each thread that takes memory a heap of its own, which none gives back. A function that waits for
 * workers has nothing to gain by it (https://www.gnu.org/software/libc/manual/html_node/Malloc-Tunable-Parameters.html).
 */
const oneArena = { MALLOC_ARENA_MAX: "1" };

/** Those in other Regions, and with a fleet those in the stack's own. */
function regionalVantages(
  scope: Construct,
  props: VantageProps,
): Pick<Vantages, "variables"> & { readonly workers: readonly string[] } {
  const { vantageRegions, fleet, workerConcurrency } = props;
  if (vantageRegions.length === 0 && !fleet) return { variables: {}, workers: [] };
  const { partition, account, region } = Stack.of(scope);
  // Where the stack names none, it is the one for which the CDK's command line synthesises.
  const own = Token.isUnresolved(region) ? process.env.CDK_DEFAULT_REGION : region;
  if (own !== undefined && vantageRegions.includes(own)) {
    throw new PropError(
      "vantageRegions",
      `expected Regions beside the stack's own, got ${own}, from which it observes anyway`,
    );
  }
  warnOfUnknownRegions(scope, vantageRegions);
  const name = nameOfWorkers(scope);
  return {
    variables: {
      WORKER_NAME: name,
      WORKER_CONCURRENCY: String(workerConcurrency),
      ...(vantageRegions.length === 0 ? {} : { VANTAGE_REGIONS: vantageRegions.join(",") }),
      ...(fleet ? { FLEET: "true", ...oneArena } : {}),
    },
    workers: [...(fleet ? [region] : []), ...vantageRegions].map(
      (each) => `arn:${partition}:lambda:${each}:${account}:function:${name}`,
    ),
  };
}

/** Adds the workers: that of the stack's own Region to the construct, those of others in a stack each. */
export function addWorkers(scope: Construct, props: ResolvedProps): readonly Stack[] {
  const { vantageRegions, fleet, workerConcurrency, reserveConcurrency, logRetentionDays, encryptionKey } = props;
  if (vantageRegions.length === 0 && !fleet) return [];
  const functionName = nameOfWorkers(scope);
  const common = {
    functionName,
    logRetentionDays,
    reservedConcurrentExecutions: reserveConcurrency ? workerConcurrency : null,
  };
  if (fleet) new WorkerFunction(scope, "Worker", { ...common, encryptionKey });
  const hub = Stack.of(scope);
  return vantageRegions.map((region) => {
    const stack = new Stack(stageOf(scope), `${hub.node.id}-${region}`, {
      description: "Origin Watch: observes origins from this Region",
      stackName: `${hub.stackName}-worker`,
      env: { region, ...(Token.isUnresolved(hub.account) ? {} : { account: hub.account }) },
    });
    // A key of the hub's Region encrypts nothing here.
    new WorkerFunction(stack, "Worker", common);
    // So that one command deploys all, and no run looks for a worker that is not yet there.
    hub.node.addDependency(stack);
    return stack;
  });
}

function stageOf(scope: Construct): Construct {
  const stage = Stage.of(scope);
  if (stage === undefined) throw new PropError("vantageRegions", "expected the construct in an app, got none");
  return stage;
}

function nameOfWorkers(scope: Construct): string {
  const { stackName, account } = Stack.of(scope);
  if (Token.isUnresolved(stackName)) {
    throw new PropError(
      "vantageRegions",
      "expected a stack whose name is known at synthesis: workers are named after it",
    );
  }
  return workerName(shortenedName(stackName, longestStackName), account);
}
