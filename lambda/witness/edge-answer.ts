/**
 * What CloudFront answered to one request through a distribution. It survives `JSON.stringify`, and holds no value of a
 * header that may be a secret of a viewer (`set-cookie`) or of the origin.
 */
export type EdgeAnswer = {
  readonly method: EdgeMethod;
  readonly status: number;
  readonly whose: Whose;
  /** What decided whose answer it is, as a person can check it: `x-cache: Miss from cloudfront`, `set-cookie`, `body: …`. */
  readonly decidedBy: string;
  readonly xCache: string | null;
  /** Seconds that the answer had been in a cache. A header that is no number counts as 0: that it is there matters. */
  readonly age: number | null;
  /** The edge location, as in `x-amz-cf-pop`. */
  readonly pop: string | null;
  /** `x-amz-cf-id`, by which CloudFront's log has the request (`x-edge-request-id`). */
  readonly requestId: string | null;
  /** Whether CloudFront's page names that very request; null where there is no page or no request id. */
  readonly requestIdMatches: boolean | null;
  /** How many CloudFront distributions passed it on, by `via`. */
  readonly layers: number;
  /** The sentence of CloudFront's page, to be quoted; nothing is concluded from it. */
  readonly wording: string | null;
  /** Milliseconds from the request to the end of the answer. */
  readonly elapsedMs: number;
  /** A GET on another path agreed. */
  readonly confirmed: boolean;
};

export type EdgeMethod = "HEAD" | "GET";

/** Whose answer it is. The last four say nothing about the origin. */
export type Whose =
  /** CloudFront got no usable answer: no connection, no handshake, or no answer in time. */
  | "cloudfront-could-not-connect"
  | "origin-answered-error"
  | "reached-origin"
  /** WAF, geography, signature, method, quota, challenge. */
  | "edge-refused"
  /** A function of the distribution failed. */
  | "function-error"
  | "cached-says-nothing"
  /** A function's own answer, or a redirect to https. */
  | "edge-answered"
  | "unknown";

/** An answer as it was received. */
export type EdgeResponse = {
  readonly method: EdgeMethod;
  readonly status: number;
  /** By name in lower case; several of one name are joined with `, ` (RFC 9110 §5.3). */
  readonly headers: ReadonlyMap<string, string>;
  /** The first bytes of the body as text; null where none was asked for. */
  readonly body: string | null;
  readonly elapsedMs: number;
};

/** What the distribution itself may put in the place of an answer. */
export type EdgeSettings = {
  /** Custom error responses that have a page: the status that is replaced, and the one that viewers get. */
  readonly errorPages: readonly { readonly replaces: number; readonly shownAs: number }[];
  /** Names, in lower case, of all headers that the behavior's response headers policy sets or removes. */
  readonly policyHeaders: ReadonlySet<string>;
};
