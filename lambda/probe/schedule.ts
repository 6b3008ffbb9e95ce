/** Runs one task when its turn has come. */
export type Gate = <T>(key: string, task: () => Promise<T>) => Promise<T>;

/**
 * Lets at most `total` tasks run at once, and at most `perKey` with the same key, so that neither this machine nor any
 * one origin gets more connections than it should. Tasks wait in the order in which they came.
 */
export function gate(total: number, perKey: number): Gate {
  const running = new Map<string, number>();
  const waiting: { key: string; start: () => void }[] = [];
  let active = 0;

  function mayStart(key: string): boolean {
    return active < total && (running.get(key) ?? 0) < perKey;
  }

  function next(): void {
    while (active < total) {
      const index = waiting.findIndex(({ key }) => mayStart(key));
      if (index < 0) return;
      const [entry] = waiting.splice(index, 1);
      entry?.start();
    }
  }

  return async (key, task) => {
    if (!mayStart(key) || waiting.length > 0) {
      await new Promise<void>((resolve) => {
        waiting.push({
          key,
          start: () => {
            enter(key);
            resolve();
          },
        });
        next();
      });
    } else {
      enter(key);
    }
    try {
      return await task();
    } finally {
      leave(key);
      next();
    }
  };

  function enter(key: string): void {
    active += 1;
    running.set(key, (running.get(key) ?? 0) + 1);
  }

  function leave(key: string): void {
    active -= 1;
    const left = (running.get(key) ?? 1) - 1;
    if (left === 0) running.delete(key);
    else running.set(key, left);
  }
}
