/** The first of each key, then the second of each, and so on; of one turn as they came. */
export function inTurns<T>(list: readonly T[], keyOf: (each: T) => string): readonly T[] {
  const turns = new Map<string, number>();
  const placed = list.map((each) => {
    const key = keyOf(each);
    const turn = turns.get(key) ?? 0;
    turns.set(key, turn + 1);
    return { each, turn };
  });
  return placed.toSorted((a, b) => a.turn - b.turn).map(({ each }) => each);
}
