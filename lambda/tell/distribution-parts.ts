import type { DistributionChange, Draft } from "../incidents/change.ts";
import type { DistributionIncident } from "../incidents/state.ts";
import type { ConsoleLinks } from "../report/console-links.ts";
import { countLine, countWords, percent, shareOf, windowWords } from "../report/counted.ts";
import type { DistributionFinding, PossibleCause } from "../report/distribution-record.ts";
import { originId } from "../report/origins.ts";
import { functionWords, likeliestCause, possibleCauseWords, sinceWhen } from "../report/possible-cause.ts";
import type { RunReport } from "../report/record.ts";
import { instant } from "../text/instant.ts";
import { counted, enumerated, hostAndPort } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { between } from "../text/span.ts";
import { distributionLine, stillDistributionLines } from "./distribution-lines.ts";
import { always, listed } from "./fit.ts";
import { lasted } from "./lasted.ts";
import type { MessageParts } from "./message-parts.ts";
import { answersOf, namesOf, type ToldDistribution, toldDistributions } from "./told-distribution.ts";

/** What a message about distributions themselves says. */
export function distributionParts(
  { event }: Pick<Draft, "event">,
  change: DistributionChange,
  report: RunReport,
  links: ConsoleLinks,
  region: string,
): MessageParts {
  const { opened, worsened, rejudged, still, frozen, resolved, gone } = change;
  const told = (incidents: readonly DistributionIncident[]) => toldDistributions(incidents, report);
  const ended = [...told(resolved).map(fixedLine(report)), ...told(gone).map(goneLine(report))];
  if (event === "reminder") return reminderParts(told([...still, ...frozen]), report, links, region);
  const fresh = told([...opened, ...worsened, ...rejudged]);
  const [only] = fresh;
  const nothing = { steps: [], otherwise: "nothing.", verify: null, items: null, rest: [] };
  if (only !== undefined) {
    const open = fresh.length === 1 ? oneParts(only, report, links, region) : severalParts(fresh);
    return { ...open, rest: [...open.rest, listed("Fixed or closed as well:", 60, ended)] };
  }
  if (ended.length > 1) {
    const lead = [`${counted(ended.length, "distribution")}: what CloudFront counted there is fixed or closed.`];
    return { ...nothing, lead, items: listed(null, 60, ended) };
  }
  const [fixed] = told(resolved);
  if (fixed !== undefined) return { ...nothing, ...fixedParts(fixed, report) };
  const [closed] = told(gone);
  return { ...nothing, ...(closed === undefined ? { lead: [] } : closedParts(closed, report)) };
}

function oneParts(
  distribution: ToldDistribution,
  report: RunReport,
  links: ConsoleLinks,
  region: string,
): MessageParts {
  return {
    lead: [...consequence(distribution), behindIt(distribution, region)],
    steps: stepsFor(distribution),
    otherwise: "see the first alert; this run knows nothing new of it.",
    verify: null,
    items: null,
    rest: details(distribution, report, links, region).map(always),
  };
}

/** What viewers get, and CloudFront's count in full. */
function consequence(distribution: ToldDistribution): readonly string[] {
  const { incident, count } = distribution;
  if (incident.clearSince !== null) {
    return [
      `CloudFront has counted few errors or none for ${namesOf(distribution)} since ${instant(incident.clearSince)}.`,
      "It came back before, so it must stay away for longer before it is reported as fixed.",
    ];
  }
  if (count === null) {
    return [`When last counted (${instant(incident.lastSeen)}): ${incident.title} at ${namesOf(distribution)}.`];
  }
  const share = percent(shareOf(count, incident.effect));
  return [
    `${share} of the requests to ${namesOf(distribution)} get ${answersOf(distribution)}.`,
    `CloudFront counted ${countWords(count)}.`,
  ];
}

/** The likeliest of what may be behind it, or that nothing of it is known. */
function behindIt({ finding, origins }: ToldDistribution, region: string): string {
  const { possibleCauses = [], functionErrors = [], inOrder = [] } = finding ?? {};
  const likeliest = likeliestCause({ possibleCauses, functionErrors });
  const others = possibleCauses.length + functionErrors.length - 1;
  if (likeliest !== null) return `${likeliest}${others > 0 ? ` ${others} more below.` : ""}`;
  const from = region === "" ? "" : ` from ${printable(region, 40)}`;
  if (finding === null || origins.length === 0) return "Cause: not known.";
  return inOrder.length >= origins.length
    ? `Cause: not known. ${origins.length === 1 ? "Its origin passes" : `Its ${origins.length} origins pass`} the check${from}.`
    : `Cause: not known. ${inOrder.length} of its ${counted(origins.length, "origin")} pass the check${from}.`;
}

/** @param ownCauses whether the steps are for what may be behind this very one */
function stepsFor({ incident, finding, count, origins }: ToldDistribution, ownCauses = true): readonly string[] {
  if (finding === null) return [];
  const { possibleCauses, functionErrors } = ownCauses ? finding : { possibleCauses: [], functionErrors: [] };
  const open = possibleCauses.filter(({ effect }) => effect !== "unseen").slice(0, 1);
  const unseen = possibleCauses.filter(({ effect }) => effect === "unseen").slice(0, 1);
  const hasFunctions = origins.some(({ records }) =>
    records.some(({ uses }) =>
      uses.some(({ reroutedBy, functionsBefore }) => reroutedBy.length > 0 || functionsBefore !== undefined),
    ),
  );
  const when = count === null ? "" : ` of ${windowWords(count)}`;
  return [
    ...open.map((cause) =>
      cause.openSince === null
        ? `Check ${hostAndPort(cause)} first: the board has the steps.`
        : `Check ${hostAndPort(cause)} first: its alert has the steps.`,
    ),
    ...functionErrors.slice(0, 1).map(({ name }) => `Read the log of the edge function ${printable(name, 64)}.`),
    ...unseen.map(
      (cause) =>
        `Check ${hostAndPort(cause)} from a network that reaches it, with \`origin-watch check origin ${printable(cause.domain, 253)}\`.`,
    ),
    `Search the logs of the origins for 5xx${when}. Origin Watch sends them no request, so it sees no error that an origin answers itself.`,
    "If standard logs of CloudFront are on, run the query below. It names CloudFront's own reason.",
    ...(hasFunctions && functionErrors.length === 0
      ? [`Check the errors of the edge functions on ${printable(incident.distributionId, 64)}.`]
      : []),
  ].slice(0, 4);
}

/** What the second screen has. */
function details(
  distribution: ToldDistribution,
  report: RunReport,
  links: ConsoleLinks,
  region: string,
): readonly string[] {
  const { incident, finding, record, about } = distribution;
  const { distributionId } = incident;
  const id = printable(distributionId, 64);
  const link = links.distribution(distributionId);
  const comment = about === null || about.comment === "" ? "" : ` (${about.comment})`;
  const window =
    distribution.count !== null
      ? `Details: the count is of ${windowWords(distribution.count)}, for all of ${id}. Answers from caches are in it.`
      : record === null
        ? ""
        : countLine(id, record.traffic);
  return [
    [window, ...(finding === null ? [] : otherCauses(finding))].filter((line) => line !== "").join("\n"),
    finding === null ? "" : checkedAndOk(finding, region),
    notSeenHere(incident),
    logQuery.join("\n"),
    [
      `Not known: ${incident.effect === "5xx" ? "which status, path or origin. The metrics of CloudFront that count 502 and 504 are not on" : "which path or origin"}. The count is one number for the whole distribution.`,
      firstSeen(incident, report),
      ...(incident.returns === 0
        ? []
        : [
            `This finding returns: it must stay away for ${incident.returns === 1 ? "1 hour" : "24 hours"} more before it is reported as fixed.`,
          ]),
    ].join("\n"),
    `Distribution: ${id}${comment}${link === null ? "" : `\n${link}`}`,
  ].filter((paragraph) => paragraph !== "");
}

const mostCauses = 8;

/** All that may be behind it, where it is more than one thing. */
function otherCauses({ possibleCauses, functionErrors }: DistributionFinding): readonly string[] {
  const lines = [
    ...possibleCauses.map((cause) => `- ${possibleCauseWords(cause)}${sinceWhen(cause)}`),
    ...functionErrors.map((errors) => `- ${functionWords(errors)}`),
  ];
  if (lines.length < 2) return [];
  const more = lines.length - mostCauses;
  return [
    "Possible causes:",
    ...lines.slice(0, mostCauses),
    ...(more > 0 ? [`and ${more} more; all are in the log`] : []),
  ];
}

function checkedAndOk({ inOrder }: DistributionFinding, region: string): string {
  if (inOrder.length === 0) return "";
  const from = region === "" ? "" : ` from ${printable(region, 40)}`;
  return `Checked and OK${from}: ${enumerated(inOrder.map(hostAndPort), 10)}.`;
}

/** What reaches viewers and no connection to an origin shows. */
function notSeenHere({ effect }: DistributionIncident): string {
  return [
    "What else can be behind it, which the check of the origins does not show:",
    "- An origin that answers 5xx itself, or closes connections without an answer.",
    ...(effect === "502" ? [] : ["- An origin that answers later than its response timeout."]),
    "- An edge function that fails, or that chooses another origin.",
    "- A VPC origin, which only CloudFront reaches.",
    "- An origin that other Regions get another answer from, or another address of.",
  ].join("\n");
}

/** In the language of CloudWatch Logs Insights; docs/queries.md says over which log. */
export const reasonQuery: readonly string[] = [
  "filter `sc-status` like /^5/",
  "stats count(*) as requests by `x-edge-detailed-result-type`, `sc-status`, `x-host-header`",
  "sort requests desc",
];

const logQuery = [
  "CloudFront's own reason, with CloudWatch Logs Insights in us-east-1 (docs/queries.md):",
  ...reasonQuery.map((line, index) => (index === 0 ? line : `| ${line}`)),
];

function firstSeen(incident: DistributionIncident, { startedAt, finishedAt }: RunReport): string {
  const { openedAt, tellings, effect, toldEffect, stage, toldStage } = incident;
  const first = `First seen: ${instant(openedAt)}`;
  if (tellings === 0) return `${first}, ${openedAt < startedAt ? "and again in this run" : "in this run"}`;
  if (stage > toldStage) return `${first}. This alert comes because half of the requests or more get an error now.`;
  if (toldEffect === "5xx" && effect !== "5xx") return `${first}, as 5XX. CloudFront's count says which status now.`;
  return `${first} (${between(openedAt, finishedAt)} ago)`;
}

/** Many at once usually have one cause: what they share is said first. */
function severalParts(distributions: readonly ToldDistribution[]): MessageParts {
  const [example] = distributions;
  const common = commonCause(distributions);
  const lines = distributions.map(distributionLine);
  const shown = lines.slice(0, maxLines);
  const heading =
    lines.length > shown.length ? `Affected, ${shown.length} of ${lines.length} (all are in the log):` : "Affected:";
  return {
    lead: [
      `Requests to ${counted(distributions.length, "distribution")} get errors, by CloudFront's own count.`,
      ...(common === null ? [] : [`Possible cause of all of them: ${possibleCauseWords(common)}.`]),
    ],
    steps: example === undefined ? [] : stepsFor(example, common !== null),
    otherwise: "nothing.",
    verify: null,
    items: listed(heading, 80, shown),
    rest: [always(logQuery.join("\n"))],
  };
}

/** What may be behind all of them; null where they have nothing in common. */
function commonCause(distributions: readonly ToldDistribution[]): PossibleCause | null {
  const firsts = distributions.map(({ finding }) => finding?.possibleCauses[0]);
  const [first] = firsts;
  if (first === undefined) return null;
  const isSame = (cause: PossibleCause | undefined) =>
    cause !== undefined && originId(cause) === originId(first) && cause.code === first.code;
  return firsts.every(isSame) ? first : null;
}

const maxLines = 20;

function reminderParts(
  distributions: readonly ToldDistribution[],
  report: RunReport,
  links: ConsoleLinks,
  region: string,
): MessageParts {
  const [only, ...others] = distributions;
  const at = report.finishedAt;
  if (only === undefined) {
    return { lead: ["Nothing is open."], steps: [], otherwise: "nothing.", verify: null, items: null, rest: [] };
  }
  if (others.length > 0) {
    const lines = stillDistributionLines(
      distributions.map(({ incident }) => incident),
      report,
    );
    return {
      lead: [`Requests to ${counted(distributions.length, "distribution")} still get errors.`, ...lines.slice(0, 3)],
      steps: stepsFor(only).slice(0, 1),
      otherwise: "see the first alert.",
      verify: null,
      items: listed("Open as well:", 80, lines.slice(3)),
      rest: [],
    };
  }
  const { openedAt } = only.incident;
  const parts = oneParts(only, report, links, region);
  const [first = "", ...rest] = parts.lead;
  return { ...parts, lead: [`Open since ${instant(openedAt)} (${between(openedAt, at)}). ${first}`, ...rest] };
}

function fixedParts(distribution: ToldDistribution, report: RunReport): Pick<MessageParts, "lead" | "rest"> {
  const { incident, record } = distribution;
  const line = record === null ? "" : countLine(printable(incident.distributionId, 64), record.traffic);
  return {
    lead: [
      `Fixed: CloudFront has counted few errors or none for ${namesOf(distribution)} for an hour.`,
      openedFor(incident, report),
    ],
    rest: [always([line, "Not known: what the cause was. The count does not name it."].filter(isText).join("\n"))],
  };
}

function closedParts(
  distribution: ToldDistribution,
  report: RunReport,
): Pick<MessageParts, "lead" | "otherwise" | "rest"> {
  const { incident } = distribution;
  const id = printable(incident.distributionId, 64);
  return {
    lead: [
      report.countsOff
        ? `Origin Watch does not ask any more what CloudFront counts for ${id}: the setting viewerErrors is off.`
        : `Distribution ${id} is not among those that Origin Watch checks now.`,
      openedFor(incident, report),
    ],
    otherwise: "nothing, unless this change of the configuration was not intended.",
    rest: [always("Not known: whether requests to it still get errors.")],
  };
}

function openedFor({ title, openedAt, clearSince }: DistributionIncident, { finishedAt }: RunReport): string {
  const until = clearSince ?? finishedAt;
  return `- ${printable(title, 250)}: open for ${between(openedAt, until)}, ${instant(openedAt)} to ${instant(until)}`;
}

function fixedLine({ finishedAt }: RunReport) {
  return (distribution: ToldDistribution) =>
    `- ${namesOf(distribution)}: ${printable(distribution.incident.title, 250)}, fixed, open for ${lasted([distribution.incident], finishedAt)}`;
}

function goneLine({ finishedAt }: RunReport) {
  return (distribution: ToldDistribution) =>
    `- ${namesOf(distribution)}: ${printable(distribution.incident.title, 250)}, no longer checked, open for ${lasted([distribution.incident], finishedAt)}`;
}

function isText(text: string): boolean {
  return text !== "";
}
