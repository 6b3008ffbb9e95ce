import { byEffect } from "./effect-order.ts";
import type { Finding } from "./finding.ts";

/** Every defect that any of two observations shows, once for each address, with its worst effect. */
export function together(found: readonly Finding[], more: readonly Finding[]): Finding[] {
  const same = (a: Finding) => (b: Finding) => a.code === b.code && a.address === b.address;
  const worse = found.map((one) => more.filter(same(one)).reduce(worstOf, one));
  return [...worse, ...more.filter((one) => !found.some(same(one)))];
}

function worstOf(a: Finding, b: Finding): Finding {
  const worse = byEffect(a.effect, b.effect) <= 0 ? a : b;
  if (a.seenFrom === undefined || b.seenFrom === undefined) return worse;
  return { ...worse, seenFrom: [...new Set([...a.seenFrom, ...b.seenFrom])] };
}
