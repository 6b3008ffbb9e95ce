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
