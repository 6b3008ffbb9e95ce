import { isRegion, mostVantageRegions } from "../../../lambda/contract/vantages.ts";
import { vpcIdForm } from "../../../lambda/contract/vpc.ts";
import type { OptionTable } from "./option.ts";
import type { Source } from "./source.ts";
import { shown, UsageError } from "./usage-error.ts";
import { one, optional, type Values } from "./values.ts";

/** From where else origins are looked at: by the workers of a stack, in other Regions and at the fixed addresses of a VPC. */
export type LookingFrom = {
  readonly stack: string;
  readonly regions: readonly string[];
  /** Null where its fixed addresses are not asked. */
  readonly vpc: {
    readonly id: string;
    /** The Region of the stack; null for what the AWS configuration says. */
    readonly region: string | null;
  } | null;
  readonly profile: string | null;
};

export const regionOptions: OptionTable = {
  regions: {
    type: "string",
    value: "REGION,...",
    help: "for account: look from the workers of a stack in these Regions too (vantageRegions)",
  },
  vpc: {
    type: "string",
    value: "VPC",
    help: "for account: look by the fixed addresses of this VPC too (vpcFor=egress)",
  },
  stack: { type: "string", value: "NAME", help: "that stack, with --regions or --vpc (default OriginWatch)" },
  region: {
    type: "string",
    value: "REGION",
    help: "its own Region, with --vpc (default: that of the AWS configuration)",
  },
};

/** @throws UsageError where there is no account whose workers could be asked */
export function chosenRegions(values: Values, source: Pick<Source, "name">): LookingFrom | null {
  const regions = optional(values, "regions", regionList);
  const stack = optional(values, "stack", stackName);
  const vpcId = optional(values, "vpc", idOfVpc);
  const region = optional(values, "region", oneRegion);
  if (region !== null && vpcId === null) throw new UsageError("--region goes with --vpc");
  if (regions === null && vpcId === null) {
    if (stack !== null) throw new UsageError("--stack goes with --regions or --vpc");
    return null;
  }
  if (source.name !== "account") throw new UsageError(`--${regions === null ? "vpc" : "regions"} goes with account`);
  return {
    regions: regions ?? [],
    vpc: vpcId === null ? null : { id: vpcId, region },
    stack: stack ?? "OriginWatch",
    profile: one(values, "profile") ?? null,
  };
}

function idOfVpc(text: string): string {
  if (vpcIdForm.test(text)) return text;
  throw new UsageError(`--vpc: expected the id of a VPC (vpc-0123456789abcdef0), got ${shown(text)}`);
}

function oneRegion(text: string): string {
  if (isRegion(text)) return text;
  throw new UsageError(`--region: expected the name of a Region, got ${shown(text)}`);
}

function regionList(text: string): readonly string[] {
  const regions = [...new Set(text.split(",").map((name) => name.trim()))];
  for (const region of regions) {
    if (!isRegion(region)) throw new UsageError(`--regions: expected names of Regions, got ${shown(region)}`);
  }
  if (regions.length > mostVantageRegions) throw new UsageError(`--regions: ${mostVantageRegions} Regions at most`);
  return regions;
}

function stackName(text: string): string {
  if (/^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(text)) return text;
  throw new UsageError(`--stack: expected the name of a stack, got ${shown(text)}`);
}
