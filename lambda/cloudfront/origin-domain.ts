/** The kind of origin, as far as its domain name shows. */
export type OriginDomainKind =
  | "s3-bucket"
  | "s3-website"
  /** Application and classic load balancers have names of one form. */
  | "load-balancer"
  | "network-load-balancer"
  | "api-gateway"
  | "lambda-url"
  | "mediastore"
  | "mediapackage"
  | "ec2"
  | "global-accelerator"
  /** Another distribution. */
  | "cloudfront"
  /** Everything else: a domain name outside AWS. */
  | "host";

export type Partition = "aws" | "aws-cn" | "aws-us-gov";

/** `partition` and `region` are null where the name does not tell. */
export type OriginDomain = {
  readonly kind: OriginDomainKind;
  readonly partition: Partition | null;
  readonly region: string | null;
};

const region = "(?<region>[a-z]{2}(?:-[a-z]+)+-\\d)";
/** AWS's domains by partition; GovCloud shares that of the commercial one. */
const suffix = "amazonaws\\.com(?<china>\\.cn)?";
const label = "[a-z0-9-]+";
/** A bucket name may hold dots. */
const bucket = "[a-z0-9._-]+";

/**
 * The forms of AWS's names, from the reference "AWS service endpoints"
 * (https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html) and the guides of the services. Each
 * matches the whole name: a name that only contains such a part is not AWS's.
 */
const forms: readonly (readonly [OriginDomainKind, RegExp])[] = [
  // https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints: a dash or a dot, by Region.
  ["s3-website", whole(`${bucket}\\.s3-website[.-]${region}\\.${suffix}`)],
  ["s3-bucket", whole(`${bucket}\\.s3(?:-fips)?(?:\\.dualstack)?(?:[.-]${region})?\\.${suffix}`)],
  [
    "s3-bucket",
    whole(`${label}\\.s3-(?:accesspoint|object-lambda)(?:-fips)?(?:\\.dualstack)?\\.${region}\\.${suffix}`),
  ],
  ["s3-bucket", whole(`${label}\\.accesspoint\\.s3-global\\.${suffix}`)],
  ["network-load-balancer", whole(`(?:dualstack\\.)?${label}\\.elb\\.${region}\\.${suffix}`)],
  ["load-balancer", whole(`(?:ipv6\\.|dualstack\\.)?${label}\\.${region}\\.elb\\.${suffix}`)],
  ["api-gateway", whole(`${label}\\.execute-api\\.${region}\\.${suffix}`)],
  ["lambda-url", whole(`${label}\\.lambda-url\\.${region}\\.on\\.(?:aws|amazonwebservices\\.com(?<china>\\.cn))`)],
  ["mediastore", whole(`${label}\\.data\\.mediastore\\.${region}\\.${suffix}`)],
  ["mediapackage", whole(`${label}\\.(?:egress\\.)?(?:${label}\\.)?mediapackage(?:v2|-vod)?\\.${region}\\.${suffix}`)],
  ["ec2", whole(`ec2-[0-9-]+\\.(?:compute-1|${region}\\.compute)\\.${suffix}`)],
  ["global-accelerator", whole(`${label}\\.(?:dualstack\\.)?awsglobalaccelerator\\.com`)],
  ["cloudfront", whole(`${label}\\.cloudfront\\.(?:net|(?<china>cn))`)],
];

/**
 * Recognises the AWS service that an origin's domain name belongs to.
 *
 * @param domain in lower case, without a trailing dot
 */
export function readOriginDomain(domain: string): OriginDomain {
  for (const [kind, form] of forms) {
    const match = form.exec(domain);
    if (match === null) continue;
    const named = match.groups?.region ?? null;
    return { kind, partition: partitionOf(named, match.groups?.china !== undefined), region: named };
  }
  return { kind: "host", partition: null, region: null };
}

/** Domains under which only AWS gives out names, whichever service they are of. */
const domainsOfAws = [
  "amazonaws.com",
  "amazonaws.com.cn",
  "amazonwebservices.com.cn",
  "on.aws",
  "api.aws",
  "cloudfront.net",
  "cloudfront.cn",
  "awsglobalaccelerator.com",
  "awsapprunner.com",
  "amplifyapp.com",
];

/** Whether a name is AWS's, so that nobody else gets a certificate for it. The case and a trailing dot do not matter. */
export function isNameOfAws(name: string): boolean {
  const plain = name.toLowerCase().replace(/\.$/, "");
  return domainsOfAws.some((domain) => plain === domain || plain.endsWith(`.${domain}`));
}

function whole(pattern: string): RegExp {
  return new RegExp(`^${pattern}$`);
}

function partitionOf(regionName: string | null, china: boolean): Partition {
  if (china || regionName?.startsWith("cn-") === true) return "aws-cn";
  return regionName?.startsWith("us-gov-") === true ? "aws-us-gov" : "aws";
}
