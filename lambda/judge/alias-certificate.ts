import type { AddressOutcome } from "../probe/observation.ts";
import { readCertificate } from "../x509/certificate.ts";
import { coverageOf } from "../x509/server-name.ts";

/** What the origin presents to an alias of the distribution, as a handshake with that server name showed. */
export type AliasCertificate = {
  readonly alias: string;
  /** It is trusted and covers the alias. */
  readonly isGood: boolean;
  /** The same in a sentence. */
  readonly sentence: string;
};

/** Null where no such handshake was made, or what came of it cannot be read. */
export function aliasCertificate(outcome: AddressOutcome): AliasCertificate | null {
  if (outcome.kind !== "handshake-completed" || outcome.forAlias === undefined) return null;
  const { serverName: alias, transcript, openssl } = outcome.forAlias;
  const [der] = transcript.certificates;
  const reading = der === undefined ? null : readCertificate(Buffer.from(der, "base64"));
  if (reading?.kind !== "certificate") return null;
  const covers = coverageOf(reading.certificate, alias) === "covered";
  const isGood = covers && openssl.ok;
  const ifForwarded = "if the Host header were forwarded";
  if (isGood) {
    return {
      alias,
      isGood,
      sentence: `${alias}, an alias of the distribution, would get a trusted certificate for its name ${ifForwarded}.`,
    };
  }
  const got =
    der === outcome.transcript.certificates[0]
      ? "the same certificate"
      : covers
        ? "another certificate, which is not accepted either"
        : "another certificate, which does not cover it";
  return { alias, isGood, sentence: `${alias}, an alias of the distribution, would get ${got} ${ifForwarded}.` };
}
