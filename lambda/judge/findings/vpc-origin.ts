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
      title: "VPC origin: cannot be reached from here",
      explanation:
        "CloudFront connects to a VPC origin inside the VPC. From outside there is no way to it, so nothing was tried.",
      remedy: [
        "Check from inside the VPC that the origin answers on this port with a certificate for the name that CloudFront asks for.",
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
