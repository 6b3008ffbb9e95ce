import type { Draft } from "../incidents/change.ts";
import { type ConsoleLinks, consoleLinks } from "../report/console-links.ts";
import { originId, originsOf } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { verificationOf } from "../report/verify.ts";
import { instant } from "../text/instant.ts";
import { withoutLinks } from "../text/links.ts";
import { groupedBy } from "../text/non-empty.ts";
import { counted, enumerated, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { endedLine, endedParagraphs, leftOf } from "./ended-origin.ts";
import { firstScreen } from "./first-screen.ts";
import { always, cutAtBytes, fitted, listed, type Section } from "./fit.ts";
import { footer } from "./footer.ts";
import { inCommon, sharedAddress } from "./in-common.ts";
import { mutedLine } from "./muted-line.ts";
import { detailParagraphs, firstParagraphs, notSeenLine, stepsParagraph, verifyParagraph } from "./open-origin.ts";
import { affectedLine, notCheckedLine, openLine, stillLine } from "./origin-lines.ts";
import { incompleteNote, openedProblems, problemSections } from "./problem-sections.ts";
import { startedSections } from "./started.ts";
import type { MessageContext, OpenOrigin, Summary } from "./summary.ts";
import { seenIn, tagged } from "./tag.ts";
import { unchangedParagraph } from "./unchanged.ts";
import { weeklySections } from "./weekly.ts";

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
    ...remarks.map((remark) => `About this message: ${printable(remark, 1000)}`),
    ...(saysAll || draft.event === "run-problem" ? [] : [incompleteNote(draft.change.problems)]),
    ...(draft.event === "run-problem" ? [] : openedProblems(draft.change.problems)),
  ].filter((note) => note !== "");
  const [first, ...rest] = sectionsOf(draft, summary, report, links, context);
  const [second, ...others] = rest;
  const sections = [
    // What is said of the message itself never stands before what to do.
    ...(first === undefined ? [] : [first]),
    ...(second === undefined ? [] : [second]),
    always(notes.join("\n")),
    ...others,
    ...(saysAll ? [] : otherSections(draft, summary, report)),
    always(footer(draft, summary, report, links, context)),
  ];
  const text = fitted(sections, maxTextBytes - 2);
  const rules = report.records.flatMap(({ findings }) => findings.map(({ source }) => source));
  return `${withoutLinks(text, new Set([...rules, ...shown]))}\n`;
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

/** The consequence, then what to do first, then everything else. */
function sectionsOf(
  draft: Draft,
  summary: Summary,
  report: RunReport,
  links: ConsoleLinks,
  context: MessageContext,
): readonly Section[] {
  switch (draft.event) {
    case "opened":
    case "worsened":
    case "resolved":
    case "digest":
      return originSections(summary, report, links);
    case "reminder":
      return reminderSections(summary, report);
    case "run-problem":
      return problemSections(draft.change.problems, report);
    case "started":
      return startedSections(draft, summary, report, context);
    case "unseen":
      return notCheckedSections(draft, report);
    case "checked-again":
      return checkedAgainSections(draft, report);
    case "weekly":
      return weeklySections(draft, summary, report);
  }
}

function originSections(summary: Summary, report: RunReport, links: ConsoleLinks): readonly Section[] {
  const { fresh, fixed, closed, improved } = summary;
  const ended = [...fixed, ...improved, ...closed];
  const [only] = fresh;
  if (only !== undefined) {
    const open = fresh.length === 1 ? oneOrigin(only, report, links) : severalOrigins(fresh, report, links);
    return [
      ...open,
      listed(
        "Fixed or closed as well:",
        60,
        ended.map((origin) => endedLine(origin, report)),
      ),
    ];
  }
  const [over, ...others] = ended;
  if (over === undefined) return severalOrigins(summary.still, report, links);
  if (others.length > 0) {
    const lines = ended.map((origin) => endedLine(origin, report));
    return [
      always(
        [
          ...(fixed.length + improved.length > 0
            ? [`${counted(fixed.length + improved.length, "origin")} fixed, in whole or in part.`]
            : []),
          ...(closed.length > 0 ? [`${counted(closed.length, "origin")} no longer checked.`] : []),
        ].join(" "),
      ),
      always("Do first: nothing."),
      listed(null, 60, lines),
    ];
  }
  const [left] = leftOf(improved, summary);
  const [first = "", ...more] = endedParagraphs(over, report);
  if (left === undefined)
    return [always(first), always(more[0] ?? ""), { ...listed(null, 60, more.slice(1)), between: "\n\n" }];
  const [lead, ...rest] = oneOrigin(left, report, links);
  const titles = [...new Set(over.ended.map(({ title }) => printable(title, 250)))];
  const partly = `Fixed: ${enumerated(titles, 2)}. Still open:`;
  return [
    ...(lead === undefined ? [] : [{ ...lead, entries: lead.entries.map((entry) => `${partly}\n${entry}`) }]),
    ...rest,
    listed(null, 60, [first]),
  ];
}

function oneOrigin(origin: OpenOrigin, report: RunReport, links: ConsoleLinks): readonly Section[] {
  const incidents = origin.fresh.length > 0 ? origin.fresh : origin.findings;
  const screen = firstScreen(origin, incidents, report.finishedAt);
  const [lead = "", steps = "Do first: nothing can be said from this run."] = firstParagraphs(screen);
  const details = detailParagraphs(origin, screen, report, links).join("\n\n");
  return [
    always(lead),
    always(steps),
    always(verifyParagraph(screen.verify)),
    { ...listed(null, 90, [cutAtBytes(details, maxBlockBytes)]), between: "\n\n" },
  ];
}

/** Many at once usually have one cause: what they share, and one first step. */
function severalOrigins(origins: readonly OpenOrigin[], report: RunReport, links: ConsoleLinks): readonly Section[] {
  const at = report.finishedAt;
  const about = origins.map((origin) => ({ origin, about: tagged(incidentsIn(origin), origin.records, at) }));
  const groups = [...groupedBy(about, ({ about: { what } }) => what).values()].toSorted((a, b) => b.length - a.length);
  const [example] = groups[0] ?? [];
  const screen = example === undefined ? null : firstScreen(example.origin, incidentsIn(example.origin), at);
  const common = inCommon(
    origins,
    about.map(({ about: { what } }) => what),
  );
  // Where they differ in what is open, one server need not be the cause.
  const address = groups.length === 1 ? sharedAddress(origins) : null;
  const steps = [
    ...(address === null
      ? []
      : [`Check the server or load balancer at ${address} first: all ${origins.length} origins resolve to it.`]),
    ...(screen?.steps ?? []),
  ];
  const lines = origins.map((origin) => openLine(origin, at));
  const shown = lines.slice(0, maxLines);
  const all =
    origins.length > shown.length
      ? `Affected, ${shown.length} of ${origins.length} (all are in the log):`
      : "Affected:";
  const blocks = origins.length > maxInDetail ? [] : origins.map((origin) => block(origin, report, links));
  return [
    always([lead(origins), ...(common === null ? [] : [common])].join("\n")),
    always(stepsParagraph("Do first:", steps.slice(0, 4))),
    always(screen === null ? "" : verifyParagraph(screen.verify)),
    listed(all, 80, shown),
    {
      ...listed(null, 70, blocks),
      between: "\n\n",
      leftOut: (count) => `${counted(count, "origin")} left out here for size; all are in the log`,
    },
  ];
}

function block(origin: OpenOrigin, report: RunReport, links: ConsoleLinks): string {
  const screen = firstScreen(origin, incidentsIn(origin), report.finishedAt);
  const parts = [
    ...firstParagraphs(screen),
    verifyParagraph(screen.verify),
    ...detailParagraphs(origin, screen, report, links),
  ];
  return cutAtBytes(`${hostAndPort(origin)}:\n${parts.filter((part) => part !== "").join("\n\n")}`, maxBlockBytes / 2);
}

function incidentsIn({ fresh, findings }: OpenOrigin) {
  return fresh.length > 0 ? fresh : findings;
}

function lead(origins: readonly OpenOrigin[]): string {
  const failing = origins.filter(({ effect }) => effect !== "may");
  const atRisk = origins.length - failing.length;
  const answers = [...new Set(failing.map(({ effect }) => effect))].toSorted().join(" or ");
  if (failing.length === 0) return `Cache misses to ${counted(atRisk, "origin")} may get an error, now or soon.`;
  const also = atRisk === 0 ? "" : ` Those to ${counted(atRisk, "more origin")} may get an error, now or soon.`;
  return `Cache misses to ${counted(failing.length, "origin")} get ${answers}.${also}`;
}

function reminderSections({ still }: Summary, report: RunReport): readonly Section[] {
  const at = report.finishedAt;
  const [first, ...others] = still;
  if (first === undefined) return [];
  const screen = firstScreen(first, first.findings, at);
  const steps = stepsParagraph("Do first:", screen.steps.slice(0, 1));
  const nothing = "Do first: see the first alert; this run could not check it.";
  const lines = still.map((origin) => stillLine(origin, at));
  return [
    always(
      others.length === 0 ? unchangedParagraph(first, screen, at) : [lead(still), ...lines.slice(0, 3)].join("\n"),
    ),
    always(steps === "" ? nothing : steps),
    always(verifyParagraph(screen.verify)),
    listed("Open as well:", 80, lines.slice(others.length === 0 ? lines.length : 3)),
    listed(null, 75, still.flatMap(notSeen)),
    always(
      others.length === 0 && first.findings.every((finding) => seenIn(first.records, finding) !== undefined)
        ? "All details: the first alert, and the board."
        : "",
    ),
  ];
}

/** What of an open origin this run did not see. */
function notSeen(origin: OpenOrigin): readonly string[] {
  const unseen = origin.findings.filter((finding) => seenIn(origin.records, finding) === undefined);
  return unseen.length === 0 ? [] : [`${hostAndPort(origin)}: ${notSeenLine(unseen, origin)}`];
}

function notCheckedSections({ notChecked }: Draft, report: RunReport): readonly Section[] {
  const origins = new Map(originsOf(report.records).map((origin) => [originId(origin), origin.records]));
  const region = report.records.flatMap(({ observed }) => observed.addresses.map(({ seenFrom }) => seenFrom))[0];
  const from = region === undefined || region === "here" ? "" : ` from ${printable(region, 40)}`;
  const count = counted(notChecked.length, "origin");
  const lines = notChecked.map(notCheckedLine);
  // What to do for each reason that they have, the most frequent first, and for which of them where there are several.
  const reasons = groupedBy(
    notChecked.flatMap((entry) => {
      const [finding] = (origins.get(originId(entry)) ?? []).flatMap((record) =>
        record.findings.filter(({ effect, title }) => effect === "unseen" && title === entry.reason),
      );
      return finding === undefined ? [] : [{ entry, finding }];
    }),
    ({ finding }) => finding.code,
  );
  const groups = [...reasons.values()].toSorted((a, b) => b.length - a.length);
  const remedies =
    groups.length < 2
      ? groups.flatMap(([{ finding }]) => finding.remedy.slice(0, 2))
      : groups.slice(0, 2).flatMap((group) => {
          const names = enumerated(
            group.map(({ entry }) => hostAndPort(entry)),
            2,
          );
          return group[0].finding.remedy.slice(0, 1).map((step) => `${names}: ${step}`);
        });
  const shown = notChecked
    .flatMap((entry) => origins.get(originId(entry)) ?? [])
    .find(({ verdict, reproduce }) => verdict === "unknown" && reproduce !== null);
  const more = lines.length > 3 ? [`and ${lines.length - 3} more, listed below`] : [];
  return [
    always(
      [
        `${count} could not be checked${from}. This does not predict an error. Earlier alerts about ${notChecked.length === 1 ? "it" : "them"} stay open.`,
        ...lines.slice(0, 3),
        ...more,
      ].join("\n"),
    ),
    always(
      stepsParagraph("Do first:", [
        ...remedies.map((step) => printable(step, 600)),
        "If an origin admits CloudFront only, or is private, this is expected. Check it from inside with `origin-watch check origin HOST`, then mute it.",
      ]),
    ),
    always(verifyParagraph(shown === undefined ? null : verificationOf(shown))),
    listed("Not checked as well:", 80, lines.slice(3)),
    listed(
      "Affected:",
      70,
      notChecked.flatMap((entry) => affectedLine(entry, origins.get(originId(entry)) ?? [])),
    ),
  ];
}

/** Said once of what was said to be not checked. */
function checkedAgainSections({ notChecked }: Draft, report: RunReport): readonly Section[] {
  const at = report.finishedAt;
  const lines = notChecked.map(
    (entry) =>
      `- ${hostAndPort(entry)}: was not checked from ${instant(entry.since)} to ${instant(entry.lastUnseen)} (${printable(entry.reason, 250)})`,
  );
  return [
    always(
      [
        `${counted(notChecked.length, "origin")} can be checked again, and ${notChecked.length === 1 ? "passes" : "pass"} the check of ${instant(at)}.`,
        ...lines.slice(0, 3),
        ...(lines.length > 3 ? [`and ${lines.length - 3} more, listed below`] : []),
      ].join("\n"),
    ),
    always("Do first: nothing."),
    listed("Checked again as well:", 80, lines.slice(3)),
  ];
}

function otherSections({ event, muted }: Draft, { others }: Summary, { finishedAt }: RunReport): readonly Section[] {
  const shown = others.slice(0, maxOthers).map((origin) => stillLine(origin, finishedAt));
  if (others.length > shown.length) shown.push(`and ${others.length - shown.length} more`);
  return [
    listed("Still open:", 40, shown),
    listed("Muted:", 35, event === "digest" || event === "reminder" ? muted.map(mutedLine) : []),
  ];
}
