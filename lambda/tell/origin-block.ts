import type { Incident, NotChecked } from "../incidents/state.ts";
import { ruleOf } from "../judge/catalogue.ts";
import { openEffect } from "../judge/open-effect.ts";
import {
  type Affected,
  affectedBy,
  consequence,
  distributionLines,
  failoverRemarks,
  inSentence,
} from "../report/affected.ts";
import type { ConsoleLinks } from "../report/console-links.ts";
import type { ConnectionRecord, RunReport } from "../report/record.ts";
import { verifyLabel } from "../report/reproduce.ts";
import { instant } from "../text/instant.ts";
import { asClauseOf, enumerated, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { between } from "../text/span.ts";
import { causeParagraphs } from "./cause-paragraphs.ts";
import { healthyFacts } from "./healthy-facts.ts";
import { lasted } from "./lasted.ts";
import { type EndedOrigin, isPlainHttp, type OpenOrigin } from "./summary.ts";
import { whatFixedIt } from "./what-fixed-it.ts";

/** All about an origin with something open: what breaks and for whom, since when, why, what to do, the proof. */
export function openBlock(origin: OpenOrigin, report: RunReport, links: ConsoleLinks): string {
  const { records, findings, fresh } = origin;
  const affected = affectedBy(records);
  const worst = fresh[0] ?? findings[0];
  const first = records.find(({ connection }) => connection.key === worst?.key) ?? records[0];
  const seen = seenIn(records);
  const unseen = findings.filter((finding) => !seen.has(identity(finding)));
  const ending = findings.every(({ code }) => ruleOf(code)?.warnsOfExpiry) ? " Nothing fails until then." : "";
  const reason = asClauseOf(origin.domain, findings[0]?.title ?? "");
  const sentence = `${consequence(affected, origin.effect, reason)}${ending}`;
  const paragraphs = [
    [
      unseen.length === findings.length ? `As last seen: ${sentence}` : sentence,
      ...failoverRemarks(affected, report.records),
      ...whereAndSince(origin, report),
      ...(unseen.length > 0 ? [unseenLine(unseen, origin)] : []),
    ].join("\n"),
    ...causeParagraphs(records, findings, fresh),
  ];
  if (first?.reproduce) {
    paragraphs.push(`${verifyLabel(first.reproduce)}:\n${printable(first.reproduce, 2000)}`);
  }
  const healthy = first === undefined ? [] : healthyFacts(first, report.finishedAt);
  if (healthy.length > 0) paragraphs.push(["Checked and OK:", ...healthy].join("\n"));
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
  const title = asClauseOf(origin.domain, (origin.fresh[0] ?? origin.findings[0])?.title ?? "");
  return `- ${state(origin)} ${hostAndPort(origin)}: ${title}${users(affectedBy(origin.records))}`;
}

export function stillLine(origin: OpenOrigin): string {
  const titles = [...new Set(origin.findings.map((finding) => asClauseOf(origin.domain, finding.title)))];
  const since = origin.findings.map((finding) => finding.openedAt).sort()[0] ?? "";
  const unseen = origin.frozen ? ` ${notSeenNow(origin)}` : "";
  return `- ${state(origin)} ${hostAndPort(origin)}: ${enumerated(titles, 3)}. Since ${instant(since)}.${unseen}`;
}

/**
 * An origin that could not be checked: why, for whom, and since when.
 *
 * @param withProof with the command that shows what was seen
 */
export function notCheckedLine(entry: NotChecked, records: readonly ConnectionRecord[], withProof: boolean): string {
  const unknown = records.filter(({ verdict }) => verdict === "unknown");
  const line = `- ${hostAndPort(entry)}: ${asClauseOf(entry.domain, entry.reason)}${users(affectedBy(unknown))}. Since ${instant(entry.since)}.`;
  const proof = withProof ? unknown.find(({ reproduce }) => reproduce !== null)?.reproduce : undefined;
  return proof == null ? line : `${line}\n  ${verifyLabel(proof)}: ${printable(proof, 2000)}`;
}

function users(affected: readonly Affected[]): string {
  if (affected.length === 0) return "";
  const more = affected.length > 2 ? ` and ${affected.length - 2} more distributions` : "";
  return `, ${enumerated(affected.slice(0, 2).map(inSentence), 2)}${more}`;
}

/** An origin of which something that was told is over: what, for how long it lasted, and what was seen now. */
export function endedBlock({ domain, port, ended, watched, left }: EndedOrigin, report: RunReport): string {
  const lines = ended.slice(0, 8).map((finding) => {
    const { title, openedAt, clearSince } = finding;
    const time = `${lasted([finding], report.finishedAt)}, since ${instant(openedAt)}`;
    const away = clearSince === null ? "" : `, and has stayed away since ${instant(clearSince)}`;
    return `${hostAndPort({ domain, port })}: ${asClauseOf(domain, title)}. It was open for ${time}${away}.`;
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
  if (reasons.has("no-viewers")) lines.push("No viewer is sent to the distribution any more.");
  if (reasons.has("origin-unused")) lines.push("No cache behavior uses the origin any more.");
  if (reasons.has("not-configured") && watched !== null && isPlainHttp(watched)) {
    lines.push("CloudFront uses plain HTTP to the origin now.");
  }
  if (reasons.has("s3-origin")) lines.push("The origin is an S3 bucket endpoint now, which needs no check.");

  const { changed, seenNow } = whatFixedIt(ended, watched, report);
  lines.push(...(changed === null ? [] : [changed]), ...seenNow);
  if (left === null && watched?.verdict === "unknown") lines.push("How it is now could not be checked.");
  return lines.join("\n");
}

/** The same in one line, for when there are many. */
export function endedLine({ domain, port, ended }: EndedOrigin, { finishedAt }: RunReport): string {
  const titles = [...new Set(ended.map(({ title }) => asClauseOf(domain, title)))];
  return `- ${hostAndPort({ domain, port })}: ${enumerated(titles, 3)}. It was open for ${lasted(ended, finishedAt)}.`;
}

function whereAndSince(origin: OpenOrigin, report: RunReport): readonly string[] {
  const names = [...new Set(origin.records.map((record) => record.connection.serverName))];
  const others = names
    .filter((name) => name !== null && name !== origin.domain)
    .map((name) => printable(name ?? "", 253));
  const sni = others.length > 0 ? `, asked for with the server name ${enumerated(others, 5)}` : "";
  const lines = [`Origin: ${printable(origin.domain, 253)}, port ${origin.port}${sni}`, sinceWhen(origin, report)];
  const returns = origin.findings.reduce((most, finding) => Math.max(most, finding.returns), 0);
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
      ? `First seen: ${instant(since)}; told again because the end has come nearer`
      : `First seen: as a risk ${instant(since)}, as an error in this run`;
  }
  if (fresh.length > 0) return `First seen: ${instant(since)}, ${since < startedAt ? "confirmed " : ""}in this run`;
  const last =
    told
      .map((finding) => finding.lastTold ?? "")
      .sort()
      .at(-1) ?? "";
  return `First seen: ${instant(since)}, ${between(since, finishedAt)} ago; last told ${instant(last)}`;
}

/** By code and connection, the findings that a run sees. */
function seenIn(records: readonly ConnectionRecord[]): ReadonlySet<string> {
  return new Set(
    records.flatMap(({ connection: { key }, verdict, findings }) =>
      findings.filter(({ effect }) => openEffect(verdict, effect) !== null).map(({ code }) => identity({ key, code })),
    ),
  );
}

function identity({ key, code }: Pick<Incident, "key" | "code">): string {
  return `${code} ${key}`;
}

/** What is open and was not seen in this run: its findings have no paragraphs. */
function unseenLine(unseen: readonly Incident[], origin: OpenOrigin): string {
  const titles = [...new Set(unseen.map(({ title }) => asClauseOf(origin.domain, title)))];
  return `Seen earlier: ${enumerated(titles, 5)}. ${notSeenNow({ ...origin, findings: unseen })}`;
}

/** Why what is open was not seen in this run. */
function notSeenNow({ findings, records, domain }: OpenOrigin): string {
  const clear = findings.map((finding) => finding.clearSince).find((time) => time !== null);
  if (clear !== undefined)
    return `It has stayed away since ${instant(clear)}, which is not long enough to call it over.`;
  const reason = records.flatMap((record) => record.findings).find(({ effect }) => effect === "unseen");
  const because = reason === undefined ? "" : `: ${asClauseOf(domain, reason.title)}`;
  return `This run could not see whether that is still so${because}.`;
}

function state({ effect }: OpenOrigin): string {
  return effect === "may" ? "at risk:" : `${effect}:`;
}
