import type { Connection, PlannedConnection } from "../plan/connection.ts";
import type { AddressOutcome, Observation, Transcript } from "../probe/observation.ts";
import type { Certificate } from "../x509/certificate.ts";
import type { Path } from "../x509/path.ts";
import type { TrustAnchors } from "../x509/trust-anchors.ts";
import type { Effect } from "./effect.ts";
import type { Evidence, Facts } from "./evidence.ts";
import type { OriginHistory } from "./origin-history.ts";
import type { Prints, Proof } from "./proof.ts";

/** What rules are judged by. */
export type Policy = {
  /** Milliseconds since the epoch: the time as of which certificates are judged. */
  readonly now: number;
  /** The longest warning before a certificate expires, in days; short-lived ones get a quarter of their lifetime. */
  readonly expiryWarningDays: number;
  /**
   * The share of its lifetime that the certificate of a connection had left when it was last replaced; null where that
   * is not known. Nothing is known of any where it is absent.
   */
  readonly renewalShareOf?: (connection: Connection) => number | null;
  readonly anchors: TrustAnchors;
  /**
   * Who runs the check: somebody at a terminal, who cannot give it more time in a stack, and where what is checked is not
   * deployed yet, `before-deployment`, has nothing to mute. A deployed function where it is absent.
   */
  readonly occasion?: "terminal" | "before-deployment";
  /** What earlier runs know of an origin, where somebody remembers. */
  readonly historyOf?: (origin: Pick<Connection, "domain" | "port">) => OriginHistory | undefined;
};

/** One kind of defect: looks at a view and says what it found, or that it has nothing to say. */
export type Rule<View, Code extends string = string> = Declaration<Code> & {
  readonly examine: (view: View) => Found | undefined;
};

/** What a rule says of itself and so of each of its findings. Nobody else sorts findings by their code. */
export type Declaration<Code extends string = string> = {
  /** Stable, kebab-case, and the name of the rule's file. */
  readonly code: Code;
  /** The effect of a finding that does not say a lighter one; or what it usually is, and the worst that it may be. */
  readonly effect: Effect | { readonly usually: Effect; readonly atMost: Effect };
  /** What CloudFront may answer where it is only a risk, and nothing else says so; 502 unless given. */
  readonly mayAnswer?: "504";
  readonly stage: Stage;
  /** It may be gone with the next packet or the next answer of DNS, so one sighting is not enough to tell it. */
  readonly transient: boolean;
  /** What says the same or worse once it has come true, so that its own absence is no recovery. */
  readonly supersededBy: readonly Superseder[];
  readonly proof: Proof;
  /** What the rule reports, in one line, for the catalogue. */
  readonly summary: string;
  /** The page that the rule rests on. */
  readonly source: string;
  /** Nothing fails yet: the finding says what will, from a moment on that is known (`expiresAt`). */
  readonly warnsOfExpiry?: ExpiryWarning;
  /** What the command that proves it prints, where the kind of the proof does not tell. */
  readonly prints?: Prints;
  /** It only sums up what other findings of the connection say of single addresses. */
  readonly sumsUp?: "addresses";
  /** It is told again as often as what fails, also where it is only a risk. */
  readonly remindedDaily?: true;
  /** What to do in place of the remedy where CloudFront's own count or answer shows that it meets the same. */
  readonly remedyWhereCounted?: readonly string[];
  /** It depends on the very server name that was sent, so it says little where viewers use others. */
  readonly tiedToServerName?: true;
  /** Where the kind of the origin may make the first step of the remedy a particular one. */
  readonly advice?: Advice;
} & (
  | { readonly about: "reachability"; readonly witness: Witness }
  /** Absence or presence of errors at CloudFront says nothing about these. */
  | { readonly about: Exclude<Subject, "reachability">; readonly witness?: never }
);

/**
 * Where on the way to the origin a finding is seen. One of `dns`, `tcp` and `tls` means that the way ended there.
 * Whether a finding is over can be told by a run only that got as far.
 */
export type Stage =
  /** It follows from the configuration, or from the answer of DNS as a whole; no attempt is needed to see it. */
  | "no-attempt"
  | "dns"
  | "tcp"
  | "tls"
  /** All that the server sends: its certificates, what it agrees to and what it asks for. */
  | "certificate"
  /** Beyond what can be seen from here: whether the origin accepts CloudFront's client certificate. */
  | "client-certificate"
  /** In what CloudFront answers itself: no attempt from here can miss it. */
  | "edge-answer"
  /** An address that this network has no way to, which says nothing about the others. */
  | "no-route"
  /** The check itself gave up: nobody looked, at one address at least. */
  | "gave-up";

/** What a finding is about; it takes that from the facts that messages list as being in order. */
export type Subject =
  /** Whether the origin answers at all. */
  | "reachability"
  /** What the two sides agree on. */
  | "handshake"
  /** The names in the server's certificate. */
  | "names"
  /** The dates of the server's certificate. */
  | "validity"
  /** Anything else about the certificates sent. */
  | "chain"
  | "other";

/**
 * What CloudFront's own count of errors, or its answer to a request, may do to a finding about reachability: nothing,
 * keep its reminders quiet while CloudFront gets through, or also make it the error that CloudFront answers with,
 * whatever `effect` says. That there are no errors never clears a finding.
 */
export type Witness = "none" | "quiets" | "raises";

/** What will fail, and what keeps it from failing. */
export type ExpiryWarning = {
  /** As the title says it, but without the time: `certificate expires`. */
  readonly what: string;
  /** What goes on after "unless": `the certificate is renewed`. */
  readonly unless: string;
};

/** About the names that an origin of AWS answers for, or about a certificate that AWS renews and installs by itself. */
export type Advice = "names" | "managed-certificate";

/** Another rule, by which a finding on the same connection is meant, or the verdict of the connection. */
export type Superseder = { readonly code: string } | { readonly verdict: "failing" };

/** What a rule found. */
export type Found = {
  /** At most 45 characters, to be read after the name of an origin and after "was: ". */
  readonly title: string;
  /** What was found, in one sentence with the names that the title has no room for. */
  readonly cause: string;
  /** What follows from it for CloudFront. Empty where the cause says it all. */
  readonly explanation: string;
  /**
   * Of what may fail: the condition, or why it is not certain. A clause that goes on after "cache misses may get 502",
   * such as "if it treats CloudFront the same way" or "because AWS's pages disagree".
   */
  readonly doubt?: string;
  /** What to do, a command a step, the likeliest first. */
  readonly remedy: readonly string[];
  readonly evidence: Evidence;
  /** What the program itself goes by; whatever needs evidence reads it here and not in words. */
  readonly facts?: Facts;
  /** Where it is not the rule's usual one. */
  readonly effect?: Effect;
};

/** A rule about a connection as a whole. These three are there so that the code is known to the compiler. */
export function connectionRule<const Code extends string>(
  rule: Rule<ConnectionView, Code>,
): Rule<ConnectionView, Code> {
  return rule;
}

/** A rule about one address: TCP and the handshake. */
export function addressRule<const Code extends string>(rule: Rule<AddressView, Code>): Rule<AddressView, Code> {
  return rule;
}

/** A rule about the certificates that one address sent. */
export function certificateRule<const Code extends string>(
  rule: Rule<CertificateView, Code>,
): Rule<CertificateView, Code> {
  return rule;
}

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
  /** Where the leaf stands among the certificates sent: 0, unless a failed handshake shows that another one is first. */
  readonly leafPosition: number;
  /** All certificates in the order sent, but the leaf first. */
  readonly sent: readonly Certificate[];
  readonly path: Path;
  /** OpenSSL found a valid path to a trust anchor: then no reading of ours may say that there is none. */
  readonly acceptedByOpenssl: boolean;
};
