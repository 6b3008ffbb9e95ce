/**
 * The first elements whose sizes add up to at most `room`.
 *
 * @param least how many are taken whatever their size
 */
export function fitting<T>(items: readonly T[], room: number, sizeOf: (item: T) => number, least = 0): readonly T[] {
  let size = 0;
  const end = items.findIndex((item, index) => {
    size += sizeOf(item);
    return index >= least && size > room;
  });
  return end < 0 ? items : items.slice(0, end);
}

/**
 * The largest number up to `most` that fits, 0 if none does. For a size that is not a sum, such as that of a text whose
 * last line says how many are missing.
 *
 * @param fits called only for 1 to `most`; every number below one that fits must fit too
 */
export function mostThatFit(most: number, fits: (count: number) => boolean): number {
  let [fitted, exceeds] = [0, most + 1];
  while (exceeds - fitted > 1) {
    const middle = Math.floor((fitted + exceeds) / 2);
    if (fits(middle)) fitted = middle;
    else exceeds = middle;
  }
  return fitted;
}
