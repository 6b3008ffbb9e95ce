import { type Failure, failureOf, untilAborted } from "./failure.ts";

/** Asks AWS for one thing after another, and records what could not be read. */
export type Asking = {
  /**
   * Makes a call, unless an earlier one showed that no further call can succeed.
   *
   * @param id whose detail it is
   * @param call resolves to null where AWS answers with nothing that can be used
   * @returns null where there is no answer
   */
  ask<T>(id: string, call: () => Promise<T | null>): Promise<T | null>;
  /** Notes that a detail could not be read, null when AWS answered with nothing that can be used. */
  missed(id: string, failure: Failure | null): void;
  /** No further call can succeed: access is denied for all, or the time is over. */
  readonly isOver: boolean;
  /** Ids of what could not be read, and why: the failure that ended the asking, or else the first. */
  result(): { readonly unread: readonly string[]; readonly failure: Failure | null };
};

/** @param signal the signal that the calls are made with */
export function asking(signal: AbortSignal | undefined): Asking {
  const unread: string[] = [];
  let failure: Failure | null = null;
  let isOver = false;

  function missed(id: string, met: Failure | null): void {
    unread.push(id);
    if (met === null || isOver) return;
    isOver = met.kind !== "other";
    failure = isOver ? met : (failure ?? met);
  }

  return {
    async ask(id, call) {
      if (isOver) {
        missed(id, null);
        return null;
      }
      try {
        const answer = await untilAborted(call(), signal);
        if (answer === null) missed(id, null);
        return answer;
      } catch (error) {
        missed(id, failureOf(error, signal));
        return null;
      }
    },
    missed,
    get isOver() {
      return isOver;
    },
    result: () => ({ unread, failure }),
  };
}
