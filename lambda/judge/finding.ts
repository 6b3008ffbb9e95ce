import type { FindingCode } from "./catalogue.ts";
import type { Effect, Severity } from "./effect.ts";
import type { Evidence, Facts } from "./evidence.ts";

/** A rule's verdict on an observation. */
export type Finding = StoredFinding & { readonly code: FindingCode; readonly cause: string };

/**
 * A finding as programs read it. Field names and meaning are a public contract (docs/findings.md). Where it was stored,
 * its code may be of a program that knows more or fewer rules than this one.
 */
export type StoredFinding = {
  readonly code: string;
  readonly effect: Effect;
  readonly severity: Severity;
  /** The address on which it was seen, null when it concerns the connection as a whole. */
  readonly address: string | null;
  /** One line, naming what is wrong. */
  readonly title: string;
  /** What was found, in a sentence. A finding that an earlier version stored has none. */
  readonly cause?: string;
  /** The same, and why CloudFront does not accept it, in sentences. */
  readonly explanation: string;
  /** Of a finding with the effect `may`: the condition, or why it is not certain, as a clause. */
  readonly doubt?: string;
  /** Of a finding with the effect `may`: what CloudFront may answer, where that is not 502. */
  readonly mayAnswer?: "504";
  /** What to do, one step an entry. */
  readonly remedy: readonly string[];
  /** What was expected and what was seen. */
  readonly evidence: Evidence;
  /** The same for programs, where one needs it. */
  readonly facts?: Facts;
  /** The page that the rule rests on. */
  readonly source: string;
  /** The vantages that saw it, where the run looked from several; else absent. */
  readonly seenFrom?: readonly string[];
};

export type Verdict = "failing" | "at-risk" | "unknown" | "healthy" | "skipped";
