import { sources } from "../../cloudfront/sources.ts";
import type { InVpc, VpcOriginInside } from "../../plan/connection.ts";
import type { Observation } from "../../probe/observation.ts";
import { printable } from "../../text/printable.ts";
import { connectionRule, type Found } from "../rule.ts";

export const vpcOrigin = connectionRule({
  code: "vpc-origin",
  effect: "unseen",
  stage: "no-attempt",
  transient: false,
  about: "reachability",
  witness: "quiets",
  supersededBy: [],
  proof: "none",
  summary: "A VPC origin: CloudFront reaches it privately, this check cannot.",
  source: sources.vpcOrigins,
  examine: ({ planned, connection: { inVpc }, observation }) => {
    if (inVpc !== undefined) return notConnected(inVpc, observation);
    if (planned.kind !== "unseen" || planned.reason.kind !== "vpc-origin") return undefined;
    const { vpcOriginId, ownerAccountId, endpoint, inside } = planned.reason;
    return {
      title: "VPC origin, not reachable from outside",
      cause: "The origin is a VPC origin, which is not reachable from outside its VPC.",
      explanation: ["CloudFront connects to it inside the VPC. Nothing was tried.", ...notFromInside(inside)].join(" "),
      remedy: [checkInside],
      evidence: {
        vpcOriginId: printable(vpcOriginId, 64),
        ...(ownerAccountId === null ? {} : { ownerAccountId: printable(ownerAccountId, 64) }),
        ...(endpoint === null
          ? {}
          : {
              originProtocolPolicy: endpoint.originProtocolPolicy,
              httpPort: endpoint.httpPort,
              httpsPort: endpoint.httpsPort,
              originSslProtocols: [...endpoint.originSslProtocols],
            }),
      },
    };
  },
});

const checkInside =
  "Check from inside the VPC that the origin answers on this port, with a certificate for the name that CloudFront expects.";

/** The vantage connects to nothing but its own VPC, whatever it is told. */
function notConnected({ vpcOriginId, vpcId }: InVpc, observation: Observation | null): Found | undefined {
  const refused = (observation?.addresses ?? []).flatMap(({ address, outcome }) =>
    outcome.kind === "not-dialled" ? [{ address, range: outcome.range }] : [],
  );
  const [first] = refused;
  if (first === undefined) return undefined;
  return {
    title: "VPC origin, not in the ranges of the VPC",
    cause: `The vantage in ${vpcId} did not connect to ${refused.map(({ address }) => address).join(", ")} (${first.range}).`,
    explanation: "It connects only to the ranges of the VPC that its settings name.",
    remedy: ["Name all ranges of the VPC in `vpcCidrs`, and in `neverDial` none in which an origin is.", checkInside],
    evidence: { vpcOriginId: printable(vpcOriginId, 64), seen: first.address, range: first.range },
  };
}

/** Why a vantage inside a VPC does not look at it, where there is such a vantage. */
function notFromInside(inside: VpcOriginInside | undefined): readonly string[] {
  if (inside?.kind !== "not-found") return [];
  const { vpcId, why } = inside;
  switch (why) {
    case "other-account":
      return [`The vantage in ${vpcId} looks only at what its own account has.`];
    case "other-region":
      return [`The vantage in ${vpcId} is in another Region than what the VPC origin leads to.`];
    case "other-vpc":
      return [`The vantage in ${vpcId} is in another VPC than what the VPC origin leads to.`];
    case "target-unknown":
      return ["CloudFront did not say which load balancer or instance the VPC origin leads to."];
    case "no-interface":
      return ["What the VPC origin leads to has no network interface."];
    case "not-read":
      return ["The network interfaces of what the VPC origin leads to could not be read."];
  }
}
