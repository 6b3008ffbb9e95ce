/** A rule's verdict on an observation. Field names and meaning are a public contract (docs/findings.md). */
export type Finding = {
  readonly code: string;
  readonly effect: Effect;
  readonly severity: Severity;
  /** The address on which it was seen, null when it concerns the connection as a whole. */
  readonly address: string | null;
  /** One line, naming what is wrong. */
  readonly title: string;
  /** Why CloudFront does not accept it, in sentences. */
  readonly explanation: string;
  /** What to do, one step an entry. */
  readonly remedy: readonly string[];
  /** What was expected and what was seen. */
  readonly evidence: Evidence;
  /** The page that the rule rests on. */
  readonly source: string;
};

/**
 * What a finding means for viewers on a cache miss: `502` and `504` are what CloudFront answers, `may` is a
 * failure for some, later, or where AWS's documents disagree, `unseen` is "cannot tell from here", and `note`
 * leaves the verdict alone.
 */
export type Effect = "502" | "504" | "may" | "unseen" | "note";

export type Severity = "critical" | "warning" | "info";

export type Evidence = { readonly [name: string]: Json };
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

export type Verdict = "failing" | "at-risk" | "unknown" | "healthy" | "skipped";
