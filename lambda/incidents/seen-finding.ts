import { scopeId } from "../configuration/scope.ts";
import { ruleOf } from "../judge/catalogue.ts";
import type { Finding } from "../judge/finding.ts";
import { type OpenEffect, openEffect } from "../judge/open-effect.ts";
import { rulesRevision } from "../judge/rules-revision.ts";
import { identity } from "../report/identity.ts";
import type { ConnectionRecord } from "../report/record.ts";
import { dayMs } from "../text/instant.ts";
import { printable } from "../text/printable.ts";
import { keptScope } from "./kept-scope.ts";
import { type FindingSnapshot, type Leaf, maxDistributionsKept, maxScopesKept, maxVantagesKept } from "./state.ts";

/** A finding that counts, as one run saw it. */
export type SeenFinding = FindingSnapshot & {
  /** It may pass by itself, so one run is not enough to report it. */
  readonly transient: boolean;
};

/**
 * The findings that count, by identity: one for each connection and code whatever the number of addresses it was seen
 * on. `unseen` and `note` findings never count.
 */
export function seenFindingsIn(records: readonly ConnectionRecord[], now: Date): ReadonlyMap<string, SeenFinding> {
  const found = new Map<string, SeenFinding>();
  for (const record of records) {
    for (const finding of record.findings) {
      const effect = openEffect(record.verdict, finding.effect);
      if (effect === null) continue;
      const seen = seenFindingOf(record, finding, effect, now);
      const other = found.get(identity(seen));
      const worst = other === undefined || isWorse(seen, other) ? seen : other;
      found.set(identity(seen), { ...worst, ...seenFromBoth(seen, other) });
    }
  }
  return found;
}

function seenFromBoth(one: SeenFinding, other: SeenFinding | undefined): Pick<SeenFinding, "seenFrom"> {
  if (one.seenFrom === undefined) return {};
  return { seenFrom: [...new Set([...(other?.seenFrom ?? []), ...one.seenFrom])].slice(0, maxVantagesKept) };
}

function isWorse(a: FindingSnapshot, b: FindingSnapshot): boolean {
  return a.effect === b.effect ? a.stage > b.stage : b.effect === "may";
}

function seenFindingOf(record: ConnectionRecord, finding: Finding, effect: OpenEffect, now: Date): SeenFinding {
  const distributions = [...new Set(record.uses.map((use) => use.distributionId))].sort();
  const scopes = [...new Map(record.uses.map((use) => [scopeId(use.scope), use.scope])).values()];
  return {
    kind: "connection",
    key: record.connection.key,
    code: finding.code,
    effect,
    title: printable(finding.title, 300),
    domain: printable(record.connection.domain, 300),
    port: record.connection.port,
    distributions: distributions.slice(0, maxDistributionsKept).map((id) => printable(id, 200)),
    distributionCount: distributions.length,
    scopes: scopes.slice(0, maxScopesKept).map(keptScope),
    scopeCount: scopes.length,
    stage: expiryStage(finding, now),
    leaf: leafOf(record, finding.address),
    rules: rulesRevision,
    ...(finding.seenFrom === undefined ? {} : { seenFrom: finding.seenFrom.map((place) => printable(place, 100)) }),
    transient: isTransient(record, finding),
  };
}

/**
 * Certificates and protocol settings do not change by themselves, so one observation is enough. The network loses
 * packets, and a roll-out makes addresses differ for a while. An expiry date is never transient.
 */
function isTransient({ findings }: ConnectionRecord, { code, facts }: Finding): boolean {
  const { warnsOfExpiry, transient } = ruleOf(code);
  if (warnsOfExpiry) return false;
  return transient || facts?.transient === true || findings.some((other) => ruleOf(other.code).sumsUp === "addresses");
}

/** How near an expiry is. Half of the warning window, a quarter of it, and the last day are each reported. */
function expiryStage({ facts }: Finding, now: Date): number {
  if (facts?.expiresAt === undefined) return 0;
  const end = Date.parse(facts.expiresAt);
  const left = end - now.getTime();
  if (left <= dayMs) return 3;
  const window = end - Date.parse(facts.warnedFrom ?? "");
  return left <= window / 4 ? 2 : left <= window / 2 ? 1 : 0;
}

/** The leaf certificate at the finding's address, or at the first address where the finding concerns all of them. */
function leafOf({ observed }: ConnectionRecord, address: string | null): Leaf | null {
  const seen = observed.addresses.find((entry) => address === null || entry.address === address);
  const leaf = seen?.chain[0];
  if (seen === undefined || leaf === undefined) return null;
  const { sha256, notAfter } = leaf;
  return { sha256: printable(sha256, 100), notAfter: printable(notAfter, 60), chainLength: seen.chain.length };
}
