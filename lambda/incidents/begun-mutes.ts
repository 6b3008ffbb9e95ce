import type { RunProblem } from "../report/record.ts";
import {
  type BegunMute,
  type Draft,
  type MutedDistribution,
  type MutedIncident,
  openDistributionsIn,
  openIn,
} from "./change.ts";
import type { MuteInForce } from "./mute-claim.ts";
import { muteOfProblem } from "./mute-of.ts";
import type { HeldNotChecked } from "./not-checked.ts";
import type { AnnouncedMute } from "./state.ts";

/** Everything that would be told in a run if nothing were muted. */
export type HeldBack = {
  readonly incidents: readonly MutedIncident[];
  readonly distributions: readonly MutedDistribution[];
  readonly notChecked: readonly HeldNotChecked[];
  readonly problems: readonly { readonly problem: RunProblem; readonly mute: MuteInForce }[];
};

/**
 * The mutes that hold something back of which nobody was told yet, the one that ends first before the others.
 *
 * @param known the mutes as the state has them
 */
export function begunMutes(held: HeldBack, known: readonly AnnouncedMute[]): readonly BegunMute[] {
  const isTold = new Set(known.flatMap(({ id, announced }) => (announced === null ? [] : [id])));
  const holding = [
    ...held.incidents.flatMap(({ mutes }) => mutes),
    ...held.distributions.flatMap(({ mutes }) => mutes),
    ...held.notChecked.flatMap(({ mutes }) => mutes),
    ...held.problems.map(({ mute }) => mute),
  ];
  const isBy =
    (id: string) =>
    ({ mutes }: { readonly mutes: readonly MuteInForce[] }) =>
      mutes.some((mute) => mute.id === id);
  return [...new Map(holding.map((mute) => [mute.id, mute])).values()]
    .filter(({ id }) => !isTold.has(id))
    .toSorted((a, b) => Date.parse(a.until) - Date.parse(b.until))
    .map((mute) => ({
      mute,
      incidents: held.incidents.filter(isBy(mute.id)).map(({ incident }) => incident),
      distributions: held.distributions.filter(isBy(mute.id)).map(({ incident }) => incident),
      notChecked: held.notChecked.filter(isBy(mute.id)).map(({ entry }) => entry),
      problems: held.problems.filter((each) => each.mute.id === mute.id).map(({ problem }) => problem),
    }));
}

/** The mutes as the state is to have them once people are told of these. */
export function withAnnounced(
  kept: readonly AnnouncedMute[],
  begun: readonly BegunMute[],
  now: Date,
): readonly AnnouncedMute[] {
  const told = new Set(begun.map(({ mute }) => mute.id));
  return kept.map((entry) => (told.has(entry.id) ? { ...entry, announced: now.toISOString() } : entry));
}

/** The problems of a run that are muted, each with the mute that holds it back. */
export function heldProblems(
  problems: readonly RunProblem[],
  mutes: readonly MuteInForce[],
  now: Date,
): HeldBack["problems"] {
  return problems.flatMap((problem) => {
    const mute = muteOfProblem(problem.code, mutes, now);
    return mute === undefined ? [] : [{ problem, mute }];
  });
}

/**
 * A draft with the mutes that held back, until this run, what it is about.
 *
 * @param known the mutes as the state had them
 */
export function withEndedMutes(draft: Draft, known: readonly AnnouncedMute[]): Draft {
  const { change, distributions } = draft;
  const open = [...openIn(change), ...(distributions === null ? [] : openDistributionsIn(distributions))];
  const mutedUntilNow = new Set(open.map(({ mutedBy }) => mutedBy));
  return { ...draft, endedMutes: known.filter(({ id }) => mutedUntilNow.has(id)) };
}
