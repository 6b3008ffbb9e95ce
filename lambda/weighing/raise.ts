import { ruleOf } from "../judge/catalogue.ts";
import { severityOf } from "../judge/effect.ts";
import type { Finding } from "../judge/finding.ts";
import { countWords, windowWords } from "../report/counted.ts";
import { identity } from "../report/identity.ts";
import { originId } from "../report/origins.ts";
import type { Past } from "../report/past.ts";
import type { ConnectionRecord } from "../report/record.ts";
import { isRaised } from "../witness/raised.ts";
import type { RememberedCount } from "../witness/remembered-count.ts";
import { openFindings, type UsedDistribution } from "./used-distributions.ts";

type Counts = ReadonlyMap<string, RememberedCount>;

/** The record with each risk that CloudFront's count shows to be an error. */
export function withRaised(
  record: ConnectionRecord,
  used: ReadonlyMap<string, UsedDistribution>,
  counts: Counts,
  past: Past,
): ConnectionRecord {
  const raised = new Map(
    openFindings(record).flatMap(({ finding, effect, id }) => {
      if (effect !== "may" || ruleOf(finding.code).witness !== "raises") return [];
      const firstSeen = past.firstSeen(id);
      const answers = finding.mayAnswer ?? "502";
      if (firstSeen === null) return [];
      const by = record.uses.find(({ distributionId: each }) => {
        const count = counts.get(each);
        const distribution = used.get(each);
        if (count === undefined || distribution === undefined) return false;
        return isRaised({ answers, firstSeen }, count, isExplained(distribution, record, answers));
      });
      return by === undefined ? [] : [[finding, raise(finding, answers, by.distributionId, counts)] as const];
    }),
  );
  if (raised.size === 0) return record;
  return { ...record, verdict: "failing", findings: record.findings.map((each) => raised.get(each) ?? each) };
}

/** Another origin of the distribution may be what makes CloudFront answer so. An expiry that is to come makes nothing yet. */
function isExplained({ records }: UsedDistribution, own: ConnectionRecord, answers: "502" | "504"): boolean {
  const others = records.filter(({ connection }) => originId(connection) !== originId(own.connection));
  return others.some(({ findings }) =>
    findings.some(({ code, effect, mayAnswer = "502" }) => {
      if (effect === "may") return mayAnswer === answers && ruleOf(code).warnsOfExpiry === undefined;
      return effect === answers || effect === "unseen";
    }),
  );
}

function raise(finding: Finding, answers: "502" | "504", distributionId: string, counts: Counts): Finding {
  const { doubt: _, mayAnswer: __, ...rest } = finding;
  const last = counts.get(distributionId)?.last;
  return {
    ...rest,
    effect: answers,
    severity: severityOf(answers),
    // Without what the rule says for and against it, which the count has decided.
    explanation: `${finding.cause} ${shownBy(answers, distributionId, last)}`,
    remedy: ruleOf(finding.code).remedyWhereCounted ?? finding.remedy,
    facts: { ...finding.facts, confirmedBy: "count" },
  };
}

function shownBy(answers: "502" | "504", id: string, last: RememberedCount["last"] | undefined): string {
  return (last?.byStatus?.[answers] ?? 0) === 0 || last === undefined
    ? `CloudFront's own count shows that it meets the same: distribution ${id} answered ${answers} since this was first seen.`
    : `CloudFront's own count shows that it meets the same: ${countWords(last)}, at distribution ${id} (${windowWords(last)}).`;
}

/** The identities of the findings of a record that CloudFront's count raised. */
export function raisedIn({ connection: { key }, findings }: ConnectionRecord): readonly string[] {
  return findings.flatMap(({ code, facts }) => (facts?.confirmedBy === "count" ? [identity({ key, code })] : []));
}
