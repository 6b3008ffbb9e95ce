import type { Configuration } from "./configuration.ts";

/**
 * What was read in several accounts as one configuration. AWS gives every policy of an account an id of its own, and its
 * managed ones are the same everywhere, so that all of them fit in one list; of two with one id the first account's holds.
 */
export function together(all: readonly Configuration[]): Configuration {
  return {
    kind: "configuration",
    distributions: all.flatMap(({ distributions }) => distributions),
    policies: {
      cache: firstOfEach(all.map(({ policies }) => policies.cache)),
      originRequest: firstOfEach(all.map(({ policies }) => policies.originRequest)),
    },
    problems: all.flatMap(({ problems }) => problems),
  };
}

function firstOfEach<T>(lists: readonly Readonly<Record<string, T>>[]): Readonly<Record<string, T>> {
  return Object.fromEntries(new Map(lists.toReversed().flatMap((list) => Object.entries(list))));
}
