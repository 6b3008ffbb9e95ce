import type { ConfigurationProblem } from "../configuration/configuration.ts";
import type { Finding, StoredFinding, Verdict } from "../judge/finding.ts";
import type { Connection, SkipReason, Use } from "../plan/connection.ts";

/** The result for one connection. */
export type ConnectionRecord = Omit<StoredRecord, "findings"> & { readonly findings: readonly Finding[] };

/**
 * The result for one connection as programs read it: a line of `check --json`, a log record of a run, an entry of a board.
 * A public contract; `schemaVersion` changes when a field changes its meaning.
 */
export type StoredRecord = {
  readonly schemaVersion: 1;
  readonly connection: ConnectionSummary;
  readonly uses: readonly Use[];
  readonly verdict: Verdict;
  /** Why the connection was not judged, null unless the verdict is `skipped`. */
  readonly skipped: SkipReason | null;
  readonly findings: readonly StoredFinding[];
  readonly observed: { readonly addresses: readonly ObservedAddress[] };
  /** A command that shows what we saw, null when nothing was dialled. */
  readonly reproduce: string | null;
};

export type ConnectionSummary = Pick<Connection, "key" | "domain" | "port" | "serverName" | "acceptedNames"> & {
  /** The versions offered, TLS 1.3 always among them. */
  readonly protocols: readonly string[];
  readonly family: "ipv4" | "ipv6" | "dualstack";
};

/** What became of an address at which TCP alone was tried. */
export const connectionAccepted = "connection accepted";

export type ObservedAddress = {
  readonly address: string;
  /** What became of the address in a few words: `handshake completed`, `connection refused` … */
  readonly outcome: string;
  readonly protocol: string | null;
  readonly cipherSuite: string | null;
  readonly group: string | null;
  readonly signatureScheme: string | null;
  readonly chain: readonly ObservedCertificate[];
  readonly ms: number;
  /** An AWS Region, or `here` where the check runs in none. */
  readonly seenFrom: string;
};

/** Text from the certificate is escaped: control, bidirectional and other invisible characters cannot pass. */
export type ObservedCertificate = {
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601, UTC. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly sha256: string;
  /** dNSName entries of the subject alternative name, or the common name where there are none. */
  readonly names: readonly string[];
  /** For example `RSA 2048` or `ECDSA P-256`. */
  readonly key: string;
};

/** Something that hampered the run, such as a list that AWS would not give. */
export type RunProblem = Omit<ConfigurationProblem, "code"> & {
  readonly code:
    | ConfigurationProblem["code"]
    /** A distribution's tag asks to be muted in words that cannot be understood. */
    | "mute-tag-unreadable"
    /** A fault of ours kept the run from being compared with what was told before. */
    | "telling-failed"
    | "state-unreadable"
    | "out-of-time"
    /** What looks at the origins answered something that was not asked. */
    | "observations-unusable";
};

/** The result of a run: one record per connection plus what concerns the run itself. */
export type RunReport = {
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly distributions: number;
  readonly records: readonly ConnectionRecord[];
  readonly problems: readonly RunProblem[];
};
