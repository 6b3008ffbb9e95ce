import type { ConfigurationProblem } from "../configuration/configuration.ts";
import type { Scope } from "../configuration/scope.ts";
import type { Finding, StoredFinding, Verdict } from "../judge/finding.ts";
import type { HowFar } from "../judge/how-far.ts";
import type { Connection, SkipReason, Use } from "../plan/connection.ts";
import type { EdgeAnswer } from "../witness/edge-answer.ts";
import type { Traffic } from "../witness/traffic.ts";
import type { DistributionRecord } from "./distribution-record.ts";

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
  readonly observed: {
    readonly addresses: readonly ObservedAddress[];
    /** The vantages of the run and how far each got, where there are several; else absent. */
    readonly vantages?: readonly ObservedVantage[];
  };
  /** A command that shows what the probe saw, null when it did not connect. */
  readonly reproduce: string | null;
  /** What CloudFront itself says of it; absent where nothing is known. */
  readonly witness?: RecordWitness;
};

/** What CloudFront itself says of the distributions that use a connection. */
export type RecordWitness = {
  /** What it counted for each of them, answers from caches included; for the first ones where they are many. */
  readonly traffic?: readonly DistributionTraffic[];
  /** What it answered to requests through them that lead to this origin. */
  readonly edgeAnswers?: readonly RecordedEdgeAnswer[];
  /** When a request through one of them last reached the origin, ISO 8601. */
  readonly reachedOn?: string;
  /** The last request through each of them that was asked within a day reached the origin. */
  readonly gotThrough?: true;
};

export type DistributionTraffic = { readonly distributionId: string } & Traffic;

export type RecordedEdgeAnswer = {
  readonly distributionId: string;
  /** What was asked for. */
  readonly request: { readonly host: string; readonly path: string };
} & EdgeAnswer;

export type ConnectionSummary = Pick<Connection, "key" | "domain" | "port" | "serverName" | "acceptedNames"> & {
  /** The versions offered, always with TLS 1.3. */
  readonly protocols: readonly string[];
  readonly family: "ipv4" | "ipv6" | "dualstack";
};

/** The outcome for an address where only TCP was tried. */
export const connectionAccepted = "connection accepted";

/** Whether the words for what was met at an address say that it accepted a TCP connection. */
export function isConnectionAccepted(outcome: string): boolean {
  return [connectionAccepted, "handshake ", "hello "].some((words) => outcome.startsWith(words));
}

export type ObservedAddress = {
  readonly address: string;
  /** The outcome for the address in a few words: `handshake completed`, `connection refused` … */
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

/** How far one vantage got on the way to the origin, at every address that DNS gave it. */
export type ObservedVantage = {
  /** An AWS Region, or another name that the run has for it. */
  readonly vantage: string;
  /**
   * `nothing` where it could not look, `dns` where it got an answer of DNS and no further, `tcp` where the port refused,
   * `tls` where no certificate came, `certificate` where it saw all there is.
   */
  readonly got: HowFar;
  /** By Origin Shield CloudFront connects from here only, so that it alone decides whether the origin is reached. */
  readonly decides?: true;
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

/** Something that made the run incomplete, such as a list that AWS refused. */
export type RunProblem = Omit<ConfigurationProblem, "code"> & {
  readonly code:
    | ConfigurationProblem["code"]
    /** A distribution has a mute tag whose value cannot be read. */
    | "mute-tag-unreadable"
    /** What was asked for in `mutes.json` mutes nothing. */
    | "mutes-unreadable"
    /** A distribution has a tag for the path to ask for whose value cannot be read. */
    | "check-path-unreadable"
    /** By a fault of ours the run could not be compared with the state. */
    | "telling-failed"
    | "state-unreadable"
    /** The state has no room for all findings of an account. */
    | "findings-left-out"
    | "out-of-time"
    /** Nothing could be reached from here, CloudFront's API included: it says nothing of the origins. */
    | "no-network"
    /** No origin could be reached, and CloudFront's API could. */
    | "all-origins-dark"
    /** The observer answered something that was not asked. */
    | "observations-unusable"
    /** A Region did not observe all that was asked of it. */
    | "vantage-failed"
    /** There are more connections than one function can observe. */
    | "fleet-needed"
    /** A vantage reached no origin, and others did: it says nothing of the origins. */
    | "vantage-without-network"
    /** CloudWatch does not say what CloudFront counted. */
    | "traffic-unreadable";
};

/** The accounts of a run: that of the function, and those that it watches besides. */
export type RunAccounts = {
  readonly watched: readonly Scope[];
  /** In how many of them distributions could be listed. */
  readonly read: number;
  /** Ids of those for which this run had no time. */
  readonly unread: readonly string[];
  /**
   * Ids of those in the last complete list before this one, null where nobody remembers one. An account that is missing
   * in one list may be back in the next.
   */
  readonly listedBefore: readonly string[] | null;
  /** Whether there are no others. */
  readonly isComplete: boolean;
};

/** The result of a run: one record per connection plus what concerns the run itself. */
export type RunReport = {
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly distributions: number;
  /** Where the run observed from; absent where that is not known, as in a run that observed nothing. */
  readonly vantages?: readonly string[];
  readonly records: readonly ConnectionRecord[];
  /** Absent where nobody asked about the distributions themselves. */
  readonly distributionRecords?: readonly DistributionRecord[];
  /** By the settings nobody asks what CloudFront counts, so that nobody can say when errors are over. */
  readonly countsOff?: true;
  /** Absent in a terminal, which checks what it is given. */
  readonly accounts?: RunAccounts;
  readonly problems: readonly RunProblem[];
};
