import { originId } from "../report/origins.ts";
import { groupedBy } from "../text/non-empty.ts";
import { forAudience, inAudiences, mostAudiencesApart } from "./audiences.ts";
import type { Draft, NotCheckedOrigin } from "./change.ts";
import type { NotCheckedComparison } from "./not-checked.ts";
import type { NotChecked } from "./state.ts";

/**
 * What could not be checked, and what can be again, in a message for each group of accounts whose own connections it is
 * about. As with incidents, an origin of several accounts is told to all of them at once where the same is to be said: it is
 * one server, and whoever repairs it wants one message. What one of them has alone is in none of the others'. Where the
 * groups are many it is one event, a firewall say: one message for all of each kind.
 *
 * @param asOne everything in one message, because what was sent cannot be recorded message by message
 */
export function chooseNotCheckedMessages(
  { tell, again }: Pick<NotCheckedComparison, "tell" | "again">,
  asOne: boolean,
): readonly Pick<Draft, "event" | "notChecked" | "audience">[] {
  const kinds = [
    { event: "unseen", entries: tell },
    { event: "checked-again", entries: again },
  ] as const;
  const apart = kinds.flatMap(({ event, entries }) =>
    inAudiences(inTheSameWords(entries)).map(({ audience, own }) => ({
      event,
      notChecked: own,
      ...forAudience(audience),
    })),
  );
  if (!asOne && apart.length <= mostAudiencesApart) return apart;
  return kinds.flatMap(({ event, entries }) =>
    entries.length === 0 ? [] : [{ event, notChecked: byOrigin(entries) }],
  );
}

/** Each origin once, whoever it is that uses it. */
export function byOrigin(entries: readonly NotChecked[]): readonly NotCheckedOrigin[] {
  return together(entries, originId);
}

/** Each origin once for all accounts of which the same is to be said. */
export function inTheSameWords(entries: readonly NotChecked[]): readonly NotCheckedOrigin[] {
  return together(entries, inWords);
}

function inWords(entry: NotChecked): string {
  const { reason, since, lastUnseen } = entry;
  return JSON.stringify([originId(entry), reason, since, lastUnseen]);
}

function together(entries: readonly NotChecked[], keyOf: (entry: NotChecked) => string): readonly NotCheckedOrigin[] {
  return [...groupedBy(entries, keyOf).values()].map((group) => {
    const [{ domain, port, reason }] = group;
    const since = group.map((entry) => entry.since).toSorted()[0] ?? "";
    const lastUnseen =
      group
        .map((entry) => entry.lastUnseen)
        .toSorted()
        .at(-1) ?? "";
    return { domain, port, reason, since, lastUnseen, scopes: group.flatMap(({ scope }) => scope ?? []) };
  });
}
