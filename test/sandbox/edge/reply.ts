import type { CustomErrorResponse, DistributionSummary } from "@aws-sdk/client-cloudfront";
import { type EdgeCache, keptSeconds } from "./edge-cache.ts";
import type { ConnectionTools } from "./origin-connection.ts";
import { askOrigin, type OriginOutcome } from "./origin-exchange.ts";
import { forwardsHost, originsOf, type Policies, targetOf } from "./origin-target.ts";
import { errorPage, missingKey, ownReply } from "./pages.ts";
import { type Behavior, behaviorFor, isSignedOnly } from "./viewer-side.ts";

/** What a viewer gets, without what is on every answer. */
export type EdgeReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The word before "from cloudfront" in `x-cache`. */
  readonly xCache: string | null;
};

export type Viewer = { readonly host: string; readonly path: string; readonly method: string };

/** What a function on viewer requests does with one of them. */
export type FunctionOutcome =
  | { readonly kind: "pass" }
  /** It takes another origin in place of the configured one, and keeps its other settings. */
  | { readonly kind: "origin"; readonly domain: string; readonly port: number }
  | { readonly kind: "answer"; readonly status: number }
  | { readonly kind: "fails" };
export type FunctionsInPlace = Readonly<Record<string, (viewer: Viewer) => FunctionOutcome>>;

export type ReplyTools = {
  readonly policies: Policies;
  readonly tools: ConnectionTools;
  readonly cache: EdgeCache;
  readonly functions: FunctionsInPlace;
};

/** Serves one request of a distribution by the behavior that its path matches. */
export async function replyTo(
  distribution: DistributionSummary,
  viewer: Viewer,
  requestId: string,
  using: ReplyTools,
): Promise<EdgeReply> {
  const behavior = behaviorFor(distribution, viewer.path);
  if (behavior.AllowedMethods?.Items?.some((method) => method === viewer.method) === false) {
    const sentence = "This distribution is not configured to allow the HTTP request method that was used.";
    return ownReply(403, sentence, requestId);
  }
  if (isSignedOnly(behavior)) {
    const headers = { server: "CloudFront", "content-type": "text/xml" };
    return { status: 403, headers, body: missingKey, xCache: "Error" };
  }
  const chosen = functionOutcome(behavior, viewer, using.functions);
  if (chosen.kind === "answer") {
    const headers = { server: "CloudFront" };
    return { status: chosen.status, headers, body: Buffer.alloc(0), xCache: "FunctionGeneratedResponse" };
  }
  if (chosen.kind === "fails") {
    const sentence = "The CloudFront function associated with the CloudFront distribution is invalid.";
    return { ...ownReply(503, sentence, requestId), xCache: "FunctionExecutionError" };
  }
  const { outcome, age } = await cached(distribution, behavior, viewer, chosen, using);
  const page = distribution.CustomErrorResponses?.Items?.find(
    ({ ErrorCode, ResponsePagePath }) => ErrorCode === outcome.status && (ResponsePagePath ?? "") !== "",
  );
  if (page !== undefined) return await customPage(distribution, viewer, page, using);
  const isError = outcome.status >= 400;
  return {
    ...(outcome.kind === "answer" ? outcome : pageOf(outcome, requestId)),
    ...(age === null ? {} : { headers: { ...headersOf(outcome), age: String(age) } }),
    xCache: isError ? "Error" : age === null ? "Miss" : "Hit",
  };
}

function functionOutcome(behavior: Behavior, viewer: Viewer, functions: FunctionsInPlace): FunctionOutcome {
  const associated = behavior.FunctionAssociations?.Items?.find(({ EventType }) => EventType === "viewer-request");
  return functions[associated?.FunctionARN ?? ""]?.(viewer) ?? { kind: "pass" };
}

async function cached(
  distribution: DistributionSummary,
  behavior: Behavior,
  viewer: Viewer,
  chosen: FunctionOutcome,
  { policies, tools, cache }: ReplyTools,
): Promise<{ readonly outcome: OriginOutcome; readonly age: number | null }> {
  const sendsHost = forwardsHost(behavior, policies);
  const key = JSON.stringify([distribution.Id, viewer.method, viewer.path, sendsHost ? viewer.host : "", chosen]);
  const found = cache.find(key, tools.now());
  if (found !== null) return { outcome: found.outcome, age: found.ageSeconds };
  const { origins, failsOn } = originsOf(distribution, behavior);
  const mayFailOver = ["GET", "HEAD", "OPTIONS"].includes(viewer.method);
  let outcome: OriginOutcome | undefined;
  for (const origin of origins) {
    const target = targetOf(origin, sendsHost, viewer, policies);
    const place = chosen.kind === "origin" ? { domain: chosen.domain, port: chosen.port } : {};
    const other = chosen.kind === "origin" && !sendsHost ? { host: chosen.domain, names: [chosen.domain] } : {};
    outcome = target === null ? bucket : await askOrigin({ ...target, ...place, ...other }, viewer.method, tools);
    if (!mayFailOver || !failsOn.includes(failoverStatus(outcome))) break;
  }
  if (outcome === undefined) throw new Error("a behavior without an origin");
  cache.keep(key, outcome, keptSeconds(outcome, distribution, behavior, policies.cachePolicies), tools.now());
  return { outcome, age: null };
}

/** A connection that fails is listed as 503 in an origin group, a time-out as 504 (high_availability_origin_failover.html). */
function failoverStatus(outcome: OriginOutcome): number {
  return outcome.kind === "no-answer" && outcome.status === 502 ? 503 : outcome.status;
}

/** No bucket is in the box, and a bucket answers: this is what one without a right to list says of a missing object. */
const bucket: OriginOutcome = {
  kind: "answer",
  status: 403,
  headers: { server: "AmazonS3", "content-type": "application/xml" },
  body: Buffer.from("<Error><Code>AccessDenied</Code></Error>"),
};

/** The page is fetched by the behavior that its own path matches; `x-cache` still tells of the error. */
async function customPage(
  distribution: DistributionSummary,
  viewer: Viewer,
  { ErrorCode, ResponseCode, ResponsePagePath }: CustomErrorResponse,
  using: ReplyTools,
): Promise<EdgeReply> {
  const asked = { ...viewer, path: ResponsePagePath ?? "/" };
  const behavior = behaviorFor(distribution, asked.path);
  const { outcome, age } = await cached(distribution, behavior, asked, { kind: "pass" }, using);
  const body = outcome.kind === "answer" ? outcome.body : Buffer.alloc(0);
  const headers = { ...headersOf(outcome), ...(age === null ? {} : { age: String(age) }) };
  return { status: Number(ResponseCode ?? ErrorCode), headers, body, xCache: "Error" };
}

function headersOf(outcome: OriginOutcome): Readonly<Record<string, string>> {
  if (outcome.kind === "answer") return outcome.headers;
  return { ...(outcome.namesServer ? { server: "CloudFront" } : {}), "content-type": "text/html" };
}

function pageOf(outcome: OriginOutcome & { readonly kind: "no-answer" }, requestId: string) {
  const { status, sentence } = outcome;
  return { status, headers: headersOf(outcome), body: errorPage(status, sentence, requestId) };
}
