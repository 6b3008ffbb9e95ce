import type { Connection } from "./connection.ts";

/**
 * The Regions with a regional edge cache, where Origin Shield can be; and for others, the one that AWS recommends in
 * their place (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/origin-shield.html).
 */
const shieldRegions: ReadonlySet<string> = new Set([
  "us-east-2",
  "us-east-1",
  "us-west-2",
  "ap-south-1",
  "ap-northeast-2",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-northeast-1",
  "eu-central-1",
  "eu-west-1",
  "eu-west-2",
  "sa-east-1",
  "me-central-1",
]);

const inPlaceOf: ReadonlyMap<string, string> = new Map([
  ["us-west-1", "us-west-2"],
  ["af-south-1", "eu-west-1"],
  ["ap-east-1", "ap-southeast-1"],
  ["ca-central-1", "us-east-1"],
  ["eu-south-1", "eu-central-1"],
  ["eu-west-3", "eu-west-2"],
  ["eu-north-1", "eu-west-2"],
  ["me-south-1", "ap-south-1"],
]);

/** The Region of the regional edge cache for a Region that is configured; null where AWS names none. */
export function regionalEdgeCacheOf(region: string): string | null {
  return shieldRegions.has(region) ? region : (inPlaceOf.get(region) ?? null);
}

/**
 * The Region from which CloudFront connects to the origin, because Origin Shield is on there; null where it connects from
 * elsewhere too, or that is not known. Of a connection with several uses all must agree. Requests of gRPC go past it.
 */
export function shieldRegionOf({ uses }: Pick<Connection, "uses">): string | null {
  const regions = new Set(
    uses.map(({ originShield, grpcPathPatterns }) =>
      originShield === undefined || grpcPathPatterns !== undefined ? null : regionalEdgeCacheOf(originShield),
    ),
  );
  const [region] = regions;
  return regions.size === 1 ? (region ?? null) : null;
}
