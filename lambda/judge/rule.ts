import type { Connection, PlannedConnection } from "../plan/connection.ts";
import type { AddressOutcome, Observation, Transcript } from "../probe/observation.ts";
import type { Certificate } from "../x509/certificate.ts";
import type { Path } from "../x509/path.ts";
import type { TrustAnchors } from "../x509/trust-anchors.ts";
import type { Effect } from "./effect.ts";
import type { Evidence } from "./evidence.ts";

/** What rules are judged by. */
export type Policy = {
  /** Milliseconds since the epoch: the time as of which certificates are judged. */
  readonly now: number;
  /** The longest warning before a certificate expires, in days; short-lived ones get a third of their lifetime. */
  readonly expiryWarningDays: number;
  readonly anchors: TrustAnchors;
};

/** One kind of defect: looks at a view and says what it found, or that it has nothing to say. */
export type Rule<View> = {
  /** Stable, kebab-case, and the name of the rule's file. */
  readonly code: string;
  /** The effect that a finding of this rule has unless it says otherwise. */
  readonly effect: Effect;
  /** What the rule reports, in one line, for the catalogue. */
  readonly summary: string;
  /** The page that the rule rests on. */
  readonly source: string;
  readonly examine: (view: View) => Found | undefined;
};

export type Found = {
  readonly title: string;
  readonly explanation: string;
  readonly remedy: readonly string[];
  readonly evidence: Evidence;
  readonly effect?: Effect;
};

/** A connection as a whole: what was planned and what was seen, the latter null when nothing was tried. */
export type ConnectionView = {
  readonly planned: PlannedConnection;
  readonly connection: Connection;
  readonly observation: Observation | null;
  readonly policy: Policy;
};

/** One address of a connection. */
export type AddressView = {
  readonly connection: Connection;
  readonly address: string;
  readonly outcome: AddressOutcome;
  /** All that was seen of the connection, other addresses included. */
  readonly observation: Observation;
  /** What the server sent, null when no handshake was begun. */
  readonly transcript: Transcript | null;
  readonly policy: Policy;
};

/** One address whose certificates could be read. */
export type CertificateView = AddressView & {
  readonly transcript: Transcript;
  readonly leaf: Certificate;
  /** All certificates in the order sent. */
  readonly sent: readonly Certificate[];
  readonly path: Path;
  /** OpenSSL found a valid path to a trust anchor: then no reading of ours may say that there is none. */
  readonly acceptedByOpenssl: boolean;
};
