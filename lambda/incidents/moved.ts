import { identity } from "../report/identity.ts";
import { originId } from "../report/origins.ts";
import type { SeenFinding } from "./seen-finding.ts";
import type { Incident } from "./state.ts";

/**
 * The incidents, where an incident whose connection is gone takes the key of a new connection that has the same fault.
 * Changing a timeout, a protocol or a policy while an origin fails makes it another connection, but the fault is
 * neither fixed nor new.
 *
 * @param isGone whether CloudFront no longer makes the incident's connection
 */
export function underNewKeys(
  incidents: readonly Incident[],
  findings: ReadonlyMap<string, SeenFinding>,
  isGone: (incident: Incident) => boolean,
): readonly Incident[] {
  const gone = incidents.filter(isGone);
  if (gone.length === 0) return incidents;
  const known = new Set(incidents.map(identity));
  const free = Map.groupBy(
    [...findings.values()].filter((finding) => !known.has(identity(finding))),
    faultOf,
  );
  const moved = new Map<Incident, string>();
  // The same server name first: another may have its own certificate.
  for (const alike of [hasSameServerName, () => true]) {
    for (const incident of gone.filter((each) => !moved.has(each))) {
      const candidates = free.get(faultOf(incident)) ?? [];
      const index = candidates.findIndex((finding) => alike(incident, finding));
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

function hasSameServerName(a: Pick<Incident, "key">, b: Pick<Incident, "key">): boolean {
  return serverNameIn(a.key) === serverNameIn(b.key);
}

/** Keys say ` sni=NAME` (lambda/plan/connection-key.ts). */
function serverNameIn(key: string): string | undefined {
  return / sni=(\S+)/.exec(key)?.[1];
}
