/** A list with a first element. */
export type NonEmpty<T> = readonly [T, ...T[]];

/** Groups a list, in the order of each group's first element; a group has at least one. */
export function groupedBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): ReadonlyMap<K, NonEmpty<T>> {
  const groups = new Map<K, [T, ...T[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** The first elements in an order, without sorting the rest. */
export function firstBy<T>([first, ...rest]: NonEmpty<T>, compare: (a: T, b: T) => number): T {
  return rest.reduce((best, each) => (compare(each, best) < 0 ? each : best), first);
}
