import fc from "fast-check";
import type { Finding, Verdict } from "../../lambda/judge/finding.ts";
import type { RunProblem, RunReport } from "../../lambda/report/record.ts";
import { address, connectionRecord, finding, report, scope, silentAddress } from "../tell/records.ts";

const findingsByName = {
  refused: finding("connection-refused"),
  "no-protocol": finding("no-shared-protocol"),
  incomplete: finding("chain-incomplete"),
  "incomplete-perhaps": finding("chain-incomplete", { effect: "may" }),
  expired: finding("certificate-expired"),
  expiring: finding("certificate-expiring", { effect: "may" }),
  "some-addresses": finding("some-addresses-failing", { effect: "may", address: null }),
  private: finding("dns-private-address", { effect: "504" }),
  "timed-out": finding("connection-timed-out", { effect: "unseen" }),
  "out-of-time": finding("out-of-time", { effect: "unseen", address: null }),
  superfluous: finding("chain-superfluous", { effect: "note" }),
};

/** A report in as few words as a kept history needs. */
export type ReportScript = {
  readonly origins: readonly OriginScript[];
  readonly problems: readonly RunProblem["code"][];
};

export type OriginScript = {
  readonly name: string;
  readonly findings: readonly FindingName[];
  /** Whether a certificate was seen. */
  readonly seen: boolean;
};

/** Runs over a few origins, so that the same connections and findings meet again and again. */
export const arbitraryScript: fc.Arbitrary<ReportScript> = fc.record({
  origins: fc.uniqueArray(arbitraryOrigin(), { maxLength: 4, selector: ({ name }) => name }),
  problems: fc.uniqueArray(
    fc.constantFrom<RunProblem["code"]>(
      "inventory-failed",
      "policies-unreadable",
      "distribution-unreadable",
      "out-of-time",
      "no-network",
      "all-origins-dark",
    ),
    { maxLength: 2 },
  ),
});

export const arbitraryReport: fc.Arbitrary<RunReport> = arbitraryScript.map(reportOf);

export function reportOf({ origins, problems }: ReportScript): RunReport {
  return report(
    origins.map(({ name, findings, seen }) => {
      const made = findings.map((each) => findingsByName[each]);
      return connectionRecord(`${name}.example.com`, {
        findings: made,
        verdict: verdictOf(made),
        observed: { addresses: [seen ? address(`${name}.example.com`) : silentAddress("connection refused")] },
      });
    }),
    { problems: problems.map((code) => ({ code, scope, message: `${code} happened.`, remedy: "Repair it." })) },
  );
}

function arbitraryOrigin(): fc.Arbitrary<OriginScript> {
  return fc.record({
    name: fc.constantFrom("a", "b", "c", "d"),
    findings: fc.uniqueArray(fc.constantFrom(...(Object.keys(findingsByName) as FindingName[])), {
      maxLength: 3,
      selector: (name) => findingsByName[name].code,
    }),
    seen: fc.boolean(),
  });
}

type FindingName = keyof typeof findingsByName;

function verdictOf(findings: readonly Finding[]): Verdict {
  const effects = new Set(findings.map(({ effect }) => effect));
  if (effects.has("502") || effects.has("504")) return "failing";
  if (effects.has("may")) return "at-risk";
  return effects.has("unseen") ? "unknown" : "healthy";
}
