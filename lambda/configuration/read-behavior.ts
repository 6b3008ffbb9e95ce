import { choice, entries, flag, isObject, member, mismatch, type Part, text, texts } from "./api-value.ts";
import type { CacheBehavior, EdgeFunction } from "./distribution.ts";

/**
 * A cache behavior, null when it names no target, which `problems` then explains.
 *
 * @param pathPattern `*` for the default cache behavior, which has none of its own; else null
 */
export function readBehavior(part: Part, pathPattern: "*" | null, problems: string[]): CacheBehavior | null {
  const targetOriginId = text(member(part, "TargetOriginId"), problems);
  const pattern = pathPattern ?? text(member(part, "PathPattern"), problems);
  if (targetOriginId === null || pattern === null) {
    problems.push(`${mismatch(part, "a cache behavior with its path pattern and TargetOriginId")}; left out`);
    return null;
  }
  const forwarded = member(part, "ForwardedValues");
  return {
    pathPattern: pattern,
    isDefault: pathPattern !== null,
    targetOriginId,
    // A policy that is not known is read as the one under which every kind of connection can occur.
    viewerProtocolPolicy: choice(
      member(part, "ViewerProtocolPolicy"),
      { of: ["allow-all", "redirect-to-https", "https-only"], otherwise: "allow-all" },
      problems,
    ),
    cachePolicyId: text(member(part, "CachePolicyId"), problems) || null,
    originRequestPolicyId: text(member(part, "OriginRequestPolicyId"), problems) || null,
    forwardedHeaders: isObject(forwarded.value) ? texts(member(forwarded, "Headers"), 100, problems) : null,
    grpc: flag(member(member(part, "GrpcConfig"), "Enabled"), false, problems),
    ...readMethods(member(part, "AllowedMethods"), problems),
    edgeFunctions: [
      ...readFunctions(part, "FunctionAssociations", "FunctionARN", "cloudfront-functions", problems),
      ...readFunctions(part, "LambdaFunctionAssociations", "LambdaFunctionARN", "lambda-at-edge", problems),
    ],
  };
}

/** https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_AllowedMethods.html: GET and HEAD unless told otherwise. */
function readMethods(part: Part, problems: string[]): Pick<CacheBehavior, "allowedMethods" | "cachedMethods"> {
  const least = ["GET", "HEAD"];
  const orLeast = (methods: string[]) => (methods.length > 0 ? methods : least);
  return {
    allowedMethods: orLeast(texts(part, 10, problems)),
    cachedMethods: orLeast(texts(member(part, "CachedMethods"), 10, problems)),
  };
}

function readFunctions(
  behavior: Part,
  list: string,
  arnName: string,
  runtime: EdgeFunction["runtime"],
  problems: string[],
): EdgeFunction[] {
  return entries(member(behavior, list), 10, problems).flatMap((entry) => {
    const arn = text(member(entry, arnName), problems);
    const eventType = text(member(entry, "EventType"), problems);
    if (arn !== null && eventType !== null) return { arn, eventType, runtime };
    problems.push(`${mismatch(entry, `an association with ${arnName} and EventType`)}; left out`);
    return [];
  });
}
