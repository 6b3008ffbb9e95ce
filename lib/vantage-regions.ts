import { Annotations } from "aws-cdk-lib/core";
import { RegionInfo } from "aws-cdk-lib/region-info";
import type { Construct } from "constructs";
import { isRegion, mostVantageRegions } from "../lambda/contract/vantages.ts";
import { PropError } from "./prop-error.ts";

/** @throws PropError for Regions that cannot be */
export function checkVantages({ vantageRegions }: { readonly vantageRegions: readonly string[] }): void {
  const regions: readonly unknown[] = Array.isArray(vantageRegions) ? vantageRegions : [vantageRegions];
  const strange = regions.find((region) => typeof region !== "string" || !isRegion(region));
  if (strange !== undefined) {
    throw new PropError("vantageRegions", `expected Regions such as eu-central-1, got ${JSON.stringify(strange)}`);
  }
  const twice = regions.find((region, index) => regions.indexOf(region) < index);
  if (twice !== undefined)
    throw new PropError("vantageRegions", `expected each Region once, got ${JSON.stringify(twice)} twice`);
  if (regions.length > mostVantageRegions) {
    throw new PropError("vantageRegions", `expected at most ${mostVantageRegions} Regions, got ${regions.length}`);
  }
}

/** Says which of these no AWS service is known in: a new Region may be, and a mistyped one is not. */
export function warnOfUnknownRegions(scope: Construct, regions: readonly string[]): void {
  const known = new Set(RegionInfo.regions.map(({ name }) => name));
  const unknown = regions.filter((region) => !known.has(region));
  if (unknown.length === 0) return;
  Annotations.of(scope).addWarningV2(
    "origin-watch:unknown-region",
    `vantageRegions: this release of the CDK knows no Region ${unknown.join(" or ")}. Check the spelling.`,
  );
}
