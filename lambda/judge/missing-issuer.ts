import type { Certificate } from "../x509/certificate.ts";
import type { CertificateView } from "./rule.ts";

/** The end of a path whose next certificate was not sent. */
export type MissingIssuer = { readonly last: Certificate; readonly kind: "intermediate" | "private-root" };

/**
 * Distinguishes a missing intermediate from a private root that was rightly not sent; on the wire both look the same.
 *
 * A certificate that says where its issuer's certificate is published (authority information access) comes from a CA
 * that publishes its certificates, so an intermediate is missing. Without it, an issuer whose name says that it is a
 * root counts as one, and so does a CDN's CA for its own origins.
 */
export function missingIssuer({ path, acceptedByOpenssl, sent, transcript }: CertificateView): MissingIssuer | null {
  if (acceptedByOpenssl || path.end.kind !== "issuer-missing") return null;
  // It may be the certificate that cannot be decoded.
  if (sent.length < transcript.certificates.length) return null;
  const { last } = path.end;
  const namesItselfRoot = /(^|[^a-z])(root|origin ssl|origin ca)([^a-z]|$)/i.test(last.issuer);
  const isPrivateRoot = last.caIssuers.length === 0 && namesItselfRoot;
  return { last, kind: isPrivateRoot ? "private-root" : "intermediate" };
}
