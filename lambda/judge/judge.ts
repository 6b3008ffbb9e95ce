import type { Connection, PlannedConnection } from "../plan/connection.ts";
import {
  type AddressObservation,
  isEgress,
  type Observation,
  type ObservationFrom,
  type Transcript,
} from "../probe/observation.ts";
import type { CertificateReading } from "../x509/certificate.ts";
import { bestPath } from "../x509/path.ts";
import { addressRules, certificateRules, connectionRules, type FindingCode, ruleOf } from "./catalogue.ts";
import { causeOf } from "./cause.ts";
import { behindFunctions, withErrorPages } from "./edge-functions.ts";
import { severityOf } from "./effect.ts";
import type { Finding } from "./finding.ts";
import { findingOf } from "./finding-of.ts";
import { certificateInvalid, undecodable } from "./findings/certificate-invalid.ts";
import { certificateUnreadable } from "./findings/certificate-unreadable.ts";
import { originWentDark } from "./findings/origin-went-dark.ts";
import { probeFailed } from "./findings/probe-failed.ts";
import { someAddressesDark } from "./findings/some-addresses-dark.ts";
import { someAddressesFailing } from "./findings/some-addresses-failing.ts";
import { leafPositionAmong, readingsOf } from "./leaf-among.ts";
import { originAdvice } from "./origin-advice.ts";
import { stoppedAnswering } from "./origin-history.ts";
import type { AddressView, CertificateView, Policy, Rule } from "./rule.ts";
import { concluded } from "./several-vantages.ts";
import { together } from "./together.ts";
import { weighed } from "./weigh.ts";

/**
 * Judges what was seen on a connection: every defect, not only the first. Pure: the same input gives the same findings.
 *
 * @param observations one for each vantage; none where the plan says that there is nothing to try. With one of them nothing
 *   is said of vantages
 */
export function judge(planned: PlannedConnection, observations: readonly ObservationFrom[], policy: Policy): Finding[] {
  const [only = null] = observations;
  const found =
    only === null || observations.length === 1
      ? judgeFrom(planned, only, policy)
      : concluded(
          planned.connection,
          observations.map((each) => ({ ...each, findings: judgeFrom(planned, each, policy) })),
        );
  return withErrorPages(planned, behindFunctions(planned, found, policy));
}

/** @param seen null where nothing was to be tried */
function judgeFrom(planned: PlannedConnection, seen: ObservationFrom | null, policy: Policy): Finding[] {
  const { connection } = planned;
  const observation = seen?.observation ?? null;
  const whole = { planned, connection, observation, policy };
  const ofConnection = connectionRules.flatMap((rule) => apply(rule, whole, null));
  if (seen === null || observation === null) return advised(connection, ofConnection);
  const ofAddresses = observation.addresses.map((each) => ({
    address: each.address,
    isDark: each.outcome.kind === "connect-timed-out",
    answered: answered(each),
    findings: judgeServers({ ...each, connection, observation, transcript: transcriptOf(each), policy }),
  }));
  const found = [...ofConnection, ...wentDark(connection, seen, policy), ...acrossAddresses(ofAddresses)];
  return advised(connection, weighed(connection, found));
}

/**
 * Where an address was not tried or answered, nobody knows that the origin gives no answer. Nor does a vantage know it that
 * may never have got one, where it answered others only.
 */
function wentDark(
  connection: Connection,
  { vantage, observation: { addresses } }: ObservationFrom,
  { historyOf, now }: Policy,
): Finding[] {
  const history = historyOf?.(connection);
  if (history?.isThroughEgress === true && !isEgress(vantage)) return [];
  const dark = addresses.flatMap(({ address, outcome }) => (outcome.kind === "connect-timed-out" ? [address] : []));
  if (dark.length === 0 || addresses.some((seen) => answered(seen) || seen.outcome.kind === "not-tried")) return [];
  const { port } = connection;
  const accepted = addresses.flatMap(({ outcome }) => ("acceptedOn" in outcome ? (outcome.acceptedOn ?? []) : []));
  const acceptedOn = accepted[0] ?? null;
  return apply(originWentDark, { port, dark, acceptedOn, stopped: stoppedAnswering(history, now) }, null);
}

/**
 * What is said of a connection where looking or judging failed through a fault of ours. No other rule is asked: the one
 * that failed would fail again.
 */
export function judgeFault(planned: PlannedConnection, observation: Observation, policy: Policy): Finding[] {
  return apply(probeFailed, { planned, connection: planned.connection, observation, policy }, null);
}

/** Remedies for this kind of origin come before those for any origin. The first one is an alternative to nothing. */
function advised(connection: Connection, findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => {
    const advice = originAdvice(finding.code, connection);
    const [first, ...others] = advice === null ? finding.remedy : [advice, ...finding.remedy];
    return first === undefined ? finding : { ...finding, remedy: [withoutOr(first), ...others] };
  });
}

function withoutOr(step: string): string {
  return step.replace(/^Or (.)/, (_, letter: string) => letter.toUpperCase());
}

/**
 * Two handshakes with one address that met different certificates have met different servers. What only one of them does
 * wrong makes some cache misses fail; where both do something wrong, all do.
 */
function judgeServers(view: AddressView): Finding[] {
  const { outcome } = view;
  const first = judgeAddress(view);
  if (outcome.kind !== "handshake-completed" || outcome.otherCertificates === undefined) return first;
  const { otherCertificates: other, ...rest } = outcome;
  const second = judgeAddress({ ...view, outcome: { ...rest, ...other }, transcript: other.transcript });
  const all = together(first, second);
  if (first.some(isFatal) && second.some(isFatal)) return all;
  return all.map((finding) => (isFatal(finding) ? ofOneServer(finding) : finding));
}

function ofOneServer(finding: Finding): Finding {
  const remark =
    "A second handshake with this address met another certificate, of which this is not true: there are several servers behind the address.";
  return { ...softened(finding), explanation: `${finding.explanation} ${remark}` };
}

/** As something that makes some cache misses fail. */
function softened(finding: Finding): Finding {
  return { ...finding, effect: "may", severity: severityOf("may") };
}

function judgeAddress(view: AddressView): Finding[] {
  const found = addressRules.flatMap((rule) => apply(rule, view, view.address));
  const findings = causeOf(view.outcome)?.kind === "passing" ? found.map(asTransient) : found;
  const { transcript } = view;
  if (transcript === null) return findings;
  if (transcript.certificates.length === 0) return [...findings, ...withoutCertificates(view, transcript)];
  const readings = readingsOf(view);
  const unreadable = judgeUnreadable(readings, view);
  const certificates = certificateView(view, transcript, readings);
  if (certificates === null) return [...findings, ...unreadable];
  const ofCertificates = certificateRules.flatMap((rule) => apply(rule, certificates, view.address));
  // One finding for each code is enough: what cannot be decoded comes before what is decoded but not valid.
  const codes = new Set<string>(unreadable.map(({ code }) => code));
  return [...findings, ...unreadable, ...ofCertificates.filter(({ code }) => !codes.has(code))];
}

/** A failure that the probe saw succeed a moment later is transient, whatever the rule says. */
function asTransient(finding: Finding): Finding {
  return { ...finding, facts: { ...finding.facts, transient: true } };
}

/** What cannot be decoded is refused, unless OpenSSL accepted it. */
function judgeUnreadable(readings: readonly CertificateReading[], { outcome, address }: AddressView): Finding[] {
  const accepted = outcome.kind === "handshake-completed" && outcome.openssl.ok;
  if (accepted) return apply(certificateUnreadable, readings, address);
  const found = undecodable(readings);
  return found === undefined ? [] : [findingOf(certificateInvalid, found, address)];
}

/** Without a judged certificate nothing is healthy. */
function withoutCertificates({ outcome, address }: AddressView, { unreadable }: Transcript): Finding[] {
  if (outcome.kind !== "handshake-completed" && outcome.kind !== "hello-agreed") return [];
  const problem = unreadable ?? "none came";
  return apply(certificateUnreadable, [{ kind: "unreadable", problem }], address);
}

function certificateView(
  view: AddressView,
  transcript: Transcript,
  readings: readonly CertificateReading[],
): CertificateView | null {
  const leafPosition = leafPositionAmong(readings, view.outcome, view.connection.acceptedNames);
  const leaf = readings[leafPosition];
  if (leaf?.kind !== "certificate") return null;
  const others = readings.toSpliced(leafPosition, 1);
  const sent = [leaf, ...others].flatMap((reading) => (reading.kind === "certificate" ? [reading.certificate] : []));
  const path = bestPath(sent, view.policy.anchors, view.policy.now);
  const acceptedByOpenssl = view.outcome.kind === "handshake-completed" && view.outcome.openssl.ok;
  if (path === null) return null;
  return { ...view, transcript, leaf: leaf.certificate, leafPosition, sent, path, acceptedByOpenssl };
}

type JudgedAddress = {
  readonly address: string;
  /** It gave no answer to a connection request. */
  readonly isDark: boolean;
  readonly answered: boolean;
  readonly findings: readonly Finding[];
};

/** Whatever it answered; an attempt that was not made, or found no route, got no answer. */
function answered({ outcome: { kind } }: AddressObservation): boolean {
  return (
    kind !== "connect-timed-out" && kind !== "connect-unreachable" && kind !== "not-tried" && kind !== "not-dialled"
  );
}

/**
 * How CloudFront chooses among the addresses of a name is not documented. A defect at some of them makes some cache
 * misses fail, so it is not a certain 502; a defect at all of them is. An IPv6 address that this network has no way to
 * does not count: nothing speaks for its being better, and a Lambda function meets one on every dual-stack origin. Nor
 * does one that gave no answer while others did: it is neither healthy nor seen to fail, and a finding of its own.
 */
function acrossAddresses(addresses: readonly JudgedAddress[]): Finding[] {
  const dark = addresses.filter(({ isDark }) => isDark).map(({ address }) => address);
  const answering = addresses.filter((each) => each.answered).map(({ address }) => address);
  if (dark.length === 0 || answering.length === 0) return acrossJudged(addresses, addresses.length);
  const lit = addresses.filter(({ isDark }) => !isDark);
  return [...apply(someAddressesDark, { dark, answering }, null), ...acrossJudged(lit, addresses.length)];
}

function acrossJudged(addresses: readonly JudgedAddress[], total: number): Finding[] {
  const failing = addresses.filter(({ findings }) => findings.some(isFatal));
  const testable = addresses.filter(({ findings }) => !findings.some(({ code }) => ruleOf(code).stage === "no-route"));
  const all = addresses.flatMap(({ findings }) => findings);
  if (failing.length === 0 || failing.length === testable.length) return all;
  const risks = all.map((finding) => (isFatal(finding) ? softened(finding) : finding));
  return [...apply(someAddressesFailing, { failing, total }, null), ...risks];
}

function isFatal({ effect }: Finding): boolean {
  return effect === "502" || effect === "504";
}

function transcriptOf({ outcome }: AddressObservation): Transcript | null {
  return "transcript" in outcome ? outcome.transcript : null;
}

function apply<View>(rule: Rule<View, FindingCode>, view: View, address: string | null): Finding[] {
  const found = rule.examine(view);
  return found === undefined ? [] : [findingOf(rule, found, address)];
}
