import { inTurns } from "../text/in-turns.ts";
import { mostInBatch } from "./batch-event.ts";
import type { ConnectionToObserve } from "./observer.ts";

/** Fewer make more calls than they save time. */
const leastInBatch = 250;

/** Batches of which one begins when the one before it has ended: they go to the same name. */
export type Lane = readonly (readonly ConnectionToObserve[])[];

/**
 * Cuts connections into batches of 250 to 500. All that go to one name are in one batch, or in batches one after the
 * other, so that no more go there at once than a single process allows itself. Accounts take turns, so that one with
 * many origins that do not answer shares out its waiting over all batches; what the last run had no time for is in the
 * first.
 *
 * @param concurrency how many batches there may be at once
 */
export function lanesOf(connections: readonly ConnectionToObserve[], concurrency: number): readonly Lane[] {
  const asMany = Math.min(concurrency, Math.floor(connections.length / leastInBatch));
  const size = Math.ceil(connections.length / Math.max(1, asMany, Math.ceil(connections.length / mostInBatch)));
  const lanes: Lane[] = [];
  let open: ConnectionToObserve[] = [];
  for (const unit of unitsInTurn(connections)) {
    if (unit.length > mostInBatch) {
      lanes.push(slices(unit, mostInBatch));
      continue;
    }
    if (open.length > 0 && open.length + unit.length > size) {
      lanes.push([open]);
      open = [];
    }
    open.push(...unit);
  }
  return open.length === 0 ? lanes : [...lanes, [open]];
}

/** Connections to the same name, those that were left out first, and then account by account in turn. */
function unitsInTurn(connections: readonly ConnectionToObserve[]): readonly (readonly ConnectionToObserve[])[] {
  const units = [...Map.groupBy(connections, ({ domain }) => domain).values()];
  const [first = [], others = []] = [true, false].map((wanted) =>
    units.filter((unit) => unit.some(({ leftOut }) => leftOut) === wanted),
  );
  const account = ([each]: readonly ConnectionToObserve[]) => each?.share[0] ?? "";
  return [...inTurns(first, account), ...inTurns(others, account)];
}

function slices<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) =>
    list.slice(index * size, (index + 1) * size),
  );
}
