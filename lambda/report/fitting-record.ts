import { fitting } from "../text/fitting.ts";
import { visibleJsonLine } from "../text/json-line.ts";
import type { StoredRecord } from "./record.ts";

/**
 * A connection's record that was shortened to fit, and that may have been stored; `leftOut` exists only when something
 * was left out.
 */
export type FittingRecord = StoredRecord & { readonly leftOut?: LeftOut };

/** How many of each are missing because the record was too large. */
export type LeftOut = {
  readonly evidence?: number;
  readonly uses?: number;
  readonly certificateNames?: number;
  readonly addresses?: number;
  readonly findings?: number;
};

/**
 * A record of at most that many bytes of JSON, as a log has it. What is least needed to act is left out first: the
 * findings' evidence, then uses from the last one on, then names in certificates, then whole addresses and findings.
 * Counts say what is missing.
 */
export function fittingRecord(record: StoredRecord, maxBytes: number): FittingRecord {
  const reductions = [withoutEvidence, withFewerUses, withFewerNames, withFewerAddresses, withFewerFindings];
  return reductions.reduce<FittingRecord>(
    (smaller, reduce) => (sizeOf(smaller) <= maxBytes ? smaller : reduce(smaller, maxBytes / 4)),
    record,
  );
}

function withoutEvidence(record: FittingRecord): FittingRecord {
  const evidence = record.findings.filter((finding) => Object.keys(finding.evidence).length > 0).length;
  const findings = record.findings.map((finding) => ({ ...finding, evidence: {} }));
  return { ...record, findings, leftOut: { ...record.leftOut, evidence } };
}

function withFewerUses(record: FittingRecord, maxBytes: number): FittingRecord {
  const { kept, left } = firstThatFit(record.uses, maxBytes);
  return { ...record, uses: kept, leftOut: { ...record.leftOut, uses: left } };
}

function withFewerNames(record: FittingRecord): FittingRecord {
  const all = record.observed.addresses.flatMap(({ chain }) => chain.map(({ names }) => names.length));
  const certificateNames = all.reduce((sum, count) => sum + Math.max(count - keptNames, 0), 0);
  const addresses = record.observed.addresses.map((address) => ({
    ...address,
    chain: address.chain.map((certificate) => ({ ...certificate, names: certificate.names.slice(0, keptNames) })),
  }));
  return { ...record, observed: { addresses }, leftOut: { ...record.leftOut, certificateNames } };
}

const keptNames = 10;

function withFewerAddresses(record: FittingRecord, maxBytes: number): FittingRecord {
  const { kept, left } = firstThatFit(record.observed.addresses, maxBytes);
  return { ...record, observed: { addresses: kept }, leftOut: { ...record.leftOut, addresses: left } };
}

function withFewerFindings(record: FittingRecord, maxBytes: number): FittingRecord {
  const { kept, left } = firstThatFit(record.findings, maxBytes);
  return { ...record, findings: kept, leftOut: { ...record.leftOut, findings: left } };
}

function firstThatFit<T>(
  items: readonly T[],
  maxBytes: number,
): { readonly kept: readonly T[]; readonly left: number } {
  const kept = fitting(items, maxBytes, (item) => sizeOf(item) + 1);
  return { kept, left: items.length - kept.length };
}

function sizeOf(value: unknown): number {
  return Buffer.byteLength(visibleJsonLine(value));
}
