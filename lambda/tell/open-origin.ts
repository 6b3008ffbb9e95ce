import type { Incident } from "../incidents/state.ts";
import { affectedBy, distributionLines, failoverRemarks } from "../report/affected.ts";
import type { ConsoleLinks } from "../report/console-links.ts";
import { evidenceLines } from "../report/evidence.ts";
import { identity } from "../report/identity.ts";
import type { RunReport } from "../report/record.ts";
import { seenFromWords } from "../report/seen-from.ts";
import { commandNote, type Verification } from "../report/verify.ts";
import { instant } from "../text/instant.ts";
import { enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { between } from "../text/span.ts";
import { countLines, notCounted, trafficOf } from "./count-lines.ts";
import type { FirstScreen } from "./first-screen.ts";
import { healthyFacts } from "./healthy-facts.ts";
import type { OpenCause } from "./open-causes.ts";
import type { OpenOrigin } from "./summary.ts";
import { seenIn, tagged } from "./tag.ts";

/** The consequence with its cause, and CloudFront's count where that decided it. */
export function leadLines({ lead, count, cause }: FirstScreen): readonly string[] {
  return [...lead, ...(count === null ? [] : [count]), ...(cause === null ? [] : [`Cause: ${cause}`])];
}

export function stepsParagraph(heading: string, steps: readonly string[]): string {
  return steps.length === 0 ? "" : [heading, ...steps.map((step, index) => `${index + 1}. ${step}`)].join("\n");
}

/** The command, and what to look for in what it prints. */
export function verifyParagraph(verification: Verification | null): string {
  if (verification === null) return "";
  const { command, prints } = verification;
  const failing = prints?.failing == null ? "" : `Failing: ${prints.failing}. `;
  const lines = [`Verify: ${printable(command, 2_000)}`, ...commandNote(command)];
  return [...lines, ...(prints === null ? [] : [`${failing}Fixed: ${prints.fixed}.`])].join("\n");
}

/** What the second screen has: the evidence, what is OK, what is not known, since when, and the distributions. */
export function detailParagraphs(
  origin: OpenOrigin,
  screen: FirstScreen,
  report: RunReport,
  links: ConsoleLinks,
): readonly string[] {
  const { records, findings, fresh } = origin;
  const affected = affectedBy(records);
  const { causes } = screen;
  const [first, ...others] = causes;
  const shown = others.slice(0, mostCauses - 1);
  const left = others.length - shown.length;
  const freshIds = new Set(fresh.map(identity));
  const record = records.find(({ connection }) => connection.key === (fresh[0] ?? findings[0])?.key) ?? records[0];
  const ok = record === undefined ? [] : healthyFacts(record, report.finishedAt);
  const notes = records.flatMap((each) => each.findings).filter(({ effect }) => effect === "note");
  return [
    first === undefined ? "" : `Details: ${causeDetails(first, records.length, screen.cause)}`,
    ...shown.map((cause, index) => {
      const number = `${index + 2} of ${causes.length}`;
      // Beside what is new only; where nothing is, the message says so as a whole.
      const isOld = freshIds.size > 0 && !cause.ids.some((id) => freshIds.has(id));
      const since = isOld ? ` First seen ${instant(cause.openedAt)}, in an earlier alert.` : "";
      const details = `Cause ${number}: ${causeDetails(cause, records.length)}${since}`;
      return [
        details,
        stepsParagraph(
          "To fix it:",
          cause.finding.remedy.slice(0, 4).map((step) => printable(step, 600)),
        ),
      ]
        .filter((part) => part !== "")
        .join("\n");
    }),
    left > 0 ? `${left} more findings of this origin are in the log.` : "",
    ok.map((line) => `Checked and OK at ${line}`).join("\n"),
    countLines(records, report).join("\n"),
    [...notKnown(origin, report), ...failoverRemarks(affected, report.records), ...sinceLines(origin, report)].join(
      "\n",
    ),
    notes.length === 0
      ? ""
      : [
          "Noted, without effect on the verdict:",
          ...new Set(notes.slice(0, 5).map(({ title }) => printable(title, 250))),
        ].join("\n"),
    ["Distributions:", ...distributionLines(affected, links)].join("\n"),
  ].filter((paragraph) => paragraph !== "");
}

const mostCauses = 8;

/** @param said what the first screen says of it, which is not said again */
function causeDetails(
  { finding, occurrences, addresses, serverNames }: OpenCause,
  connections: number,
  said: string | null = null,
): string {
  const { cause = "", explanation } = finding;
  const from = seenFromWords(occurrences);
  const isSaid = cause !== "" && said !== null && explanation.startsWith(`${cause} `);
  return [
    printable(isSaid ? explanation.slice(cause.length + 1) : explanation, 1_500),
    ...evidenceLines(finding.evidence),
    ...(from === null ? [] : [`Seen from: ${from}`]),
    ...(addresses.length > 0 ? [`Address: ${enumerated(addresses, 10)}`] : []),
    ...(connections > 1 && serverNames.length > 0 ? [`Server name (SNI): ${enumerated(serverNames, 10)}`] : []),
    `Source: ${printable(finding.source, 300)}`,
  ].join("\n");
}

function notKnown(origin: OpenOrigin, report: RunReport): readonly string[] {
  const { finishedAt } = report;
  const { findings, records } = origin;
  const seen = findings.flatMap((finding) => seenIn(records, finding) ?? []);
  const witnessed = notCounted(seen, trafficOf(records, report).length > 0);
  const unseen = findings.filter((finding) => seenIn(records, finding) === undefined);
  const some = tagged(findings, records, finishedAt).kind === "some";
  return [
    ...(some ? ["Not known: how CloudFront chooses between the addresses. AWS does not document it."] : []),
    ...(witnessed === null ? [] : [witnessed]),
    ...(unseen.length > 0 ? [notSeenLine(unseen, origin)] : []),
  ];
}

/** What is open and was not seen in this run, and why. */
export function notSeenLine(unseen: readonly Incident[], { records }: Pick<OpenOrigin, "records">): string {
  const titles = [...new Set(unseen.map(({ title }) => printable(title, 250)))];
  const clear = unseen.map(({ clearSince }) => clearSince).find((time) => time !== null);
  if (clear !== undefined) {
    return `Not seen since ${instant(clear)}: ${enumerated(titles, 5)}. It must stay away longer before it is reported as fixed.`;
  }
  const reason = records.flatMap(({ findings }) => findings).find(({ effect }) => effect === "unseen");
  const because = reason === undefined ? "" : ` This run could not check it: ${printable(reason.title, 250)}.`;
  return `Not known: whether this is still so: ${enumerated(titles, 5)}.${because}`;
}

function sinceLines(origin: OpenOrigin, report: RunReport): readonly string[] {
  const returns = origin.findings.reduce((most, finding) => Math.max(most, finding.returns), 0);
  const names = [...new Set(origin.records.flatMap(({ connection }) => connection.serverName ?? []))]
    .filter((name) => name !== origin.domain)
    .map((name) => printable(name, 253));
  return [
    ...(names.length === 0 ? [] : [`Server name (SNI): ${enumerated(names, 5)}`]),
    firstSeen(origin, report),
    ...(returns === 0
      ? []
      : [
          `This finding returns: it must stay away for ${returns === 1 ? "1 hour" : "24 hours"} before it is reported as fixed. Until then there is no new alert.`,
        ]),
  ];
}

function firstSeen({ fresh, findings }: OpenOrigin, { startedAt, finishedAt }: RunReport): string {
  const since = (fresh.length > 0 ? fresh : findings).map((finding) => finding.openedAt).sort()[0] ?? "";
  const worse = fresh.find((finding) => finding.tellings > 0);
  if (worse !== undefined) {
    return worse.effect === worse.toldEffect
      ? `First seen: ${instant(since)}. This alert comes because the expiry is closer.`
      : `First seen: ${instant(since)}, as a risk. Since this run it is an error.`;
  }
  if (fresh.length > 0)
    return `First seen: ${instant(since)}, ${since < startedAt ? "and again in this run" : "in this run"}`;
  return `First seen: ${instant(since)} (${between(since, finishedAt)} ago)`;
}
