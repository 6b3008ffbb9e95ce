import type { StatusCounts, Traffic } from "./traffic.ts";
import {
  belowSince,
  type CountedEffect,
  isBeyondThreshold,
  isOver,
  statusBeyondThreshold,
  viewerErrors,
} from "./viewer-errors.ts";

/** What is remembered of CloudFront's count for a distribution from one asking to the next. */
export type RememberedCount = {
  readonly last: Traffic;
  /** The asking before, where it ended when the last one begins and both may decide together. */
  readonly previous?: Traffic | undefined;
  /** The last asking is over a threshold, so that the next run has to ask. */
  readonly asksAgain?: true | undefined;
  /** Since when the share of errors has been below the threshold, ISO 8601. */
  readonly belowSince?: string | undefined;
  /** Enough errors to be told, of another kind than 502 and 504. */
  readonly otherErrors?: true | undefined;
  /** Viewers get errors: from the first count that was enough until the share has been below for an hour. */
  readonly errors?: ErrorEpisode | undefined;
  /** When the last count began that was enough with that status alone, ISO 8601; as long as `errors`. */
  readonly beyond?: Partial<Readonly<Record<keyof StatusCounts, string>>> | undefined;
};

export type ErrorEpisode = {
  readonly effect: CountedEffect;
  /** The findings (`identity`) that said the same when it began: as long as one of them is there, it is not told again. */
  readonly heldBy?: readonly string[] | undefined;
};

/** What is remembered after one more asking. Who weighs it adds what held an episode back. */
export function afterAsking(before: RememberedCount | null, current: Traffic): RememberedCount {
  const previous = before?.last.until === current.from ? before.last : null;
  const judged = viewerErrors(previous, current);
  const since = belowSince(before?.belowSince ?? null, current);
  const over = isOver(since, current);
  const errors =
    judged.kind === "viewers-get-errors"
      ? { ...before?.errors, effect: judged.effect }
      : over
        ? undefined
        : before?.errors;
  const earlier = Object.entries(before?.beyond ?? {}).filter(
    ([, from]) => Date.parse(from) <= Date.parse(current.from),
  );
  const beyond = over ? undefined : { ...Object.fromEntries(earlier), ...statusesBeyond(previous, current) };
  return {
    last: current,
    ...(previous !== null && isBeyondThreshold(previous) ? { previous } : {}),
    ...(judged.kind !== "viewers-get-errors" && judged.asksAgain ? { asksAgain: true } : {}),
    ...(since === null ? {} : { belowSince: since }),
    ...(judged.kind === "other-errors" ? { otherErrors: true } : {}),
    ...(errors === undefined ? {} : { errors }),
    ...(beyond === undefined || Object.keys(beyond).length === 0 ? {} : { beyond }),
  };
}

/** Whether what was told of the distribution is over. */
export function errorsAreOver({ belowSince: since, last }: RememberedCount): boolean {
  return isOver(since ?? null, last);
}

/** From when on a count was enough with one status alone: the later asking by itself, or both together. */
function statusesBeyond(previous: Traffic | null, current: Traffic): NonNullable<RememberedCount["beyond"]> {
  const from = (status: keyof StatusCounts) => {
    if (statusBeyondThreshold(status, null, current)) return { [status]: current.from };
    if (previous !== null && statusBeyondThreshold(status, previous, current)) return { [status]: previous.from };
    return {};
  };
  return { ...from("502"), ...from("504") };
}
