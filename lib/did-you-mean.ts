/** A word further from a known one than this is another word, not a slip of the fingers. */
const slips = 2;
const longest = 40;

/**
 * Asks whether a word was meant that is at most two slips away: a letter more, less or other, or two that changed places.
 *
 * @returns `; did you mean "check"?`, and nothing where no word or more than one is nearest
 */
export function didYouMean(word: string | undefined, known: readonly string[]): string {
  if (word === undefined || word.length > longest) return "";
  const near = known
    .map((each) => ({ each, distance: distanceOf(word, each) }))
    // Of a short word two slips leave nothing.
    .filter(({ each, distance }) => distance <= Math.min(slips, Math.floor(each.length / 2)))
    .sort((one, other) => one.distance - other.distance);
  const [first, second] = near;
  return first === undefined || first.distance === second?.distance ? "" : `; did you mean "${first.each}"?`;
}

/** The optimal string alignment distance: each pair of places is looked at once, and the words are short. */
function distanceOf(one: string, other: string): number {
  let before: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const line = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      line.push(
        Math.min(
          at(last, column) + 1,
          at(line, column - 1) + 1,
          at(last, column - 1) + (same ? 0 : 1),
          swapped ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = last;
    last = line;
  }
  return at(last, other.length);
}

function at(line: readonly number[], index: number): number {
  return line[index] ?? Number.POSITIVE_INFINITY;
}
