import { isIP } from "node:net";
import { Token } from "aws-cdk-lib/core";
import { mostNetworks } from "../lambda/contract/vpc.ts";
import { PropError } from "./prop-error.ts";

/** What a VPC may have (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html), a little wider. */
const ofVpc = { ipv4: [16, 28], ipv6: [44, 64] } as const;
const any = { ipv4: [1, 32], ipv6: [1, 128] } as const;

/** Loopback, link-local and multicast: a VPC has none of these, and nothing may make the worker connect to them. */
const never = /^(0|127|169\.254|22[4-9]|23\d|2[45]\d)\.|^(::|fe[89ab]|ff)/i;

/** @throws PropError for what is not a list of networks, at least one */
export function checkRangesOfVpc(prop: string, networks: readonly string[]): void {
  if (networks.length === 0) {
    throw new PropError(prop, "expected every range of the VPC (10.0.0.0/16, its IPv6 range too), got none");
  }
  check(
    prop,
    networks,
    ofVpc,
    (network) => !never.test(network),
    "ranges of a VPC such as 10.0.0.0/16 (/16 to /28; of IPv6 /44 to /64)",
  );
}

/** @throws PropError for what is not a list of networks */
export function checkNetworks(prop: string, networks: readonly string[]): void {
  check(prop, networks, any, () => true, "networks such as 10.0.0.0/8");
}

type Lengths = { readonly [family in "ipv4" | "ipv6"]: readonly [least: number, most: number] };

function check(
  prop: string,
  networks: readonly string[],
  lengths: Lengths,
  mayBe: (network: string) => boolean,
  words: string,
): void {
  const invalid = networks.find((each) => !Token.isUnresolved(each) && !(isNetwork(each, lengths) && mayBe(each)));
  if (invalid !== undefined) throw new PropError(prop, `expected ${words}, got ${JSON.stringify(invalid)}`);
  if (networks.length > mostNetworks) {
    throw new PropError(prop, `expected at most ${mostNetworks} of them, got ${networks.length}`);
  }
}

function isNetwork(text: unknown, lengths: Lengths): boolean {
  const [, base = "", digits = ""] = typeof text === "string" ? (/^([^/]+)\/(\d{1,3})$/.exec(text) ?? []) : [];
  const version = isIP(base);
  if (version === 0) return false;
  const [least, most] = lengths[version === 4 ? "ipv4" : "ipv6"];
  return Number(digits) >= least && Number(digits) <= most;
}
