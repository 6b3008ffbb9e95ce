import type { FindingCode } from "./catalogue.ts";
import { type Effect, severityOf } from "./effect.ts";
import { byEffect } from "./effect-order.ts";
import type { Finding } from "./finding.ts";
import type { Declaration, Found } from "./rule.ts";

/**
 * What a rule found, as a finding. It never weighs more than the rule says of itself: whoever reads the catalogue
 * may rely on that.
 *
 * @param address null where it concerns the connection as a whole
 */
export function findingOf(rule: Declaration<FindingCode>, found: Found, address: string | null): Finding {
  const { code, source } = rule;
  const { usually, atMost } = effectsOf(rule);
  const own = found.effect ?? usually;
  const effect = byEffect(own, atMost) < 0 ? atMost : own;
  const { title, cause, remedy, evidence, facts } = found;
  const severity = severityOf(effect);
  const explanation = `${cause} ${found.explanation}`.trim();
  const told = { code, effect, severity, address, title, cause, explanation, remedy, evidence, source };
  return {
    ...told,
    ...(facts === undefined ? {} : { facts }),
    ...(found.doubt === undefined || effect !== "may" ? {} : { doubt: found.doubt }),
  };
}

/** The effect that a finding of the rule has unless it says otherwise, and the worst that it may have. */
export function effectsOf({ effect }: Pick<Declaration, "effect">): {
  readonly usually: Effect;
  readonly atMost: Effect;
} {
  return typeof effect === "string" ? { usually: effect, atMost: effect } : effect;
}
