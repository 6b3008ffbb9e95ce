import type { DistributionIncident, Incident } from "../incidents/state.ts";
import { openEffect } from "../judge/open-effect.ts";
import type { Cause } from "../report/causes.ts";
import type { FittingRecord } from "../report/fitting-record.ts";
import { identity } from "../report/identity.ts";

/** What is known of how long something has been wrong. */
export type OpenSince =
  /** There is no state to ask: a check in a terminal remembers nothing. */
  | { readonly kind: "not-kept" }
  | { readonly kind: "nothing" }
  /** Seen by the last run, and not known as an incident: it is new, or waits to be confirmed. */
  | { readonly kind: "new" }
  /** Open since then, and seen by the last run. */
  | { readonly kind: "since"; readonly openedAt: string }
  /** Open since then, though the last run did not see it: it could not look, or it is not yet long enough ago. */
  | { readonly kind: "unseen"; readonly openedAt: string; readonly codes: readonly string[] };

/** When what is wrong was first seen, as far as the state of the incidents tells. */
export type OpenSinceOf = (records: readonly FittingRecord[], causes: readonly Cause[]) => OpenSince;

/** When each incident of a state opened, by its identity. */
export function openedAtOf(incidents: readonly (Incident | DistributionIncident)[]): ReadonlyMap<string, string> {
  return new Map(incidents.map((incident) => [identity(incident), incident.openedAt]));
}

/**
 * @param openedAt by the identity of each incident, null where no state is kept
 * @param unknown what is said of what is wrong and no incident: a check in a terminal is no run that opens one
 */
export function memoryOf(
  openedAt: ReadonlyMap<string, string> | null,
  unknown: Extract<OpenSince["kind"], "new" | "nothing"> = "new",
): OpenSinceOf {
  if (openedAt === null) return () => ({ kind: "not-kept" });
  const byKey = Map.groupBy(openedAt, ([id]) => id.slice(id.indexOf(" ") + 1));
  return (records, causes) => {
    const counting = causes.flatMap(({ finding: { code }, occurrences }) =>
      occurrences.flatMap(({ finding, record }) => {
        const effect = openEffect(record.verdict, finding.effect);
        return effect === null ? [] : [{ id: identity({ code, key: record.connection.key }), risk: effect === "may" }];
      }),
    );
    const failures = counting.filter(({ risk }) => !risk);
    const deciding = failures.length > 0 ? failures : counting;
    const [since] = deciding.flatMap(({ id }) => openedAt.get(id) ?? []).sort();
    if (since !== undefined) return { kind: "since", openedAt: since };
    if (counting.length > 0) return { kind: unknown };
    const unseen = records.flatMap(({ connection }) => byKey.get(connection.key) ?? []);
    const [first] = unseen.map(([, time]) => time).sort();
    if (first === undefined) return { kind: "nothing" };
    const codes = [...new Set(unseen.map(([id]) => id.slice(0, id.indexOf(" "))))];
    return { kind: "unseen", openedAt: first, codes };
  };
}
