import type { Draft } from "../incidents/change.ts";
import { ruleOf } from "../judge/catalogue.ts";
import { type ConsoleLinks, consoleLinks } from "../report/console-links.ts";
import { originId, originsOf } from "../report/origins.ts";
import type { RunReport } from "../report/record.ts";
import { instant } from "../text/instant.ts";
import { withoutLinks } from "../text/links.ts";
import { counted, enumerated, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { exactSpan } from "../text/span.ts";
import { always, bytesInJson, cutAtBytes, fitted, listed, type Section } from "./fit.ts";
import { mutedLine } from "./muted-line.ts";
import { endedBlock, endedLine, notCheckedLine, openBlock, openLine, stillLine } from "./origin-block.ts";
import { problemSections } from "./problem-sections.ts";
import type { MessageContext } from "./summary.ts";
import { isReached, type Summary } from "./summary.ts";
import { weeklySections } from "./weekly.ts";

/**
 * SNS takes 256 KiB with everything in it: the text twice, for `default` and `email`, the JSON for programs three times,
 * the one for chat, the attributes, and the escaping of all that.
 */
export const maxTextBytes = 80 * 1024;

/** So that one origin at least is always told in full next to everything that cannot be left out. */
const maxBlockBytes = 40 * 1024;

/** More origins than this are told in a line each: a mail of hundreds of pages helps nobody. */
const maxInDetail = 3;
const maxOthers = 5;

/**
 * A draft as a plain-text message: what hampers the run first, because silence about an origin means nothing after an
 * incomplete run; then what is new or still open, what is over, and what else is.
 */
export function textOf(
  draft: Draft,
  summary: Summary,
  report: RunReport,
  context: MessageContext,
  remarks: readonly string[],
): string {
  const { links, shown } = recorded(consoleLinks(context.scope, context.region));
  const open = openSections(summary, report, links, context);
  const ended = endedSections(summary, report);
  const sections = [
    always(remarks.map((remark) => `About this message: ${printable(remark, 1000)}`).join("\n")),
    ...problemSections(draft.change.problems, report, draft.event === "run-problem"),
    ...(draft.event === "weekly" ? weeklySections(draft, summary, report) : []),
    // What is new comes first, be it good or bad.
    ...(summary.fresh.length > 0 ? [...open, ...ended] : [...ended, ...open]),
    ...(draft.event === "unseen" ? notCheckedSections(draft, report) : []),
    ...(draft.event === "weekly" ? [] : otherSections(draft, summary)),
    always(whatNext(draft, summary)),
    always(footer(report, links, context)),
  ];
  const text = fitted(sections, maxTextBytes - 2);
  const rules = report.records.flatMap(({ findings }) => findings.map(({ source }) => source));
  return `${withoutLinks(text, new Set([...rules, ...shown]))}\n`;
}

/** Console links, with a note of each that was asked for. */
function recorded({ distribution, logGroup }: ConsoleLinks) {
  const shown = new Set<string>();
  const noted = (make: (name: string) => string | null) => (name: string) => {
    const link = make(name);
    if (link !== null) shown.add(link);
    return link;
  };
  return { links: { distribution: noted(distribution), logGroup: noted(logGroup) }, shown };
}

function openSections(
  { fresh, still }: Summary,
  report: RunReport,
  links: ConsoleLinks,
  context: MessageContext,
): readonly Section[] {
  const origins = [...fresh, ...still];
  // In a storm one example shows what to look for; the others are lines.
  const detailed = origins.slice(0, origins.length > maxInDetail ? 1 : maxInDetail);
  const blocks = detailed.map((origin, index) => {
    const place = origins.length > 1 ? `${index + 1} of ${origins.length}: ${hostAndPort(origin)}\n` : "";
    return cutAtBytes(place + openBlock(origin, report, links), maxBlockBytes);
  });
  const where = context.logGroup === null ? "the log" : `log group ${printable(context.logGroup, 512)}`;
  const rest = origins.slice(detailed.length);
  return [
    always(origins.length > 1 ? lead(fresh, still) : ""),
    listed("What they have in common:", 80, origins.length > maxInDetail ? causes(origins) : []),
    {
      heading: null,
      entries: blocks,
      between: "\n\n",
      importance: 90,
      leftOut: (count) => `${counted(count, "origin")} left out here for size: see ${where}.`,
    },
    listed("The others, a line each:", 70, rest.map(openLine)),
  ];
}

function lead(fresh: Summary["fresh"], still: Summary["still"]): string {
  const failing = [...fresh.filter((origin) => origin.freshEffect !== "may"), ...still.filter(isFailing)];
  const atRisk = fresh.length + still.length - failing.length;
  const answers = [...new Set(failing.map((origin) => origin.effect))].sort().join(" or ");
  const parts: string[] = [];
  if (failing.length > 0) {
    parts.push(`CloudFront answers ${answers} to cache misses for ${counted(failing.length, "origin")}`);
  }
  if (atRisk > 0) {
    parts.push(
      failing.length > 0
        ? `may do so for ${atRisk} more`
        : `CloudFront may answer 502 for ${counted(atRisk, "origin")}`,
    );
  }
  return `${fresh.length > 0 ? "New" : "Still"}: ${parts.join(" and ")}.`;
}

function isFailing({ effect }: Summary["still"][number]): boolean {
  return effect !== "may";
}

/** The findings by how many origins have them: what broke at once usually has one cause. */
function causes(origins: Summary["fresh"]): readonly string[] {
  const codes = origins.flatMap((origin) => [...new Set(origin.findings.map(({ code }) => code))]);
  return [...Map.groupBy(codes, (code) => code)]
    .map(([code, all]) => ({ code, count: all.length }))
    .filter(({ count }) => count > 1)
    .toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1))
    .slice(0, 10)
    .map(({ code, count }) => `- ${code}: ${count} of ${counted(origins.length, "origin")}`);
}

function endedSections({ fixed, closed, improved }: Summary, report: RunReport): readonly Section[] {
  const many = fixed.length + closed.length + improved.length > maxInDetail;
  const blocks = (heading: string, origins: Summary["fixed"]): Section => ({
    ...listed(
      heading,
      60,
      origins.map((origin) => (many ? endedLine(origin, report) : endedBlock(origin, report))),
    ),
    between: many ? "\n" : "\n\n",
  });
  return [
    blocks("Fixed:", fixed),
    blocks("No longer seen, though the origin has other problems:", improved),
    blocks("Reached in another way now, so no longer seen:", closed.filter(isReached)),
    blocks(
      "No longer used, so no longer watched:",
      closed.filter((origin) => !isReached(origin)),
    ),
  ];
}

function notCheckedSections({ notChecked }: Draft, report: RunReport): readonly Section[] {
  const origins = new Map(originsOf(report.records).map((origin) => [originId(origin), origin.records]));
  const lines = notChecked.map((entry) =>
    notCheckedLine(entry, origins.get(originId(entry)) ?? [], notChecked.length <= maxInDetail),
  );
  const count = counted(notChecked.length, "origin");
  return [
    always(
      `Nothing can be said about ${count}: CloudFront may or may not get an answer there. What was told of them before counts as still open.`,
    ),
    listed("Not checked, and why:", 80, lines),
    always(
      "What to do: where an origin should answer anybody, find out why it does not answer from here. Where a firewall lets in CloudFront only, or the origin is private, it is as it should be: check it from inside with `origin-watch check origin NAME`, and mute it. Where DNS does not answer, look at the name servers.",
    ),
  ];
}

function otherSections({ event, muted }: Draft, { others }: Summary): readonly Section[] {
  const shown = others.slice(0, maxOthers).map(stillLine);
  if (others.length > shown.length) shown.push(`and ${others.length - shown.length} more`);
  return [
    listed("Also open:", 40, shown),
    listed("Muted:", 35, event === "digest" || event === "reminder" ? muted.map(mutedLine) : []),
  ];
}

/** When the reader hears of this again, and how to keep it quiet. */
function whatNext({ event, change, notChecked, remindAfter }: Draft, { fresh, still }: Summary): string {
  switch (event) {
    case "weekly":
      return "Next message of this kind: in a week. What breaks is told at once.";
    case "unseen":
      return [
        "Next message about this: when more origins cannot be checked, at the earliest in a day.",
        ...(notChecked.length === 1 ? notChecked.flatMap(({ domain }) => howToMute(domain)) : []),
      ].join("\n");
    case "run-problem":
      return change.problems.opened.length + change.problems.still.length > 0
        ? `Next message about this: when it is over, or in ${remindAfter === null ? "a day" : exactSpan(remindAfter)} while it lasts.`
        : "Next message: when something breaks or is about to.";
    case "opened":
    case "worsened":
    case "resolved":
    case "digest":
    case "reminder": {
      if (remindAfter === null) return "Next message: when something breaks or is about to.";
      const [only, ...more] = [...fresh, ...still];
      const ending = [...fresh, ...still].some(({ findings }) =>
        findings.some(({ code }) => ruleOf(code)?.warnsOfExpiry),
      );
      const next = ending
        ? `Next message: when this changes, when the end comes nearer, or in ${exactSpan(remindAfter)} at the latest.`
        : `Next message: when this changes, or in ${exactSpan(remindAfter)} if it has not.`;
      return only === undefined || more.length > 0 ? next : [next, ...howToMute(only.domain)].join("\n");
    }
  }
}

/** Nothing for a name that no mute could have. */
function howToMute(domain: string): readonly string[] {
  if (bytesInJson(domain) > 253) return [];
  const mute = `{"origin":"${printable(domain, 253)}","until":"YYYY-MM-DD","reason":"..."}`;
  return [
    `To keep this quiet, add ${mute} to the context key mutes and deploy (without the CDK: to the function's variable MUTES).`,
  ];
}

function footer(report: RunReport, links: ConsoleLinks, { logGroup }: MessageContext): string {
  const origins = originsOf(report.records);
  const counts = (["failing", "at-risk", "unknown", "healthy", "skipped"] as const)
    .map((verdict) => [origins.filter((origin) => origin.verdict === verdict).length, verdictWords[verdict]] as const)
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${count} ${words}`);
  const seen = `${counted(report.distributions, "distribution")}, ${counted(origins.length, "origin")}`;
  const lines = [
    `Run: ${instant(report.startedAt)}, ${seen}${counts.length > 0 ? ` (${enumerated(counts, 5)})` : ""}`,
    `Run id: ${printable(report.runId, 100)}`,
  ];
  if (logGroup !== null) {
    lines.push(
      [`Log group: ${printable(logGroup, 512)}`, links.logGroup(logGroup)].filter((part) => part !== null).join("\n  "),
    );
  }
  return lines.join("\n");
}

const verdictWords = {
  failing: "failing",
  "at-risk": "at risk",
  unknown: "could not be checked",
  healthy: "healthy",
  skipped: "skipped",
} as const;
