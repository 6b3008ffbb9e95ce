import { fetchText, storeText } from "../aws/batch-exchange.ts";
import { ec2Client, type InterfacesRead, isResolvable, readInterfaces } from "../aws/network-interfaces.ts";
import type { s3Client } from "../aws/state-s3.ts";
import type { Configuration, ConfigurationProblem } from "../configuration/configuration.ts";
import type { Distribution, Origin, VpcOrigin, VpcOriginInside } from "../configuration/distribution.ts";
import { type Scope, scopeId, scopeOfArn } from "../configuration/scope.ts";
import { mostAddressesInVpc, vpcVariables } from "../contract/vpc.ts";
import { mostAnswerBytes } from "../observe/batch-answer.ts";
import type { Exchange } from "../observe/by-reference.ts";
import { type Environment, functionName, vpcIdIn } from "./environment.ts";

/** The vantage inside a VPC, where there is one; lib/ sets it. */
export type VpcVantageSettings = {
  readonly vpcId: string;
  /** The worker there. */
  readonly workerName: string;
};

/** @throws with the variable's name when it cannot be used: then the deployment is broken */
export function readVpcVantageSettings(environment: Environment): VpcVantageSettings | null {
  const workerName = functionName(environment, vpcVariables.workerName);
  return workerName === null ? null : { vpcId: vpcIdIn(environment), workerName };
}

/** Where batches for the vantage lie, and its answers. */
export function exchangeIn(s3: ReturnType<typeof s3Client>, bucket: string): Exchange {
  return {
    put: (key, text, signal) => storeText(s3, { bucket, key }, text, signal),
    get: (key, etag, signal) => fetchText(s3, { bucket, key }, { etag, mostBytes: mostAnswerBytes, signal }),
  };
}

type Place = { readonly vpcId: string; readonly own: Scope; readonly region: string };

/**
 * Finds the addresses behind the VPC origins at which a vantage in this VPC can look: those of the function's own account,
 * where they lead into this VPC. Of all others it says why not. An account whose distributions have no VPC origin costs no
 * call.
 */
export async function withVpcOriginsInside(
  configuration: Configuration,
  place: Place,
  signal: AbortSignal,
): Promise<Configuration> {
  const targets = configuration.distributions.flatMap((each) =>
    each.enabled ? each.origins.flatMap(({ kind }) => targetOf(each, kind, place) ?? []) : [],
  );
  const arns = [...new Set(targets)];
  const read = arns.length === 0 ? nothing : await readInterfaces(client(), arns, signal);
  const distributions = configuration.distributions.map((each) => ({
    ...each,
    origins: each.origins.map((origin): Origin => {
      const { kind } = origin;
      return kind.kind === "vpc" ? { ...origin, kind: { ...kind, inside: insideOf(each, kind, place, read) } } : origin;
    }),
  }));
  return { ...configuration, distributions, problems: [...configuration.problems, ...problemOf(read, place)] };
}

const nothing: InterfacesRead = { found: new Map(), failure: null };

/** What is to be looked up for an origin; null where it is nothing. */
function targetOf(distribution: Distribution, kind: Origin["kind"], place: Place): string | null {
  if (kind.kind !== "vpc" || whyNot(distribution, kind, place) !== null) return null;
  return kind.target ?? null;
}

/** Why the vantage does not look at it, as far as the configuration tells. */
function whyNot({ scope }: Distribution, { target }: VpcOrigin, { own, region }: Place) {
  if (scopeId(scope) !== scopeId(own)) return "other-account";
  if (target === undefined || !isResolvable(target)) return "target-unknown";
  if (scopeId(scopeOfArn(target)) !== scopeId(own)) return "other-account";
  return target.split(":")[3] === region ? null : "other-region";
}

function insideOf(distribution: Distribution, origin: VpcOrigin, place: Place, read: InterfacesRead): VpcOriginInside {
  const { vpcId } = place;
  const why = whyNot(distribution, origin, place);
  if (why !== null) return { kind: "not-found", vpcId, why };
  const interfaces = read.found.get(origin.target ?? "");
  if (interfaces === undefined) {
    return { kind: "not-found", vpcId, why: read.failure === null ? "no-interface" : "not-read" };
  }
  if (interfaces.vpcId !== vpcId) return { kind: "not-found", vpcId, why: "other-vpc" };
  const addresses = [...interfaces.ipv4, ...(origin.endpoint?.ipAddressType === "ipv4" ? [] : interfaces.ipv6)];
  return addresses.length === 0
    ? { kind: "not-found", vpcId, why: "no-interface" }
    : { kind: "found", vpcId, addresses: addresses.slice(0, mostAddressesInVpc) };
}

function problemOf({ failure }: InterfacesRead, { own }: Place): readonly ConfigurationProblem[] {
  if (failure === null) return [];
  const message = `The network interfaces behind VPC origins could not be read (${failure.reason}); those that are missing are not checked.`;
  const remedy =
    failure.kind === "denied"
      ? 'Allow ec2:DescribeNetworkInterfaces on resource "*" in the Region of the function.'
      : "Try again; if it happens again, look at the way from here to the API of Amazon EC2 and at AWS's service health.";
  return [{ code: "details-unreadable", message, remedy, scope: own }];
}

/** Made for the first VPC origin: most functions have none to look at. */
function client() {
  made ??= ec2Client();
  return made;
}
let made: ReturnType<typeof ec2Client> | undefined;
