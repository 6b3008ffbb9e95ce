/**
 * Does something with each item, so many at a time and in their order, until there is no time left: what was not begun by
 * then is not done. What one of them does must not throw.
 */
export async function sideBySide<T>(
  items: readonly T[],
  atATime: number,
  mayBegin: () => boolean,
  act: (item: T) => Promise<void>,
): Promise<{ readonly notBegun: readonly T[] }> {
  const inTurn = items.values();
  const notBegun: T[] = [];
  const follow = async () => {
    for (const item of inTurn) {
      if (mayBegin()) await act(item);
      else notBegun.push(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, follow));
  return { notBegun };
}
