import { isRegion, longestStackName, mostVantageRegions } from "../../../lambda/contract/vantages.ts";
import type { OptionTable } from "./option.ts";
import type { Source } from "./source.ts";
import { shown, UsageError } from "./usage-error.ts";
import { one, optional, type Values } from "./values.ts";

/** From where else origins are looked at: the Regions in which a stack has workers. */
export type LookingFrom = {
  readonly stack: string;
  readonly regions: readonly string[];
  readonly profile: string | null;
};

export const regionOptions: OptionTable = {
  regions: {
    type: "string",
    value: "REGION,...",
    help: "for account: look from the workers of a stack in these Regions too (vantageRegions)",
  },
  stack: { type: "string", value: "NAME", help: "that stack, with --regions (default OriginWatch)" },
};

/** @throws UsageError where there is no account whose workers could be asked */
export function chosenRegions(values: Values, source: Pick<Source, "name">): LookingFrom | null {
  const regions = optional(values, "regions", regionList);
  const stack = optional(values, "stack", stackName);
  if (regions === null) {
    if (stack !== null) throw new UsageError("--stack goes with --regions");
    return null;
  }
  if (source.name !== "account") throw new UsageError("--regions goes with account");
  return { regions, stack: stack ?? "OriginWatch", profile: one(values, "profile") ?? null };
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
  if (/^[A-Za-z][A-Za-z0-9-]*$/.test(text) && text.length <= longestStackName) return text;
  throw new UsageError(`--stack: expected the name of a stack, got ${shown(text)}`);
}
