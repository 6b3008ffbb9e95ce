import type { RunReport } from "../tell/record.ts";
import { originsOf } from "./origins.ts";

/** A server certificate that is in use, and when it ends. */
export type Expiry = {
  readonly domain: string;
  readonly port: number;
  /** ISO 8601. */
  readonly notAfter: string;
  readonly subject: string;
};

/** The origins whose server certificates end first, at most one entry for each origin. */
export function nextExpiries(
  { records: all, finishedAt }: Pick<RunReport, "records" | "finishedAt">,
  count: number,
): readonly Expiry[] {
  return originsOf(all)
    .flatMap(({ domain, port, records }): Expiry[] => {
      const leaves = records
        .flatMap(({ observed }) => observed.addresses)
        .flatMap(({ chain }) => chain.slice(0, 1))
        .filter(({ notAfter }) => Date.parse(notAfter) > Date.parse(finishedAt))
        .toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter));
      const [first] = leaves;
      return first === undefined ? [] : [{ domain, port, notAfter: first.notAfter, subject: first.subject }];
    })
    .toSorted((a, b) => Date.parse(a.notAfter) - Date.parse(b.notAfter))
    .slice(0, count);
}
