import { affectedBy, consequence, distributionLines, failoverRemarks, inSentence } from "../report/affected.ts";
import { asClauseOf, duration, enumerated, hostAndPort, utc } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import type { ConsoleLinks } from "./console-links.ts";
import { inOrderLines } from "./in-order.ts";
import type { RunReport } from "./record.ts";
import type { EndedOrigin, OpenOrigin } from "./summary.ts";
import { whatFixedIt } from "./what-fixed-it.ts";
import { whyParagraphs } from "./why.ts";

/** All about an origin with something open: what breaks and for whom, since when, why, what to do, the proof. */
export function openBlock(origin: OpenOrigin, report: RunReport, links: ConsoleLinks): string {
  const { records, findings, fresh } = origin;
  const affected = affectedBy(records);
  const [first] = records;
  const paragraphs = [
    [
      consequence(affected, origin.effect, asClauseOf(origin.domain, findings[0]?.title ?? "")),
      ...failoverRemarks(affected, report.records),
      ...whereAndSince(origin, report),
      ...(origin.frozen ? [notSeenNow(origin)] : []),
    ].join("\n"),
    ...whyParagraphs(records, findings, fresh),
  ];
  if (first?.reproduce) paragraphs.push(`See it yourself:\n${printable(first.reproduce, 2000)}`);
  const inOrder = first === undefined ? [] : inOrderLines(first, report.finishedAt);
  if (inOrder.length > 0) paragraphs.push(["Checked and in order:", ...inOrder].join("\n"));
  const notes = records.flatMap((record) => record.findings).filter((finding) => finding.effect === "note");
  if (notes.length > 0) {
    const titles = [...new Set(notes.map((finding) => printable(finding.title, 250)))];
    paragraphs.push(["Noted as well, without effect on the verdict:", ...titles.slice(0, 5)].join("\n"));
  }
  paragraphs.push(["In the console:", ...distributionLines(affected, links)].join("\n"));
  return paragraphs.join("\n\n");
}

/** The same in one line, for when there are many. */
export function openLine(origin: OpenOrigin): string {
  const affected = affectedBy(origin.records);
  const users = enumerated(affected.slice(0, 2).map(inSentence), 2);
  const more = affected.length > 2 ? ` and ${affected.length - 2} more distributions` : "";
  return `- ${state(origin)} ${hostAndPort(origin)}: ${asClauseOf(origin.domain, (origin.fresh[0] ?? origin.findings[0])?.title ?? "")}, ${users}${more}`;
}

export function stillLine(origin: OpenOrigin): string {
  const titles = [...new Set(origin.findings.map((finding) => asClauseOf(origin.domain, finding.title)))];
  const since = origin.findings.map((finding) => finding.openedAt).sort()[0] ?? "";
  const unseen = origin.frozen ? ` ${notSeenNow(origin)}` : "";
  return `- ${state(origin)} ${hostAndPort(origin)}: ${enumerated(titles, 3)}. Since ${utc(since)}.${unseen}`;
}

/** An origin of which something that was told is over: what, for how long it lasted, and what was seen now. */
export function endedBlock({ domain, port, ended, watched, left }: EndedOrigin, report: RunReport): string {
  const lines = ended.slice(0, 8).map(({ title, openedAt }) => {
    const lasted = duration(openedAt, report.finishedAt);
    return `${hostAndPort({ domain, port })}: ${asClauseOf(domain, title)}. It was open for ${lasted}, since ${utc(openedAt)}.`;
  });
  if (ended.length > 8) lines.push(`and ${ended.length - 8} more findings of this origin`);
  const reasons = new Set(ended.map((finding) => finding.gone));
  if (reasons.has("not-configured")) {
    lines.push(
      watched === null
        ? "No distribution that is watched uses this origin any more."
        : "CloudFront no longer connects in the way that failed: the configuration was changed.",
    );
  }
  if (reasons.has("distribution-disabled")) lines.push("The distribution is disabled.");
  if (reasons.has("origin-unused")) lines.push("No cache behavior uses the origin any more.");
  if (reasons.has("http-only")) lines.push("CloudFront uses plain HTTP to the origin now.");
  if (reasons.has("s3-origin")) lines.push("The origin is an S3 bucket endpoint now, which needs no check.");

  lines.push(...whatFixedIt(ended, watched, report));
  if (left === null && watched?.verdict === "unknown") lines.push("How it is now could not be checked.");
  return lines.join("\n");
}

/** The same in one line, for when there are many. */
export function endedLine({ domain, port, ended }: EndedOrigin, { finishedAt }: RunReport): string {
  const since = ended.map(({ openedAt }) => openedAt).sort()[0] ?? finishedAt;
  const titles = [...new Set(ended.map(({ title }) => asClauseOf(domain, title)))];
  return `- ${hostAndPort({ domain, port })}: ${enumerated(titles, 3)}. It was open for ${duration(since, finishedAt)}.`;
}

function whereAndSince(origin: OpenOrigin, report: RunReport): readonly string[] {
  const names = [...new Set(origin.records.map((record) => record.connection.serverName))];
  const others = names
    .filter((name) => name !== null && name !== origin.domain)
    .map((name) => printable(name ?? "", 253));
  const sni = others.length > 0 ? `, asked for with the server name ${enumerated(others, 5)}` : "";
  const lines = [`Origin: ${printable(origin.domain, 253)}, port ${origin.port}${sni}`, sinceWhen(origin, report)];
  const returns = Math.max(...origin.findings.map((finding) => finding.returns));
  if (returns > 0) {
    lines.push(
      "It comes and goes. It counts as open until it has stayed away for " +
        `${returns === 1 ? "an hour" : "a day"}, and is not told anew each time.`,
    );
  }
  return lines;
}

function sinceWhen({ fresh, findings }: OpenOrigin, { startedAt, finishedAt }: RunReport): string {
  const told = findings.filter((finding) => finding.tellings > 0);
  const since = (fresh.length > 0 ? fresh : findings).map((finding) => finding.openedAt).sort()[0] ?? "";
  const worse = fresh.find((finding) => finding.tellings > 0);
  if (worse !== undefined) {
    return worse.effect === worse.toldEffect
      ? `First seen: ${utc(since)}; told again because the end has come nearer`
      : `First seen: as a risk ${utc(since)}, as an error in this run`;
  }
  if (fresh.length > 0) return `First seen: ${utc(since)}, ${since < startedAt ? "confirmed " : ""}in this run`;
  const last =
    told
      .map((finding) => finding.lastTold ?? "")
      .sort()
      .at(-1) ?? "";
  return `First seen: ${utc(since)}, ${duration(since, finishedAt)} ago; last told ${utc(last)}`;
}

/** Why what is open was not seen in this run. */
function notSeenNow({ findings }: OpenOrigin): string {
  const clear = findings.map((finding) => finding.clearSince).find((time) => time !== null);
  if (clear !== undefined) return `Not seen since ${utc(clear)}, and not long enough to call it over.`;
  return "This run could not see whether that is still so.";
}

function state({ effect }: OpenOrigin): string {
  return effect === "may" ? "at risk:" : `${effect}:`;
}
