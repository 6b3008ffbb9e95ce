import { ruleOf } from "../judge/catalogue.ts";
import type { Subject } from "../judge/rule.ts";
import {
  type ConnectionRecord,
  connectionAccepted,
  type ObservedAddress,
  type ObservedCertificate,
} from "../report/record.ts";
import { placeName } from "../report/seen-from.ts";
import { enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";

/**
 * What was looked at on a connection and is OK, a line for each group of addresses that agree. Only what the observation
 * itself shows is listed, and nothing that a finding on that address concerns, be it only a note.
 *
 * @param at the time of the observation, ISO 8601
 */
export function healthyFacts(record: ConnectionRecord, at: string): readonly string[] {
  const perAddress = record.observed.addresses.map(
    (address) => [address, healthyFactsOf(record, address, at).join("; ")] as const,
  );
  const groups = Map.groupBy(
    perAddress.filter(([, facts]) => facts !== ""),
    ([, facts]) => facts,
  );
  const isFromSeveral = record.observed.vantages !== undefined;
  const lines = [...groups].map(([facts, entries]) => {
    const addresses = entries.map(([address]) => address);
    return `${enumerated(namesOf(addresses, isFromSeveral), 6)}: ${facts}.`;
  });
  return lines.length > maxLines ? [...lines.slice(0, maxLines), `and ${lines.length - maxLines} more`] : lines;
}

const maxLines = 4;

/** Each address once, with the vantages that found it so where there are several. */
function namesOf(addresses: readonly ObservedAddress[], isFromSeveral: boolean): readonly string[] {
  return [...Map.groupBy(addresses, ({ address }) => address)].map(([address, seen]) => {
    const name = printable(address, 60);
    const places = seen.map(({ seenFrom }) => placeName(seenFrom));
    return isFromSeveral ? `${name} (from ${enumerated([...new Set(places)], 4)})` : name;
  });
}

function healthyFactsOf(record: ConnectionRecord, address: ObservedAddress, at: string): readonly string[] {
  const { port, acceptedNames } = record.connection;
  const found = record.findings
    .filter((finding) => finding.address === null || finding.address === address.address)
    .map((finding) => ruleOf(finding.code));
  const isDoubted = (subject: Subject) => found.some(({ about }) => about === subject);
  const endedInTls = found.some(({ stage }) => stage === "tls");
  const [leaf] = address.chain;

  const facts: string[] = [];
  // Without TLS nothing else is tried.
  const accepted = address.protocol !== null || address.outcome === connectionAccepted;
  if (accepted) facts.push(`TCP on port ${port}`);
  if (address.protocol !== null && address.cipherSuite !== null && !isDoubted("handshake") && !endedInTls) {
    facts.push(`${printable(address.protocol, 20)} with ${printable(address.cipherSuite, 60)}`);
  }
  if (leaf === undefined) return facts;
  const name = acceptedNames.find((accepted) => covers(leaf, accepted));
  if (name !== undefined && !isDoubted("names")) facts.push(`the certificate covers ${printable(name, 253)}`);
  const [now, from, until] = [Date.parse(at), Date.parse(leaf.notBefore), Date.parse(leaf.notAfter)];
  if (from <= now && now < until && !isDoubted("validity")) {
    facts.push(`the certificate expires on ${printable(leaf.notAfter, 40).slice(0, 10)}`);
  }
  if (!isDoubted("chain")) facts.push("the chain is complete and in order");
  return facts;
}

/** RFC 9525 §6.3: a wildcard stands for exactly one whole label, the leftmost. */
function covers({ names }: ObservedCertificate, name: string): boolean {
  const wanted = name.toLowerCase();
  const parent = wanted.slice(wanted.indexOf("."));
  return names.map((entry) => entry.toLowerCase()).some((entry) => entry === wanted || entry === `*${parent}`);
}
