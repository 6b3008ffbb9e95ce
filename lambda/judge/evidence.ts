/** What was expected and what was seen, for people; each rule chooses its own names. */
export type Evidence = { readonly [name: string]: Json };
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** What a program goes by where evidence is words. Each is there only where it says something. */
export type Facts = {
  /** When the certificate that the finding warns of expires. ISO 8601, UTC. */
  readonly expiresAt?: string;
  /** Since when the finding warns of it. ISO 8601, UTC. */
  readonly warnedFrom?: string;
  /** The versions of TLS that the origin speaks in place of those offered. */
  readonly speaks?: readonly string[];
  /** It is about a certificate other than the server's own. */
  readonly intermediate?: true;
  /** How many addresses fail, of how many, and what CloudFront answers to the cache misses that it sends there. */
  readonly addresses?: { readonly failing: number; readonly total: number; readonly answers: "502" | "504" };
  /** Which Regions did not reach the origin and what each met, which did, and what CloudFront may answer where it meets the same. */
  readonly regions?: {
    readonly failing: readonly { readonly region: string; readonly codes: readonly string[] }[];
    readonly reaching: readonly string[];
    readonly answers: "502" | "504";
  };
  /** CloudFront's own count of errors makes it the error that it may be, or CloudFront answered a request with its own error. */
  readonly confirmedBy?: "count" | "answer";
  /** The check itself saw the same succeed a moment later. */
  readonly transient?: true;
};
