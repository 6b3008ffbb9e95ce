import { BlockList, isIP } from "node:net";

/**
 * Address ranges that are not reachable over the public internet, so that CloudFront cannot reach them either (IANA
 * special-purpose registries, RFC 6890; protocol assignments and relays are listed here although a registry calls them
 * globally reachable, because no origin is there; CloudFront answers 504 for origins on private networks,
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-504-gateway-timeout.html).
 */
const ranges: readonly (readonly [name: string, network: string, prefix: number])[] = [
  ["this network", "0.0.0.0", 8],
  ["private", "10.0.0.0", 8],
  ["shared address space (CGNAT)", "100.64.0.0", 10],
  ["loopback", "127.0.0.0", 8],
  // Not in a registry: in Azure, and so on runners of GitHub, it is the platform that answers there.
  // https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
  ["Azure's platform", "168.63.129.16", 32],
  ["link-local", "169.254.0.0", 16],
  ["private", "172.16.0.0", 12],
  ["IETF protocol assignments", "192.0.0.0", 24],
  ["documentation", "192.0.2.0", 24],
  ["6to4 relay (deprecated)", "192.88.99.0", 24],
  ["private", "192.168.0.0", 16],
  ["benchmarking", "198.18.0.0", 15],
  ["documentation", "198.51.100.0", 24],
  ["documentation", "203.0.113.0", 24],
  ["multicast", "224.0.0.0", 4],
  ["reserved", "240.0.0.0", 4],
  ["unspecified or loopback", "::", 127],
  ["discard-only", "100::", 64],
  ["Teredo", "2001::", 32],
  ["IETF protocol assignments", "2001::", 23],
  ["documentation", "2001:db8::", 32],
  ["documentation", "3fff::", 20],
  ["segment routing", "5f00::", 16],
  ["unique local", "fc00::", 7],
  ["link-local", "fe80::", 10],
  ["site-local", "fec0::", 10],
  ["multicast", "ff00::", 8],
];

/**
 * Prefixes that carry an IPv4 address inside: compatible and mapped (RFC 4291), translated (RFC 2765), NAT64 (RFC 6052,
 * RFC 8215) and 6to4.
 */
const embedding = [
  { network: "::", prefix: 96 },
  { network: "::ffff:0:0", prefix: 96 },
  { network: "::ffff:0:0:0", prefix: 96 },
  { network: "64:ff9b::", prefix: 96 },
  { network: "64:ff9b:1::", prefix: 48 },
  { network: "2002::", prefix: 16 },
];

const lists = [
  ...ranges.map(([name, network, prefix]) => blockList(name, network, prefix)),
  ...embedding.map(({ network, prefix }) => blockList("IPv4 inside IPv6", network, prefix)),
];

/** The part of IPv6 that is allocated for public use (https://www.iana.org/assignments/ipv6-address-space/). */
const globalUnicast = blockList("global unicast", "2000::", 3);

/** The kind of a non-public address, null for a public one. What is not an IP address counts as non-public. */
export function nonPublicRange(address: string): string | null {
  const version = isIP(address);
  if (version === 0) return "not an address";
  const family = version === 4 ? "ipv4" : "ipv6";
  // A BlockList matches an IPv4 address against ::ffff:0:0/96 too, so each list is used for its own family only.
  const range = lists.find((entry) => entry.family === family && entry.list.check(address, family));
  if (range !== undefined) return range.name;
  return family === "ipv4" || globalUnicast.list.check(address, family) ? null : "reserved";
}

/**
 * The guard against connecting to what an attacker's DNS record may point at: the metadata service, the Lambda runtime
 * API, hosts on a private network.
 *
 * @param allowed networks in CIDR notation that are allowed nevertheless, as tests on loopback need
 * @returns the range that forbids an address, null when it is allowed; throws for what is not a network
 */
export function addressGuard(allowed: readonly string[]): (address: string) => string | null {
  const isAllowed = within(allowed);
  return (address) => (isAllowed(address) ? null : nonPublicRange(address));
}

/** Of the ranges that are not public, those in which a VPC may be. */
const rangesOfVpcs: ReadonlySet<string> = new Set([
  "private",
  "shared address space (CGNAT)",
  "benchmarking",
  "unique local",
]);

/** Which addresses a vantage inside a VPC may connect to. All in CIDR notation. */
export type VpcNetworks = {
  /** All of the VPC's own. */
  readonly ranges: readonly string[];
  readonly neverDial: readonly string[];
  /** As for `addressGuard`: for tests on loopback. */
  readonly allowed: readonly string[];
};

/**
 * The guard of a vantage inside a VPC for what is behind VPC origins: addresses of that VPC, and none of the host itself, of
 * the network's own services or of a network beyond.
 *
 * @returns the range that forbids an address, null when it is allowed; throws for what is not a network
 */
export function vpcGuard({ ranges: own, neverDial, allowed }: VpcNetworks): (address: string) => string | null {
  const [isAllowed, isOwn, isNever] = [allowed, own, neverDial].map(within) as [IsWithin, IsWithin, IsWithin];
  return (address) => {
    if (isAllowed(address)) return null;
    const range = nonPublicRange(address);
    if (range !== null && !rangesOfVpcs.has(range)) return range;
    if (isNever(address)) return outOfBounds;
    return isOwn(address) ? null : "outside of the VPC";
  };
}

/**
 * The guard of a vantage inside a VPC for public origins: the usual one, and none of the VPC's own ranges. From inside, its
 * public IPv4 ranges and its global IPv6 range lead to servers of the VPC and not to the internet
 * (https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html).
 *
 * @returns the range that forbids an address, null when it is allowed; throws for what is not a network
 */
export function egressGuard({ ranges: own, neverDial, allowed }: VpcNetworks): (address: string) => string | null {
  const [isOwn, isNever, usual] = [within(own), within(neverDial), addressGuard(allowed)];
  return (address) => {
    if (isOwn(address)) return insideOfVpc;
    return isNever(address) ? outOfBounds : usual(address);
  };
}

/** Why a vantage inside a VPC does not connect to an address that may be a public one for everybody else. */
const insideOfVpc = "inside of the VPC";
const outOfBounds = "never dialled, by neverDial";

type IsWithin = (address: string) => boolean;

/** @throws for what is not a network */
function within(networks: readonly string[]): IsWithin {
  const lists = networks.map((network) => {
    const [base = "", prefix = ""] = network.split("/");
    if (isIP(base) === 0 || !/^\d{1,3}$/.test(prefix))
      throw new Error(`expected a network such as 127.0.0.0/8, got ${network}`);
    return blockList(network, base, Number(prefix));
  });
  return (address) => {
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    return lists.some((entry) => entry.family === family && entry.list.check(address, family));
  };
}

function blockList(name: string, network: string, prefix: number) {
  const family = network.includes(":") ? ("ipv6" as const) : ("ipv4" as const);
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return { name, family, list };
}
