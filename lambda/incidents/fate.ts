import type { ConnectionRecord } from "../tell/record.ts";
import type { GoneFinding } from "./change.ts";
import type { OpenFinding } from "./state.ts";

/** What became of an open finding that the current run does not report. */
export type Fate =
  | { readonly kind: "resolved" }
  | { readonly kind: "gone"; readonly reason: GoneFinding["reason"] }
  /** Another finding of the same connection, opened in this run, says the same or worse: nothing got better. */
  | { readonly kind: "superseded" }
  | { readonly kind: "frozen" };

/**
 * Decides what the absence of a finding means. Only a run that got as far on the connection as the finding's own
 * stage can resolve it: a certificate that nobody saw, because the port now refuses, has not been renewed.
 *
 * @param record what this run says about the connection, undefined when it says nothing
 * @param openedCodes the codes that this run opens on the connection
 * @param inventoryComplete every distribution and policy was read, so a missing connection does not exist any more
 */
export function fateOf(
  finding: OpenFinding,
  record: ConnectionRecord | undefined,
  openedCodes: ReadonlySet<string>,
  inventoryComplete: boolean,
): Fate {
  if (record === undefined) return inventoryComplete ? { kind: "gone", reason: "not-configured" } : { kind: "frozen" };
  switch (record.verdict) {
    case "healthy":
      return { kind: "resolved" };
    case "skipped":
      return inventoryComplete ? { kind: "gone", reason: record.skipped ?? "not-configured" } : { kind: "frozen" };
    case "unknown":
      return { kind: "frozen" };
    case "failing":
    case "at-risk":
      if (isSuperseded(finding, record, openedCodes)) return { kind: "superseded" };
      return stages.indexOf(stageOf(finding.code)) <= lastStageSeen(record) ? { kind: "resolved" } : { kind: "frozen" };
  }
}

function isSuperseded(finding: OpenFinding, record: ConnectionRecord, openedCodes: ReadonlySet<string>): boolean {
  const successor = successors[finding.code];
  if (successor !== undefined && openedCodes.has(successor)) return true;
  if (finding.code === "some-addresses-failing") return record.verdict === "failing" && openedCodes.size > 0;
  return finding.effect !== "may" && openedCodes.has("some-addresses-failing");
}

/** The index of the last stage that this run saw on every address, -1 when it did not even see the first. */
function lastStageSeen(record: ConnectionRecord): number {
  if (record.findings.some((finding) => finding.code === "out-of-time")) return -1;
  const { addresses } = record.observed;
  if (addresses.length > 0 && addresses.every((address) => address.chain.length > 0)) return stages.length - 1;
  const ends = record.findings.map((finding) => stages.findIndex((stage) => endingIn[stage].has(finding.code)));
  return Math.min(stages.indexOf("handshake"), ...ends.filter((end) => end >= 0));
}

/** What CloudFront has to get through, in this order. */
const stages = ["name", "connect", "handshake", "certificate"] as const;
type Stage = (typeof stages)[number];

/** Findings that end an attempt in a stage, so that the later ones are not seen. */
const endingIn: Readonly<Record<Stage, ReadonlySet<string>>> = {
  name: new Set(["dns-name-not-found", "dns-no-address", "dns-lookup-failed"]),
  connect: new Set(["dns-private-address", "connection-refused", "connection-timed-out", "connection-unreachable"]),
  handshake: new Set([
    "connection-reset",
    "handshake-timed-out",
    "tls-not-spoken",
    "no-shared-protocol",
    "no-shared-cipher",
    "no-shared-group",
    "no-shared-signature-scheme",
    "server-name-rejected",
    "handshake-rejected",
    "client-certificate-required",
  ]),
  certificate: new Set(),
};

/** A code that is not listed counts as one of the last stage, which only a complete observation can resolve. */
function stageOf(code: string): Stage {
  return stages.find((stage) => endingIn[stage].has(code)) ?? "certificate";
}

const successors: { readonly [code: string]: string } = {
  "certificate-expiring": "certificate-expired",
  "intermediate-expiring": "intermediate-expired",
};
