import fc from "fast-check";
import type { Finding, Verdict } from "../../lambda/judge/finding.ts";
import type { ConnectionRecord, RunProblem, RunReport } from "../../lambda/tell/record.ts";
import { address, connectionRecord, finding, report, silentAddress } from "../tell/records.ts";

/** Runs over a few origins, so that the same connections and findings meet again and again. */
export const arbitraryReport: fc.Arbitrary<RunReport> = fc
  .record({
    records: fc.uniqueArray(arbitraryRecord(), { maxLength: 4, selector: (record) => record.connection.key }),
    problems: fc.uniqueArray(arbitraryProblem(), { maxLength: 2, selector: (problem) => problem.code }),
  })
  .map(({ records, problems }) => report(records, { problems }));

function arbitraryRecord(): fc.Arbitrary<ConnectionRecord> {
  return fc
    .record({
      name: fc.constantFrom("a", "b", "c", "d"),
      findings: fc.uniqueArray(arbitraryFinding(), { maxLength: 3, selector: ({ code }) => code }),
      seen: fc.boolean(),
    })
    .map(({ name, findings, seen }) =>
      connectionRecord(`${name}.example.com`, {
        findings,
        verdict: verdictOf(findings),
        observed: { addresses: [seen ? address(`${name}.example.com`) : silentAddress("connection refused")] },
      }),
    );
}

function arbitraryFinding(): fc.Arbitrary<Finding> {
  return fc.constantFrom(
    finding("connection-refused"),
    finding("no-shared-protocol"),
    finding("chain-incomplete"),
    finding("chain-incomplete", { effect: "may" }),
    finding("certificate-expired"),
    finding("certificate-expiring", { effect: "may" }),
    finding("some-addresses-failing", { effect: "may", address: null }),
    finding("dns-private-address", { effect: "504" }),
    finding("connection-timed-out", { effect: "unseen" }),
    finding("out-of-time", { effect: "unseen", address: null }),
    finding("chain-superfluous", { effect: "note" }),
  );
}

function arbitraryProblem(): fc.Arbitrary<RunProblem> {
  return fc
    .constantFrom("inventory-failed", "policies-unreadable", "distribution-unreadable", "out-of-time")
    .map((code) => ({ code: code as RunProblem["code"], message: `${code} happened.`, remedy: "Repair it." }));
}

function verdictOf(findings: readonly Finding[]): Verdict {
  const effects = new Set(findings.map(({ effect }) => effect));
  if (effects.has("502") || effects.has("504")) return "failing";
  if (effects.has("may")) return "at-risk";
  return effects.has("unseen") ? "unknown" : "healthy";
}
