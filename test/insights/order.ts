import type { Value } from "./log-events.ts";

/**
 * The order of `sort` (CloudWatch Logs User Guide, "sort"): what is no number comes before numbers; of other values the
 * digits are compared as numbers and the rest by Unicode.
 */
export function compareValues(a: Value, b: Value): number {
  const [numberA, numberB] = [isNumber(a), isNumber(b)];
  if (numberA !== numberB) return numberA ? 1 : -1;
  return numberA ? Number(a) - Number(b) : compareInParts(String(a), String(b));
}

function isNumber(value: Value): boolean {
  return /^\d+(\.\d+)?$/.test(String(value));
}

function compareInParts(a: string, b: string): number {
  const [partsA, partsB] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []];
  for (const [index, part] of partsA.entries()) {
    const other = partsB[index];
    if (other === undefined) return 1;
    const bothDigits = /^\d/.test(part) && /^\d/.test(other);
    const difference = bothDigits ? Number(part) - Number(other) : part < other ? -1 : Number(part > other);
    if (difference !== 0) return difference;
  }
  return partsA.length - partsB.length;
}
