import { type CloudFrontClient, GetVpcOriginCommand } from "@aws-sdk/client-cloudfront";
import { takeNotes } from "../configuration/api-value.ts";
import type { Distribution, Origin, VpcOrigin } from "../configuration/distribution.ts";
import { readVpcOriginEndpoint, readVpcOriginTarget } from "../configuration/read-origin.ts";
import { routesByOrigin } from "../plan/routes.ts";
import { printable } from "../text/printable.ts";
import { type Asking, asking } from "./asking.ts";
import { abortedBy } from "./failure.ts";
import { beyondProblem, type Detailed, detailProblem, unclearDetails } from "./inventory-problems.ts";

/** Ten times AWS's default quota for an account. */
export const mostVpcOrigins = 250;

/**
 * Reads the ports and protocols of the VPC origins that enabled distributions use: one GetVpcOrigin each. Whether a VPC
 * origin that another account shares can be read is up to that account, so it is no problem of the run.
 */
export async function withVpcOrigins(
  client: CloudFrontClient,
  distributions: readonly Distribution[],
  signal: AbortSignal | undefined,
): Promise<Detailed> {
  const used = distributions.flatMap(usedVpcOrigins);
  const owners = new Map(used.map(({ vpcOriginId, ownerAccountId }) => [vpcOriginId, ownerAccountId]));
  const ids = [...owners.keys()];
  const own = asking(signal);
  const others = new Map<string, Asking>();
  const askingOf = (owner: string | null): Asking => {
    if (owner === null || owner === "") return own;
    const asked = others.get(owner) ?? asking(signal);
    others.set(owner, asked);
    return asked;
  };
  const known = new Map<string, Known>();
  const unclear: string[] = [];
  for (const id of ids.slice(0, mostVpcOrigins)) {
    const found = await askingOf(owners.get(id) ?? null).ask(id, async () => {
      const command = new GetVpcOriginCommand({ Id: id });
      const answer = await client.send(command, abortedBy(signal));
      const notes = takeNotes();
      const read = readVpcOriginEndpoint(answer, notes);
      if (read !== null)
        unclear.push(...notes.problems.map((problem) => `VPC origin ${printable(id, 64)}: ${problem}.`));
      const target = readVpcOriginTarget(answer);
      return read === null ? null : { endpoint: read, ...(target === null ? {} : { target }) };
    });
    if (found !== null) known.set(id, found);
  }
  const beyond = new Set(ids.slice(mostVpcOrigins));
  return {
    distributions: distributions.map((each) => withKnown(each, known)),
    problems: [
      ...detailProblem({ ...missing, ...own.result(), operation: "GetVpcOrigin", resource: "vpcorigin/*" }),
      ...unclearDetails(unclear),
      ...beyondProblem({
        ...missing,
        ids: [...beyond],
        most: mostVpcOrigins,
        remedy:
          "Put the distributions that use them into `excludeDistributions`, or mute the code details-unreadable. " +
          "Nothing that fails is missed for it.",
        distributions: distributions
          .filter((each) => usedVpcOrigins(each).some(({ vpcOriginId }) => beyond.has(vpcOriginId)))
          .map(({ id }) => id),
      }),
    ],
  };
}

const missing = {
  what: "VPC origins",
  consequence: "their ports and protocols are not known",
  code: "details-unreadable",
} as const;

function usedVpcOrigins(distribution: Distribution): VpcOrigin[] {
  if (!distribution.enabled || !distribution.origins.some(({ kind }) => kind.kind === "vpc")) return [];
  const routes = routesByOrigin(distribution, []);
  return distribution.origins.flatMap(({ id, kind }) =>
    kind.kind === "vpc" && kind.vpcOriginId !== "" && (routes.get(id)?.length ?? 0) > 0 ? [kind] : [],
  );
}

/** What GetVpcOrigin says of a VPC origin. */
type Known = Pick<VpcOrigin, "endpoint" | "target">;

function withKnown(distribution: Distribution, known: ReadonlyMap<string, Known>): Distribution {
  if (known.size === 0) return distribution;
  const origins = distribution.origins.map((origin): Origin => {
    const { kind } = origin;
    const found = kind.kind === "vpc" ? known.get(kind.vpcOriginId) : undefined;
    return kind.kind === "vpc" && found !== undefined ? { ...origin, kind: { ...kind, ...found } } : origin;
  });
  return { ...distribution, origins };
}
