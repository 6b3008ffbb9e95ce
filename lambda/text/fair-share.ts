/**
 * Divides what there is among those who want some of it: nobody gets more than wanted, and who wants more than an equal
 * part gets the same as everybody else who does (max-min fairness).
 *
 * @returns how much each gets, in the order given; whole numbers if the demands are
 */
export function fairShares(demands: readonly number[], total: number): readonly number[] {
  const shares = demands.map(() => 0);
  let left = total;
  const waiting = [...demands.entries()].sort(([, a], [, b]) => a - b);
  for (const [place, [index, demand]] of waiting.entries()) {
    const share = Math.min(demand, Math.floor(left / (waiting.length - place)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}

/** Bytes that an entry takes in a stored object, with the comma after it. */
export function bytesOf(entry: unknown): number {
  return Buffer.byteLength(JSON.stringify(entry)) + 1;
}

/** The first entries that would have room if nobody else wanted any. Those after them are not made. */
export function* thatMayFit<T>(entries: Iterable<T>, room: number): Generator<T, void> {
  let bytes = 0;
  for (const entry of entries) {
    bytes += bytesOf(entry);
    if (bytes > room) return;
    yield entry;
  }
}
