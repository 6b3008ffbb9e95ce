import type { Finding } from "../judge/finding.ts";
import { type OpenEffect, openEffect } from "../judge/open-effect.ts";
import { identity } from "../report/identity.ts";
import type { ConnectionRecord } from "../report/record.ts";
import { printable } from "../text/printable.ts";
import { dayMs } from "./policy.ts";
import { type Leaf, type Look, maxDistributionsKept } from "./state.ts";

/** A finding that counts, as one run saw it. */
export type Sighting = Look & {
  /** It may be gone with the next packet, so one run is not enough to tell it. */
  readonly fleeting: boolean;
};

/**
 * The findings that count, by identity: one for each connection and code whatever the number of addresses it was seen
 * on. `unseen` and `note` findings never count.
 *
 * @param expiryWarningDays the longest warning before a certificate expires
 */
export function sightingsIn(
  records: readonly ConnectionRecord[],
  now: Date,
  expiryWarningDays: number,
): ReadonlyMap<string, Sighting> {
  const found = new Map<string, Sighting>();
  for (const record of records) {
    for (const finding of record.findings) {
      const effect = openEffect(record.verdict, finding.effect);
      if (effect === null) continue;
      const sighting = sightingOf(record, finding, effect, now, expiryWarningDays);
      const other = found.get(identity(sighting));
      if (other === undefined || isWorse(sighting, other)) found.set(identity(sighting), sighting);
    }
  }
  return found;
}

function isWorse(a: Look, b: Look): boolean {
  return a.effect === b.effect ? a.stage > b.stage : b.effect === "may";
}

function sightingOf(
  record: ConnectionRecord,
  finding: Finding,
  effect: OpenEffect,
  now: Date,
  expiryWarningDays: number,
): Sighting {
  const distributions = [...new Set(record.uses.map((use) => use.distributionId))].sort();
  return {
    key: record.connection.key,
    code: finding.code,
    effect,
    title: printable(finding.title, 300),
    domain: printable(record.connection.domain, 300),
    port: record.connection.port,
    distributions: distributions.slice(0, maxDistributionsKept).map((id) => printable(id, 200)),
    distributionCount: distributions.length,
    stage: expiryStage(record, finding, now, expiryWarningDays),
    leaf: leafOf(record, finding.address),
    fleeting: isFleeting(record, finding),
  };
}

/**
 * Certificates and protocol settings do not change by themselves, so one look is enough. The network loses packets, and
 * a roll-out makes some addresses differ from the others for a while.
 */
function isFleeting({ findings }: ConnectionRecord, { code }: Finding): boolean {
  if (code.endsWith("-expiring")) return false;
  if (/^(dns|connection)-/.test(code) || fleetingCodes.has(code)) return true;
  return findings.some((other) => other.code === "some-addresses-failing");
}

const fleetingCodes: ReadonlySet<string> = new Set(["handshake-timed-out", "http-port-refused"]);

/**
 * How near an expiry is: crossing the half and the quarter of the warning window, and the last day, is news each time.
 * The window is the smaller of the policy's and a third of the certificate's lifetime.
 */
function expiryStage(record: ConnectionRecord, finding: Finding, now: Date, expiryWarningDays: number): number {
  if (!finding.code.endsWith("-expiring")) return 0;
  const { seen } = finding.evidence;
  const end = (typeof seen === "string" ? /notAfter (?<at>\S+)/.exec(seen)?.groups?.at : undefined) ?? "";
  const left = Date.parse(end) - now.getTime();
  if (Number.isNaN(left)) return 0;
  if (left <= dayMs) return 3;
  const certificate = record.observed.addresses
    .flatMap(({ chain }) => chain)
    .find(({ notAfter }) => Date.parse(notAfter) === Date.parse(end));
  const lifetime = Date.parse(end) - Date.parse(certificate?.notBefore ?? "");
  const longest = expiryWarningDays * dayMs;
  const window = Number.isNaN(lifetime) ? longest : Math.min(longest, lifetime / 3);
  return left <= window / 4 ? 2 : left <= window / 2 ? 1 : 0;
}

/** The server's certificate on the finding's address, or on the first one where it concerns all. */
function leafOf({ observed }: ConnectionRecord, address: string | null): Leaf | null {
  const seen = observed.addresses.find((entry) => address === null || entry.address === address);
  const leaf = seen?.chain[0];
  if (seen === undefined || leaf === undefined) return null;
  const { sha256, notAfter } = leaf;
  return { sha256: printable(sha256, 100), notAfter: printable(notAfter, 60), chainLength: seen.chain.length };
}
