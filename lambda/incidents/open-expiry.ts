import { ruleOf } from "../judge/catalogue.ts";
import { originId } from "../report/origins.ts";
import type { Session } from "./session.ts";

/** The origins (`originId`) about which a warning that a certificate expires is open, told or muted. */
export function originsWarnedOfExpiry({ state, processMemory }: Session): ReadonlySet<string> {
  const incidents = [...(state?.incidents ?? []), ...(processMemory.unsaved?.state.incidents ?? [])];
  return new Set(incidents.filter(({ code }) => ruleOf(code)?.warnsOfExpiry !== undefined).map(originId));
}
