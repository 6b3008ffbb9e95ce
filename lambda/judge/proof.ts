/** What a person looks for in the output of a command. Null where the command shows it in no single place. */
export type Prints = { readonly failing: string | null; readonly fixed: string };

/**
 * What shows a finding of a rule to whoever does not believe it. lambda/report/reproduce.ts makes a command of each.
 * Where nothing is said of certificates, a handshake is one that CloudFront would make.
 */
export type Proof =
  /** Nothing was dialled, so no command can show it. */
  | "none"
  /** What DNS answers. */
  | "dns-answer"
  /** Whether the port accepts a connection. */
  | "connection"
  /** How a handshake begins or fails. */
  | "handshake"
  /** The same, given up after a while. */
  | "handshake-in-time"
  /** The same, held open: in TLS 1.3 a missing client certificate is refused after the handshake. */
  | "handshake-held-open"
  /** A handshake with nothing but what CloudFront offers of each. */
  | "offered-versions"
  | "offered-suites"
  | "offered-groups"
  | "offered-signature-schemes"
  /** Certificates in the order sent, the path's verdict and the name's: what most faults show in. */
  | "whole-handshake"
  /** The leaf's dates, names, or all that it says. */
  | "leaf-dates"
  | "leaf-names"
  | "leaf-text";
