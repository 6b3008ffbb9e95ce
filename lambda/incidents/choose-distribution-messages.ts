import { scopeId } from "../configuration/scope.ts";
import { groupedBy } from "../text/non-empty.ts";
import { mostAudiences } from "./audiences.ts";
import {
  type DistributionChange,
  type Draft,
  type Event,
  type MutedDistribution,
  noDistributionChange,
  openDistributionsIn,
} from "./change.ts";
import { manyTogetherAbove, mostMessages, remindedOf, underMute } from "./choose-messages.ts";
import type { DistributionComparison } from "./compare-distributions.ts";
import { mutedAmong } from "./mute-of.ts";
import { isDue, type SettledPolicy } from "./policy.ts";
import type { DistributionIncident, EndedDistributionIncident } from "./state.ts";

export type ChosenDistributionMessages = {
  /** All open incidents, with what people know about them once the drafts are sent. */
  readonly incidents: readonly DistributionIncident[];
  readonly ended: readonly EndedDistributionIncident[];
  readonly drafts: readonly (Pick<Draft, "event" | "remindAfter"> & { readonly distributions: DistributionChange })[];
  readonly open: readonly DistributionIncident[];
  readonly muted: readonly MutedDistribution[];
};

/**
 * Decides which changes about distributions themselves are reported: in a message for each distribution, in one for all
 * of an account where they are many, and in one for all of it that are due for a reminder. A message about origins never has them,
 * because somebody else may have to act.
 *
 * @param asOne everything in one message, because what was sent cannot be recorded message by message
 */
export function chooseDistributionMessages(
  comparison: DistributionComparison,
  now: Date,
  policy: SettledPolicy,
  asOne: boolean,
): ChosenDistributionMessages {
  const { seen, waiting } = comparison;
  const all = [...seen, ...waiting];
  const mutes = mutedAmong(all, mutable, policy.mutes, now);
  const isUnmuted = (incident: DistributionIncident) => !mutes.has(incident);
  // Even when muted: who was alerted expects to hear that it is over.
  const wasTold = ({ tellings }: DistributionIncident) => tellings > 0;
  const told = seen.filter((incident) => wasTold(incident) && isUnmuted(incident));
  const isRejudged = (incident: DistributionIncident) => !isWorse(incident) && isNowKnown(incident);
  const change: DistributionChange = {
    opened: seen.filter((incident) => !wasTold(incident) && isUnmuted(incident)),
    worsened: told.filter(isWorse),
    rejudged: told.filter(isRejudged),
    still: told.filter((incident) => !isWorse(incident) && !isRejudged(incident)),
    frozen: waiting.filter((incident) => wasTold(incident) && isUnmuted(incident)),
    resolved: comparison.resolved.filter(wasTold),
    gone: comparison.gone.filter(wasTold),
  };
  const { opened, worsened, rejudged, resolved, gone } = change;
  const changed = groupedBy([...opened, ...worsened, ...rejudged, ...resolved, ...gone], distributionOf);
  const of = (ids: { has(id: string): boolean }) => restricted(change, (incident) => ids.has(distributionOf(incident)));
  // Many distributions of one account are that account's.
  const accounts = Map.groupBy(changed, ([, [first]]) => accountOf(first));
  const digest = (ids: { has(id: string): boolean }) => ({ event: "digest" as Event, distributions: of(ids) });
  const isOneMessage = asOne ? changed.size > 0 : accounts.size > mostAudiences;
  const areMany = changed.size > mostMessages;
  const ofDistributions = isOneMessage
    ? [digest(changed)]
    : [...accounts.values()].flatMap((own) => {
        if (own.length > manyTogetherAbove || areMany) return [digest(new Map(own))];
        return own.map(([id]) => {
          const ofOne = of(new Set([id]));
          return { event: eventOf(ofOne), distributions: ofOne };
        });
      });

  const remindable = [...change.still, ...change.frozen].filter((incident) => !changed.has(distributionOf(incident)));
  // Whoever relied on a mute hears of what is still open at its end.
  const isDueAfter = (part: number) => (incident: DistributionIncident) =>
    incident.mutedBy !== undefined || isDue(incident.lastTold, policy.remindFailingAfter * part, now);
  const reminded = new Set(remindedOf(remindable, accountOf, isDueAfter));
  const ofAccounts = Map.groupBy(reminded, accountOf);
  const reminders = ofAccounts.size > mostAudiences ? [reminded] : [...ofAccounts.values()].map((own) => new Set(own));
  const drafts = [
    ...ofDistributions,
    ...reminders.map((own) => ({
      event: "reminder" as const,
      distributions: {
        ...noDistributionChange,
        still: change.still.filter((incident) => own.has(incident)),
        frozen: change.frozen.filter((incident) => own.has(incident)),
      },
    })),
  ];
  const toldNow = new Set(drafts.flatMap(({ distributions }) => openDistributionsIn(distributions)));
  return {
    incidents: all.map((incident) =>
      underMute(toldNow.has(incident) ? asTold(incident, now) : incident, mutes.get(incident)?.mutes[0].id),
    ),
    ended: comparison.ended,
    drafts: drafts.map((draft) => ({
      ...draft,
      remindAfter: openDistributionsIn(draft.distributions).length > 0 ? policy.remindFailingAfter : null,
    })),
    open: all.filter((incident) => isUnmuted(incident) && (wasTold(incident) || toldNow.has(incident))),
    muted: [...mutes.values()],
  };
}

/** A mute of an origin does not select it: it has none. */
function mutable({ code, distributionId, scope }: DistributionIncident) {
  return { code, domain: "", uses: [{ distributionId, accountId: scope.accountId }] };
}

function isWorse({ stage, toldStage }: DistributionIncident): boolean {
  return stage > toldStage;
}

/** That the most frequent status changes is not news: it may do so in every run. */
function isNowKnown({ effect, toldEffect }: DistributionIncident): boolean {
  return toldEffect === "5xx" && effect !== "5xx";
}

function accountOf({ scope }: DistributionIncident): string {
  return scopeId(scope);
}

function distributionOf({ key }: DistributionIncident): string {
  return key;
}

function restricted(change: DistributionChange, keep: (incident: DistributionIncident) => boolean): DistributionChange {
  return {
    opened: change.opened.filter(keep),
    worsened: change.worsened.filter(keep),
    rejudged: change.rejudged.filter(keep),
    still: change.still.filter(keep),
    frozen: change.frozen.filter(keep),
    resolved: change.resolved.filter(keep),
    gone: change.gone.filter(keep),
  };
}

function eventOf({ opened, worsened, rejudged }: DistributionChange): Event {
  if (opened.length > 0) return "opened";
  return worsened.length > 0 ? "worsened" : rejudged.length > 0 ? "rejudged" : "resolved";
}

function asTold(incident: DistributionIncident, now: Date): DistributionIncident {
  const { effect, stage, tellings } = incident;
  return { ...incident, lastTold: now.toISOString(), tellings: tellings + 1, toldEffect: effect, toldStage: stage };
}
