import type { ConnectionRecord } from "../report/record.ts";
import type { GoneIncident } from "./change.ts";
import type { Incident } from "./state.ts";

/** What became of an incident that the current run does not see. */
export type Fate =
  | { readonly kind: "resolved" }
  | { readonly kind: "gone"; readonly reason: GoneIncident["reason"] }
  /** Another finding of the same connection now says the same or worse, so there is no recovery to report. */
  | { readonly kind: "superseded" }
  | { readonly kind: "frozen" };

/**
 * Decides what the absence of a finding means. Only a run that got as far on the connection as the finding's own
 * stage can resolve it: a certificate that nobody saw, because the port now refuses, has not been renewed.
 *
 * @param record what this run says about the connection, undefined when it says nothing
 * @param currentCodes the codes that this run sees on the connection
 * @param inventoryComplete all that it depends on was read, so a missing connection does not exist any more
 */
export function fateOf(
  finding: Pick<Incident, "code">,
  record: ConnectionRecord | undefined,
  currentCodes: ReadonlySet<string>,
  inventoryComplete: boolean,
): Fate {
  if (record === undefined) return inventoryComplete ? { kind: "gone", reason: "not-configured" } : { kind: "frozen" };
  switch (record.verdict) {
    case "healthy":
      return { kind: "resolved" };
    case "skipped":
      // A connection without TLS whose port was tried and accepted: nothing else can be said of it than that it works.
      if (record.skipped === null || record.skipped === "http-only") return { kind: "resolved" };
      return inventoryComplete ? { kind: "gone", reason: record.skipped } : { kind: "frozen" };
    case "unknown":
      return isUnknownElsewhere(record) ? { kind: "resolved" } : { kind: "frozen" };
    case "failing":
    case "at-risk":
      if (isSuperseded(finding, record, currentCodes)) return { kind: "superseded" };
      return stages.indexOf(stageOf(finding.code)) <= lastStageSeen(record) ? { kind: "resolved" } : { kind: "frozen" };
  }
}

/**
 * The verdict is `unknown` for good where CloudFront presents a client certificate or where an IPv6 address cannot be
 * tried from here, and yet all the rest was seen and is in order. Were such a connection frozen, its findings would
 * never close, and the same fault would be silent when it came back.
 */
function isUnknownElsewhere(record: ConnectionRecord): boolean {
  const unseen = record.findings.filter((finding) => finding.effect === "unseen");
  return unseen.length > 0 && unseen.every(({ code }) => beyondReach.has(code)) && sawEveryCertificate(record);
}

const beyondReach: ReadonlySet<string> = new Set(["origin-mtls", "ipv6-not-testable"]);

function isSuperseded(
  finding: Pick<Incident, "code">,
  record: ConnectionRecord,
  currentCodes: ReadonlySet<string>,
): boolean {
  if (finding.code === "some-addresses-failing") return record.verdict === "failing";
  const successor = successorOf(finding.code);
  return successor !== undefined && currentCodes.has(successor);
}

/** The finding that says the same or worse once the one with this code has come true. */
export function successorOf(code: string): string | undefined {
  return successors[code];
}

const successors: { readonly [code: string]: string } = {
  "certificate-expiring": "certificate-expired",
  "intermediate-expiring": "intermediate-expired",
};

/** The index of the last stage that this run saw on every address, -1 when nothing was seen. */
function lastStageSeen(record: ConnectionRecord): number {
  if (record.findings.some((finding) => notTried.has(finding.code))) return -1;
  if (sawEveryCertificate(record)) return stages.indexOf("certificate");
  const ends = record.findings.map(({ code }) => stages.findIndex((stage) => endingIn[stage].has(code)));
  const known = ends.filter((end) => end >= 0);
  return known.length > 0 ? Math.min(...known) : -1;
}

function sawEveryCertificate({ findings, observed }: ConnectionRecord): boolean {
  const untestable = new Set(findings.filter(({ code }) => code === "ipv6-not-testable").map(({ address }) => address));
  const testable = observed.addresses.filter(({ address }) => !untestable.has(address));
  return testable.length > 0 && testable.every(({ chain }) => chain.length > 0);
}

/** What CloudFront has to get through, in this order. */
const stages = ["name", "connect", "handshake", "certificate"] as const;
type Stage = (typeof stages)[number];

/** Findings that end an attempt in a stage, so that the later ones are not seen. */
const endingIn: Readonly<Record<Stage, ReadonlySet<string>>> = {
  name: new Set(["dns-name-not-found", "dns-no-address", "dns-lookup-failed"]),
  connect: new Set([
    "dns-private-address",
    "connection-refused",
    "connection-timed-out",
    "connection-unreachable",
    "http-port-refused",
  ]),
  handshake: new Set([
    "connection-reset",
    "handshake-timed-out",
    "handshake-too-large",
    "tls-not-spoken",
    "no-shared-protocol",
    "no-shared-cipher",
    "undocumented-cipher",
    "no-shared-group",
    "no-shared-signature-scheme",
    "server-name-rejected",
    "handshake-rejected",
    "client-certificate-required",
  ]),
  certificate: new Set(),
};

/** Nobody looked, on some address at least. */
const notTried: ReadonlySet<string> = new Set(["out-of-time", "probe-failed"]);

/** A code that is not listed counts as one of the last stage, which only a complete observation can resolve. */
function stageOf(code: string): Stage {
  return stages.find((stage) => endingIn[stage].has(code)) ?? "certificate";
}
