import type { AddressOutcome } from "../probe/observation.ts";

/**
 * Whether the server asked for a client certificate and then ended the handshake because none came. Before TLS 1.3
 * servers answer with handshake_failure or bad_certificate, since then with certificate_required (RFC 8446 §6.2);
 * some just close.
 */
export function refusesMissingClientCertificate(outcome: AddressOutcome): boolean {
  if (outcome.kind !== "handshake-failed" || !outcome.transcript.clientCertificateRequested) return false;
  const { failure } = outcome;
  return (
    failure.kind === "closed" ||
    failure.kind === "reset" ||
    (failure.kind === "alert" && refusals.has(failure.alert.code))
  );
}

/** handshake_failure, no_certificate, bad_certificate, certificate_unknown, unknown_ca, access_denied, certificate_required. */
const refusals = new Set([40, 41, 42, 46, 48, 49, 116]);
