import type { Mute } from "../contract/mutes.ts";
import { inTurns } from "../text/in-turns.ts";
import { longestMute, type MuteClaim, type MuteInForce, muteId } from "./mute-claim.ts";
import { type AnnouncedMute, mostMutesKept } from "./state.ts";

/** What is asked for besides the settings of the function, and how far that could be read. */
export type AskedMutes = {
  readonly claims: readonly MuteClaim[];
  /** The distributions whose tags were read: what these do not ask for now is over. */
  readonly tagsReadOf: ReadonlySet<string>;
  /** Whether `mutes.json` could be read: what it does not ask for now is over. */
  readonly fileRead: boolean;
};

export const nothingAsked: AskedMutes = { claims: [], tagsReadOf: new Set(), fileRead: true };

/**
 * Settles which mutes hold in a run, and until when: the only place in which settings and what others ask for come
 * together. A mute may hold for so long from when a run first met it, which the state keeps; its end is never later than
 * what was asked for.
 *
 * @param known the mutes of the state
 * @returns the mutes in force, and what the state is to keep of these and of those that may come again
 */
export function mutesInForce(
  settings: readonly Mute[],
  asked: AskedMutes,
  known: readonly AnnouncedMute[],
  now: Date,
): { readonly inForce: readonly MuteInForce[]; readonly kept: readonly AnnouncedMute[] } {
  const claims = [
    ...settings.map((mute): MuteClaim => ({ ...mute, source: "setting", account: null })),
    ...asked.claims,
  ];
  const earlier = new Map(known.map((entry) => [entry.id, entry]));
  const settled = new Map(claims.map((claim) => [muteId(claim), settle(claim, earlier.get(muteId(claim)), now)]));
  const isInForce = ({ until }: { readonly until: string }) => Date.parse(until) > now.getTime();
  // One that is over before anybody met it leaves nothing to remember.
  const met = [...settled.values()].filter(({ entry }) => isInForce(entry) || earlier.has(entry.id));
  const absent = known.filter((entry) => !settled.has(entry.id) && mayComeAgain(entry, asked));
  return {
    inForce: met.flatMap(({ mute }) => (isInForce(mute) ? [mute] : [])),
    kept: withinShares([...met.map(({ entry }) => entry), ...absent]).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

/** What is left out is met anew, and told of: of the accounts that have the most, those that are over for longest. */
function withinShares(mutes: readonly AnnouncedMute[]): readonly AnnouncedMute[] {
  const latestFirst = mutes.toSorted((a, b) => (a.until > b.until ? -1 : 1));
  return inTurns(latestFirst, ({ account }) => account ?? "").slice(0, mostMutesKept);
}

/** Later ones have a year of six digits, which no state can hold. */
const lastMoment = Date.parse("9999-12-31T23:59:59.999Z");

function settle(claim: MuteClaim, earlier: AnnouncedMute | undefined, now: Date) {
  const { source, account, distribution, origin, code, until: asked, reason, by } = claim;
  const id = muteId(claim);
  const firstSeen = earlier?.firstSeen ?? now.toISOString();
  const latest = Math.min(Date.parse(firstSeen) + longestMute[source], lastMoment);
  const until = Date.parse(asked) > latest ? new Date(latest).toISOString() : asked;
  const announced = earlier?.announced ?? null;
  const said = { source, account, distribution, origin, code, reason, by };
  const entry = { ...earlier, id, firstSeen, until, announced, ...said };
  return { mute: { ...claim, id, asked, until }, entry };
}

/**
 * A mute that nobody asks for in this run is over, unless it was not asked whether it is: a run reads the tags of
 * distributions with something to tell only.
 */
function mayComeAgain({ source, distribution }: AnnouncedMute, { tagsReadOf, fileRead }: AskedMutes): boolean {
  switch (source) {
    case "tag":
      return distribution !== null && !tagsReadOf.has(distribution);
    case "terminal":
    case "board":
      return !fileRead;
    case "setting":
    case "window":
      return false;
  }
}
