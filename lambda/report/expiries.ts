import { originsOf } from "./origins.ts";
import type { ConnectionRecord, ObservedCertificate, StoredRecord } from "./record.ts";

/** A leaf certificate in use, and when it expires. */
export type Expiry = {
  readonly domain: string;
  readonly port: number;
  /** ISO 8601. */
  readonly notAfter: string;
  readonly subject: string;
};

/** A leaf certificate with its expiry, in ms since the epoch. */
export type Leaf = { readonly leaf: ObservedCertificate; readonly end: number };

/**
 * The leaf certificate that expires first, null where none was seen whose expiry can be read.
 *
 * @param after ms since the epoch; what expires by then does not count
 */
export function firstToEnd(
  records: readonly Pick<ConnectionRecord, "observed">[],
  after = Number.NEGATIVE_INFINITY,
): Leaf | null {
  let first: Leaf | null = null;
  for (const { observed } of records) {
    for (const { chain } of observed.addresses) {
      const [leaf] = chain;
      const end = Date.parse(leaf?.notAfter ?? "");
      if (leaf !== undefined && end > after && (first === null || end < first.end)) first = { leaf, end };
    }
  }
  return first;
}

/** The origins whose leaf certificates expire first, at most one entry for each origin. */
export function nextExpiries(
  { records: all, finishedAt }: { readonly records: readonly StoredRecord[]; readonly finishedAt: string },
  count: number,
): readonly Expiry[] {
  return originsOf(all)
    .flatMap(({ domain, port, records }): Expiry[] => {
      const leaf = firstToEnd(records, Date.parse(finishedAt))?.leaf;
      return leaf === undefined ? [] : [{ domain, port, notAfter: leaf.notAfter, subject: leaf.subject }];
    })
    .toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter))
    .slice(0, count);
}
