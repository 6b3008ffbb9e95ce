/**
 * Who refuses something: OpenSSL, AWS's library (s2n with AWS-LC), or both. Found out by showing either a certificate
 * that has nothing else the matter with it (`test/certificates`).
 */
export type Refusers = "both" | "openssl" | "aws";

/** What a certificate itself has the matter with it, wherever it stands on a path. */
export type Flaw = {
  /** Completes "The certificate ...". */
  readonly what: string;
  readonly refusedBy: Refusers;
};
