import type { StoredFinding } from "../judge/finding.ts";
import { groupedBy } from "../text/non-empty.ts";
import { printable } from "../text/printable.ts";
import type { StoredRecord } from "./record.ts";

/** A finding and the connection on which it was seen. */
export type Occurrence = { readonly finding: StoredFinding; readonly record: StoredRecord };

/** One finding with all the places where it is the same: it is reported once, with all of them named. */
export type Cause = {
  readonly finding: StoredFinding;
  readonly occurrences: readonly Occurrence[];
  readonly addresses: readonly string[];
  readonly serverNames: readonly string[];
};

/** Groups what is the same at several addresses or connections, in the order in which it was first seen. */
export function causesIn(occurrences: readonly Occurrence[]): readonly Cause[] {
  const groups = groupedBy(occurrences, ({ finding }) =>
    JSON.stringify([finding.code, finding.title, finding.evidence]),
  );
  return [...groups.values()].map((group) => ({
    finding: group[0].finding,
    occurrences: group,
    addresses: distinct(group.map(({ finding }) => finding.address)),
    serverNames: distinct(group.map(({ record }) => record.connection.serverName)),
  }));
}

function distinct(texts: readonly (string | null)[]): readonly string[] {
  return [...new Set(texts.filter((text) => text !== null))].map((text) => printable(text, 253));
}
