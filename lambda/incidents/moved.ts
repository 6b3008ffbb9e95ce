import { identity } from "../report/identity.ts";
import { originId } from "../report/origins.ts";
import type { SeenFinding } from "./seen-finding.ts";
import type { Incident } from "./state.ts";

/**
 * The incidents, those under the key of a new connection whose own one is gone and that are seen there as well. Somebody
 * who changes a timeout, a protocol or a policy while an origin fails makes it another connection; what is wrong is
 * neither over by that nor news.
 *
 * @param isGone whether CloudFront makes the incident's connection no longer
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
  // The same server name first: another one may have a certificate of its own.
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

/** What is wrong where, whatever the connection: what somebody repairs. */
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
