import { DescribeNetworkInterfacesCommand, EC2Client, type Filter, type NetworkInterface } from "@aws-sdk/client-ec2";
import { mostAddressesInVpc } from "../contract/vpc.ts";
import { clientLimits } from "./client-limits.ts";
import { type Failure, failureOf, untilAborted } from "./failure.ts";

/** What a load balancer or an instance has in a VPC. */
export type Interfaces = {
  readonly vpcId: string;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
};

export type InterfacesRead = {
  /** By ARN; one that has no network interface is not in it. */
  readonly found: ReadonlyMap<string, Interfaces>;
  /** Why it may not be complete, null where it is. */
  readonly failure: Failure | null;
};

/** Values of one filter; AWS takes 200. */
const perCall = 100;
/** Pages of one call, a thousand network interfaces each. */
const mostPages = 10;

/** A client for the Region of the function: a vantage is in a VPC of that Region. */
export function ec2Client(): EC2Client {
  return new EC2Client({ ...clientLimits, retryMode: "adaptive" });
}

/** Whether an ARN is of something that can be looked up here. */
export function isResolvable(arn: string): boolean {
  return filterOf(arn) !== null;
}

/**
 * The addresses of load balancers and instances, by their network interfaces: AWS says those of an Application Load
 * Balancer nowhere else but in DNS. Of a load balancer only interfaces count that a service of AWS manages, because
 * anybody in the account may write any description on one of his own
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html). It never throws.
 */
export async function readInterfaces(
  client: EC2Client,
  arns: readonly string[],
  signal: AbortSignal,
): Promise<InterfacesRead> {
  const wanted = new Map<string, { readonly name: string; readonly values: Map<string, string> }>();
  for (const arn of arns) {
    const filter = filterOf(arn);
    if (filter === null) continue;
    const group = wanted.get(filter.name) ?? { name: filter.name, values: new Map<string, string>() };
    group.values.set(filter.value, arn);
    wanted.set(filter.name, group);
  }
  const found = new Map<string, Interfaces>();
  let failure: Failure | null = null;
  for (const { name, values } of wanted.values()) {
    const all = [...values.keys()];
    for (let start = 0; start < all.length && failure === null; start += perCall) {
      const filter = { Name: name, Values: all.slice(start, start + perCall) };
      failure = await readPagesOf(client, filter, signal, (each) => {
        const arn = values.get(keyOf(name, each) ?? "");
        if (arn !== undefined) add(found, arn, each);
      });
    }
  }
  return { found, failure };
}

async function readPagesOf(
  client: EC2Client,
  filter: Filter,
  signal: AbortSignal,
  take: (each: NetworkInterface) => void,
): Promise<Failure | null> {
  let next: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    try {
      const command = new DescribeNetworkInterfacesCommand({
        Filters: [filter],
        MaxResults: 1_000,
        ...(next === undefined ? {} : { NextToken: next }),
      });
      const answer = await untilAborted(client.send(command, { abortSignal: signal }), signal);
      if (!Array.isArray(answer.NetworkInterfaces)) return { kind: "other", reason: "AWS's answer holds no list" };
      for (const each of answer.NetworkInterfaces) take(each);
      next = answer.NextToken;
      if (next === undefined || next === "") return null;
    } catch (error) {
      return failureOf(error, signal);
    }
  }
  return { kind: "other", reason: `the list has more than ${mostPages} pages` };
}

/** `loadbalancer/app/NAME/ID` is described as `ELB app/NAME/ID`. */
function filterOf(arn: string): { readonly name: string; readonly value: string } | null {
  const [, service, resource = ""] = /^arn:[^:]+:([^:]+):[^:]*:[^:]*:(.+)$/.exec(arn) ?? [];
  const [, balancer] = /^loadbalancer\/((?:app|net)\/[A-Za-z0-9-]{1,32}\/[0-9a-f]{16})$/.exec(resource) ?? [];
  if (service === "elasticloadbalancing" && balancer !== undefined) {
    return { name: "description", value: `ELB ${balancer}` };
  }
  const [, instance] = /^instance\/(i-[0-9a-f]{8,17})$/.exec(resource) ?? [];
  if (service === "ec2" && instance !== undefined) return { name: "attachment.instance-id", value: instance };
  return null;
}

/** What of an interface says whose it is; null where it is not believed. */
function keyOf(filter: string, each: NetworkInterface): string | null {
  if (filter === "description") return each.RequesterManaged === true ? (each.Description ?? null) : null;
  return each.Attachment?.DeviceIndex === 0 ? (each.Attachment.InstanceId ?? null) : null;
}

function add(found: Map<string, Interfaces>, arn: string, each: NetworkInterface): void {
  if (each.VpcId === undefined) return;
  const known = found.get(arn) ?? { vpcId: each.VpcId, ipv4: [], ipv6: [] };
  const ipv6 = (each.Ipv6Addresses ?? []).flatMap(({ Ipv6Address }) => Ipv6Address ?? []);
  const ipv4 = each.PrivateIpAddress === undefined ? [] : [each.PrivateIpAddress];
  found.set(arn, { ...known, ipv4: bothOf(known.ipv4, ipv4), ipv6: bothOf(known.ipv6, ipv6) });
}

function bothOf(some: readonly string[], more: readonly string[]): readonly string[] {
  return [...new Set([...some, ...more])].slice(0, mostAddressesInVpc);
}
