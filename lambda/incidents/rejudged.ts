import { ruleOf } from "../judge/catalogue.ts";
import { rulesRevision } from "../judge/rules-revision.ts";
import type { ConnectionRecord } from "../report/record.ts";
import type { FindingSnapshot, Incident } from "./state.ts";

/** Whether the rules that last judged an incident are others than those of this program. */
function isOfOtherRules({ rules = 1 }: Incident): boolean {
  return rules !== rulesRevision;
}

/**
 * What people were told that the effect of an incident is, where the rules of this program make something else of it;
 * undefined where they do not, or where people were told so already.
 */
export function rejudgedFrom(incident: Incident, { effect }: FindingSnapshot): Incident["rejudgedFrom"] {
  if (incident.tellings === 0 || effect === incident.toldEffect) return undefined;
  const isChanged = isOfOtherRules(incident) && effect !== incident.effect;
  return isChanged ? incident.toldEffect : incident.rejudgedFrom;
}

/**
 * Whether it is because of other rules that a run does not see an incident any more: the server still presents the same
 * certificates, or the same handshake counts as another fault now. That it was fixed between two runs and a new version
 * came just then is possible, and is not known.
 *
 * @param opened the keys of the connections on which the run opened an incident
 */
export function vanishedByRules(
  incident: Incident,
  record: ConnectionRecord | undefined,
  opened: ReadonlySet<string>,
): boolean {
  if (!isOfOtherRules(incident) || incident.clearSince !== null) return false;
  const { leaf, code, key } = incident;
  if (leaf === null) return ruleOf(code)?.about !== "reachability" && opened.has(key);
  return (record?.observed.addresses ?? []).some(
    ({ chain }) => chain[0]?.sha256 === leaf.sha256 && chain.length === leaf.chainLength,
  );
}
