import { type FunctionReading, isFunctionCode } from "../configuration/function-code.ts";
import type { EdgeEntry } from "../witness/edge-history.ts";
import type { RememberedCount } from "../witness/remembered-count.ts";
import type { BadDays } from "./bad-days.ts";
import type { LogMemory } from "./logged.ts";
import { latestOf, type OriginDays } from "./origin-days.ts";

/**
 * What a run remembers for the next one beyond what people were told: a second object beside the state, best effort and
 * with a version of its own. What is open in the state is judged on without it, so losing it costs no alert.
 *
 * Everything is kept for the account that it belongs to (`scopeId`), so that each can be held to a share of its own.
 */
export type Memory = {
  readonly schemaVersion: 1;
  /** ISO 8601, null where it never was stored. */
  readonly storedAt: string | null;
  readonly accounts: Readonly<Record<string, AccountMemory>>;
  /** The last run that reached any origin reached several; absent where it did not. */
  readonly reachedSeveral?: boolean | undefined;
  /** Since when CloudWatch does not say what CloudFront counted, ISO 8601; absent where it does. */
  readonly countsFailSince?: string | undefined;
  /** The accounts themselves; absent where the function's own is the only one. */
  readonly organization?: OrganizationMemory | undefined;
  /** What went to the log; absent where every run logs everything. */
  readonly logged?: LogMemory | undefined;
};

/** What is remembered of the accounts that a run watched; all by their ids. */
export type OrganizationMemory = {
  /** Those in the last complete list of the organization; absent where the settings list them. */
  readonly listed?: readonly string[] | undefined;
  /** Those for which the last run had no time. */
  readonly unread: readonly string[];
  /** Those that took all of the time that an account has. */
  readonly slow: readonly string[];
};

export type AccountMemory = {
  /** Connections that the last run had no time for. */
  readonly leftOut: readonly LeftOut[];
  /** What did not answer in the last run, each an address and a port as `addressKey` writes them. */
  readonly unanswered: readonly string[];
  /** Origins that ever accepted a connection from here, by `originId`: those that are still configured first. */
  readonly origins: Readonly<Record<string, OriginDays>>;
  /** On which of the last seven days something was wrong, by `originId`; absent where nothing was. */
  readonly badDays?: Readonly<Record<string, BadDays>> | undefined;
  /** The certificates of its connections, and when those before them were replaced; absent where none was seen. */
  readonly renewals?: readonly Renewal[] | undefined;
  /** What edge functions in use can do, by ARN; absent where none was read. The code may be of a later version. */
  readonly functions?: Readonly<Record<string, { readonly readOn: string; readonly code: string }>> | undefined;
  /** What came of asking through its distributions, by place; absent where nobody asks. */
  readonly edge?: readonly EdgeEntry[] | undefined;
  /** What CloudFront counted last, by the id of the distribution; absent where it was never asked. */
  readonly counts?: Readonly<Record<string, RememberedCount>> | undefined;
};

export type Renewal = {
  /** The key of the connection. */
  readonly key: string;
  /** The leaf certificates that were last seen, each once. */
  readonly certificates: readonly Validity[];
  /** What share of its lifetime the last one had left when it was replaced, 0 to 1; null where that was not seen. */
  readonly share: number | null;
  /** The last one that gave way to a newer one, as long as it may come back; `at` in seconds since the epoch. */
  readonly replaced?: { readonly certificate: Validity; readonly at: number } | undefined;
};

/** notBefore and notAfter of a certificate, in seconds since the epoch. */
export type Validity = readonly [notBefore: number, notAfter: number];

export type LeftOut = {
  /** The key of the connection. */
  readonly key: string;
  /** How many runs in a row had no time for it. */
  readonly runs: number;
};

export const emptyMemory: Memory = { schemaVersion: 1, storedAt: null, accounts: {} };

/** How many runs in a row had no time for a connection, by its key; those that are not in it were looked at. */
export function leftOutIn({ accounts }: Memory): ReadonlyMap<string, number> {
  return new Map(
    Object.values(accounts).flatMap(({ leftOut }) => leftOut.map(({ key, runs }) => [key, runs] as const)),
  );
}

/** Every address and port that did not answer in the last run. */
export function unansweredIn({ accounts }: Memory): ReadonlySet<string> {
  return new Set(Object.values(accounts).flatMap(({ unanswered }) => unanswered));
}

/** Every origin that ever accepted a connection from here, by its `originId`, with the latest day of any account. */
export function originDaysIn({ accounts }: Memory): ReadonlyMap<string, OriginDays> {
  const days = new Map<string, OriginDays>();
  for (const { origins } of Object.values(accounts)) {
    for (const [id, own] of Object.entries(origins)) days.set(id, latestOf(days.get(id), own));
  }
  return days;
}

/** On which of the last seven days something was wrong with an origin, by its `originId`. */
export function badDaysIn({ accounts }: Memory): Readonly<Record<string, BadDays>> {
  return Object.assign({}, ...Object.values(accounts).map(({ badDays = {} }) => badDays));
}

/** What earlier runs found edge functions to do, by ARN. */
export function functionsIn({ accounts }: Memory): ReadonlyMap<string, FunctionReading> {
  return new Map(
    Object.values(accounts).flatMap(({ functions = {} }) =>
      Object.entries(functions).flatMap(([arn, { readOn, code }]) =>
        isFunctionCode(code) ? [[arn, { readOn, code }] as const] : [],
      ),
    ),
  );
}

/** What earlier runs know of asking through distributions. */
export function edgeEntriesIn({ accounts }: Memory): readonly EdgeEntry[] {
  return Object.values(accounts).flatMap(({ edge = [] }) => edge);
}

/** What CloudFront counted last for each distribution, by its id. */
export function countsIn({ accounts }: Memory): ReadonlyMap<string, RememberedCount> {
  return new Map(Object.values(accounts).flatMap(({ counts = {} }) => Object.entries(counts)));
}
