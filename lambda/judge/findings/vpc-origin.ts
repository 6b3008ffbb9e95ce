import { sources } from "../../cloudfront/sources.ts";
import { printable } from "../../text/printable.ts";
import { connectionRule } from "../rule.ts";

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
  examine: ({ planned }) => {
    if (planned.kind !== "unseen" || planned.reason.kind !== "vpc-origin") return undefined;
    const { vpcOriginId, ownerAccountId, endpoint } = planned.reason;
    return {
      title: "VPC origin, not reachable from outside",
      cause: "The origin is a VPC origin, which is not reachable from outside its VPC.",
      explanation: "CloudFront connects to it inside the VPC. Nothing was tried.",
      remedy: [
        "Check from inside the VPC that the origin answers on this port, with a certificate for the name that CloudFront expects.",
      ],
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
