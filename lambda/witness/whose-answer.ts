import { printable } from "../text/printable.ts";
import type { EdgeAnswer, EdgeResponse, EdgeSettings, Whose } from "./edge-answer.ts";
import { type EdgeBody, namesFunction, readBody } from "./edge-body.ts";

/**
 * Reads whose answer it is: the first row of the table that fits. The rows rest on captured answers (docs/design/witness.md); what
 * none of them explains stays unknown.
 */
export function edgeAnswer(response: EdgeResponse, settings: EdgeSettings): EdgeAnswer {
  const { method, status, headers, elapsedMs } = response;
  const shown = (name: string) => (headers.has(name) ? printable(headers.get(name) ?? "", maxValue) : null);
  const seen = see(response, settings);
  const { whose, by } = decide(seen);
  const requestId = shown("x-amz-cf-id");
  return {
    method,
    status,
    whose,
    decidedBy: by,
    xCache: shown("x-cache"),
    age: headers.has("age") ? ageOf(headers.get("age") ?? "") : null,
    pop: shown("x-amz-cf-pop"),
    requestId,
    requestIdMatches: matches(seen),
    layers: headers.get("via")?.match(/\(CloudFront\)/gi)?.length ?? 0,
    wording: seen.body.kind === "cloudfront-page" ? seen.body.wording : null,
    elapsedMs,
    confirmed: false,
  };
}

/** The request went through to the origin just now, or to an origin of the group. */
export function reachedOrigin({ whose, age }: EdgeAnswer): boolean {
  return (whose === "reached-origin" || whose === "origin-answered-error") && age === null;
}

/** CloudFront may not get through; a GET on another path is to say so too. A HEAD has no page to tell by. */
export function wantsConfirmation({ whose, age, status }: Pick<EdgeAnswer, "whose" | "age" | "status">): boolean {
  const isOpen = whose === "cloudfront-could-not-connect" || whose === "unknown";
  return isOpen && age === null && (status === 503 || isGatewayError(status));
}

/**
 * What the HEAD of one run and the GET of the next say together: the GET, confirmed where both agree that CloudFront got
 * no usable answer and the page is CloudFront's own, of that very request, and comes from no cache.
 */
export function confirmedBy(head: Pick<EdgeAnswer, "whose" | "age" | "status">, get: EdgeAnswer): EdgeAnswer {
  const agrees =
    wantsConfirmation(head) &&
    get.method === "GET" &&
    get.whose === "cloudfront-could-not-connect" &&
    get.status === head.status &&
    get.age === null &&
    get.requestIdMatches === true;
  return { ...get, confirmed: agrees };
}

type Seen = {
  readonly status: number;
  /** What CloudFront says of its cache; empty without, or where two headers disagree. */
  readonly xCache: string;
  /** `hidden`: a policy of the distribution sets or removes it, so it says nothing. */
  readonly server: "absent" | "cloudfront" | "other" | "hidden";
  /** Without those that the distribution itself sets. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: EdgeBody;
  readonly namesFunction: boolean;
  readonly contentType: string | null;
  readonly hasAge: boolean;
  /** Statuses of which this answer may be the custom error page. */
  readonly replaced: readonly number[];
};

type Decision = { readonly whose: Whose; readonly by: string };
type Row = (seen: Seen) => Decision | undefined;

function see({ status, headers: all, body }: EdgeResponse, { errorPages, policyHeaders }: EdgeSettings): Seen {
  const headers = new Map([...all].filter(([name]) => name.startsWith("x-amz-cf-") || !policyHeaders.has(name)));
  const server = headers.get("server")?.trim() ?? "";
  const kind = server === "" ? "absent" : server.toLowerCase() === "cloudfront" ? "cloudfront" : "other";
  const caches = [...new Set((headers.get("x-cache") ?? "").split(",").map((value) => value.trim()))];
  return {
    status,
    xCache: caches.length === 1 && / from cloudfront$/i.test(caches[0] ?? "") ? (caches[0] ?? "") : "",
    server: policyHeaders.has("server") ? "hidden" : kind,
    headers,
    body: readBody(body),
    namesFunction: namesFunction(body),
    contentType: headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? null,
    hasAge: headers.has("age"),
    replaced: errorPages.filter(({ shownAs }) => shownAs === status).map(({ replaces }) => replaces),
  };
}

function decide(seen: Seen): Decision {
  for (const row of rows) {
    const decision = row(seen);
    if (decision !== undefined) return decision;
  }
  return { whose: "unknown", by: "nothing" };
}

const rows: readonly Row[] = [
  // A function's own answer, a redirect to https, and a function that failed.
  (seen) =>
    /^(?:Lambda|Function)GeneratedResponse|^Redirect /.test(seen.xCache)
      ? by(seen, "edge-answered", "x-cache")
      : undefined,
  (seen) =>
    /^(?:Lambda|Function)\w*(?:Error|LimitExceeded|Throttled)/.test(seen.xCache)
      ? by(seen, "function-error", "x-cache")
      : undefined,
  (seen) => {
    const waf = [...seen.headers.keys()].find((name) => name.startsWith("x-amzn-waf-"));
    if (waf !== undefined) return by(seen, "edge-refused", waf);
    return seen.status === 421 ? { whose: "edge-refused", by: "status: 421" } : undefined;
  },
  (seen) => (/^(?:OriginShield)?Hit /.test(seen.xCache) ? by(seen, "cached-says-nothing", "x-cache") : undefined),
  (seen) => (/^(?:Miss|RefreshHit) /.test(seen.xCache) ? by(seen, "reached-origin", "x-cache") : undefined),
  (seen) =>
    seen.namesFunction && seen.status >= 500 ? { whose: "function-error", by: "body: it names a function" } : undefined,
  cloudFrontPage,
  (seen) => {
    if (seen.body.kind !== "cloudfront-refusal") return undefined;
    return { whose: seen.status < 400 ? "edge-answered" : "edge-refused", by: "body: CloudFront's own page" };
  },
  saysCloudFront,
  customErrorPage,
  (seen) => {
    const name = [...seen.headers.keys()].find((each) => ofOrigin.test(each));
    if (name !== undefined) return byOrigin(seen, shownHeader(seen, name));
    return seen.server === "other" ? byOrigin(seen, shownHeader(seen, "server")) : undefined;
  },
  (seen) => {
    const name = ofPage.find((each) => seen.headers.has(each));
    const isCached = seen.status >= 400 && seen.hasAge && name !== undefined;
    return isCached ? { whose: "unknown", by: shownHeader(seen, "age") } : undefined;
  },
  (seen) => {
    // Where the policy hides `server`, a refusal of WAF with a body of its own looks the same.
    if (seen.server === "hidden") return undefined;
    if (seen.body.kind === "other") return byOrigin(seen, "body: not CloudFront's");
    return isOtherType(seen) ? byOrigin(seen, "content-type") : undefined;
  },
  (seen) => {
    const fits = isGatewayError(seen.status) && seen.contentType === "text/html" && seen.xCache.startsWith("Error ");
    return fits && seen.body.kind !== "other" ? by(seen, "cloudfront-could-not-connect", "x-cache") : undefined;
  },
];

function cloudFrontPage(seen: Seen): Decision | undefined {
  if (seen.body.kind !== "cloudfront-page") return undefined;
  const { status, body } = seen;
  if (matches(seen) === false) return { whose: "reached-origin", by: "body: the page of another CloudFront" };
  const page = "body: CloudFront's own page";
  if (isGatewayError(status)) return { whose: "cloudfront-could-not-connect", by: page };
  if (status === 503) {
    const wording = body.wording ?? "";
    if (wording.includes("contact the origin")) return { whose: "cloudfront-could-not-connect", by: page };
    return { whose: wording.includes("limit on requests") ? "edge-refused" : "unknown", by: page };
  }
  if (status >= 500) return { whose: "unknown", by: page };
  return { whose: status < 400 ? "edge-answered" : "edge-refused", by: page };
}

/** CloudFront names itself as the server. An application may hide behind that name, so its texts decide nothing. */
function saysCloudFront(seen: Seen): Decision | undefined {
  if (seen.server !== "cloudfront") return undefined;
  const { status, replaced } = seen;
  const isOther = seen.body.kind === "other" || isOtherType(seen);
  if (status < 400) return by(seen, "edge-answered", "server");
  if (status < 500) return by(seen, isOther ? "unknown" : "edge-refused", "server");
  if (!isGatewayError(status) || replaced.length > 0) return undefined;
  return by(seen, isOther ? "unknown" : "cloudfront-could-not-connect", "server");
}

/**
 * A page of the distribution in place of an error: status, headers and body are those of the page. Only where it stands
 * for what CloudFront itself never answers was the origin asked.
 */
function customErrorPage(seen: Seen): Decision | undefined {
  const isPage = seen.replaced.length > 0;
  const isReplaced = seen.status < 400 && seen.xCache.startsWith("Error ");
  if (!isPage && !isReplaced) return undefined;
  if (seen.hasAge)
    return { whose: seen.status < 400 ? "cached-says-nothing" : "unknown", by: shownHeader(seen, "age") };
  const isOriginsOwn = isPage && [...seen.replaced, ...(seen.status < 400 ? [] : [seen.status])].every(isNotFound);
  return isOriginsOwn
    ? { whose: "reached-origin", by: `custom error response for ${[...new Set(seen.replaced)].join(" and ")}` }
    : { whose: "unknown", by: "custom error response" };
}

/** Headers that only an origin sets (`set-cookie` among them): of API Gateway, Envoy, and of frameworks. */
const ofOrigin =
  /^(?:x-amzn-requestid|x-amzn-errortype|x-amz-apigw-id|apigw-requestid|x-envoy-.*|x-request-id|x-powered-by|x-ratelimit.*|set-cookie|allow|x-runtime)$/;
/** Headers of stored pages, which a custom error response brings along. */
const ofPage = ["etag", "last-modified", "x-amz-server-side-encryption", "x-amz-version-id"];

function byOrigin({ status }: Seen, mark: string): Decision {
  return { whose: status >= 500 ? "origin-answered-error" : "reached-origin", by: mark };
}

function by(seen: Seen, whose: Whose, header: string): Decision {
  return { whose, by: shownHeader(seen, header) };
}

/** The name of a header, with its value where that is CloudFront's own and no secret. */
function shownHeader({ headers }: Seen, name: string): string {
  const value = headers.get(name);
  return value !== undefined && isQuotable(name) ? `${name}: ${printable(value, maxValue)}` : printable(name, maxValue);
}

function isQuotable(name: string): boolean {
  return ["x-cache", "server", "via", "age"].includes(name) || name.startsWith("x-amz-cf-");
}

/** CloudFront's own errors are HTML, and its refusals of signed URLs XML. */
function isOtherType({ contentType }: Seen): boolean {
  return (
    contentType !== null && contentType !== "" && !["text/html", "text/xml", "application/xml"].includes(contentType)
  );
}

function isGatewayError(status: number): boolean {
  return status === 502 || status === 504;
}

/** CloudFront answers neither by itself: a method that it does not allow is a 403. */
function isNotFound(status: number): boolean {
  return status === 404 || status === 405;
}

function matches({ body, headers }: Seen): boolean | null {
  const own = headers.get("x-amz-cf-id");
  if (body.kind !== "cloudfront-page" || body.requestId === null || own === undefined) return null;
  return body.requestId === own;
}

function ageOf(text: string): number {
  return /^\d{1,10}$/.test(text) ? Number(text) : 0;
}

/** Characters of a header's value that are kept. */
const maxValue = 100;
