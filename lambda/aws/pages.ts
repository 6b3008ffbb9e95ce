import { type Failure, failureOf, untilAborted } from "./failure.ts";

/** What the lists of CloudFront's API have in common. */
type List = {
  readonly NextMarker?: string | undefined;
  readonly IsTruncated?: boolean | undefined;
  readonly Quantity: number | undefined;
  readonly Items?: readonly unknown[] | undefined;
};

export type Ended = {
  /** How many pages were read. */
  readonly pages: number;
  /** Why the list is not complete, null when it is. */
  readonly failure: Failure | null;
};

/** Far more than an account has: a bound for a list that never ends. */
const mostPages = 1_000;

/**
 * Reads a list page by page, until its end or until a call fails.
 *
 * @param pages yields undefined for an answer without a list
 * @param take receives each page
 */
export async function readPages<T extends List>(
  pages: AsyncIterator<T | undefined>,
  take: (page: T) => void,
  signal: AbortSignal | undefined,
): Promise<Ended> {
  const markers = new Set<string>();
  for (let count = 0; count < mostPages; count++) {
    try {
      const step = await untilAborted(pages.next(), signal);
      if (step.done === true) return { pages: count, failure: null };
      const list = step.value;
      // The error page of a proxy parses as well, and must not count as an account without distributions.
      if (list === undefined || (list.Quantity ?? list.Items) === undefined) {
        return brokeOff(count, "AWS's answer holds no list");
      }
      take(list);
      const next = list.NextMarker ?? "";
      if (next === "") {
        return list.IsTruncated === true
          ? brokeOff(count + 1, "AWS's answer does not say how the list goes on")
          : { pages: count + 1, failure: null };
      }
      if (markers.has(next)) return brokeOff(count + 1, "AWS's answers go round in a circle");
      markers.add(next);
    } catch (error) {
      return { pages: count, failure: failureOf(error, signal) };
    }
  }
  return brokeOff(mostPages, `the list has more than ${mostPages} pages`);
}

function brokeOff(pages: number, reason: string): Ended {
  return { pages, failure: { kind: "other", reason } };
}
