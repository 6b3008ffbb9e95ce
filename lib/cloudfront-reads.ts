/**
 * What is read of an account: of the stack's own by the function's role, and of another by the role that the function
 * assumes there. One list, so that both may read the same.
 */
export type Read = {
  readonly sid: string;
  readonly actions: readonly string[];
  /** What of CloudFront it is about, for example `distribution/*`. @default - the actions know no resource */
  readonly of?: string;
  /** The only Region in which it may be asked. @default - CloudFront has none */
  readonly region?: string;
  /** The right that is given only where a setting needs it. @default - always */
  readonly only?: OptionalRead;
};

export type OptionalRead = "tags" | "functions" | "headersPolicies" | "metrics";

/** Settings that decide which rights there are. */
export type ReadSettings = {
  readonly muteTags: boolean;
  readonly readFunctions: boolean;
  readonly viewerErrors: string;
  readonly throughCloudFront: string;
};

/** The rights that the settings need beside those that are always needed. */
export function optionalReads(settings: ReadSettings): ReadonlySet<OptionalRead> {
  const asksCloudFront = settings.throughCloudFront !== "off";
  const needed: Readonly<Record<OptionalRead, boolean>> = {
    // Tags may mute, and name the path that is asked for.
    tags: settings.muteTags || asksCloudFront,
    functions: settings.readFunctions,
    headersPolicies: asksCloudFront,
    metrics: settings.viewerErrors !== "off",
  };
  return new Set(reads.flatMap(({ only }) => (only !== undefined && needed[only] ? [only] : [])));
}

/**
 * Which actions know a resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudfront.html
 * and https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html.
 */
export const reads: readonly Read[] = [
  {
    sid: "ReadCloudFrontConfiguration",
    actions: [
      "cloudfront:ListDistributions",
      "cloudfront:ListCachePolicies",
      "cloudfront:ListOriginRequestPolicies",
      "cloudfront:ListDistributionTenants",
      "cloudfront:ListContinuousDeploymentPolicies",
    ],
  },
  // VPC origins, primaries of staging distributions and multi-tenant distributions: of none is the id known before an
  // account is read.
  { sid: "ReadVpcOrigins", actions: ["cloudfront:GetVpcOrigin"], of: "vpcorigin/*" },
  { sid: "ReadDistributionConfigurations", actions: ["cloudfront:GetDistributionConfig"], of: "distribution/*" },
  { sid: "ReadTenantParameters", actions: ["cloudfront:GetDistributionTenant"], of: "distribution-tenant/*" },
  { sid: "ReadMuteTags", actions: ["cloudfront:ListTagsForResource"], of: "distribution/*", only: "tags" },
  // The code of functions may hold passwords.
  { sid: "ReadFunctions", actions: ["cloudfront:GetFunction"], of: "function/*", only: "functions" },
  {
    sid: "ReadResponseHeadersPolicies",
    actions: ["cloudfront:ListResponseHeadersPolicies"],
    only: "headersPolicies",
  },
  // It reads every metric: of one Region only, in which CloudFront's are.
  { sid: "ReadWhatCloudFrontCounts", actions: ["cloudwatch:GetMetricData"], region: "us-east-1", only: "metrics" },
];
