import type { Scope } from "../configuration/scope.ts";
import type { Incident, State } from "../incidents/state.ts";
import { byEffect } from "../judge/effect-order.ts";
import type { OpenEffect } from "../judge/open-effect.ts";
import { consoleLinks } from "../report/console-links.ts";
import { originId } from "../report/origins.ts";
import { hourMs } from "../text/instant.ts";
import { withoutLinks } from "../text/links.ts";
import { firstBy, groupedBy, type NonEmpty } from "../text/non-empty.ts";
import { counted } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import type { RelayedIncident, RelayedNotice } from "./notice.ts";

/** What a pager is told of one fault of an origin, or of many together. */
export type Page =
  | {
      readonly action: "trigger";
      /** What it is about: the same text while it is open, and when it ends. */
      readonly about: string;
      /** What is broken, in one line of plain text. */
      readonly summary: string;
      /** Domain and port, or the account where it is about many. */
      readonly source: string;
      /** Null where it is not known. */
      readonly effect: OpenEffect | null;
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
  const told = state === null ? [] : state.incidents.filter(({ tellings }) => tellings > 0);
  const open = groupedBy(told, (incident) => aboutOf(where.scope, incident));
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

type Trigger = Extract<Page, { action: "trigger" }>;

/** Statuses of a notice's rows that say that something is open. */
const opens: ReadonlySet<string> = new Set(["opened", "worsened", "open"]);

function aboutOf(scope: Scope, incident: Pick<Incident, "domain" | "port" | "code" | "openedAt">): string {
  return JSON.stringify([scope.accountId, printable(originId(incident), 300), incident.code, incident.openedAt]);
}

function aboutRow(scope: Scope, { origin, code, openedAt }: RelayedIncident): string {
  return JSON.stringify([scope.accountId, origin, code, openedAt]);
}

/** There is at most one at a time, so that it can be ended by whoever does not know when it began. */
function sharedOf(scope: Scope): string {
  return JSON.stringify([scope.accountId, "many-together"]);
}

/** Newest first. What an earlier version ended without the time of its opening was not paged by it. */
function overOf(state: State | null, scope: Scope): readonly string[] {
  const ended = (state?.ended ?? []).toSorted((a, b) => (a.endedAt < b.endedAt ? 1 : -1));
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
function leftOut(open: ReadonlyMap<string, NonEmpty<Incident>>, notice: RelayedNotice): readonly string[] {
  if (notice.leftOut === 0) return [];
  const at = Date.parse(notice.at);
  const isOfNotice = ({ lastTold }: Incident) => lastTold !== null && Math.abs(at - Date.parse(lastTold)) < hourMs;
  return [...open].filter(([, incidents]) => incidents.some(isOfNotice)).map(([about]) => about);
}

function confirmed(
  about: string,
  incidents: NonEmpty<Incident>,
  { scope, region }: { readonly scope: Scope; readonly region: string },
): Trigger {
  const worst = firstBy(incidents, (a, b) => byEffect(a.effect, b.effect));
  const distributions = [...new Set(incidents.flatMap((incident) => incident.distributions))];
  const [first] = distributions;
  const origin = printable(originId(worst), 180);
  return {
    action: "trigger",
    about,
    summary: `${words[worst.effect]} ${origin}: ${plain(worst.title, 300)}`,
    source: origin,
    effect: worst.effect,
    code: worst.code,
    since: worst.openedAt,
    accountId: worst.scopes[0]?.accountId ?? scope.accountId,
    distributions: distributions.slice(0, 10),
    link: first === undefined ? null : consoleLinks(scope, region).distribution(first),
    doubt: null,
  };
}

/** By what the notice says. */
function inDoubt(about: string, row: RelayedIncident, scope: Scope, state: State | null): Trigger {
  const origin = plain(row.origin, 180);
  return {
    action: "trigger",
    about,
    summary: `Not confirmed: ${row.effect === null ? "" : `${words[row.effect]} `}${origin}: ${plain(row.title, 300)}`,
    source: origin,
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
  const origins = new Set(rest.map(({ source }) => source)).size;
  const unconfirmed = rest.filter(({ doubt }) => doubt !== null).length;
  return {
    ...worst,
    about,
    summary: `${rest.length} more findings at ${counted(origins, "origin")} in the same message`,
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
  return doubts === 0 ? byEffect(a.effect ?? "may", b.effect ?? "may") : doubts;
}

const words: Readonly<Record<OpenEffect, string>> = { "502": "[502]", "504": "[504]", may: "[AT RISK]" };

function plain(text: string, longest: number): string {
  return withoutLinks(printable(text, longest));
}
