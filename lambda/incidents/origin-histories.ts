import { originWentDark } from "../judge/findings/origin-went-dark.ts";
import type { OriginHistory } from "../judge/origin-history.ts";
import type { Policy } from "../judge/rule.ts";
import { originId } from "../report/origins.ts";
import type { Incident } from "./state.ts";

type Remembered = {
  readonly answeredOn: string;
  readonly through?: "egress";
  readonly silentSince?: string;
  readonly passedOn?: string;
};

/**
 * What the rules get to know of an origin's past: what is remembered of it, and since when people are told that it stopped
 * answering. The latter is enough by itself, so that a memory that is lost closes nothing.
 *
 * @param remembered by `originId`; null where what is remembered could not be read
 */
export function originHistories(
  remembered: ReadonlyMap<string, Remembered> | null,
  incidents: readonly Incident[],
): NonNullable<Policy["historyOf"]> {
  const told = incidents.filter(({ code }) => code === originWentDark.code);
  const openSince = new Map(told.map((incident) => [originId(incident), incident.openedAt]));
  return (origin): OriginHistory => {
    const own = remembered?.get(originId(origin));
    const { answeredOn = null, silentSince = null, passedOn = null } = own ?? {};
    const passed = remembered === null ? {} : { passedOn };
    const through = own?.through === undefined ? {} : { isThroughEgress: true };
    return { answeredOn, ...through, silentSince, openSince: openSince.get(originId(origin)) ?? null, ...passed };
  };
}
