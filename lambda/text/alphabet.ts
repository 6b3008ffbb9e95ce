/**
 * Compares two texts as people sort them, and numbers in them by their value. Its table takes some milliseconds to load,
 * a tenth of a cold start, so that is left until somebody sorts.
 */
export function alphabetically(a: string, b: string): number {
  collator ??= new Intl.Collator("en", { numeric: true });
  return collator.compare(a, b);
}

let collator: Intl.Collator | undefined;
