import { concerns } from "../configuration/scope.ts";
import { identity } from "../report/identity.ts";
import { originId } from "../report/origins.ts";
import type { SeenFinding } from "./seen-finding.ts";
import type { Incident } from "./state.ts";

/**
 * The incidents, where an incident whose connection is missing takes the key of a new connection that has the same fault.
 * Changing a timeout, a protocol or a policy while an origin fails makes it another connection, but the fault is
 * neither fixed nor new. It is one of an account that had it. In an incomplete run the connection may exist all the same, so the new one must be one of the
 * same distributions.
 *
 * @param missing what a run that has not the incident's connection says of it: `gone` where CloudFront no longer makes
 *   it, `hidden` where the run may only not have seen it; null where the run has it
 */
export function underNewKeys(
  incidents: readonly Incident[],
  findings: ReadonlyMap<string, SeenFinding>,
  missing: (incident: Incident) => "gone" | "hidden" | null,
): readonly Incident[] {
  const absent = incidents.flatMap((incident) => {
    const how = missing(incident);
    return how === null ? [] : [{ incident, how }];
  });
  if (absent.length === 0) return incidents;
  const known = new Set(incidents.map(identity));
  const free = Map.groupBy(
    [...findings.values()].filter((finding) => !known.has(identity(finding))),
    faultOf,
  );
  const moved = new Map<Incident, string>();
  // The same server name first: another may have its own certificate.
  for (const alike of [hasSameServerName, () => true]) {
    for (const { incident, how } of absent.filter((each) => !moved.has(each.incident))) {
      const candidates = free.get(faultOf(incident)) ?? [];
      const isIt = (finding: SeenFinding) =>
        alike(incident, finding) && (how === "gone" ? shareAccounts : shareUsers)(incident, finding);
      const index = candidates.findIndex(isIt);
      const [found] = index < 0 ? [] : candidates.splice(index, 1);
      if (found !== undefined) moved.set(incident, found.key);
    }
  }
  return incidents.map((incident) => ({ ...incident, key: moved.get(incident) ?? incident.key }));
}

/** The fault and its origin, whatever the connection: what somebody fixes. */
export function faultOf(placed: Pick<Incident, "code" | "domain" | "port">): string {
  return `${placed.code} ${originId(placed)}`;
}

/** What another account has is its own, and new. */
function shareAccounts(a: Pick<Incident, "scopes">, b: Pick<Incident, "scopes">): boolean {
  return a.scopes.length === 0 || a.scopes.some((one) => b.scopes.some((other) => concerns(one, other)));
}

function shareUsers(a: Pick<Incident, "distributions">, b: Pick<Incident, "distributions">): boolean {
  return a.distributions.some((id) => b.distributions.includes(id));
}

function hasSameServerName(a: Pick<Incident, "key">, b: Pick<Incident, "key">): boolean {
  return serverNameIn(a.key) === serverNameIn(b.key);
}

/** Keys say ` sni=NAME` (lambda/plan/connection-key.ts). */
function serverNameIn(key: string): string | undefined {
  return / sni=(\S+)/.exec(key)?.[1];
}
