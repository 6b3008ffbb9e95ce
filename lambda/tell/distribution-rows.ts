import type { DistributionChange } from "../incidents/change.ts";
import { keptScope } from "../incidents/kept-scope.ts";
import type { DistributionIncident } from "../incidents/state.ts";
import type { ConsoleLinks } from "../report/console-links.ts";
import type { RunReport } from "../report/record.ts";
import { printable } from "../text/printable.ts";
import type { EventIncident } from "./event-data.ts";
import { toldDistributions } from "./told-distribution.ts";

/** Incidents of distributions, for programs. */
export function distributionRows(
  change: DistributionChange,
  report: RunReport,
  links: ConsoleLinks,
): readonly EventIncident[] {
  const at = report.finishedAt;
  const rows = (
    incidents: readonly DistributionIncident[],
    status: EventIncident["status"],
    extra: (incident: DistributionIncident) => Partial<EventIncident> = () => ({}),
  ) =>
    toldDistributions(incidents, report).map(({ incident, finding }): EventIncident => {
      const { code, effect, title, openedAt, tellings, distributionId, scope } = incident;
      return {
        status,
        kind: "distribution",
        code,
        effect,
        origin: null,
        title: printable(title, 250),
        scopes: [keptScope(scope)],
        openedAt,
        tellings,
        distributions: [distributionId],
        distributionCount: 1,
        remedy: [],
        reproduce: null,
        console: links.distribution(distributionId),
        ...(finding === null
          ? {}
          : {
              witness: { traffic: finding.counted.slice(-2).map((count) => ({ distributionId, ...count })) },
              possibleCauses: finding.possibleCauses.slice(0, 5).map((cause) => ({
                ...cause,
                domain: printable(cause.domain, 253),
                title: printable(cause.title, 250),
              })),
              functionErrors: finding.functionErrors
                .slice(0, 5)
                .map((errors) => ({ ...errors, name: printable(errors.name, 64) })),
            }),
        ...extra(incident),
      };
    });
  const ended = ({ clearSince }: DistributionIncident) => ({ endedAt: clearSince ?? at });
  return [
    ...rows(change.opened, "opened"),
    ...rows(change.worsened, "worsened"),
    ...rows(change.rejudged, "open", ({ toldEffect }) => ({ effectBefore: toldEffect })),
    ...rows(change.resolved, "resolved", ended),
    ...rows(change.gone, "gone", (incident) => ({ ...ended(incident), reason: "not-configured" })),
    ...rows(change.still, "open"),
    ...rows(change.frozen, "not-seen", ({ clearSince }) => ({ clearSince })),
  ];
}
