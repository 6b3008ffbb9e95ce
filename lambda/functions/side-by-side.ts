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
  let next = 0;
  const worker = async () => {
    while (next < items.length && mayBegin()) {
      const item = items.slice(next, next + 1);
      next += 1;
      for (const one of item) await act(one);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, items.length) }, worker));
  return { notBegun: items.slice(next) };
}
