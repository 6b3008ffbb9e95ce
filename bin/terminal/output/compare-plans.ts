import type { PlannedConnection } from "../../../lambda/plan/connection.ts";
import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import type { Options } from "../input/arguments.ts";
import { checkAll, toolsFor } from "../tools.ts";
import { useId } from "./compare-verdicts.ts";
import { progressOf } from "./progress.ts";

/** Checks the origins that a change touches in both plans, and what is the same in both once only. */
export async function checkBoth(
  now: readonly PlannedConnection[],
  then: readonly PlannedConnection[],
  touched: TouchedOrigins,
  options: Options,
  signal: AbortSignal,
): Promise<[ConnectionRecord[], ConnectionRecord[]]> {
  const isTouched = ({ connection }: PlannedConnection) => connection.uses.some((use) => touched.has(useId(use)));
  const wanted = new Map([...now, ...then].filter(isTouched).map((planned) => [signature(planned), planned]));
  const progress = progressOf(wanted.size, true);
  const records = await checkAll([...wanted.values()], toolsFor(options, signal)(), progress.add);
  progress.end();
  const bySignature = new Map([...wanted.keys()].map((key, index) => [key, records[index]]));
  const recordsOf = (plan: readonly PlannedConnection[]) =>
    plan.flatMap((planned) => {
      const record = bySignature.get(signature(planned));
      return record === undefined ? [] : [{ ...record, uses: planned.connection.uses }];
    });
  return [recordsOf(now), recordsOf(then)];
}

/** The distributions of the origins that a change touches, by what `useId` makes of both. */
export type TouchedOrigins = ReadonlyMap<string, string>;

/** The origins, each of one distribution, whose connections are not the same in both plans. */
export function touchedOrigins(now: readonly PlannedConnection[], then: readonly PlannedConnection[]): TouchedOrigins {
  const [before, after] = [signaturesByUse(now), signaturesByUse(then)];
  const uses = [...now, ...then].flatMap(({ connection }) => connection.uses);
  return new Map(
    uses
      .filter((use) => before.get(useId(use)) !== after.get(useId(use)))
      .map((use) => [useId(use), use.distributionId]),
  );
}

function signaturesByUse(plan: readonly PlannedConnection[]): ReadonlyMap<string, string> {
  const uses = plan.flatMap((planned) =>
    planned.connection.uses.map((use) => [useId(use), signature(planned)] as const),
  );
  const byUse = Map.groupBy(uses, ([use]) => use);
  return new Map(
    [...byUse].map(([use, pairs]) => [
      use,
      pairs
        .map(([, key]) => key)
        .toSorted()
        .join(),
    ]),
  );
}

/** All that decides an observation and what is made of it; who uses the connection does not. */
function signature({ kind, connection }: PlannedConnection): string {
  return JSON.stringify([kind, { ...connection, uses: [] }]);
}
