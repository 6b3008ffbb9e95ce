import type { Finding, Verdict } from "../../lambda/judge/finding.ts";
import { affectedBy, consequence, failoverRemarks } from "../../lambda/tell/affected.ts";
import type { ConnectionRecord } from "../../lambda/tell/record.ts";
import { printable } from "../../lambda/text/printable.ts";

const order: readonly Verdict[] = ["failing", "at-risk", "unknown", "healthy", "skipped"];

/** The results for a person: one line per connection with the worst first, then what is wrong and what to do. */
export function listing(records: readonly ConnectionRecord[]): string {
  const sorted = records.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
  const details = sorted
    .filter(({ verdict, findings }) => verdict !== "skipped" && findings.length > 0)
    .map((record) => detail(record, records));
  return [...sorted.map(line), "", summary(records), ...details.map((text) => `\n${text}`), ""].join("\n");
}

function line(record: ConnectionRecord): string {
  const { verdict, findings, skipped } = record;
  const causes = [...new Set(findings.map(({ code }) => code))].join(", ");
  const cause = causes === "" ? (skipped ?? "") : causes;
  return `${verdict.toUpperCase().padEnd(8)} ${endpoint(record).padEnd(44)} ${cause}`.trimEnd();
}

function endpoint({ connection: { domain, port, serverName } }: ConnectionRecord): string {
  const place = `${printable(domain, 253)}:${port}`;
  return serverName === null || serverName === domain ? place : `${place} as ${printable(serverName, 253)}`;
}

function summary(records: readonly ConnectionRecord[]): string {
  const counts = order.map((verdict) => `${records.filter((record) => record.verdict === verdict).length} ${verdict}`);
  return counts.join(", ");
}

function detail(record: ConnectionRecord, all: readonly ConnectionRecord[]): string {
  return [
    `${record.verdict.toUpperCase()} ${endpoint(record)}`,
    ...record.uses.map(
      ({ distributionId, pathPatterns, aliases }) =>
        `  used by ${printable(distributionId, 64)} for ${listed(pathPatterns)}${aliases.length > 0 ? ` on ${listed(aliases)}` : ""}`,
    ),
    ...impact(record, all).map((sentence) => `  ${sentence}`),
    ...record.findings.flatMap(findingLines),
    ...(record.reproduce === null ? [] : [`  see it: ${record.reproduce}`]),
  ].join("\n");
}

/** Who is hit, for what is failing or at risk, and what origin groups make of it. */
function impact(record: ConnectionRecord, all: readonly ConnectionRecord[]): readonly string[] {
  const worst = (["502", "504", "may"] as const).find((effect) =>
    record.findings.some((finding) => finding.effect === effect),
  );
  if (worst === undefined || record.uses.length === 0) return [];
  const affected = affectedBy([record]);
  const reason = record.findings.find(({ effect }) => effect === worst)?.title ?? "";
  return [consequence(affected, worst, printable(reason, 300)), ...failoverRemarks(affected, all)];
}

function findingLines({ code, effect, address, title, explanation, remedy, evidence, source }: Finding): string[] {
  return [
    `  ${code} (${effect})${address === null ? "" : ` on ${address}`}: ${printable(title, 300)}`,
    `    ${printable(explanation, 1_000)}`,
    ...(["expected", "seen"] as const).flatMap((name) =>
      evidence[name] === undefined ? [] : [`    ${name}: ${printable(inWords(evidence[name]), 500)}`],
    ),
    ...remedy.map((step) => `    - ${printable(step, 500)}`),
    `    ${source}`,
  ];
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(inWords).join(" | ");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function listed(items: readonly string[]): string {
  const shown = items.slice(0, 8).map((item) => printable(item, 100));
  return [...shown, ...(items.length > 8 ? [`${items.length - 8} more`] : [])].join(", ");
}
