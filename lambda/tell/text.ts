import { type Change, type Draft, distributionIncidentsOf } from "../incidents/change.ts";
import { type ConsoleLinks, consoleLinks } from "../report/console-links.ts";
import type { RunReport } from "../report/record.ts";
import { withoutLinks } from "../text/links.ts";
import { groupedBy } from "../text/non-empty.ts";
import { counted, enumerated, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { countLines } from "./count-lines.ts";
import { mutedDistributionLine, stillDistributionLines } from "./distribution-lines.ts";
import { distributionParts } from "./distribution-parts.ts";
import { endedLine, endedParts, leftOf } from "./ended-origin.ts";
import { firstScreen } from "./first-screen.ts";
import { always, cutAtBytes, fitted, listed, type Section } from "./fit.ts";
import { footer } from "./footer.ts";
import { inCommon, sharedFirstStep } from "./in-common.ts";
import { type MessageParts, sectionsOf } from "./message-parts.ts";
import { endedMuteNote } from "./mute-words.ts";
import { mutedLine } from "./muted-line.ts";
import { mutedParts } from "./muted-parts.ts";
import { checkedAgainParts, notCheckedParts } from "./not-checked-parts.ts";
import { detailParagraphs, leadLines, notSeenLine, stepsParagraph, verifyParagraph } from "./open-origin.ts";
import { openLine, stillLine } from "./origin-lines.ts";
import { allPass, passes, passingLine, passingLines, withoutAbsent } from "./passing.ts";
import { incompleteNote, openedProblems, problemParts } from "./problem-sections.ts";
import { startedParts } from "./started.ts";
import {
  type EndedOrigin,
  isByRules,
  isByVantages,
  type MessageContext,
  type OpenOrigin,
  type Summary,
} from "./summary.ts";
import { seenIn, tagged } from "./tag.ts";
import { unchangedLines } from "./unchanged.ts";
import { weeklyParts } from "./weekly.ts";

/**
 * SNS takes 256 KiB with everything in it: the text twice, for `default` and `email`, the JSON for programs three times,
 * the one for chat, the attributes, and the escaping of all that.
 */
export const maxTextBytes = 80 * 1024;

/** So that one origin at least is always told in full next to everything that cannot be left out. */
const maxBlockBytes = 40 * 1024;

/** More origins than this have a line each: a mail of hundreds of pages helps nobody. */
const maxInDetail = 3;
const maxLines = 20;
const maxOthers = 5;

/**
 * A draft as a plain-text message. What fits on the screen of a phone comes first: what breaks and where, why, and what to
 * do first; then how to verify it, the evidence, and what else is; at the end where more is to be seen.
 *
 * @param remarks sentences about this very message
 */
export function textOf(
  draft: Draft,
  summary: Summary,
  report: RunReport,
  context: MessageContext,
  remarks: readonly string[],
): string {
  const { links, shown } = recorded(consoleLinks(context.scope, context.region));
  // These say of the whole run what others add.
  const saysAll = draft.event === "weekly" || draft.event === "started";
  const notes = [
    rejudgedNote(draft.change),
    ...(draft.endedMutes ?? []).slice(0, maxOthers).map((mute) => endedMuteNote(mute, report.finishedAt)),
    ...remarks.map((remark) => `About this message: ${printable(remark, 1000)}`),
    ...(saysAll || draft.event === "run-problem" ? [] : [incompleteNote(draft.change.problems)]),
    ...(draft.event === "run-problem" ? [] : openedProblems(draft.change.problems)),
  ].filter((note) => note !== "");
  const sections = [
    ...sectionsOf(partsOf(draft, summary, report, links, context), notes),
    ...(saysAll ? [] : otherSections(draft, summary, report)),
    always(footer(draft, summary, report, links, context)),
  ];
  const text = fitted(sections, maxTextBytes - 2);
  const rules = report.records.flatMap(({ findings }) => findings.map(({ source }) => source));
  return `${withoutLinks(text, new Set([...rules, ...shown]))}\n`;
}

/** That an effect is another one than people were told, and why; empty where none is. */
function rejudgedNote({ worsened, rejudged }: Change): string {
  const changed = [...worsened, ...rejudged].filter(({ rejudgedFrom }) => rejudgedFrom !== undefined);
  const [first, ...others] = changed;
  if (first === undefined) return "";
  const before = first.rejudgedFrom === "may" ? "a risk" : (first.rejudgedFrom ?? "");
  const what =
    others.length === 0
      ? `"${printable(first.title, 250)}" was reported as ${before} before`
      : `${counted(changed.length, "finding")} had another effect before`;
  return `This version of Origin Watch has other rules: ${what}. The origin may be as it was.`;
}

/** Console links, with a note of each that was asked for. */
function recorded({ distribution, logGroup, dashboard }: ConsoleLinks) {
  const shown = new Set<string>();
  const noted = (make: (name: string) => string | null) => (name: string) => {
    const link = make(name);
    if (link !== null) shown.add(link);
    return link;
  };
  const links = { distribution: noted(distribution), logGroup: noted(logGroup), dashboard: noted(dashboard) };
  return { links, shown };
}

/** A message in its parts, which each rendering shows in its own way. */
export function partsOf(
  draft: Draft,
  summary: Summary,
  report: RunReport,
  links: ConsoleLinks,
  context: MessageContext,
): MessageParts {
  if (draft.distributions !== null) {
    return distributionParts(draft, draft.distributions, report, links, context.region);
  }
  switch (draft.event) {
    case "opened":
    case "worsened":
    case "rejudged":
    case "resolved":
    case "digest":
      return originParts(summary, report, links);
    case "reminder":
      return reminderParts(summary, report);
    case "run-problem":
      return problemParts(draft.change.problems, report);
    case "started":
      return startedParts(draft, summary, report, context);
    case "unseen":
      return notCheckedParts(draft, report);
    case "checked-again":
      return checkedAgainParts(draft, report);
    case "muted":
      return mutedParts(draft);
    case "weekly":
      return weeklyParts(draft, summary, report);
  }
}

function originParts(summary: Summary, report: RunReport, links: ConsoleLinks): MessageParts {
  const { fresh, fixed, closed, improved } = summary;
  const ended = [...fixed, ...improved, ...closed];
  const lines = ended.map((origin) => endedLine(origin, report));
  const [only] = fresh;
  if (only !== undefined) {
    const open = fresh.length === 1 ? oneOrigin(only, report, links) : severalOrigins(fresh, report, links);
    return { ...open, rest: [...open.rest, listed("Fixed or closed as well:", 60, lines)] };
  }
  const [over, ...others] = ended;
  if (over === undefined) return severalOrigins(summary.still, report, links);
  const nothing = { steps: [], otherwise: "nothing.", verify: null, items: null, rest: [] };
  if (others.length > 0) {
    const lead = [
      ...count(fixed, "fixed"),
      ...count(improved.filter(isSeenToEnd), "partly fixed"),
      ...count(closed.filter(isSeenToEnd), "no longer checked"),
      ...count(ended.filter(isByVantages), "no longer checked from where something was seen"),
      ...count(ended.filter(isByRules), "with findings that the new rules of Origin Watch no longer report"),
    ];
    return { ...nothing, lead: [lead.join(" ")], items: listed(null, 60, lines) };
  }
  const [left] = leftOf(improved, summary);
  const { lead, otherwise, remarks } = endedParts(over, report);
  if (left === undefined) {
    return { ...nothing, lead, otherwise, rest: [{ ...listed(null, 60, remarks), between: "\n\n" }] };
  }
  const titles = [...new Set(over.ended.map(({ title }) => printable(title, 250)))];
  const open = oneOrigin(left, report, links);
  return {
    ...open,
    lead: [
      `${isByRules(over) ? byRules : isByVantages(over) ? byVantages : "Fixed"}: ${enumerated(titles, 2)}. Still open:`,
      ...open.lead,
    ],
    rest: [...open.rest, listed(null, 60, lead)],
  };
}

const byRules = "No longer reported, because the rules of Origin Watch changed";

const byVantages = "No longer reported, because Origin Watch does not check from where it was seen";

function isSeenToEnd(origin: EndedOrigin): boolean {
  return !isByRules(origin) && !isByVantages(origin);
}

function count(origins: readonly EndedOrigin[], what: string): readonly string[] {
  return origins.length > 0 ? [`${counted(origins.length, "origin")} ${what}.`] : [];
}

function oneOrigin(origin: OpenOrigin, report: RunReport, links: ConsoleLinks): MessageParts {
  const screen = firstScreen(origin, incidentsIn(origin), report);
  const details = detailParagraphs(origin, screen, report, links).join("\n\n");
  return {
    lead: leadLines(screen),
    steps: screen.steps,
    otherwise: "nothing can be said from this run.",
    verify: screen.verify,
    items: null,
    rest: [{ ...listed(null, 90, [cutAtBytes(details, maxBlockBytes)]), between: "\n\n" }],
  };
}

/** Many at once usually have one cause: what they share, and one first step. */
function severalOrigins(origins: readonly OpenOrigin[], report: RunReport, links: ConsoleLinks): MessageParts {
  const at = report.finishedAt;
  const about = origins.map((origin) => ({ origin, about: tagged(incidentsIn(origin), origin.records, at) }));
  const groups = [...groupedBy(about, ({ about: { what } }) => what).values()].toSorted((a, b) => b.length - a.length);
  const [example] = groups[0] ?? [];
  const screen = example === undefined ? null : firstScreen(example.origin, incidentsIn(example.origin), report);
  const common = inCommon(
    origins,
    about.map(({ about: { what } }) => what),
  );
  // Where they differ in what is open, one server need not be the cause.
  const code = groups.length === 1 ? example?.about.incident?.code : undefined;
  const shared = code === undefined ? null : sharedFirstStep(origins, code);
  const lines = origins.map((origin) => openLine(origin, at));
  const shown = lines.slice(0, maxLines);
  const all =
    origins.length > shown.length
      ? `Affected, ${shown.length} of ${origins.length} (all are in the log):`
      : "Affected:";
  const blocks = origins.length > maxInDetail ? [] : origins.map((origin) => block(origin, report, links));
  return {
    lead: [consequenceFor(origins), ...(common === null ? [] : [common])],
    steps: [...(shared === null ? [] : [shared]), ...(screen?.steps ?? [])].slice(0, 4),
    otherwise: "nothing can be said from this run.",
    verify: screen?.verify ?? null,
    items: listed(all, 80, shown),
    rest: [
      // Each block has its own.
      always(
        blocks.length > 0
          ? ""
          : countLines(
              origins.flatMap(({ records }) => records),
              report,
            ).join("\n"),
      ),
      {
        ...listed(null, 70, blocks),
        between: "\n\n",
        leftOut: (count) => `${counted(count, "origin")} left out here for size; all are in the log`,
      },
    ],
  };
}

function block(origin: OpenOrigin, report: RunReport, links: ConsoleLinks): string {
  const screen = firstScreen(origin, incidentsIn(origin), report);
  const parts = [
    leadLines(screen).join("\n"),
    stepsParagraph("Do first:", screen.steps),
    verifyParagraph(screen.verify),
    ...detailParagraphs(origin, screen, report, links),
  ];
  return cutAtBytes(`${hostAndPort(origin)}:\n${parts.filter((part) => part !== "").join("\n\n")}`, maxBlockBytes / 2);
}

function incidentsIn({ fresh, findings }: OpenOrigin) {
  return fresh.length > 0 ? fresh : findings;
}

function consequenceFor(origins: readonly OpenOrigin[]): string {
  const failing = origins.filter(({ effect }) => effect !== "may");
  const atRisk = origins.length - failing.length;
  const answers = [...new Set(failing.map(({ effect }) => effect))].toSorted().join(" or ");
  if (failing.length === 0) return `Cache misses to ${counted(atRisk, "origin")} may get an error, now or soon.`;
  const also = atRisk === 0 ? "" : ` Those to ${counted(atRisk, "more origin")} may get an error, now or soon.`;
  return `Cache misses to ${counted(failing.length, "origin")} get ${answers}.${also}`;
}

function reminderParts({ still }: Summary, report: RunReport): MessageParts {
  const at = report.finishedAt;
  const passing = still.filter(passes);
  const failing = still.filter((origin) => !passes(origin)).map(withoutAbsent);
  const [first, ...others] = [...failing, ...passing];
  const nothing = { steps: [], otherwise: "nothing.", verify: null, items: null, rest: [] };
  if (first === undefined) return { ...nothing, lead: ["Nothing is open."] };
  const screen = firstScreen(first, first.findings, report, "sentence");
  const lines = [
    ...failing.map((origin) => stillLine(origin, at)),
    ...passing.map((origin) => passingLine(origin, at)),
  ];
  const alone = failing.length > 0 ? unchangedLines(first, screen, at) : passingLines(first, at);
  const consequence = failing.length > 0 ? consequenceFor(failing) : allPass(passing);
  const isSeen = first.findings.every((finding) => seenIn(first.records, finding) !== undefined);
  return {
    lead: others.length === 0 ? alone : [consequence, ...lines.slice(0, 3)],
    steps: failing.length > 0 ? screen.steps.slice(0, 1) : [],
    otherwise:
      failing.length > 0 ? "see the first alert; this run could not check it." : "nothing, unless it comes back.",
    verify: screen.verify,
    items: others.length === 0 ? null : listed("Open as well:", 80, lines.slice(3)),
    rest: [
      listed(null, 75, still.filter((origin) => !passes(origin)).flatMap(notSeen)),
      always(
        countLines(
          still.flatMap(({ records }) => records),
          report,
        ).join("\n"),
      ),
      always(
        others.length === 0 && (isSeen || failing.length === 0) ? "All details: the first alert, and the board." : "",
      ),
    ],
  };
}

/** What of an open origin this run did not see. */
function notSeen(origin: OpenOrigin): readonly string[] {
  const unseen = origin.findings.filter((finding) => seenIn(origin.records, finding) === undefined);
  return unseen.length === 0 ? [] : [`${hostAndPort(origin)}: ${notSeenLine(unseen, origin)}`];
}

function otherSections(draft: Draft, { others }: Summary, report: RunReport): readonly Section[] {
  const { event, muted, mutedDistributions } = draft;
  const own = new Set(distributionIncidentsOf(draft.distributions));
  const distributions = draft.openDistributions.filter((incident) => !own.has(incident));
  const shown = [
    ...others.slice(0, maxOthers).map((origin) => stillLine(origin, report.finishedAt)),
    ...stillDistributionLines(distributions.slice(0, maxOthers), report),
  ].slice(0, maxOthers);
  const all = others.length + distributions.length;
  if (all > shown.length) shown.push(`and ${all - shown.length} more`);
  const quiet = [...muted.map(mutedLine), ...mutedDistributions.map(mutedDistributionLine)];
  return [
    listed("Still open:", 40, shown),
    listed("Muted:", 35, event === "digest" || event === "reminder" ? quiet : []),
  ];
}
