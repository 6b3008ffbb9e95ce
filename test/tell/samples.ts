import type { X509Certificate } from "node:crypto";
import {
  addressRules,
  certificateRules,
  connectionRules,
  type FindingCode,
  type rules,
} from "../../lambda/judge/catalogue.ts";
import type { Finding } from "../../lambda/judge/finding.ts";
import { findingOf } from "../../lambda/judge/finding-of.ts";
import { certificateUnreadable } from "../../lambda/judge/findings/certificate-unreadable.ts";
import { cloudfrontAnswersError } from "../../lambda/judge/findings/cloudfront-answers-error.ts";
import { errorPageOrigin } from "../../lambda/judge/findings/error-page-origin.ts";
import { originWentDark } from "../../lambda/judge/findings/origin-went-dark.ts";
import { placeholderOrigin } from "../../lambda/judge/findings/placeholder-origin.ts";
import { seenThroughCloudfront } from "../../lambda/judge/findings/seen-through-cloudfront.ts";
import { someAddressesDark } from "../../lambda/judge/findings/some-addresses-dark.ts";
import { someAddressesFailing } from "../../lambda/judge/findings/some-addresses-failing.ts";
import { someRegionsFailing } from "../../lambda/judge/findings/some-regions-failing.ts";
import type { Stopped } from "../../lambda/judge/origin-history.ts";
import type { AddressView, CertificateView, ConnectionView, Policy, Rule } from "../../lambda/judge/rule.ts";
import type { Connection, FunctionBefore, PlannedConnection, UnseenReason, Use } from "../../lambda/plan/connection.ts";
import type {
  AddressOutcome,
  DnsOutcome,
  Experiment,
  ExperimentName,
  HandshakeFailure,
  Observation,
  OpensslVerdict,
  Transcript,
} from "../../lambda/probe/observation.ts";
import type { Certificate } from "../../lambda/x509/certificate.ts";
import type { PathEnd } from "../../lambda/x509/path.ts";

/**
 * Findings as the rules themselves make and say them, so that what is tested is what people read. What was seen is
 * written down here; that the rules see it on real servers is for test/judge to show.
 */

export const runAt = Date.parse("2026-11-23T03:12:40Z");
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What a sample may have of its own. */
export type Seen = {
  readonly domain?: string;
  readonly port?: number;
  readonly address?: string;
  readonly connection?: Partial<Connection>;
  /** When it is seen, in ms since the epoch; at the time of the run unless given. */
  readonly at?: number;
};

const anchors = {
  description: "Mozilla's CA list (of Node 24.21.0)",
  pem: [],
  namedAs: () => [],
  issuersOf: () => [],
  has: (certificate: Certificate) => certificate.subject.includes("ISRG Root"),
};
const policy: Policy = { now: runAt, expiryWarningDays: 21, anchors };
const policyAt = ({ at = runAt }: Seen): Policy => ({ ...policy, now: at });

/** What every sample has that does not say otherwise. */
let underlying: Pick<Connection, "domain"> & Partial<Connection> = { domain: "api.example.com" };

/** The samples of one code as they are of an origin of other names; those of which the rule then finds nothing are left out. */
export function samplesOf(code: keyof typeof samples, connection: typeof underlying): readonly Finding[] {
  const before = underlying;
  underlying = connection;
  try {
    return samples[code]();
  } catch (error) {
    if (error instanceof NothingFound) return [];
    throw error;
  } finally {
    underlying = before;
  }
}

class NothingFound extends Error {}

function connectionOf({ domain = underlying.domain, port = 443, connection = {} }: Seen): Connection {
  return {
    key: `https://${domain}:${port}`,
    port,
    scheme: "https",
    serverName: domain,
    forwardedHost: null,
    acceptedNames: [domain],
    originSslProtocols: ["TLSv1.2"],
    ipAddressType: "ipv4",
    originMtls: false,
    connectTimeoutMs: 10_000,
    connectAttempts: 3,
    alpn: [],
    originKind: "host",
    weight: "full",
    sampled: false,
    uses: [],
    ...connection,
    ...underlying,
    domain,
  };
}

export function certificateOf(subject: string, changes: Partial<Certificate> = {}): Certificate {
  return {
    sha256: "9f".repeat(32),
    subject,
    issuer: "CN=R11, O=Let's Encrypt, C=US",
    subjectKey: subject.toLowerCase(),
    issuerKey: "cn=r11",
    commonNames: [],
    serial: "01",
    isVersion1: false,
    notBefore: Date.parse("2026-10-01T00:00:00Z"),
    notAfter: Date.parse("2026-12-30T00:00:00Z"),
    key: { kind: "rsa", bits: 2048 },
    signatureAlgorithm: { oid: "1.2.840.113549.1.1.11", name: "sha256WithRSAEncryption" },
    // No rule checks a signature by itself.
    x509: undefined as unknown as X509Certificate,
    dnsNames: [subject.replace(/^CN=/, "")],
    hasSubjectAltName: true,
    hasAddressOrUri: false,
    hasBasicConstraints: true,
    isCa: false,
    pathLength: null,
    extendedKeyUsage: null,
    keyUsage: null,
    netscapeType: null,
    subjectKeyId: null,
    authorityKeyId: null,
    excludedDomains: [],
    caIssuers: ["http://r11.i.lencr.org/"],
    flaws: [],
    ...changes,
  };
}

const root = certificateOf("CN=ISRG Root X1, O=Internet Security Research Group, C=US", { isCa: true });
function intermediateOf(changes: Partial<Certificate> = {}): Certificate {
  return certificateOf("CN=R11, O=Let's Encrypt, C=US", { isCa: true, issuerKey: "cn=isrg root x1", ...changes });
}

const transcript: Transcript = {
  bytesReceived: 3_000,
  protocol: "TLSv1.2",
  cipherSuite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  group: "x25519",
  signatureScheme: "rsa_pss_rsae_sha256",
  certificates: [],
  clientCertificateRequested: false,
  warnings: [],
  unreadable: null,
};
const silent: Transcript = { ...transcript, protocol: null, cipherSuite: null, group: null, signatureScheme: null };

function completed(changes: { readonly openssl?: OpensslVerdict; readonly alpn?: string | null } = {}): AddressOutcome {
  return {
    kind: "handshake-completed",
    transcript,
    openssl: { ok: true },
    alpn: null,
    listedVersionsOnly: null,
    ...changes,
  };
}

type Hellos = { readonly [name in ExperimentName]?: Partial<Experiment> & { readonly outcome: Experiment["outcome"] } };

function failed(failure: HandshakeFailure, hellos: Hellos = {}, seen: Partial<Transcript> = {}): AddressOutcome {
  const nothing = { protocol: null, cipherSuite: null, group: null, signatureScheme: null, failure: null };
  const experiments = Object.entries(hellos).map(([name, own]) => ({
    name: name as ExperimentName,
    ...nothing,
    ...own,
  }));
  return { kind: "handshake-failed", failure, transcript: { ...silent, ...seen }, experiments };
}

function alert(code: number, description: string): HandshakeFailure {
  return { kind: "alert", alert: { level: "fatal", code, description } };
}

const handshakeFailure = alert(40, "handshake_failure");
const agreed = { outcome: "agreed" } as const;
const refused = { outcome: "failed", failure: "alert handshake_failure" } as const;

/** The finding of one rule on what is given. */
function found<View>(rule: Rule<View, FindingCode>, view: View, address: string | null): Finding {
  const own = rule.examine(view);
  if (own === undefined) throw new NothingFound(`${rule.code} finds nothing`);
  return findingOf(rule, own, address);
}

type ConnectionCode = (typeof connectionRules)[number]["code"];
type AddressCode = (typeof addressRules)[number]["code"];
type CertificateCode = (typeof certificateRules)[number]["code"];

function named<R extends { readonly code: string }>(all: readonly R[], code: string): R {
  const rule = all.find((each) => each.code === code);
  if (rule === undefined) throw new Error(`no rule ${code}`);
  return rule;
}

/** @param dns what DNS answered, or why nothing was tried */
export function ofConnection(
  code: ConnectionCode,
  planned: { readonly dns?: DnsOutcome } | Omit<Exclude<PlannedConnection, { kind: "probe" }>, "connection"> = {},
  seen: Seen = {},
): Finding {
  const connection = connectionOf(seen);
  const rule: Rule<ConnectionView, FindingCode> = named(connectionRules, code);
  if ("kind" in planned) {
    const plan = { ...planned, connection } as PlannedConnection;
    return found(rule, { planned: plan, connection, observation: null, policy }, null);
  }
  const { dns = { kind: "answered", addresses: ["203.0.113.7"] } as const } = planned;
  const observation: Observation = {
    dns,
    addresses: Array.from({ length: 16 }, (_, index) => ({
      address: `203.0.113.${index + 1}`,
      outcome: completed(),
      ms: 41,
    })),
    addressesLeftOut: 4,
  };
  return found(rule, { planned: { kind: "probe", connection }, connection, observation, policy }, null);
}

export function ofAddress(code: AddressCode, outcome: AddressOutcome, seen: Seen = {}): Finding {
  const { address = "203.0.113.7" } = seen;
  return found(named(addressRules, code) as Rule<AddressView, FindingCode>, addressView(outcome, seen), address);
}

function addressView(outcome: AddressOutcome, seen: Seen): AddressView {
  const { address = "203.0.113.7" } = seen;
  const observation: Observation = {
    dns: { kind: "answered", addresses: [address] },
    addresses: [{ address, outcome, ms: 41 }],
    addressesLeftOut: 0,
  };
  const sent = "transcript" in outcome ? outcome.transcript : null;
  return { connection: connectionOf(seen), address, outcome, observation, transcript: sent, policy: policyAt(seen) };
}

type Chain = {
  readonly sent?: readonly Certificate[];
  readonly path?: readonly Certificate[];
  readonly end?: PathEnd;
  readonly leafPosition?: number;
  /** What OpenSSL says of the path; null where it accepts it. */
  readonly openssl?: string | null;
};

export function ofCertificates(code: CertificateCode, chain: Chain, seen: Seen = {}): Finding {
  const { domain = underlying.domain, address = "203.0.113.7" } = seen;
  const { sent = [certificateOf(`CN=${domain}`), intermediateOf()], openssl = null } = chain;
  const { path = sent, end = { kind: "anchored", anchor: root }, leafPosition = 0 } = chain;
  const [leaf] = sent;
  if (leaf === undefined) throw new Error("no leaf");
  const outcome = completed({ openssl: openssl === null ? { ok: true } : { ok: false, code: openssl } });
  const view: CertificateView = {
    ...addressView(outcome, seen),
    transcript,
    leaf,
    leafPosition,
    sent,
    path: { indices: path.map((one) => sent.indexOf(one)), certificates: path, end },
    acceptedByOpenssl: openssl === null,
  };
  return found(named(certificateRules, code) as Rule<CertificateView, FindingCode>, view, address);
}

function unseen(reason: UnseenReason) {
  return { kind: "unseen", reason } as const;
}

function leafOf(changes: Partial<Certificate>, domain = underlying.domain): Certificate {
  return certificateOf(`CN=${domain}`, changes);
}

/** A leaf that expires so many milliseconds after the run, or before it. */
export function expiry(code: "certificate-expired" | "certificate-expiring", leftMs: number, seen: Seen = {}): Finding {
  const notAfter = (seen.at ?? runAt) + leftMs;
  const own = leafOf({ notBefore: notAfter - 90 * dayMs, notAfter }, seen.domain);
  return ofCertificates(code, { sent: [own, intermediateOf()], openssl: "CERT_HAS_EXPIRED" }, seen);
}

export function chainIncompleteAt(seen: Seen = {}): Finding {
  const leaf = leafOf({}, seen.domain);
  return ofCertificates(
    "chain-incomplete",
    { sent: [leaf], end: { kind: "issuer-missing", last: leaf }, openssl: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" },
    seen,
  );
}

export function refusedAt(address: string, port = 443, seen: Seen = {}): Finding {
  return ofAddress("connection-refused", { kind: "connect-refused", attempts: 3 }, { ...seen, address, port });
}

export function timedOutAt(address: string, port = 443, seen: Seen = {}): Finding {
  const outcome = { kind: "connect-timed-out", attempts: 3, timeoutMs: 10_000 } as const;
  return ofAddress("connection-timed-out", outcome, { ...seen, address, port });
}

export function someFailing(
  failing: readonly string[],
  total: number,
  code: FindingCode,
  effect: "502" | "504" = "502",
): Finding {
  const view = {
    failing: failing.map((address) => ({ address, findings: [{ code, effect }] })),
    total,
  };
  return found(someAddressesFailing, view, null);
}

export function wentDark(dark: readonly string[], stopped: Stopped, acceptedOn: number | null = null): Finding {
  return found(originWentDark, { port: 443, dark, acceptedOn, stopped }, null);
}

export function vpcOrigin(): Finding {
  const reason = { kind: "vpc-origin", vpcOriginId: "vo_EXAMPLE", ownerAccountId: null, endpoint: null } as const;
  return ofConnection("vpc-origin", unseen(reason));
}

const forwarded = {
  connection: {
    serverName: "www.example.com",
    forwardedHost: "www.example.com",
    acceptedNames: ["www.example.com", "api.example.com"],
  },
};
const namesRoot = "CN=Corp Root, O=Example Corp, C=US";
const corporate = leafOf({ issuer: namesRoot, caIssuers: [] });
const selfSigned = leafOf({ issuer: "CN=api.example.com", issuerKey: "cn=api.example.com" });
const expiredIntermediate = intermediateOf({ notAfter: runAt - 12 * dayMs });
const expiringIntermediate = intermediateOf({ notAfter: runAt + 5 * dayMs });
const leaf = leafOf({});
const everything = { everything: agreed, "cloudfront-versions": agreed } as const;

const apiUse: Use = {
  distributionId: "E1EXAMPLE",
  scope: { accountId: "111122223333", accountName: "prod", partition: "aws" },
  distributionDomain: null,
  comment: "",
  originId: "api",
  pathPatterns: ["/api/*"],
  aliases: [],
  group: null,
  isDefault: false,
  enabled: true,
  staging: false,
  tenants: null,
  viewerSchemes: ["https"],
  failover: null,
  reroutedBy: [],
};

const rewrite: FunctionBefore = {
  arn: "arn:aws:cloudfront::111122223333:function/rewrite",
  eventType: "viewer-request",
  runtime: "cloudfront-functions",
  pathPattern: "*",
};
const routeArn = "arn:aws:lambda:us-east-1:111122223333:function:route:3";

/** Of every code one finding or several, where the rule has several things to say. */
export const samples: Readonly<Record<(typeof rules)[number]["code"], () => readonly Finding[]>> = {
  "s3-website-over-https": () => [
    ofConnection(
      "s3-website-over-https",
      { kind: "foreseen", reason: "s3-website-over-https" },
      { domain: "site.s3-website.eu-central-1.amazonaws.com" },
    ),
  ],
  "dns-name-not-found": () => [
    ofConnection("dns-name-not-found", { dns: { kind: "name-not-found" } }),
    ofConnection("dns-name-not-found", { dns: { kind: "name-not-found", target: "gone.example.net" } }),
  ],
  "dns-no-address": () => [
    ofConnection("dns-no-address", { dns: { kind: "no-address", recordTypes: ["A"] } }),
    ofConnection("dns-no-address", { dns: { kind: "no-address", recordTypes: ["A", "AAAA"] } }),
  ],
  "dns-lookup-failed": () => [
    ofConnection("dns-lookup-failed", { dns: { kind: "lookup-failed", error: "SERVFAIL" } }),
    ofConnection("dns-lookup-failed", {
      dns: { kind: "answered", addresses: ["203.0.113.7"], failed: [{ recordType: "AAAA", error: "SERVFAIL" }] },
    }),
  ],
  "vpc-origin": () => [vpcOrigin()],
  "tenant-parameters-unresolved": () => [
    ofConnection(
      "tenant-parameters-unresolved",
      unseen({ kind: "tenant-parameters-unresolved", parameters: ["customer"] }),
    ),
  ],
  "policy-unresolved": () => [
    ofConnection(
      "policy-unresolved",
      unseen({ kind: "policy-unresolved", parameters: [], policyIds: ["b2884449-e4de-46a7-ac36-70bc7f1ddd6d"] }),
    ),
  ],
  "viewer-host-unknown": () =>
    (["staging", "multi-tenant", "aliases"] as const).map((why) =>
      ofConnection(
        "viewer-host-unknown",
        unseen({ kind: "viewer-host-unknown", why, expressions: [], parameters: [] }),
      ),
    ),
  "template-value-unresolved": () => [
    ofConnection(
      "template-value-unresolved",
      unseen({ kind: "template-value-unresolved", expressions: ["Ref OriginDomain"], parameters: ["OriginDomain"] }),
    ),
    ofConnection(
      "template-value-unresolved",
      unseen({ kind: "template-value-unresolved", expressions: ["GetAtt Balancer.DNSName"], parameters: [] }),
    ),
  ],
  "origin-invalid": () => [
    ofConnection("origin-invalid", unseen({ kind: "origin-invalid", detail: 'domain name "a b" contains a space' })),
  ],
  "origin-unused": () => [ofConnection("origin-unused", { kind: "skipped", reason: "origin-unused" })],
  "out-of-time": () => [ofConnection("out-of-time", { dns: { kind: "not-tried", reason: "deadline" } })],
  "probe-failed": () => [ofConnection("probe-failed", { dns: { kind: "not-tried", reason: { bug: "EMFILE" } } })],
  "protocol-sslv3-enabled": () => [
    ofConnection("protocol-sslv3-enabled", {}, { connection: { originSslProtocols: ["SSLv3", "TLSv1"] } }),
  ],
  "addresses-left-out": () => [ofConnection("addresses-left-out")],
  "edge-function-may-reroute": () => [
    ofConnection(
      "edge-function-may-reroute",
      {},
      {
        connection: {
          uses: [
            {
              ...apiUse,
              reroutedBy: [
                { pathPattern: "/api/*", arn: routeArn },
                { pathPattern: "*", arn: routeArn },
              ],
            },
          ],
        },
      },
    ),
  ],
  "dns-private-address": () => [
    ofAddress("dns-private-address", { kind: "not-dialled", range: "private" }, { address: "10.0.0.1" }),
    ofAddress(
      "dns-private-address",
      { kind: "not-dialled", range: "unique local" },
      { address: "fd00:1234:5678:9abc:def0:1234:5678:9abc" },
    ),
  ],
  "connection-refused": () => [refusedAt("203.0.113.7")],
  "http-port-refused": () => [
    ofAddress(
      "http-port-refused",
      { kind: "connect-refused", attempts: 3 },
      { port: 80, connection: { scheme: "http", serverName: null } },
    ),
  ],
  "connection-timed-out": () => [timedOutAt("203.0.113.7")],
  "connection-unreachable": () => [
    ofAddress("connection-unreachable", { kind: "connect-unreachable", errno: "EHOSTUNREACH" }),
  ],
  "ipv6-not-testable": () => [
    ofAddress("ipv6-not-testable", { kind: "connect-unreachable", errno: "ENETUNREACH" }, { address: "2001:db8::7" }),
  ],
  "connection-reset": () => [
    ofAddress("connection-reset", failed({ kind: "closed" })),
    ofAddress("connection-reset", failed({ kind: "reset" }, { "as-cloudfront": agreed, "whole-handshake": agreed })),
    ofAddress("connection-reset", failed({ kind: "reset" }, { "without-tls13": agreed })),
    ofAddress(
      "connection-reset",
      failed({ kind: "reset" }, { "without-tls13": agreed, "without-tls13-as-long": refused }),
    ),
    ofAddress("connection-reset", failed({ kind: "reset" }, { "as-cloudfront": agreed })),
  ],
  "handshake-timed-out": () => [
    ofAddress("handshake-timed-out", failed({ kind: "timed-out", timeoutMs: 10_000 })),
    ofAddress(
      "handshake-timed-out",
      failed({ kind: "timed-out", timeoutMs: 1_000 }, { "without-server-name": agreed }),
    ),
  ],
  "handshake-too-large": () => [
    ofAddress("handshake-too-large", failed({ kind: "too-much-data", limitBytes: 262_144 })),
  ],
  "chain-too-long": () => [
    ofAddress("chain-too-long", failed(handshakeFailure, {}, { certificates: Array(9).fill("AAAA") })),
    ofAddress("chain-too-long", failed(handshakeFailure, {}, { certificates: ["A".repeat(100_000)] })),
  ],
  "tls-not-spoken": () =>
    ["HTTP/1.1 400 Bad Request", "SSH-2.0-OpenSSH_9.6", "220 mail.example.com ESMTP", "\\x00\\x01"].map((preview) =>
      ofAddress("tls-not-spoken", failed({ kind: "not-tls", preview })),
    ),
  "no-shared-protocol": () => [
    ofAddress(
      "no-shared-protocol",
      failed(alert(70, "protocol_version"), {
        everything: { ...agreed, protocol: "TLSv1.1" },
        "cloudfront-versions": refused,
      }),
    ),
    ofAddress("no-shared-protocol", failed(alert(70, "protocol_version"))),
    ofAddress("no-shared-protocol", failed(alert(70, "protocol_version")), {
      connection: { originSslProtocols: ["SSLv3"] },
    }),
    ofAddress(
      "no-shared-protocol",
      failed({ kind: "protocol-violation", detail: "unexpected" }, {}, { protocol: "TLSv1" }),
    ),
  ],
  "no-shared-cipher": () => [
    ofAddress(
      "no-shared-cipher",
      failed(handshakeFailure, {
        ...everything,
        "cloudfront-versions": { ...agreed, cipherSuite: "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256" },
        "cloudfront-suites": refused,
      }),
    ),
  ],
  "undocumented-cipher": () => [
    ofAddress(
      "undocumented-cipher",
      failed(handshakeFailure, {
        ...everything,
        "cloudfront-suites": refused,
        "undocumented-suites": { ...agreed, cipherSuite: "TLS_RSA_WITH_AES_128_GCM_SHA256" },
      }),
    ),
  ],
  "no-shared-group": () => [
    ofAddress(
      "no-shared-group",
      failed(handshakeFailure, {
        ...everything,
        "cloudfront-suites": { ...agreed, group: "secp521r1" },
        "cloudfront-groups": refused,
      }),
    ),
    ofAddress(
      "no-shared-group",
      failed(handshakeFailure, {
        ...everything,
        "cloudfront-suites": { ...agreed, group: "x25519" },
        "cloudfront-groups": refused,
      }),
    ),
  ],
  "no-shared-signature-scheme": () => [
    ofAddress(
      "no-shared-signature-scheme",
      failed(handshakeFailure, {
        ...everything,
        "cloudfront-suites": agreed,
        "cloudfront-groups": { ...agreed, signatureScheme: "ed25519" },
        "cloudfront-schemes": refused,
      }),
    ),
  ],
  "server-name-rejected": () => [
    ofAddress("server-name-rejected", failed(alert(112, "unrecognized_name"))),
    ofAddress(
      "server-name-rejected",
      failed(alert(112, "unrecognized_name"), { "as-cloudfront": agreed, "whole-handshake": agreed }),
    ),
    ofAddress("server-name-rejected", failed(handshakeFailure, { "without-server-name": agreed }), forwarded),
    ofAddress("server-name-rejected", failed(handshakeFailure, { "origin-domain-as-server-name": agreed }), forwarded),
  ],
  "client-certificate-required": () => [
    ofAddress(
      "client-certificate-required",
      failed(handshakeFailure, {}, { ...transcript, clientCertificateRequested: true }),
    ),
  ],
  "client-certificate-requested": () => [
    ofAddress("client-certificate-requested", {
      kind: "handshake-completed",
      transcript: { ...transcript, clientCertificateRequested: true },
      openssl: { ok: true },
      alpn: null,
      listedVersionsOnly: null,
    }),
  ],
  "origin-mtls": () => [
    ofAddress("origin-mtls", failed(handshakeFailure, {}, { ...transcript, clientCertificateRequested: true }), {
      connection: { originMtls: true },
    }),
  ],
  "grpc-http2-not-agreed": () => [
    ofAddress("grpc-http2-not-agreed", completed({ alpn: null }), { connection: { alpn: ["h2"] } }),
  ],
  "protocol-set-ambiguous": () => [
    ofAddress(
      "protocol-set-ambiguous",
      {
        kind: "handshake-completed",
        transcript: { ...transcript, protocol: "TLSv1.1" },
        openssl: { ok: true },
        alpn: null,
        listedVersionsOnly: {
          name: "listed-versions-only",
          outcome: "failed",
          protocol: null,
          cipherSuite: null,
          group: null,
          signatureScheme: null,
          failure: "alert protocol_version",
        },
      },
      { connection: { originSslProtocols: ["TLSv1", "TLSv1.2"] } },
    ),
  ],
  "handshake-rejected": () => [
    ofAddress("handshake-rejected", failed(handshakeFailure)),
    ofAddress("handshake-rejected", failed(handshakeFailure, { "as-cloudfront": agreed, "whole-handshake": agreed })),
    ofAddress("handshake-rejected", failed({ kind: "reset" }, {}, { protocol: "TLSv1.3" })),
    ofAddress("handshake-rejected", failed(alert(120, "no_application_protocol")), { connection: { alpn: ["h2"] } }),
  ],
  "certificate-name-mismatch": () => [
    ofCertificates("certificate-name-mismatch", { sent: [certificateOf("CN=other.example.net"), intermediateOf()] }),
    ofCertificates(
      "certificate-name-mismatch",
      { sent: [certificateOf("CN=other.example.net"), intermediateOf()] },
      forwarded,
    ),
  ],
  "certificate-host-mismatch": () => [ofCertificates("certificate-host-mismatch", {}, forwarded)],
  "certificate-expired": () => [2 * hourMs, 3 * dayMs, 30_000].map((ago) => expiry("certificate-expired", -ago)),
  "certificate-not-yet-valid": () => [
    ofCertificates("certificate-not-yet-valid", {
      sent: [leafOf({ notBefore: runAt + 47 * hourMs }), intermediateOf()],
    }),
  ],
  "certificate-expiring": () => [6 * dayMs, 20 * hourMs].map((left) => expiry("certificate-expiring", left)),
  "certificate-self-signed": () => [
    ofCertificates("certificate-self-signed", {
      sent: [selfSigned],
      end: { kind: "foreign-root", root: selfSigned },
      openssl: "DEPTH_ZERO_SELF_SIGNED_CERT",
    }),
  ],
  "certificate-untrusted": () => [
    ofCertificates("certificate-untrusted", {
      sent: [corporate],
      end: { kind: "issuer-missing", last: corporate },
      openssl: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    }),
  ],
  "chain-incomplete": () => [chainIncompleteAt()],
  "chain-out-of-order": () => {
    const [first, second] = [intermediateOf(), intermediateOf({ sha256: "aa".repeat(32), subject: "CN=R12" })];
    return [ofCertificates("chain-out-of-order", { sent: [leaf, second, first], path: [leaf, first, second] })];
  },
  "chain-superfluous": () => [
    ofCertificates("chain-superfluous", { sent: [leaf, intermediateOf(), root], path: [leaf, intermediateOf(), root] }),
  ],
  "intermediate-expired": () => [
    ofCertificates("intermediate-expired", { sent: [leaf, expiredIntermediate], openssl: "CERT_HAS_EXPIRED" }),
  ],
  "intermediate-not-yet-valid": () => [
    ofCertificates("intermediate-not-yet-valid", {
      sent: [leaf, intermediateOf({ notBefore: runAt + 5 * hourMs })],
      openssl: "CERT_NOT_YET_VALID",
    }),
  ],
  "intermediate-expiring": () => [ofCertificates("intermediate-expiring", { sent: [leaf, expiringIntermediate] })],
  "certificate-key-unsupported": () => [
    ofCertificates("certificate-key-unsupported", {
      sent: [leafOf({ key: { kind: "rsa", bits: 8192 } }), intermediateOf()],
    }),
    ofCertificates("certificate-key-unsupported", {
      sent: [leaf, intermediateOf({ key: { kind: "other", name: "Ed448" } })],
    }),
  ],
  "certificate-key-undocumented": () => [
    ofCertificates("certificate-key-undocumented", {
      sent: [leafOf({ key: { kind: "ec", curve: "secp384r1" } }), intermediateOf()],
    }),
  ],
  "certificate-signature-weak": () => [
    ofCertificates("certificate-signature-weak", {
      sent: [
        leafOf({ signatureAlgorithm: { oid: "1.2.840.113549.1.1.5", name: "sha1WithRSAEncryption" } }),
        intermediateOf(),
      ],
    }),
  ],
  "certificate-purpose": () => [
    ofCertificates("certificate-purpose", {
      sent: [leafOf({ extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"] }), intermediateOf()],
      openssl: "INVALID_PURPOSE",
    }),
    ofCertificates("certificate-purpose", {
      sent: [leaf, intermediateOf({ extendedKeyUsage: ["1.3.6.1.5.5.7.3.2"] })],
      openssl: "INVALID_PURPOSE",
    }),
  ],
  "certificate-invalid": () => [
    ofCertificates("certificate-invalid", { openssl: "UNSPECIFIED" }),
    ofCertificates("certificate-invalid", { openssl: "CERT_SIGNATURE_FAILURE" }),
    ofCertificates("certificate-invalid", { sent: [leaf, intermediateOf({ isCa: false })], openssl: "INVALID_CA" }),
  ],
  "certificate-path-ambiguous": () => [
    ofCertificates("certificate-path-ambiguous", { openssl: "UNABLE_TO_GET_ISSUER_CERT_LOCALLY" }),
  ],
  "certificate-unreadable": () => [
    found(certificateUnreadable, [{ kind: "unreadable", problem: "its version is 5" }], "203.0.113.7"),
  ],
  "grpc-without-https": () => [
    ofConnection(
      "grpc-without-https",
      {},
      {
        port: 80,
        connection: { scheme: "http", serverName: null, uses: [{ ...apiUse, grpcPathPatterns: ["/api/*"] }] },
      },
    ),
  ],
  "origin-went-dark": () => [
    wentDark(["203.0.113.7"], { since: "2026-11-23T02:57:00.000Z", answeredOn: "2026-11-23" }),
    wentDark(["203.0.113.7", "203.0.113.8"], { since: "2026-11-20T08:51:00.000Z", answeredOn: null }),
    wentDark(["203.0.113.7"], { since: "2026-11-23T02:57:00.000Z", answeredOn: "2026-11-23" }, 80),
  ],
  "cloudfront-answers-error": () => [
    found(
      cloudfrontAnswersError,
      {
        status: "502",
        since: "2026-11-23T02:57:00.000Z",
        at: "2026-11-23T03:12:00.000Z",
        pathPattern: "/api/*",
        host: "www.example.com",
        pop: "FRA56-P1",
        requestId: "u1bQVFqIbqZ0aBcDeFg==",
        wording: "CloudFront wasn't able to connect to the origin",
        leavesChoice: false,
      },
      null,
    ),
    found(
      cloudfrontAnswersError,
      {
        status: "504",
        since: "2026-11-23T03:12:00.000Z",
        at: "2026-11-23T03:12:00.000Z",
        pathPattern: "*",
        host: "d111111abcdef8.cloudfront.net",
        pop: null,
        requestId: null,
        wording: null,
        leavesChoice: true,
      },
      null,
    ),
  ],
  "seen-through-cloudfront": () => [
    found(
      seenThroughCloudfront,
      { at: "2026-11-23T03:12:00.000Z", pop: "FRA56-P1", decidedBy: "x-cache: Miss from cloudfront" },
      null,
    ),
    found(seenThroughCloudfront, { at: "2026-11-22T09:12:00.000Z", pop: null, decidedBy: "set-cookie" }, null),
  ],
  "placeholder-origin": () => [
    found(placeholderOrigin, { functions: [rewrite], remembers: true }, null),
    found(placeholderOrigin, { functions: [{ ...rewrite, code: "may-answer" }], remembers: true }, null),
    found(placeholderOrigin, { functions: [rewrite, { ...rewrite, arn: routeArn }], remembers: false }, null),
  ],
  "error-page-origin": () => [
    found(errorPageOrigin, { pages: [{ path: "/errors/500.html", statusCodes: [500, 503] }], why: "fails" }, null),
    found(
      errorPageOrigin,
      {
        pages: [
          { path: "/errors/404.html", statusCodes: [404] },
          { path: "/errors/500.html", statusCodes: [500] },
        ],
        why: "placeholder",
      },
      null,
    ),
  ],
  "some-addresses-dark": () => [found(someAddressesDark, { dark: ["203.0.113.8"], answering: ["203.0.113.7"] }, null)],
  "some-regions-failing": () => [
    found(
      someRegionsFailing,
      {
        port: 443,
        failing: [noAnswerFrom("us-east-1", "198.51.100.9")],
        reaching: ["eu-west-1", "ap-northeast-1"].map((region) => ({ region, addresses: ["203.0.113.7"] })),
        shield: null,
      },
      null,
    ),
    found(
      someRegionsFailing,
      {
        port: 8443,
        failing: [
          noAnswerFrom("us-east-1", "203.0.113.7", 8443),
          {
            region: "ap-northeast-1",
            codes: ["connection-refused"],
            met: "port 8443 refuses connections",
            addresses: ["203.0.113.7", "203.0.113.8"],
            isDark: false,
          },
        ],
        reaching: [{ region: "eu-west-1", addresses: ["203.0.113.7"] }],
        shield: null,
      },
      null,
    ),
    found(
      someRegionsFailing,
      {
        port: 443,
        failing: [
          {
            region: "us-east-1",
            codes: ["dns-name-not-found"],
            met: "domain name does not exist in DNS",
            addresses: [],
            isDark: false,
          },
        ],
        reaching: [{ region: "eu-west-1", addresses: ["203.0.113.7"] }],
        shield: "sa-east-1",
      },
      null,
    ),
  ],
  "some-addresses-failing": () => [
    someFailing(["203.0.113.8"], 2, "connection-refused"),
    someFailing(
      ["203.0.113.8", "203.0.113.9", "203.0.113.10", "203.0.113.11", "203.0.113.12"],
      6,
      "connection-refused",
    ),
  ],
};

function noAnswerFrom(region: string, address: string, port = 443) {
  const met = `no answer on port ${port}`;
  return { region, codes: ["connection-timed-out"], met, addresses: [address], isDark: true };
}
