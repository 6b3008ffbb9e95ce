import type { AddressOutcome } from "../probe/observation.ts";
import { type Certificate, type CertificateReading, readCertificate } from "../x509/certificate.ts";
import { coverageOf } from "../x509/server-name.ts";
import type { AddressView } from "./rule.ts";

/** The certificates that one address sent, none where it sent none. */
export function readingsOf({ transcript }: Pick<AddressView, "transcript">): readonly CertificateReading[] {
  return (transcript?.certificates ?? []).map((der) => readCertificate(Buffer.from(der, "base64")));
}

/**
 * Where the server's own certificate stands among those sent. It must be the first (RFC 8446 §4.4.2), and where the
 * handshake went well it is. Where it failed, one further behind that is for the name and no CA certificate is taken
 * for it, if the first is not for the name or is one.
 */
export function leafPositionAmong(
  readings: readonly CertificateReading[],
  outcome: AddressOutcome,
  names: readonly string[],
): number {
  if (outcome.kind !== "handshake-failed") return 0;
  const mayBeLeaf = (certificate: Certificate) =>
    !certificate.isCa && names.some((name) => coverageOf(certificate, name) !== "not-covered");
  const position = readings.findIndex((reading) => reading.kind === "certificate" && mayBeLeaf(reading.certificate));
  return Math.max(position, 0);
}

/** Whether the certificates alone explain why our side ended the handshake. */
export function areRefusedAsSent(view: AddressView): boolean {
  const { outcome, connection } = view;
  if (outcome.kind !== "handshake-failed") return false;
  const readings = readingsOf(view);
  if (leafPositionAmong(readings, outcome, connection.acceptedNames) > 0) return true;
  return (
    outcome.failure.kind === "protocol-violation" &&
    readings.some(
      (reading) =>
        reading.kind === "unreadable" || reading.certificate.flaws.some((flaw) => flaw.refusedBy === "openssl"),
    )
  );
}
