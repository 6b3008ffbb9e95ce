import type { Finding } from "../../../lambda/judge/finding.ts";
import type { Policy } from "../../../lambda/judge/rule.ts";
import type { PlannedConnection } from "../../../lambda/plan/connection.ts";
import { describeFailure } from "../../../lambda/probe/describe-failure.ts";
import type {
  AddressObservation,
  AddressOutcome,
  DnsOutcome,
  Observation,
  ObservationFrom,
} from "../../../lambda/probe/observation.ts";
import { affectedBy, consequence } from "../../../lambda/report/affected.ts";
import type { ConnectionRecord } from "../../../lambda/report/record.ts";
import { verifyLabel } from "../../../lambda/report/reproduce.ts";
import { placeName, seenFromWords } from "../../../lambda/report/seen-from.ts";
import { counted, enumerated } from "../../../lambda/text/phrase.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { coloured, verdictStyle, verdictWord } from "../output/colour.ts";
import { expectedAndFound, findingHead, originLabel, worstFindings } from "../output/listing.ts";
import { brokenLines, wrapped } from "../output/wrap.ts";
import { chainTree } from "./chain-tree.ts";
import { agreement, experimentLine } from "./experiments.ts";
import { offerLines } from "./offer.ts";
import { rollCall } from "./rules.ts";

/** One connection with everything that is known of it. */
export type Explained = {
  readonly planned: PlannedConnection;
  readonly record: ConnectionRecord;
  /** From each vantage, in one order; none where nothing was to be seen. */
  readonly observations: readonly ObservationFrom[];
};

/** How it is printed. */
export type Explaining = {
  readonly policy: Policy;
  /** Also which rules found nothing. */
  readonly rules: boolean;
  /** Columns of the terminal, null where no line is broken. */
  readonly width: number | null;
};

/** Everything about one connection, as a text for a ticket. */
export function explanation(
  { planned, record, observations }: Explained,
  { policy, rules, width }: Explaining,
): string {
  const title = `${originLabel(record)}: ${verdictWord(record.verdict).toUpperCase()}`;
  const text = [
    coloured(title, verdictStyle[record.verdict]),
    "=".repeat(title.length),
    ...section([
      ...usesOf(record),
      ...(planned.kind === "probe" ? offerLines(planned.connection) : []),
      ...dnsRows(observations, planned),
      ...askedOf(record),
    ]),
    ...observations.flatMap(({ vantage, observation }) =>
      observedLines(observation, policy, observations.length > 1 ? `, from ${placeName(vantage)}` : ""),
    ),
    "",
    ...ruleLines(record, observations, rules),
  ].join("\n");
  // The command stays whole, to be copied.
  const command = record.reproduce === null ? null : printable(record.reproduce, 2_000);
  return [
    wrapped(text, width),
    ...(command === null ? [] : ["", wrapped(`${verifyLabel(command)}:`, width), command]),
    "",
  ].join("\n");
}

type Row = readonly [heading: string, text: string];

function section(rows: readonly Row[]): readonly string[] {
  return rows.map(([heading, text]) => `${heading.padEnd(9)} ${text}`.trimEnd());
}

function usesOf(record: ConnectionRecord): readonly Row[] {
  const { uses } = record;
  const rows = uses.slice(0, 10).map(({ distributionId, pathPatterns, aliases, group }, index): Row => {
    const paths = pathPatterns.length === 0 ? "" : ` for ${pathPatterns.slice(0, 8).join(", ")}`;
    const on = aliases.length === 0 ? "" : ` on ${aliases.slice(0, 5).join(", ")}`;
    const role = group === null ? "" : `, ${group.role} of group ${group.id}`;
    return [index === 0 ? "Used by" : "", printable(`${distributionId}${paths}${on}${role}`, 400)];
  });
  const more: Row[] = uses.length > 10 ? [["", `and ${uses.length - 10} more`]] : [];
  const [worst] = worstFindings(record);
  const effect = worst?.effect;
  const affected: Row[] =
    worst === undefined || uses.length === 0 || effect === undefined || effect === "note" || effect === "unseen"
      ? []
      : [
          [
            "Affected",
            consequence(
              affectedBy([record]),
              effect,
              worst.doubt === undefined ? null : printable(worst.doubt, 300),
              worst.mayAnswer,
            ),
          ],
        ];
  return [...rows, ...more, ...affected];
}

/** What was asked through distributions, and whose answer came, with the mark that tells. */
function askedOf({ witness }: ConnectionRecord): readonly Row[] {
  return (witness?.edgeAnswers ?? []).map((answer, index): Row => {
    const { method, request, status, whose, decidedBy, pop, elapsedMs } = answer;
    const asked = `${method} https://${request.host}${request.path}`;
    const where = pop === null ? "" : `, edge location ${pop}`;
    const text = `${asked} -> ${status}, ${whose} (${decidedBy})${where}, ${elapsedMs} ms`;
    return [index === 0 ? "Asked" : "", printable(text, 600)];
  });
}

/** One row where all vantages were told the same, else one for each. */
function dnsRows(observations: readonly ObservationFrom[], planned: PlannedConnection): readonly Row[] {
  if (observations.length === 0) return [["DNS", dnsInWords(null, planned)]];
  const answers = observations.map(
    ({ vantage, observation }) => [vantage, dnsInWords(observation.dns, planned)] as const,
  );
  const byAnswer = [...Map.groupBy(answers, ([, words]) => words)];
  return byAnswer.map(([words, from], index): Row => {
    const places =
      byAnswer.length === 1
        ? ""
        : ` (from ${enumerated(
            from.map(([vantage]) => placeName(vantage)),
            10,
          )})`;
    return [index === 0 ? "DNS" : "", `${words}${places}`];
  });
}

/** @param from what tells vantages apart, where there are several */
function observedLines({ addresses, addressesLeftOut }: Observation, policy: Policy, from: string): readonly string[] {
  return [
    ...addresses.flatMap((seen) => ["", ...addressLines(seen, policy, from)]),
    ...(addressesLeftOut > 0 ? ["", `${addressesLeftOut} more addresses were not checked${from}.`] : []),
  ];
}

function dnsInWords(dns: DnsOutcome | null, planned: PlannedConnection): string {
  if (dns === null) {
    const reason =
      planned.kind === "probe" ? "" : typeof planned.reason === "string" ? planned.reason : planned.reason.kind;
    return `not looked up: nothing to check (${reason})`;
  }
  const name = printable(planned.connection.domain, 253);
  switch (dns.kind) {
    case "answered":
      return [
        `${name} has ${dns.addresses.join(", ")}`,
        ...(dns.failed ?? []).map(({ recordType, error }) => `${recordType} got no answer: ${printable(error, 100)}`),
      ].join("; ");
    case "given":
      return `not looked up: ${dns.addresses.join(", ")} was given`;
    case "name-not-found":
      return dns.target === undefined
        ? `${name} does not exist (NXDOMAIN)`
        : `${name} is a CNAME for ${printable(dns.target, 253)}, which does not exist (NXDOMAIN)`;
    case "no-address":
      return `${name} exists and has no ${dns.recordTypes.join(" or ")} record`;
    case "lookup-failed":
      return `${name} could not be looked up: ${printable(dns.error, 100)}`;
    case "not-tried":
      return "not looked up: out of time";
    case "resolved-otherwise":
      return "the resolver there has another answer, so that what was seen there does not count";
  }
}

function addressLines({ address, outcome, ms }: AddressObservation, policy: Policy, from: string): readonly string[] {
  const head = coloured(`${address}${from}, ${Math.round(ms)} ms`, "bold");
  const transcript = "transcript" in outcome ? outcome.transcript : null;
  const experiments = "experiments" in outcome ? outcome.experiments : [];
  const listedOnly = "listedVersionsOnly" in outcome ? outcome.listedVersionsOnly : null;
  const asked = listedOnly === null ? experiments : [...experiments, listedOnly];
  const tree = transcript === null ? [] : chainTree(transcript.certificates, policy.anchors, policy.now);
  const sent = transcript?.certificates.length ?? 0;
  return [
    head,
    `  1. as CloudFront: ${outcomeInWords(outcome)}`,
    ...asked.map((experiment, index) => `  ${index + 2}. ${experimentLine(experiment)}`),
    ...(transcript === null ? [] : serverLines(transcript)),
    ...(sent === 0 ? [] : [`  ${counted(sent, "certificate")} sent:`]),
    ...tree.map((line) => `    ${line}`),
  ];
}

function serverLines({
  clientCertificateRequested,
  warnings,
  unreadable,
  bytesReceived,
}: TranscriptOf): readonly string[] {
  return [
    ...(clientCertificateRequested ? ["  the server asked for a client certificate"] : []),
    ...warnings.slice(0, 5).map(({ description }) => `  warning alert: ${printable(description, 80)}`),
    ...(unreadable === null ? [] : [`  its certificates could not be read: ${printable(unreadable, 200)}`]),
    `  ${bytesReceived} bytes came from the server`,
  ];
}

type TranscriptOf = Extract<AddressOutcome, { kind: "handshake-failed" }>["transcript"];

function outcomeInWords(outcome: AddressOutcome): string {
  switch (outcome.kind) {
    case "handshake-completed":
      return `the handshake was completed: ${agreement(outcome.transcript)}`;
    case "hello-agreed":
      return `the origin agreed to a ClientHello made by hand: ${agreement(outcome.transcript)}`;
    case "handshake-failed":
      return `the handshake failed: ${printable(describeFailure(outcome.failure), 200)}${stage(outcome.transcript)}`;
    case "connected":
      return "the port accepts connections";
    case "connect-refused":
      return "the port refuses connections";
    case "connect-timed-out":
      return `no answer to ${counted(outcome.attempts, "attempt")} of ${counted(outcome.timeoutMs / 1_000, "second")}`;
    case "connect-unreachable":
      return `no route from here (${printable(outcome.errno, 40)})`;
    case "not-dialled":
      return `no connection made: ${outcome.range} address`;
    case "not-tried":
      return outcome.reason === "deadline"
        ? "not checked: out of time"
        : `not checked: ${printable(outcome.reason.bug, 200)}`;
  }
}

function stage({ protocol, cipherSuite, certificates }: TranscriptOf): string {
  if (protocol === null) return ", before the server said anything of TLS";
  const chosen = `, after it had chosen ${printable(protocol, 40)}${cipherSuite === null ? "" : `, ${printable(cipherSuite, 80)}`}`;
  return certificates.length === 0 ? chosen : `${chosen} and sent its certificates`;
}

function ruleLines(
  record: ConnectionRecord,
  observations: readonly ObservationFrom[],
  rules: boolean,
): readonly string[] {
  const seen = observations.flatMap(({ observation }) => observation.addresses);
  const { spoke, silent, idle } = rollCall(seen, record.findings);
  return [
    spoke.length === 0 ? "Rules that found something: none" : "Rules that found something:",
    ...spoke.flatMap((finding) => [
      `  ${findingHead(finding)}`,
      ...expectedAndFound(finding.evidence),
      ...seenFromLine(record, finding, observations.length),
      ...finding.remedy.map((step) => `    - ${printable(step, 500)}`),
    ]),
    ...(rules
      ? [...listed("Rules that looked and found nothing", silent), ...listed("Rules that had nothing to look at", idle)]
      : [`${counted(silent.length, "more rule")} looked and found nothing (--rules lists them)`]),
  ];
}

/** Said where there are several vantages, of which some may not have seen it. */
function seenFromLine(record: ConnectionRecord, finding: Finding, vantages: number): readonly string[] {
  const words = vantages > 1 ? seenFromWords([{ finding, record }]) : null;
  return words === null ? [] : [`    seen from ${words}`];
}

/** Wrapped, because there are many. */
function listed(heading: string, codes: readonly string[]): readonly string[] {
  if (codes.length === 0) return [];
  const lines = brokenLines(codes.join(", ").split(" "), 98);
  return [`${heading} (${codes.length}):`, ...lines.map((line) => `  ${line}`)];
}
