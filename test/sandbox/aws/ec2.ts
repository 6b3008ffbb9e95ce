import { randomUUID } from "node:crypto";
import type { AwsReply, Service } from "./exchange.ts";
import { document, element } from "./xml.ts";

/** A network interface as EC2 describes it. */
export type BoxInterface = {
  readonly vpcId: string;
  readonly privateIpAddress: string;
  readonly ipv6Addresses?: readonly string[];
  /** Of a load balancer `ELB app/NAME/ID`. */
  readonly description: string;
  /** A service of AWS manages it. */
  readonly requesterManaged: boolean;
  readonly instanceId?: string;
};

/** EC2's DescribeNetworkInterfaces in its query protocol, two a page. */
export function ec2Service(caller: string, interfaces: () => readonly BoxInterface[]): Service {
  return {
    operation(request) {
      const form = new URLSearchParams(request.body.toString("utf8"));
      if (request.method !== "POST" || form.get("Action") !== "DescribeNetworkInterfaces") return undefined;
      return {
        action: "ec2:DescribeNetworkInterfaces",
        resource: "*",
        perform: () => page(form, interfaces()),
      };
    },
    error: ec2Error,
    throttled: ec2Error(503, "RequestLimitExceeded", "Request limit exceeded."),
    denied: (action) =>
      ec2Error(403, "UnauthorizedOperation", `User: ${caller} is not authorized to perform: ${action}`),
  };
}

const pageSize = 2;

function page(form: URLSearchParams, interfaces: readonly BoxInterface[]): AwsReply {
  const filter = form.get("Filter.1.Name");
  const values = [...form].flatMap(([name, value]) => (name.startsWith("Filter.1.Value.") ? [value] : []));
  if (filter !== "description" && filter !== "attachment.instance-id") {
    return ec2Error(400, "InvalidParameterValue", `The box does not know the filter ${filter}`);
  }
  const matching = interfaces.filter(({ description, instanceId = "" }) =>
    values.includes(filter === "description" ? description : instanceId),
  );
  const start = Number(form.get("NextToken") ?? 0);
  const next = start + pageSize < matching.length ? String(start + pageSize) : undefined;
  const answer = {
    requestId: randomUUID(),
    networkInterfaceSet: matching.slice(start, start + pageSize).map(shown),
    nextToken: next,
  };
  const body = document(
    element("DescribeNetworkInterfacesResponse", answer, () => "item"),
    "http://ec2.amazonaws.com/doc/2016-11-15/",
  );
  return { status: 200, headers: { "content-type": "text/xml" }, body };
}

function shown({
  vpcId,
  privateIpAddress,
  ipv6Addresses = [],
  description,
  requesterManaged,
  instanceId,
}: BoxInterface) {
  return {
    vpcId,
    description,
    requesterManaged,
    privateIpAddress,
    ipv6AddressesSet: ipv6Addresses.map((ipv6Address) => ({ ipv6Address })),
    attachment: instanceId === undefined ? { deviceIndex: 1 } : { deviceIndex: 0, instanceId },
  };
}

/** EC2 has an envelope of its own. */
function ec2Error(status: number, code: string, message: string): AwsReply {
  const errors = { Errors: { Error: { Code: code, Message: message } }, RequestID: randomUUID() };
  const body = document(element("Response", errors));
  return { status, headers: { "content-type": "text/xml" }, body };
}
