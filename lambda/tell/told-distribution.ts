import type { DistributionIncident } from "../incidents/state.ts";
import { type Affected, affectedBy } from "../report/affected.ts";
import { type Traffic, together } from "../report/counted.ts";
import type { DistributionEffect, DistributionFinding, DistributionRecord } from "../report/distribution-record.ts";
import { originsOf, type WatchedOrigin } from "../report/origins.ts";
import type { ConnectionRecord, RunReport } from "../report/record.ts";
import { enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";

/** An incident of a distribution, with all that this run knows of it. */
export type ToldDistribution = {
  readonly incident: DistributionIncident;
  /** Null where the run did not see it, or nobody asked. */
  readonly finding: DistributionFinding | null;
  /** What decided it, in one count. */
  readonly count: Traffic | null;
  readonly record: DistributionRecord | null;
  /** Null where no connection of it is known. */
  readonly about: Affected | null;
  readonly origins: readonly WatchedOrigin[];
};

export function toldDistributions(
  incidents: readonly DistributionIncident[],
  { records, distributionRecords = [] }: Pick<RunReport, "records" | "distributionRecords">,
): readonly ToldDistribution[] {
  const wanted = new Set(incidents.map(({ distributionId }) => distributionId));
  const using = new Map<string, ConnectionRecord[]>();
  for (const record of records) {
    for (const [id, uses] of Map.groupBy(record.uses, idOf)) {
      if (wanted.has(id)) using.set(id, [...(using.get(id) ?? []), { ...record, uses }]);
    }
  }
  const known = new Map(distributionRecords.map((record) => [idOf(record), record]));
  return incidents.map((incident) => {
    const own = using.get(incident.distributionId) ?? [];
    const record = known.get(incident.distributionId) ?? null;
    const finding = record?.findings.find(({ code }) => code === incident.code) ?? null;
    return {
      incident,
      finding,
      count: finding === null ? null : together(finding.counted),
      record,
      about: affectedBy(own)[0] ?? null,
      origins: originsOf(own).filter(({ verdict }) => verdict !== "skipped"),
    };
  });
}

/** As the state has it. */
function idOf({ distributionId }: { readonly distributionId: string }): string {
  return printable(distributionId, 200);
}

/** `www.example.com and shop.example.com (E1EXAMPLE)`. */
export function namesOf({ incident, about }: ToldDistribution): string {
  const id = printable(incident.distributionId, 64);
  const names = about?.names ?? [];
  return names.length === 0 ? `distribution ${id}` : `${enumerated(names, 2)} (${id})`;
}

/** What stands in brackets at the beginning of a subject. */
export function distributionTag(effect: DistributionEffect): string {
  return effect.toUpperCase();
}

/** The statuses that requests get: `502`, or `502 or 504` where both were counted. */
export function answersOf({ incident: { effect }, count }: ToldDistribution): string {
  const both = count?.byStatus != null && count.byStatus["502"] > 0 && count.byStatus["504"] > 0;
  return effect !== "5xx" && both ? "502 or 504" : effect;
}
