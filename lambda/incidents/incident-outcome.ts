import { ruleOf } from "../judge/catalogue.ts";
import type { HowFar } from "../judge/how-far.ts";
import type { Declaration, Stage } from "../judge/rule.ts";
import { isEgress } from "../probe/observation.ts";
import type { ConnectionRecord, RunReport } from "../report/record.ts";
import type { GoneIncident } from "./change.ts";
import type { Incident } from "./state.ts";
import { isFromElsewhere, isLeftInSomeRegion, unheardVantages } from "./unheard-vantages.ts";

/** What became of an incident that the current run does not see. */
export type IncidentOutcome =
  | { readonly kind: "resolved" }
  | { readonly kind: "gone"; readonly reason: GoneIncident["reason"] }
  /** Another finding of the same connection now says the same or worse, or what is left of it: there is no recovery to report. */
  | { readonly kind: "superseded" }
  | { readonly kind: "frozen" };

/**
 * Decides what the absence of a finding means. Only a run that got as far on the connection as the finding's own
 * stage can resolve it: a certificate that nobody saw, because the port now refuses, has not been renewed. What a
 * program that knows more rules has left in the state cannot be seen by this one, so that it is not seen means nothing.
 *
 * @param record what this run says about the connection, undefined when it says nothing
 * @param currentCodes the codes that this run sees on the connection
 * @param inventoryComplete all that it depends on was read, so a missing connection does not exist any more
 * @param vantages where the run observes from
 */
export function outcomeOf(
  finding: Pick<Incident, "code" | "seenFrom">,
  record: ConnectionRecord | undefined,
  currentCodes: ReadonlySet<string>,
  inventoryComplete: boolean,
  vantages?: RunReport["vantages"],
): IncidentOutcome {
  if (record === undefined) return inventoryComplete ? { kind: "gone", reason: "not-configured" } : { kind: "frozen" };
  if (record.skipped !== null && record.skipped !== "http-only") {
    return inventoryComplete ? { kind: "gone", reason: record.skipped } : { kind: "frozen" };
  }
  const rule = ruleOf(finding.code);
  if (rule === undefined) return { kind: "frozen" };
  if (rule.stage === "edge-answer") {
    return record.witness?.gotThrough === true ? { kind: "resolved" } : { kind: "frozen" };
  }
  const isLeft = isFromElsewhere(finding, record, vantages);
  // A firewall that admitted the fixed addresses of a VPC alone lets nobody look any more, so that nothing else ends it.
  if (isLeft && finding.seenFrom?.every(isEgress) === true) return { kind: "gone", reason: "vantage-removed" };
  const outcome = outcomeByRule(rule, record, currentCodes);
  if (outcome.kind !== "resolved") return outcome;
  if (isLeftInSomeRegion(finding, record)) return { kind: "superseded" };
  if (vantagesNotFarEnough(finding, record).length > 0) return { kind: "frozen" };
  return isLeft ? { kind: "gone", reason: "vantage-removed" } : outcome;
}

/** The vantages without which nobody knows that a finding is over, and that did not get as far as its stage. */
export function vantagesNotFarEnough(
  finding: Pick<Incident, "code" | "seenFrom">,
  record: ConnectionRecord,
): readonly string[] {
  const stage = ruleOf(finding.code)?.stage ?? "no-attempt";
  return unheardVantages(finding, record, (got) => depth[stage] <= depth[stageBehind[got]]);
}

function outcomeByRule(
  rule: Declaration,
  record: ConnectionRecord,
  currentCodes: ReadonlySet<string>,
): IncidentOutcome {
  switch (record.verdict) {
    case "healthy":
    // A connection without TLS whose port was tried and accepted: nothing else can be said of it than that it works.
    case "skipped":
    case "unknown": {
      // What is healthy by CloudFront's answer only was not seen from here, and no answer ends an incident.
      const isUnseen = record.findings.some(({ effect }) => effect === "unseen");
      return !isUnseen || isUnknownElsewhere(record) ? { kind: "resolved" } : { kind: "frozen" };
    }
    case "failing":
    case "at-risk":
      if (isSuperseded(rule, record, currentCodes)) return { kind: "superseded" };
      return depth[rule.stage] <= depthSeen(record) ? { kind: "resolved" } : { kind: "frozen" };
  }
}

/**
 * The verdict is `unknown` for good where CloudFront presents a client certificate or where an IPv6 address cannot be
 * tried from here, and yet all the rest was seen and is in order. Were such a connection frozen, its findings would
 * never close, and the same fault would be silent when it came back.
 */
function isUnknownElsewhere(record: ConnectionRecord): boolean {
  const unseen = record.findings.filter((finding) => finding.effect === "unseen").map(({ code }) => ruleOf(code).stage);
  const beyondReach = unseen.every((stage) => stage === "client-certificate" || stage === "no-route");
  return unseen.length > 0 && beyondReach && sawEveryCertificate(record);
}

function isSuperseded(
  { supersededBy }: Pick<Declaration, "supersededBy">,
  record: ConnectionRecord,
  currentCodes: ReadonlySet<string>,
): boolean {
  return supersededBy.some((by) => ("code" in by ? currentCodes.has(by.code) : record.verdict === by.verdict));
}

/** How far an attempt must have got for what is seen in a stage to be missed; who goes beyond has passed the others. */
const depth: Readonly<Record<Stage, number>> = {
  "no-attempt": 0,
  dns: 1,
  tcp: 2,
  tls: 3,
  certificate: 4,
  "client-certificate": 4,
  "no-route": 4,
  "gave-up": 4,
  // Never by an attempt.
  "edge-answer": 5,
};

/** The stage of what a vantage that got so far would have seen, at every address that it was given. */
const stageBehind: Readonly<Record<HowFar, Stage>> = {
  nothing: "no-attempt",
  dns: "dns",
  tcp: "tcp",
  tls: "tls",
  certificate: "certificate",
};

/** How far this run got on every address of the connection. */
function depthSeen(record: ConnectionRecord): number {
  const stages = record.findings.map(({ code }) => ruleOf(code).stage);
  if (stages.includes("gave-up")) return depth["no-attempt"];
  // An answer for one address family only: the addresses of the other were not looked at. And an address that gave no
  // answer shows no more than its name does.
  const isSilent = record.findings.some(({ code, effect }) => effect === "unseen" && ruleOf(code).stage === "tcp");
  if (isSilent || stages.includes("dns")) return depth.dns;
  if (sawEveryCertificate(record)) return depth.certificate;
  const ends = stages.filter((stage) => stage === "dns" || stage === "tcp" || stage === "tls");
  return ends.length === 0 ? depth["no-attempt"] : Math.min(...ends.map((stage) => depth[stage]));
}

/** Of several vantages one is enough: what an address sends, it sends. */
function sawEveryCertificate({ findings, observed }: ConnectionRecord): boolean {
  const untestable = new Set(
    findings.filter(({ code }) => ruleOf(code).stage === "no-route").map(({ address }) => address),
  );
  const testable = observed.addresses.filter(({ address }) => !untestable.has(address));
  const seen = new Set(testable.filter(({ chain }) => chain.length > 0).map(({ address }) => address));
  return testable.length > 0 && testable.every(({ address }) => seen.has(address));
}
