/**
 * Who refuses something: OpenSSL, AWS's library (s2n with AWS-LC), or both. Found out by showing either a certificate
 * that has no other flaw (`test/certificates`).
 */
export type Refusers = "both" | "openssl" | "aws";

/** A flaw of a certificate itself, wherever it is on a path. */
export type Flaw = {
  /** Completes "The certificate ...". */
  readonly what: string;
  readonly refusedBy: Refusers;
};
