import { isoInstant } from "../text/instant.ts";
import { type Certificate, presentedNames } from "../x509/certificate.ts";
import type { Facts, Json } from "./evidence.ts";
import type { CertificateView } from "./rule.ts";
import { warningWindowMs } from "./warning-window.ts";

const mostNamesShown = 20;

/** The names of a certificate for evidence: the first ones, and how many more there are. */
export function namesShown(certificate: Certificate): Json {
  const names = presentedNames(certificate);
  const more = names.length - mostNamesShown;
  return more > 0 ? [...names.slice(0, mostNamesShown), `and ${more} more`] : [...names];
}

/**
 * The span before its notAfter in which a certificate of a view counts as expiring, in milliseconds. When the leaf was
 * replaced says nothing about an intermediate, which lives much longer.
 */
export function warningWindowOf(certificate: Certificate, { leaf, connection, policy }: CertificateView): number {
  const { expiryWarningDays } = policy;
  const renewalShare = certificate === leaf ? (policy.renewalShareOf?.(connection) ?? null) : null;
  return warningWindowMs({ lifetimeMs: certificate.notAfter - certificate.notBefore, expiryWarningDays, renewalShare });
}

/** When a certificate expires, and since when that is warned about. */
export function expiryFacts(certificate: Certificate, view: CertificateView): Facts {
  const { notAfter } = certificate;
  const warnedFrom = notAfter - warningWindowOf(certificate, view);
  return { expiresAt: isoInstant(notAfter), warnedFrom: isoInstant(warnedFrom) };
}

/** The certificates of the path above the leaf that the server sent and that sign others. */
export function intermediates({ path }: CertificateView): readonly Certificate[] {
  return path.certificates.slice(1).filter(({ subjectKey, issuerKey }) => subjectKey !== issuerKey);
}
