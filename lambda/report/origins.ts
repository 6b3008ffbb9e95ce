import type { Verdict } from "../judge/finding.ts";
import { worstFirst } from "../judge/verdict.ts";
import { groupedBy, type NonEmpty } from "../text/non-empty.ts";
import type { ConnectionRecord, StoredRecord } from "./record.ts";

/** Every connection to one domain and port: a fault there usually has one cause, however it is reached. */
export type WatchedOrigin<R extends StoredRecord = ConnectionRecord> = {
  readonly domain: string;
  readonly port: number;
  readonly records: NonEmpty<R>;
  /** The worst verdict of the connections. */
  readonly verdict: Verdict;
};

/** Groups records by origin, in the order of their first connection. */
export function originsOf<R extends StoredRecord>(records: readonly R[]): readonly WatchedOrigin<R>[] {
  const known = groups.get(records);
  if (known !== undefined) return known as readonly WatchedOrigin<R>[];
  const origins = grouped(records);
  groups.set(records, origins);
  return origins;
}

/** Of the same records of a run this is asked a dozen times, and there may be a hundred thousand. */
const groups = new WeakMap<object, unknown>();

/** Those of the origins that have one of these ids (`originId`): few of a hundred thousand are asked for. */
export function originsWith<R extends StoredRecord>(
  records: readonly R[],
  ids: ReadonlySet<string>,
): ReadonlyMap<string, WatchedOrigin<R>> {
  const found = new Map<string, WatchedOrigin<R>>();
  for (const origin of ids.size === 0 ? [] : originsOf(records)) {
    const id = originId(origin);
    if (ids.has(id)) found.set(id, origin);
  }
  return found;
}

/** Those of the connections that have one of these keys: few of a hundred thousand are asked for. */
export function recordsWith<R extends StoredRecord>(
  records: readonly R[],
  keys: ReadonlySet<string>,
): ReadonlyMap<string, R> {
  const found = new Map<string, R>();
  for (const record of keys.size === 0 ? [] : records) {
    const { key } = record.connection;
    if (keys.has(key)) found.set(key, record);
  }
  return found;
}

function grouped<R extends StoredRecord>(records: readonly R[]): readonly WatchedOrigin<R>[] {
  // Most have one port in common, and of these a domain alone says which it is: ids would be a hundred thousand texts more.
  const usual = records[0]?.connection.port;
  const idOf = ({ domain, port }: StoredRecord["connection"]) =>
    port === usual ? domain.toLowerCase() : originId({ domain, port });
  return Array.from(groupedBy(records, ({ connection }) => idOf(connection)).values(), (group) => {
    const { domain, port } = group[0].connection;
    return { domain, port, records: group, verdict: worstVerdict(group) };
  });
}

export function originId({ domain, port }: { readonly domain: string; readonly port: number }): string {
  return `${domain.toLowerCase()}:${port}`;
}

/** The verdict on several connections together. */
export function worstVerdict(records: readonly Pick<ConnectionRecord, "verdict">[]): Verdict {
  return worstFirst.find((verdict) => records.some((record) => record.verdict === verdict)) ?? "skipped";
}
