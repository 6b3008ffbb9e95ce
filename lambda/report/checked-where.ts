import { type Scope, scopeId } from "../configuration/scope.ts";
import type { StoredRecord } from "./record.ts";
import { placeName } from "./seen-from.ts";

/** The accounts that are known to use the connections. */
export function accountsOf(records: readonly Pick<StoredRecord, "uses">[]): readonly Scope[] {
  const scopes = records.flatMap(({ uses }) => uses.map(({ scope }) => scope));
  return [
    ...new Map(scopes.filter(({ accountId }) => accountId !== null).map((scope) => [scopeId(scope), scope])).values(),
  ];
}

/** The Regions and other places from which addresses were seen; empty where the check ran in none. */
export function placesOf(records: readonly Pick<StoredRecord, "observed">[]): readonly string[] {
  const seenFrom = records.flatMap(({ observed }) => observed.addresses.map((address) => address.seenFrom));
  return [...new Set(seenFrom)]
    .filter((place) => place !== "here")
    .toSorted()
    .map((place) => placeName(place));
}
