import { type Scope, scopeId } from "../configuration/scope.ts";
import type { Change } from "../incidents/change.ts";
import { accountInFull } from "../report/account-name.ts";
import type { RunProblem, RunReport } from "../report/record.ts";
import { instant } from "../text/instant.ts";
import { groupedBy } from "../text/non-empty.ts";
import { counted, enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { between } from "../text/span.ts";
import { listed } from "./fit.ts";
import type { MessageParts } from "./message-parts.ts";
import { problemTitle } from "./problems.ts";

const maxProblems = 20;

/** Beyond this many, accounts with the same problem share one text. */
const mostAlike = 3;
const mostAccountsNamed = 50;

/** The message that is about what keeps Origin Watch from its work, or that it does no longer. */
export function problemParts({ opened, still, resolved }: Change["problems"], report: RunReport): MessageParts {
  const [first, ...others] = alike([...opened, ...still]);
  const fixed = alike(resolved).map(
    ({ example, scopes }) =>
      `Fixed: ${problemTitle(example)}${scopes.length > 1 ? inAccounts(scopes) : namesOf(example, [example])}, open for ${between(example.openedAt, report.finishedAt)}, since ${instant(example.openedAt)}.`,
  );
  const facts = { otherwise: "nothing.", verify: null, items: null };
  const ended = listed(null, 60, fixed.slice(0, maxProblems));
  if (first === undefined) return { ...facts, lead: ended.entries, steps: [], rest: [] };
  const { example, scopes } = first;
  const shown = others.slice(0, maxProblems - 1);
  const more = others.length - shown.length;
  return {
    ...facts,
    lead: [
      consequenceOf(example, inAccounts(scopes), report),
      `Cause${scopes.length > 1 ? inAccount(example) : ""}: ${printable(example.message, 600)}`,
    ],
    steps: example.remedy === "" ? [] : [printable(example.remedy, 600)],
    rest: [
      listed(null, 97, accountLines(scopes)),
      listed(null, 95, [
        ...shown.map(problemText),
        ...(more > 0 ? [`and ${more} more of the kind; all are in the log`] : []),
      ]),
      ended,
    ],
  };
}

/** What several accounts have alike, by one of them. */
type Alike<P> = { readonly example: P; readonly scopes: readonly Scope[] };

/** Each problem with its account, or that of many accounts once, in the order in which they came. */
function alike<P extends { readonly code: string; readonly scope: Scope | null }>(
  problems: readonly P[],
): readonly Alike<P>[] {
  return [...groupedBy(problems, ({ code }) => code).values()].flatMap((group): readonly Alike<P>[] => {
    const scopes = new Map(group.flatMap(({ scope }) => (scope === null ? [] : [[scopeId(scope), scope] as const])));
    if (scopes.size > mostAlike) return [{ example: group[0], scopes: [...scopes.values()] }];
    return group.map((example) => ({ example, scopes: example.scope === null ? [] : [example.scope] }));
  });
}

/** Where so many share a text that it names the first ones only. */
function accountLines(scopes: readonly Scope[]): readonly string[] {
  if (scopes.length <= mostAlike) return [];
  const names = scopes.flatMap((scope) => accountInFull(scope) ?? []);
  const more = names.length - mostAccountsNamed;
  return [
    "The accounts:",
    ...names.slice(0, mostAccountsNamed).map((name) => `- ${name}`),
    ...(more > 0 ? [`and ${counted(more, "more account")}; all are in the log`] : []),
  ];
}

/** What every other message says of a run that could not check everything; empty where it could. */
export function incompleteNote({ opened, still }: Change["problems"]): string {
  const all = [...opened, ...still].filter(({ code }) => code !== "state-unreadable");
  const [first] = all;
  if (first === undefined) return "";
  const alike = all.filter(({ code }) => code === first.code);
  return `Run incomplete: ${problemTitle(first)}${namesOf(first, alike)}. An origin that is not mentioned may fail without an alert.`;
}

type Placed = Pick<RunProblem, "scope"> & { readonly code: string };

/** Of the first of several that are alike, and of the others. */
function namesOf(first: Placed, alike: readonly Placed[]): string {
  const accounts = new Set(alike.flatMap(({ scope }) => (scope === null ? [] : (accountInFull(scope) ?? []))));
  if (first.code !== "account-unreadable" && accounts.size < 2) return inAccount(first);
  return accounts.size === 0 ? "" : `: ${enumerated([...accounts], mostAccounts)}`;
}

/** Accounts that are named in a note. */
const mostAccounts = 3;

/** In full where they came up with this message, which is about origins first. */
export function openedProblems({ opened }: Change["problems"]): readonly string[] {
  return alike(opened).slice(0, maxProblems).map(problemText);
}

function problemText({ example, scopes }: Alike<RunProblem>): string {
  const { message, remedy } = example;
  const fix = remedy === "" ? "" : `\nTo fix it: ${printable(remedy, 600)}`;
  const first = scopes.length > 1 ? `, the first of them${inAccount(example)}` : "";
  return `Problem${inAccounts(scopes)}${first}: ${printable(message, 600)}${fix}`;
}

/** Nothing where it concerns the run as a whole; the names of one, and of several how many there are. */
function inAccounts(scopes: readonly Scope[]): string {
  const [only, ...others] = scopes;
  if (only === undefined) return "";
  return others.length === 0 ? inAccount({ scope: only }) : ` in ${counted(scopes.length, "account")}`;
}

/** Nothing where it concerns the run as a whole. */
function inAccount({ scope }: Pick<RunProblem, "scope">): string {
  const account = scope === null ? null : accountInFull(scope);
  return account === null ? "" : ` in account ${account}`;
}

/** What it means for whoever relies on the alerts. */
function consequenceOf(problem: RunProblem, where: string, { records }: RunReport): string {
  switch (problem.code) {
    case "account-unreadable":
      return `Not every origin${where} was checked in this run. One of them may fail without an alert. What is open there stays open.`;
    case "inventory-failed":
      return `${records.length === 0 ? "No" : "Not every"} origin${where} was checked in this run. An origin may fail without an alert. Open incidents stay open.`;
    case "accounts-unlisted":
      return "An account that this run does not know of was not checked. Open incidents stay open.";
    case "accounts-left-out":
      return "Some accounts were not checked in this run. An origin in them may fail without an alert.";
    case "vantage-without-network":
      return "Origins were checked from fewer Regions than usual. A fault that shows only from there may be missed. Open incidents stay open.";
    case "no-network":
      return "No origin was checked in this run. An origin may fail without an alert. Open incidents stay open.";
    case "all-origins-dark":
      return "Every origin may be down. None was checked in this run. Open incidents stay open.";
    case "policies-unreadable":
    case "distribution-unreadable":
    case "tenants-left-out":
    case "out-of-time":
    case "observations-unusable":
      return `Some origins${where} were not checked in this run. One of them may fail without an alert.`;
    case "vantage-failed":
      return "Origins were judged by what was seen from elsewhere. Where nothing else was, they were not checked in this run.";
    case "fleet-needed":
      return "Origins may go unchecked in a run. The next run begins with them.";
    case "details-unreadable":
      return `Everything${where} was checked, with less known of some origins.`;
    case "traffic-unreadable":
      return "Every origin was checked from outside. Errors that only CloudFront sees are not told.";
    case "mute-tag-unreadable":
      return "A tag does not mute what it is meant to.";
    case "check-path-unreadable":
      return "Everything was checked, but nothing is asked through the distribution.";
    case "mutes-unreadable":
      return "What was muted in a terminal or on the board is not muted.";
    case "telling-failed":
      return "This run could not be compared with earlier alerts. Alerts may be missing.";
    case "findings-left-out":
      return `Origins${where} may fail without an alert of their own. What is left out is in the log of each run.`;
    case "state-unreadable":
      return "Alerts may be repeated.";
  }
}
