import { originWentDark } from "../judge/findings/origin-went-dark.ts";
import type { OriginHistory } from "../judge/origin-history.ts";
import type { Policy } from "../judge/rule.ts";
import { originId } from "../report/origins.ts";
import type { Incident } from "./state.ts";

/**
 * What the rules get to know of an origin's past: what is remembered of it, and since when people are told that it stopped
 * answering. The latter is enough by itself, so that a memory that is lost closes nothing.
 *
 * @param remembered by `originId`
 */
export function originHistories(
  remembered: ReadonlyMap<string, { readonly answeredOn: string; readonly silentSince?: string }>,
  incidents: readonly Incident[],
): NonNullable<Policy["historyOf"]> {
  const told = incidents.filter(({ code }) => code === originWentDark.code);
  const openSince = new Map(told.map((incident) => [originId(incident), incident.openedAt]));
  return (origin): OriginHistory => {
    const { answeredOn = null, silentSince = null } = remembered.get(originId(origin)) ?? {};
    return { answeredOn, silentSince, openSince: openSince.get(originId(origin)) ?? null };
  };
}
