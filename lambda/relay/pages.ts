import type { Scope } from "../configuration/scope.ts";
import type { DistributionIncident, Incident, State } from "../incidents/state.ts";
import type { OpenEffect } from "../judge/open-effect.ts";
import { consoleLinks } from "../report/console-links.ts";
import type { DistributionEffect } from "../report/distribution-record.ts";
import { originId } from "../report/origins.ts";
import { hourMs } from "../text/instant.ts";
import { withoutLinks } from "../text/links.ts";
import { firstBy, groupedBy, type NonEmpty } from "../text/non-empty.ts";
import { counted } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import type { RelayedIncident, RelayedNotice } from "./notice.ts";

export type PagedEffect = OpenEffect | DistributionEffect;

/** What a pager is told of one fault of an origin or a distribution, or of many together. */
export type Page =
  | {
      readonly action: "trigger";
      /** What it is about: the same text while it is open, and when it ends. */
      readonly about: string;
      /** What is broken, in one line of plain text. */
      readonly summary: string;
      /** Domain and port, the distribution, or the account where it is about many. */
      readonly source: string;
      /** Null where it is not known. */
      readonly effect: PagedEffect | null;
      readonly code: string;
      /** ISO 8601. */
      readonly since: string;
      readonly accountId: string | null;
      /** Distribution ids. */
      readonly distributions: readonly string[];
      /** A link to the console of AWS. */
      readonly link: string | null;
      /** Why the page may be wrong; null where the state confirms it. */
      readonly doubt: string | null;
    }
  | { readonly action: "resolve"; readonly about: string };

export type Pages = {
  /** In the order in which they should be sent. */
  readonly pages: readonly Page[];
  /** Whether some are not confirmed by the state, which may only be too early to say. */
  readonly someInDoubt: boolean;
};

/** Triggers of a notice; the rest shares one. */
export const mostTriggers = 20;
/** Resolutions of a notice, the newest first. The next notice brings the others. */
export const mostResolves = 80;

/**
 * What a pager should be told after a notice. The notice only says what to look up. What is open, how bad it is and what
 * is over follows from the state: whoever may publish to the topic could otherwise end an incident.
 *
 * A fault that the state does not know is paged all the same, and the page says so, because a pager must not stay silent
 * where mail speaks. What is over is resolved for a day, with every notice, so that a lost notice leaves nothing open.
 *
 * @param state null where it cannot be read
 * @param resolved what is known to be resolved already, which need not be said again
 * @param where the account and Region of the deployment
 */
export function pagesOf(
  state: State | null,
  notice: RelayedNotice,
  resolved: ReadonlySet<string>,
  where: { readonly scope: Scope; readonly region: string },
): Pages {
  const all: readonly PagedIncident[] = state === null ? [] : [...state.incidents, ...state.distributionIncidents];
  const open = groupedBy(
    all.filter(({ tellings }) => tellings > 0),
    (incident) => aboutOf(where.scope, incident),
  );
  const over = overOf(state, where.scope).filter((about) => !open.has(about));
  const isOver = new Set(over);

  const shared = sharedOf(where.scope);
  const sharedIsOver = open.size <= mostTriggers && open.size + over.length > mostTriggers && !resolved.has(shared);
  const rows = new Map(
    notice.incidents.filter(({ status }) => opens.has(status)).map((row) => [aboutRow(where.scope, row), row]),
  );
  const asked = new Set([...rows.keys(), ...leftOut(open, notice), ...(sharedIsOver ? open.keys() : [])]);
  const triggers = [...asked].flatMap((about): Trigger[] => {
    const incidents = open.get(about);
    if (incidents !== undefined) return [confirmed(about, incidents, where)];
    const row = rows.get(about);
    return row === undefined || isOver.has(about) ? [] : [inDoubt(about, row, where.scope, state)];
  });
  const [worst, ...rest] = triggers.toSorted(byUrgency);
  if (worst === undefined) return { pages: resolves(over, shared, sharedIsOver, resolved), someInDoubt: false };
  const kept = [worst, ...rest.slice(0, mostTriggers - 1)];
  const [firstBeyond, ...beyond] = rest.slice(mostTriggers - 1);
  return {
    pages: [
      ...kept,
      ...(firstBeyond === undefined ? [] : [sharedTrigger(shared, [firstBeyond, ...beyond], notice, where.scope)]),
      ...resolves(over, shared, sharedIsOver && firstBeyond === undefined, resolved),
    ],
    someInDoubt: triggers.some(({ doubt }) => doubt !== null),
  };
}

type PagedIncident = Incident | DistributionIncident;

type Trigger = Extract<Page, { action: "trigger" }>;

/** Statuses of a notice's rows that say that something is open. */
const opens: ReadonlySet<string> = new Set(["opened", "worsened", "open"]);

function aboutOf(scope: Scope, incident: Named & Pick<Incident, "code" | "openedAt">): string {
  return JSON.stringify([scope.accountId, sourceOf(incident), incident.code, incident.openedAt]);
}

function aboutRow(scope: Scope, row: RelayedIncident): string {
  return JSON.stringify([scope.accountId, sourceOfRow(row), row.code, row.openedAt]);
}

type Named = Pick<Incident, "kind" | "domain" | "port"> | Pick<DistributionIncident, "kind" | "distributionId">;

/** What it is about: `domain:port`, or `distribution ID`. */
function sourceOf(named: Named): string {
  return named.kind === "connection" ? printable(originId(named), 300) : distributionName(named.distributionId);
}

function sourceOfRow({ origin, distributions }: RelayedIncident): string {
  return origin ?? distributionName(distributions[0] ?? "unknown");
}

function distributionName(id: string): string {
  return `${ofDistribution}${printable(id, 200)}`;
}

const ofDistribution = "distribution ";

/** Whether the source of a page is a distribution; that of an origin has no space. */
export function isDistribution(source: string): boolean {
  return source.startsWith(ofDistribution);
}

/** There is at most one at a time, so that it can be ended by whoever does not know when it began. */
function sharedOf(scope: Scope): string {
  return JSON.stringify([scope.accountId, "many-together"]);
}

/** Newest first. What an earlier version ended without the time of its opening was not paged by it. */
function overOf(state: State | null, scope: Scope): readonly string[] {
  const all = [...(state?.ended ?? []), ...(state?.endedDistributionIncidents ?? [])];
  const ended = all.toSorted((a, b) => (a.endedAt < b.endedAt ? 1 : -1));
  return ended.flatMap(({ openedAt, ...entry }) => (openedAt === null ? [] : [aboutOf(scope, { ...entry, openedAt })]));
}

function resolves(
  over: readonly string[],
  shared: string,
  sharedIsOver: boolean,
  resolved: ReadonlySet<string>,
): readonly Page[] {
  const all = [...(sharedIsOver ? [shared] : []), ...over].filter((about) => !resolved.has(about));
  return all.slice(0, mostResolves).map((about) => ({ action: "resolve", about }));
}

/** What a notice had no room for: open, and told at the time of the notice. */
function leftOut(open: ReadonlyMap<string, NonEmpty<PagedIncident>>, notice: RelayedNotice): readonly string[] {
  if (notice.leftOut === 0) return [];
  const at = Date.parse(notice.at);
  const isOfNotice = ({ lastTold }: PagedIncident) => lastTold !== null && Math.abs(at - Date.parse(lastTold)) < hourMs;
  return [...open].filter(([, incidents]) => incidents.some(isOfNotice)).map(([about]) => about);
}

function confirmed(
  about: string,
  incidents: NonEmpty<PagedIncident>,
  { scope, region }: { readonly scope: Scope; readonly region: string },
): Trigger {
  const worst = firstBy(incidents, (a, b) => byPagedEffect(a.effect, b.effect));
  const distributions = [...new Set(incidents.flatMap(distributionsOf))];
  const [first] = distributions;
  const source = printable(sourceOf(worst), 180);
  return {
    action: "trigger",
    about,
    summary: `${words[worst.effect]} ${source}: ${plain(worst.title, 300)}`,
    source,
    effect: worst.effect,
    code: worst.code,
    since: worst.openedAt,
    accountId: scopeOf(worst)?.accountId ?? scope.accountId,
    distributions: distributions.slice(0, 10),
    link: first === undefined ? null : consoleLinks(scope, region).distribution(first),
    doubt: null,
  };
}

function distributionsOf(incident: PagedIncident): readonly string[] {
  return incident.kind === "connection" ? incident.distributions : [incident.distributionId];
}

function scopeOf(incident: PagedIncident): Scope | undefined {
  return incident.kind === "connection" ? incident.scopes[0] : incident.scope;
}

/** By what the notice says. */
function inDoubt(about: string, row: RelayedIncident, scope: Scope, state: State | null): Trigger {
  const source = plain(sourceOfRow(row), 180);
  return {
    action: "trigger",
    about,
    summary: `Not confirmed: ${row.effect === null ? "" : `${words[row.effect]} `}${source}: ${plain(row.title, 300)}`,
    source,
    effect: row.effect,
    code: plain(row.code, 100),
    since: row.openedAt,
    accountId: scope.accountId,
    distributions: [],
    link: null,
    doubt:
      state === null
        ? "The stored state could not be read, so this is what the message on the topic says."
        : "The stored state does not know this incident. It is what a message on the topic says, which anybody who may publish there can write.",
  };
}

function sharedTrigger(about: string, rest: NonEmpty<Trigger>, notice: RelayedNotice, scope: Scope): Trigger {
  const worst = firstBy(rest, byUrgency);
  const places = new Set(rest.map(({ source }) => source));
  const noun = [...places].some(isDistribution) ? "place" : "origin";
  const unconfirmed = rest.filter(({ doubt }) => doubt !== null).length;
  return {
    ...worst,
    about,
    summary: `${rest.length} more findings at ${counted(places.size, noun)} in the same message`,
    source: `account ${scope.accountId ?? "unknown"}`,
    code: "many-together",
    since: notice.at,
    accountId: scope.accountId,
    distributions: [],
    link: null,
    doubt: unconfirmed === 0 ? null : `${unconfirmed} of them are not confirmed by the stored state.`,
  };
}

/** What is confirmed first, then the worst. */
function byUrgency(a: Trigger, b: Trigger): number {
  const doubts = Number(a.doubt !== null) - Number(b.doubt !== null);
  return doubts === 0 ? byPagedEffect(a.effect ?? "may", b.effect ?? "may") : doubts;
}

function byPagedEffect(a: PagedEffect, b: PagedEffect): number {
  return worstFirst.indexOf(a) - worstFirst.indexOf(b);
}

const worstFirst: readonly PagedEffect[] = ["502", "504", "5xx", "may"];

const words: Readonly<Record<PagedEffect, string>> = {
  "502": "[502]",
  "504": "[504]",
  "5xx": "[5XX]",
  may: "[AT RISK]",
};

function plain(text: string, longest: number): string {
  return withoutLinks(printable(text, longest));
}
