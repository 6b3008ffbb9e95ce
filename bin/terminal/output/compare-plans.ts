import type { PlannedConnection } from "../../../lambda/plan/connection.ts";
import type { Given } from "../command.ts";
import { checkAll, toolsFor } from "../tools.ts";
import { type Checked, useId } from "./compare-verdicts.ts";
import { progressOf } from "./progress.ts";

/** Checks the origins that a change touches in both plans, and what is the same in both once only. */
export async function checkBoth(
  now: readonly PlannedConnection[],
  then: readonly PlannedConnection[],
  touched: TouchedOrigins,
  { options, source }: Pick<Given<unknown>, "options" | "source">,
  signal: AbortSignal,
): Promise<readonly [readonly Checked[], readonly Checked[]]> {
  const isTouched = ({ connection }: PlannedConnection) => connection.uses.some((use) => touched.has(useId(use)));
  const wanted = new Map([...now, ...then].filter(isTouched).map((planned) => [signature(planned), planned]));
  const progress = progressOf([...wanted.values()], true);
  const records = await checkAll([...wanted.values()], toolsFor(options, source, signal)(), progress.add);
  progress.end();
  const bySignature = new Map([...wanted.keys()].map((key, index) => [key, records[index]]));
  const checked = (plan: readonly PlannedConnection[]) =>
    plan.flatMap((planned): Checked[] => {
      const key = signature(planned);
      const record = bySignature.get(key);
      return record === undefined
        ? []
        : [{ planned, signature: key, record: { ...record, uses: planned.connection.uses } }];
    });
  return [checked(now), checked(then)];
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

/**
 * All that decides an observation and what is made of it; who uses the connection does not. Of a connection that nobody
 * causes, no setting matters.
 */
function signature(planned: PlannedConnection): string {
  const { kind, connection } = planned;
  if (isIdle(planned)) return JSON.stringify([kind, planned.reason]);
  return JSON.stringify([kind, { ...connection, uses: [] }]);
}

/** How many origins, each of one distribution, CloudFront connects to. */
export function originsInUse(plan: readonly PlannedConnection[], isSelected: (id: string) => boolean): number {
  const inUse = plan.filter((planned) => !isIdle(planned)).flatMap(({ connection }) => connection.uses.map(useId));
  return new Set(inUse.filter(isSelected)).size;
}

function isIdle(planned: PlannedConnection): planned is Extract<PlannedConnection, { kind: "skipped" }> {
  return planned.kind === "skipped" && planned.reason !== "s3-origin" && planned.reason !== "http-only";
}
