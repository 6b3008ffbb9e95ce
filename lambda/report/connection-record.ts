import { offerFor } from "../cloudfront/profile.ts";
import { ruleOf } from "../judge/catalogue.ts";
import type { Finding } from "../judge/finding.ts";
import { effectsOf } from "../judge/finding-of.ts";
import { howFar } from "../judge/how-far.ts";
import { decidingVantage } from "../judge/several-vantages.ts";
import { verdictOf } from "../judge/verdict.ts";
import type { Connection, PlannedConnection } from "../plan/connection.ts";
import type {
  AddressObservation,
  AddressOutcome,
  Observation,
  ObservationFrom,
  Vantage,
} from "../probe/observation.ts";
import { isoInstant } from "../text/instant.ts";
import { flat, sharedText } from "../text/shared.ts";
import { type Certificate, keyName, presentedNames, readCertificate } from "../x509/certificate.ts";
import {
  type ConnectionRecord,
  type ConnectionSummary,
  connectionAccepted,
  type ObservedAddress,
  type ObservedCertificate,
} from "./record.ts";
import { reproduce } from "./reproduce.ts";
import { withSharedTexts } from "./shared-texts.ts";

const mostNamesShown = 100;

/**
 * Combines the plan, the observations of each vantage and the findings of one connection.
 *
 * @param dnsServer the name server that was asked in place of the system's
 */
export function connectionRecord(
  planned: PlannedConnection,
  observations: readonly ObservationFrom[],
  findings: readonly Finding[],
  dnsServer?: string,
): ConnectionRecord {
  const verdict = verdictOf(planned, findings);
  return {
    schemaVersion: 1,
    connection: summary(planned.connection),
    uses: planned.connection.uses,
    verdict,
    skipped: planned.kind === "skipped" ? planned.reason : verdict === "skipped" ? "http-only" : null,
    findings: findings.length === 0 ? nothing : findings.map(withSharedTexts).map(withMayAnswer),
    observed: {
      // A list that grew has room for more; these are as many as there are connections, for the whole run.
      addresses: observations
        .flatMap(({ vantage, observation }) => observation.addresses.map((seen) => observedAddress(seen, vantage)))
        .slice(),
      ...vantagesOf(planned.connection, observations),
    },
    reproduce: flat(reproduce(planned, allSeen(observations), findings, dnsServer)),
  };
}

const nothing: readonly never[] = [];

/** With one vantage there is nothing to compare. */
function vantagesOf(
  connection: Connection,
  observations: readonly ObservationFrom[],
): Pick<ConnectionRecord["observed"], "vantages"> {
  if (observations.length < 2) return {};
  const deciding = decidingVantage(connection, observations);
  const vantages = observations.map(({ vantage, observation }) => ({
    vantage,
    got: howFar(observation),
    ...(vantage === deciding ? { decides: true as const } : {}),
  }));
  return { vantages };
}

/** Where it is only a risk: what the finding would mean on all addresses, or what its rule says. */
function withMayAnswer(finding: Finding): Finding {
  if (finding.effect !== "may") return finding;
  const rule = ruleOf(finding.code);
  if (finding.facts?.regions !== undefined)
    return finding.facts.regions.answers === "504" ? { ...finding, mayAnswer: "504" } : finding;
  const answers504 = effectsOf(rule).usually === "504" || rule.mayAnswer === "504";
  return answers504 ? { ...finding, mayAnswer: "504" } : finding;
}

/** For a command, the vantage makes no difference. */
function allSeen(observations: readonly ObservationFrom[]): Observation | null {
  const tried = observations.find(({ observation }) => observation.dns.kind !== "not-tried") ?? observations[0];
  if (tried === undefined) return null;
  return { ...tried.observation, addresses: observations.flatMap(({ observation }) => observation.addresses) };
}

function summary(connection: Connection): ConnectionSummary {
  const { key, domain, port, serverName, acceptedNames, ipAddressType, originSslProtocols, scheme } = connection;
  const protocols = scheme === "https" ? offerFor(originSslProtocols).versions : [];
  return { key, domain, port, serverName, protocols, family: ipAddressType, acceptedNames };
}

function observedAddress({ address, outcome, ms }: AddressObservation, seenFrom: Vantage): ObservedAddress {
  const transcript = "transcript" in outcome ? outcome.transcript : null;
  return {
    address: sharedText(address),
    outcome: inWords(outcome),
    protocol: sharedText(transcript?.protocol ?? null),
    cipherSuite: sharedText(transcript?.cipherSuite ?? null),
    group: sharedText(transcript?.group ?? null),
    signatureScheme: sharedText(transcript?.signatureScheme ?? null),
    chain: sharedChain((transcript?.certificates ?? []).map(observedCertificate)),
    ms,
    seenFrom,
  };
}

function observedCertificate(der: string): ObservedCertificate {
  const reading = readCertificate(Buffer.from(der, "base64"));
  if (reading.kind === "unreadable") {
    const unknown = `unreadable: ${reading.problem}`;
    return { subject: unknown, issuer: unknown, notBefore: "", notAfter: "", sha256: "", names: [], key: "" };
  }
  const { certificate } = reading;
  const known = shown.get(certificate);
  if (known !== undefined) return known;
  const observed = {
    subject: certificate.subject,
    issuer: certificate.issuer,
    notBefore: isoInstant(certificate.notBefore),
    notAfter: isoInstant(certificate.notAfter),
    sha256: certificate.sha256,
    names: presentedNames(certificate).slice(0, mostNamesShown),
    key: keyName(certificate.key),
  };
  shown.set(certificate, observed);
  return observed;
}

/** Otherwise each of thousands of connections would hold its own copy of the same certificate for the whole run. */
const shown = new WeakMap<Certificate, ObservedCertificate>();

/** The chain of a connection before it that begins with the same certificate, if it is the same chain. */
function sharedChain(chain: readonly ObservedCertificate[]): readonly ObservedCertificate[] {
  const [leaf] = chain;
  if (leaf === undefined) return nothing;
  const known = chains.get(leaf);
  if (known?.length === chain.length && known.every((each, index) => each === chain[index])) return known;
  chains.set(leaf, chain);
  return chain;
}

const chains = new WeakMap<ObservedCertificate, readonly ObservedCertificate[]>();

function inWords(outcome: AddressOutcome): string {
  switch (outcome.kind) {
    case "handshake-completed":
      return "handshake completed";
    case "handshake-failed":
      return outcome.failure.kind === "alert"
        ? `handshake failed: alert ${outcome.failure.alert.description}`
        : `handshake failed: ${outcome.failure.kind}`;
    case "hello-agreed":
      return "hello agreed (a suite or version that only CloudFront's library speaks)";
    case "connected":
      return connectionAccepted;
    case "connect-refused":
      return "connection refused";
    case "connect-timed-out":
      return "connection timed out";
    case "connect-unreachable":
      return `no route (${outcome.errno})`;
    case "not-dialled":
      return `not dialled: ${outcome.range}`;
    case "not-tried":
      return outcome.reason === "deadline" ? "not tried: out of time" : `not tried: ${outcome.reason.bug}`;
  }
}
