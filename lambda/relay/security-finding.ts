import type { Scope } from "../configuration/scope.ts";
import type { DistributionIncident, Incident, State } from "../incidents/state.ts";
import { byEffect } from "../judge/effect-order.ts";
import type { OpenEffect } from "../judge/open-effect.ts";
import { originId } from "../report/origins.ts";
import { withoutLinks } from "../text/links.ts";
import { firstBy, groupedBy, type NonEmpty } from "../text/non-empty.ts";
import { printable } from "../text/printable.ts";

/**
 * A finding for Security Hub: what is wrong at one origin, or with a distribution itself, by its code. Connections of an origin that differ in the
 * server name only share it, because they are repaired together.
 */
export type SecurityFinding = {
  /** The same for the same origin and code, so that later notices update the finding. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly severity: "HIGH" | "MEDIUM" | "INFORMATIONAL";
  /** Whether it is open; an archived one is over. */
  readonly active: boolean;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The account of the distributions. */
  readonly scope: Scope;
  /** Distribution ids. */
  readonly distributions: readonly string[];
  /** `domain:port`, null for a finding of a distribution itself. */
  readonly origin: string | null;
};

/**
 * What Security Hub should hold: everything that is open and that people were told of, and what was over within the last
 * day. All of it follows from the state: what a message says can be forged by whoever may publish to the topic. It says
 * the same however often it is said, so a repeated or a lost notice does no harm.
 *
 * @param now ISO 8601
 * @param scope the account of all of them
 */
export function securityFindings(state: State, now: string, scope: Scope): readonly SecurityFinding[] {
  const open = groupedBy(
    state.incidents.filter(({ tellings }) => tellings > 0),
    (incident) => findingId(originId(incident), incident.code),
  );
  const over = new Map<string, SecurityFinding>();
  /** Connections of an origin share a finding, which was made when the first of them failed. */
  const add = (finding: SecurityFinding) => {
    const { createdAt } = over.get(finding.id) ?? finding;
    const [first = createdAt] = [createdAt, finding.createdAt].toSorted();
    over.set(finding.id, { ...finding, createdAt: first });
  };
  for (const { code, openedAt, endedAt, ...origin } of state.ended) {
    add({ ...ended(originId(origin), code, endedAt, scope), createdAt: openedAt ?? endedAt });
  }
  const told = state.distributionIncidents.filter(({ tellings }) => tellings > 0);
  const openIds = new Set([...open.keys(), ...told.map(idOfDistribution)]);
  for (const { code, distributionId, openedAt, endedAt } of state.endedDistributionIncidents) {
    add({ ...endedDistribution({ code, distributionId }, endedAt, scope), createdAt: openedAt });
  }
  return [
    ...[...open].map(([id, incidents]) => active(id, incidents, now, scope)),
    ...told.map((incident) => activeDistribution(incident, now)),
    ...[...over].filter(([id]) => !openIds.has(id)).map(([, finding]) => finding),
  ];
}

type NamedDistribution = Pick<DistributionIncident, "distributionId" | "code">;

function idOfDistribution({ distributionId, code }: NamedDistribution): string {
  return findingId(`distribution/${distributionId}`, code);
}

function titleOfDistribution({ distributionId, code }: NamedDistribution): string {
  return `Distribution ${printable(distributionId, 64)}: ${code}`;
}

function activeDistribution(incident: DistributionIncident, updatedAt: string): SecurityFinding {
  const { title, effect, openedAt, scope, distributionId } = incident;
  return {
    id: idOfDistribution(incident),
    title: titleOfDistribution(incident),
    description: `${withoutLinks(printable(title, 300))}. CloudFront counts requests that it answers with ${effect}.`,
    severity: "HIGH",
    active: true,
    createdAt: openedAt,
    updatedAt,
    scope,
    distributions: [distributionId],
    origin: null,
  };
}

function endedDistribution(about: NamedDistribution, at: string, scope: Scope): SecurityFinding {
  return {
    id: idOfDistribution(about),
    title: titleOfDistribution(about),
    description: "Over: CloudFront counts few errors or none, or the distribution is no longer there.",
    severity: "INFORMATIONAL",
    active: false,
    createdAt: at,
    updatedAt: at,
    scope,
    distributions: [about.distributionId],
    origin: null,
  };
}

function findingId(origin: string, code: string): string {
  return `origin-watch/${origin}/${code}`;
}

function active(id: string, incidents: NonEmpty<Incident>, updatedAt: string, scope: Scope): SecurityFinding {
  const worst = firstBy(incidents, (a, b) => byEffect(a.effect, b.effect));
  const origin = originId(worst);
  return {
    id,
    title: titleOf(origin, worst.code),
    description: `${withoutLinks(printable(worst.title, 300))}. ${consequences[worst.effect]}`,
    severity: worst.effect === "may" ? "MEDIUM" : "HIGH",
    active: true,
    createdAt: incidents.map(({ openedAt }) => openedAt).toSorted()[0] ?? updatedAt,
    updatedAt,
    scope,
    distributions: [...new Set(incidents.flatMap(({ distributions }) => distributions))],
    origin,
  };
}

function ended(origin: string, code: string, at: string, scope: Scope): SecurityFinding {
  return {
    id: findingId(origin, code),
    title: titleOf(origin, code),
    description: "Over: the origin was seen without this fault, or is no longer used.",
    severity: "INFORMATIONAL",
    active: false,
    createdAt: at,
    updatedAt: at,
    scope,
    distributions: [],
    origin,
  };
}

function titleOf(origin: string, code: string): string {
  return `Origin ${printable(origin, 180)}: ${code}`;
}

const consequences: Readonly<Record<OpenEffect, string>> = {
  "502": "CloudFront answers cache misses with 502.",
  "504": "CloudFront answers cache misses with 504.",
  may: "CloudFront may answer cache misses with 502, now for some or soon for all.",
};
