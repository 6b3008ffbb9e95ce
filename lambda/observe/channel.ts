/** Hands values from several producers to one consumer. */
export type Channel<T> = AsyncIterable<T> & {
  /** Resolves when all of them have been taken, so that who waits for it never makes more than is used. */
  readonly push: (values: readonly T[]) => Promise<void>;
  /** Ends the iteration once everything has been taken, with a fault where there is one. */
  readonly end: (fault?: { readonly error: unknown }) => void;
};

/** Values are yielded in the order in which they were pushed. For one iteration. */
export function channel<T>(): Channel<T> {
  const pushed: { readonly values: readonly T[]; readonly taken: () => void }[] = [];
  let ended: { readonly fault?: { readonly error: unknown } } | null = null;
  let more = Promise.withResolvers<void>();
  return {
    push(values) {
      if (values.length === 0) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      pushed.push({ values, taken: resolve });
      more.resolve();
      return promise;
    },
    end(fault) {
      ended ??= fault === undefined ? {} : { fault };
      more.resolve();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        for (let next = pushed.shift(); next !== undefined; next = pushed.shift()) {
          yield* next.values;
          next.taken();
        }
        if (ended !== null) break;
        await more.promise;
        more = Promise.withResolvers();
      }
      const { fault } = ended;
      if (fault !== undefined) throw fault.error;
    },
  };
}

/** Does a piece of work once all that were handed over before it have ended. */
export type InTurn = (work: () => Promise<void>) => Promise<void>;

/** Pieces of work one after the other, in the order in which they come. One that fails holds up no other. */
export function oneAtATime(): InTurn {
  let last = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
}
