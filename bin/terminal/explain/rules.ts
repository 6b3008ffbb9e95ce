import { addressRules, certificateRules, connectionRules, type FindingCode } from "../../../lambda/judge/catalogue.ts";
import type { Finding } from "../../../lambda/judge/finding.ts";
import { certificateUnreadable } from "../../../lambda/judge/findings/certificate-unreadable.ts";
import { someAddressesFailing } from "../../../lambda/judge/findings/some-addresses-failing.ts";
import type { AddressObservation } from "../../../lambda/probe/observation.ts";
import { worstFindings } from "../output/listing.ts";

/** Which rules found something, which looked and found nothing, and which had nothing to look at. */
export type RuleCall = {
  /** The worst first. */
  readonly spoke: readonly Finding[];
  readonly silent: readonly FindingCode[];
  /** Codes of the rules whose subject was not seen: no address, or no certificate. */
  readonly idle: readonly FindingCode[];
};

/**
 * Sorts the rules that judged a connection by what became of them.
 *
 * @param addresses what was seen of each, from wherever
 */
export function rollCall(addresses: readonly AddressObservation[], findings: readonly Finding[]): RuleCall {
  const spoke = new Set(findings.map(({ code }) => code));
  const sawAddress = addresses.length > 0;
  const sawCertificate = addresses.some(
    ({ outcome }) => "transcript" in outcome && outcome.transcript.certificates.length > 0,
  );
  const codesOf = (rules: readonly { readonly code: FindingCode }[]) => rules.map(({ code }) => code);
  const groups: readonly (readonly [codes: readonly FindingCode[], ran: boolean])[] = [
    [codesOf(connectionRules), true],
    [codesOf(addressRules), sawAddress],
    [codesOf([...certificateRules, certificateUnreadable]), sawCertificate],
    [codesOf([someAddressesFailing]), addresses.length > 1],
  ];
  const others = (ran: boolean) =>
    groups.flatMap(([codes, had]) => (had === ran ? codes.filter((code) => !spoke.has(code)) : []));
  return {
    spoke: worstFindings({ findings }),
    silent: others(true),
    idle: others(false),
  };
}
