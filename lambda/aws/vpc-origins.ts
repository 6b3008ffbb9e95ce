import { type CloudFrontClient, GetVpcOriginCommand } from "@aws-sdk/client-cloudfront";
import type { Distribution, Origin, VpcOrigin, VpcOriginEndpoint } from "../configuration/distribution.ts";
import { readVpcOriginEndpoint } from "../configuration/read-origin.ts";
import { routesByOrigin } from "../plan/routes.ts";
import { type Failure, failureOf, untilAborted } from "./failure.ts";
import { type Detailed, detailProblem } from "./inventory-problems.ts";

/** Ten times AWS's default quota for an account. */
const mostVpcOrigins = 250;

/**
 * Reads the ports and protocols of the VPC origins that enabled distributions use: one GetVpcOrigin each. Whether those
 * that another account shares can be read is that account's affair, so they are no problem of the run.
 */
export async function withVpcOrigins(
  client: CloudFrontClient,
  distributions: readonly Distribution[],
  signal: AbortSignal | undefined,
): Promise<Detailed> {
  const used = distributions.flatMap(usedVpcOrigins);
  const ids = [...new Set(used.map(({ vpcOriginId }) => vpcOriginId))];
  const shared = new Set(used.flatMap(({ vpcOriginId, ownerAccountId }) => (ownerAccountId ? [vpcOriginId] : [])));
  const endpoints = new Map<string, VpcOriginEndpoint>();
  const unread: string[] = ids.slice(mostVpcOrigins);
  let failure: Failure | null = null;
  for (const id of ids.slice(0, mostVpcOrigins)) {
    try {
      const command = new GetVpcOriginCommand({ Id: id });
      const answer = await untilAborted(
        client.send(command, signal === undefined ? {} : { abortSignal: signal }),
        signal,
      );
      const endpoint = readVpcOriginEndpoint(answer, []);
      if (endpoint === null) unread.push(id);
      else endpoints.set(id, endpoint);
    } catch (error) {
      if (shared.has(id)) continue;
      failure ??= failureOf(error, signal);
      unread.push(id);
    }
  }
  return {
    distributions: distributions.map((each) => withEndpoints(each, endpoints)),
    problems: detailProblem({
      what: "VPC origins",
      unread,
      failure,
      consequence: "their ports and protocols are not known",
      operation: "GetVpcOrigin",
      resource: "vpcorigin/*",
      code: "details-unreadable",
    }),
  };
}

function usedVpcOrigins(distribution: Distribution): VpcOrigin[] {
  if (!distribution.enabled || !distribution.origins.some(({ kind }) => kind.kind === "vpc")) return [];
  const routes = routesByOrigin(distribution, []);
  return distribution.origins.flatMap(({ id, kind }) =>
    kind.kind === "vpc" && kind.vpcOriginId !== "" && (routes.get(id)?.length ?? 0) > 0 ? [kind] : [],
  );
}

function withEndpoints(distribution: Distribution, endpoints: ReadonlyMap<string, VpcOriginEndpoint>): Distribution {
  if (endpoints.size === 0) return distribution;
  const origins = distribution.origins.map((origin): Origin => {
    const { kind } = origin;
    const endpoint = kind.kind === "vpc" ? endpoints.get(kind.vpcOriginId) : undefined;
    return kind.kind === "vpc" && endpoint !== undefined ? { ...origin, kind: { ...kind, endpoint } } : origin;
  });
  return { ...distribution, origins };
}
