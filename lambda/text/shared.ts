/** Then the memory starts over, which costs memory and nothing else. */
const mostKept = 5_000;
/** Longer texts are seldom equal. */
const longestKept = 300;

/**
 * What of thousands of equal things is kept once. What comes out of an answer is new each time, however often it says the
 * same, and a run keeps it for each of its connections.
 */
function keeper<T extends object | string>(): (key: string, make: () => T) => T {
  const kept = new Map<string, T>();
  return (key, make) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const made = make();
    if (key.length > longestKept) return made;
    if (kept.size >= mostKept) kept.clear();
    kept.set(key, made);
    return made;
  };
}

const keptTexts = keeper<string>();
const keptLists = keeper<readonly unknown[]>();
const keptObjects = keeper<object>();

/** An equal text, the same for all that are equal. */
export function sharedText<T extends string | null>(text: T): T {
  return text === null ? text : (keptTexts(text, () => text) as T);
}

/** An equal list of words, the same for all that are equal, without the spare room that a list has that grew. */
export function sharedList<T extends string>(words: readonly T[]): readonly T[] {
  return keptLists(JSON.stringify(words), () => words.slice()) as readonly T[];
}

/** An equal object, the same for all that are equal in every field and in their order. */
export function sharedObject<T extends object>(object: T): T {
  return keptObjects(JSON.stringify(object), () => object) as T;
}

/** The same text in one piece: one that was put together is kept as its pieces and their tree. */
export function flat<T extends string | null>(text: T): T {
  return text === null ? text : (Buffer.from(text, "utf8").toString("utf8") as T);
}
