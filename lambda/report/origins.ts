import type { Verdict } from "../judge/finding.ts";
import { worstFirst } from "../judge/verdict.ts";
import type { ConnectionRecord } from "../tell/record.ts";

/** Every connection to one domain and port: what is wrong there usually has one cause, however it is reached. */
export type WatchedOrigin = {
  readonly domain: string;
  readonly port: number;
  readonly records: readonly ConnectionRecord[];
  /** The worst one of the connections. */
  readonly verdict: Verdict;
};

/** Groups records by origin, in the order of their first connection. */
export function originsOf(records: readonly ConnectionRecord[]): readonly WatchedOrigin[] {
  return [...Map.groupBy(records, ({ connection }) => originId(connection)).values()].map((group) => {
    const { domain, port } = (group[0] as ConnectionRecord).connection;
    return { domain, port, records: group, verdict: worst(group.map((record) => record.verdict)) };
  });
}

export function originId({ domain, port }: { readonly domain: string; readonly port: number }): string {
  return `${domain.toLowerCase()}:${port}`;
}

function worst(verdicts: readonly Verdict[]): Verdict {
  return worstFirst.find((verdict) => verdicts.includes(verdict)) ?? "skipped";
}
