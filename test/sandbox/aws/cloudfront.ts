import type {
  CachePolicySummary,
  ContinuousDeploymentPolicy,
  DistributionConfig,
  DistributionSummary,
  DistributionTenant,
  OriginRequestPolicySummary,
  ResponseHeadersPolicySummary,
  VpcOrigin,
} from "@aws-sdk/client-cloudfront";
import type { AwsReply, AwsRequest, Operation, Service } from "./exchange.ts";
import { document, element, wrappedError } from "./xml.ts";

/** What the account's CloudFront lists; read anew at every request, so it may change meanwhile. */
export type CloudFrontInventory = {
  readonly distributions: readonly DistributionSummary[];
  readonly cachePolicies: readonly CachePolicySummary[];
  readonly originRequestPolicies: readonly OriginRequestPolicySummary[];
  readonly responseHeadersPolicies: readonly ResponseHeadersPolicySummary[];
  readonly vpcOrigins: readonly VpcOrigin[];
  /** The code of CloudFront functions in stage LIVE, by ARN. */
  readonly functions: Readonly<Record<string, string>>;
  readonly tenants: readonly DistributionTenant[];
  readonly continuousDeploymentPolicies: readonly ContinuousDeploymentPolicy[];
  /** What only GetDistributionConfig tells, by distribution id. */
  readonly configs: Readonly<Record<string, Partial<DistributionConfig>>>;
  /** By distribution id. */
  readonly tags: Readonly<Record<string, Readonly<Record<string, string>>>>;
};

/**
 * CloudFront's operations, as far as the product reads, in REST-XML, API version 2020-05-31.
 *
 * @param caller ARN of who is told that an action is not allowed
 */
export function cloudFrontService(caller: string, inventory: () => CloudFrontInventory): Service {
  const list = (action: string, reply: () => AwsReply): Operation => ({ action, resource: "*", perform: reply });
  return {
    operation(request) {
      if (request.method === "POST" && request.path === "/2020-05-31/distribution-tenants") {
        return list("cloudfront:ListDistributionTenants", () => tenantList(request, inventory().tenants));
      }
      if (request.method !== "GET") return undefined;
      switch (request.path) {
        case "/2020-05-31/tagging":
          return tagsOf(request.query.get("Resource") ?? "", inventory());
        case "/2020-05-31/continuous-deployment-policy":
          return list("cloudfront:ListContinuousDeploymentPolicies", () => {
            const policies = inventory().continuousDeploymentPolicies;
            const summaries = policies.map((policy) => ({ Type: undefined, ContinuousDeploymentPolicy: policy }));
            return policyList(request, "ContinuousDeploymentPolicyList", summaries, (item) => {
              return item.ContinuousDeploymentPolicy.Id;
            });
          });
        case "/2020-05-31/distribution":
          return list("cloudfront:ListDistributions", () => distributionList(request, inventory().distributions));
        case "/2020-05-31/cache-policy":
          return list("cloudfront:ListCachePolicies", () => {
            return policyList(request, "CachePolicyList", inventory().cachePolicies, (item) => item.CachePolicy?.Id);
          });
        case "/2020-05-31/origin-request-policy":
          return list("cloudfront:ListOriginRequestPolicies", () => {
            const { originRequestPolicies } = inventory();
            return policyList(request, "OriginRequestPolicyList", originRequestPolicies, (item) => {
              return item.OriginRequestPolicy?.Id;
            });
          });
        case "/2020-05-31/response-headers-policy":
          return list("cloudfront:ListResponseHeadersPolicies", () => {
            const { responseHeadersPolicies } = inventory();
            return policyList(request, "ResponseHeadersPolicyList", responseHeadersPolicies, (item) => {
              return item.ResponseHeadersPolicy?.Id;
            });
          });
        default:
          return functionOperation(request, inventory()) ?? singleOperation(request.path, inventory());
      }
    },
    error: cloudFrontError,
    throttled: cloudFrontError(400, "Throttling", "Rate exceeded"),
    denied: (action) =>
      cloudFrontError(
        403,
        "AccessDenied",
        `User: ${caller} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
      ),
  };
}

/** GetFunction answers with the code itself. */
function functionOperation({ path, query }: AwsRequest, { functions }: CloudFrontInventory): Operation | undefined {
  const [, name] = /^\/2020-05-31\/function\/([^/]+)$/.exec(path) ?? [];
  if (name === undefined || query.get("Stage") !== "LIVE") return undefined;
  const [arn, code = ""] = Object.entries(functions).find(([known]) => known.endsWith(`:function/${name}`)) ?? [];
  const headers = { "content-type": "application/octet-stream", etag: "ETVPDKIKX0DER" };
  return single("GetFunction", arn, () => ({ status: 200, headers, body: code }));
}

/** The Get operations; their resource is the ARN of the thing. */
function singleOperation(path: string, inventory: CloudFrontInventory): Operation | undefined {
  const [, kind = "", id = "", rest] = /^\/2020-05-31\/([a-z-]+)\/([^/]+)(?:\/(config))?$/.exec(path) ?? [];
  if (kind === "distribution" && rest === "config") {
    const found = inventory.distributions.find((item) => item.Id === id);
    return single("GetDistributionConfig", found?.ARN, () => {
      return listReply("DistributionConfig", { ...found, ...inventory.configs[id] });
    });
  }
  if (kind === "vpc-origin") {
    const found = inventory.vpcOrigins.find((item) => item.Id === id);
    return single("GetVpcOrigin", found?.Arn, () => listReply("VpcOrigin", { ...found }));
  }
  if (kind === "distribution-tenant") {
    const found = inventory.tenants.find((item) => item.Id === id);
    return single("GetDistributionTenant", found?.Arn, () => listReply("DistributionTenant", { ...found }));
  }
  return undefined;
}

function single(operation: string, arn: string | undefined, reply: () => AwsReply): Operation {
  return {
    action: `cloudfront:${operation}`,
    resource: arn ?? "*",
    perform: () => (arn === undefined ? cloudFrontError(404, "EntityNotFound", "There is no such thing.") : reply()),
  };
}

function tagsOf(arn: string, { distributions, tags }: CloudFrontInventory): Operation {
  const known = distributions.find((item) => item.ARN === arn);
  return single("ListTagsForResource", known?.ARN, () => {
    const entries = Object.entries(tags[known?.Id ?? ""] ?? {}).map(([Key, Value]) => ({ Key, Value }));
    return listReply("Tags", { Items: entries });
  });
}

function tenantList(request: AwsRequest, all: readonly DistributionTenant[]): AwsReply {
  const body = request.body.toString();
  const given = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1];
  const own = all.filter((item) => item.DistributionId === given("DistributionId"));
  const query = new URLSearchParams({ Marker: given("Marker") ?? "", MaxItems: given("MaxItems") ?? "" });
  const page = pageOf({ ...request, query }, own, (item) => item.Id);
  if (page === undefined) return unknownMarker;
  return listReply("ListDistributionTenantsResult", {
    NextMarker: page.nextMarker,
    DistributionTenantList: page.items.map((item) => ({ ...item, Parameters: undefined })),
  });
}

function distributionList(request: AwsRequest, all: readonly DistributionSummary[]): AwsReply {
  const page = pageOf(request, all, (item) => item.Id);
  if (page === undefined) return unknownMarker;
  return listReply("DistributionList", {
    Marker: request.query.get("Marker") ?? "",
    NextMarker: page.nextMarker,
    MaxItems: page.maxItems,
    IsTruncated: page.nextMarker !== undefined,
    Quantity: page.items.length,
    Items: page.items.length === 0 ? undefined : page.items,
  });
}

function policyList<Summary extends { Type?: string | undefined }>(
  request: AwsRequest,
  root: string,
  all: readonly Summary[],
  id: (summary: Summary) => string | undefined,
): AwsReply {
  const type = request.query.get("Type");
  const page = pageOf(request, type === null ? all : all.filter((summary) => summary.Type === type), id);
  if (page === undefined) return unknownMarker;
  return listReply(root, {
    NextMarker: page.nextMarker,
    MaxItems: page.maxItems,
    Quantity: page.items.length,
    Items: page.items.length === 0 ? undefined : page.items,
  });
}

type Page<Item> = {
  readonly items: readonly Item[];
  readonly maxItems: number;
  readonly nextMarker: string | undefined;
};

/** The marker is the id of the last item of the page before; undefined when there is no such item. */
function pageOf<Item>(
  request: AwsRequest,
  all: readonly Item[],
  id: (item: Item) => string | undefined,
): Page<Item> | undefined {
  const asked = Number(request.query.get("MaxItems") ?? MAX_PAGE);
  const maxItems = Number.isInteger(asked) && asked > 0 ? Math.min(asked, MAX_PAGE) : MAX_PAGE;
  const marker = request.query.get("Marker") ?? "";
  const start = marker === "" ? 0 : all.findIndex((item) => id(item) === marker) + 1;
  if (marker !== "" && start === 0) return undefined;
  const items = all.slice(start, start + maxItems);
  const last = items.at(-1);
  const nextMarker = start + items.length < all.length && last !== undefined ? id(last) : undefined;
  return { items, maxItems, nextMarker };
}

function listReply(root: string, list: object): AwsReply {
  const body = document(element(root, list, memberName), NAMESPACE);
  return { status: 200, headers: { "content-type": "text/xml" }, body };
}

function cloudFrontError(status: number, code: string, message: string): AwsReply {
  return wrappedError(status, code, message, NAMESPACE);
}

function memberName(list: string): string {
  const name = MEMBER_NAMES[list];
  if (name === undefined) throw new Error(`CloudFront's name for the members of ${list} is not known here`);
  return name;
}

/** The element that wraps one item, by the structure that has the list. */
const MEMBER_NAMES: Readonly<Record<string, string>> = {
  AliasICPRecordals: "AliasICPRecordal",
  Aliases: "CNAME",
  AllowedMethods: "Method",
  CacheBehaviors: "CacheBehavior",
  CachePolicyList: "CachePolicySummary",
  CachedMethods: "Method",
  ContinuousDeploymentPolicyList: "ContinuousDeploymentPolicySummary",
  Cookies: "Name",
  CustomErrorResponses: "CustomErrorResponse",
  CustomHeadersConfig: "ResponseHeadersPolicyCustomHeader",
  CustomHeaders: "OriginCustomHeader",
  DistributionList: "DistributionSummary",
  DistributionTenantList: "DistributionTenantSummary",
  Domains: "member",
  FunctionAssociations: "FunctionAssociation",
  GeoRestriction: "Location",
  Headers: "Name",
  LambdaFunctionAssociations: "LambdaFunctionAssociation",
  Members: "OriginGroupMember",
  OriginGroups: "OriginGroup",
  OriginRequestPolicyList: "OriginRequestPolicySummary",
  OriginSslProtocols: "SslProtocol",
  Origins: "Origin",
  Tags: "Tag",
  ParameterDefinitions: "member",
  Parameters: "member",
  QueryStringCacheKeys: "Name",
  QueryStrings: "Name",
  RemoveHeadersConfig: "ResponseHeadersPolicyRemoveHeader",
  ResponseHeadersPolicyList: "ResponseHeadersPolicySummary",
  StagingDistributionDnsNames: "DnsName",
  StatusCodes: "StatusCode",
  TrustedKeyGroups: "KeyGroup",
  TrustedSigners: "AwsAccountNumber",
  WhitelistedNames: "Name",
};

const MAX_PAGE = 100;
const NAMESPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/";
const unknownMarker = cloudFrontError(400, "InvalidArgument", "The parameter Marker is not valid.");
