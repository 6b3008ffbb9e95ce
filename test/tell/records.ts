import type { Scope } from "../../lambda/configuration/scope.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import type { Incident } from "../../lambda/incidents/state.ts";
import type { FindingCode } from "../../lambda/judge/catalogue.ts";
import type { Facts } from "../../lambda/judge/evidence.ts";
import type { Finding } from "../../lambda/judge/finding.ts";
import type { Use } from "../../lambda/plan/connection.ts";
import type { ConnectionRecord, ObservedAddress, ObservedCertificate, RunReport } from "../../lambda/report/record.ts";
import { chainIncompleteAt, expiry, refusedAt, runAt, timedOutAt } from "./samples.ts";

/** Builders of records and reports with plausible content, for tests that need many of them. */

export const runTime = "2026-11-23T03:12:40.000Z";
export const scope: Scope = { accountId: "111122223333", accountName: "prod", partition: "aws" };
export const region = "eu-west-1";
export const topicArn = "arn:aws:sns:eu-west-1:111122223333:origin-watch";
export const logGroup = "/aws/lambda/origin-watch";
/** The rest of what a message says of where it is from. */
export const place = {
  dashboard: "OriginWatch-origins-eu-west-1",
  version: "0.1.0",
  muteTags: false,
  reminders: defaultAlertPolicy,
} as const;

export function report(records: readonly ConnectionRecord[], changes: Partial<RunReport> = {}): RunReport {
  return {
    runId: "5d3c1a52-0f0e-4c7e-9d0a-2f6f3f0f9a11",
    startedAt: "2026-11-23T03:12:00.000Z",
    finishedAt: runTime,
    distributions: new Set(records.flatMap(({ uses }) => uses.map((entry) => entry.distributionId))).size,
    records,
    problems: [],
    ...changes,
  };
}

/** An incident that was seen and that nobody was told of. */
export function incident(changes: Partial<Incident> = {}): Incident {
  return {
    kind: "connection",
    key: "api.example.com:443",
    code: "chain-incomplete",
    effect: "502",
    title: "intermediate certificate missing",
    domain: "api.example.com",
    port: 443,
    distributions: ["E1EXAMPLE"],
    distributionCount: 1,
    scopes: [],
    scopeCount: 0,
    stage: 0,
    leaf: null,
    openedAt: runTime,
    lastSeen: runTime,
    lastTold: null,
    tellings: 0,
    toldEffect: "502",
    toldStage: 0,
    returns: 0,
    clearSince: null,
    ...changes,
  };
}

type RecordChanges = Partial<Omit<ConnectionRecord, "connection">> & {
  readonly connection?: Partial<ConnectionRecord["connection"]>;
};

/** A connection that was observed in full; healthy unless `changes` say otherwise. */
export function connectionRecord(domain: string, changes: RecordChanges = {}): ConnectionRecord {
  const { connection, ...rest } = changes;
  const port = connection?.port ?? 443;
  return {
    schemaVersion: 1,
    uses: [use("E1EXAMPLE")],
    verdict: "healthy",
    skipped: null,
    findings: [],
    observed: { addresses: [address(domain)] },
    reproduce: `openssl s_client -connect ${domain}:${port} -servername ${domain} -showcerts </dev/null`,
    ...rest,
    connection: {
      key: `${domain}:${port}`,
      domain,
      port,
      serverName: domain,
      acceptedNames: [domain],
      protocols: ["TLSv1.2", "TLSv1.3"],
      family: "ipv4",
      ...connection,
    },
  };
}

export function use(distributionId: string, changes: Partial<Use> = {}): Use {
  return {
    distributionId,
    scope,
    distributionDomain: `d${distributionId.toLowerCase()}.cloudfront.net`,
    comment: "",
    originId: "api",
    pathPatterns: ["/api/*"],
    aliases: ["www.example.com"],
    group: null,
    isDefault: false,
    enabled: true,
    staging: false,
    tenants: null,
    viewerSchemes: ["https", "http"],
    failover: null,
    reroutedBy: [],
    ...changes,
  };
}

export function address(domain: string, changes: Partial<ObservedAddress> = {}): ObservedAddress {
  return {
    address: "203.0.113.7",
    outcome: "handshake completed",
    protocol: "TLSv1.2",
    cipherSuite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    group: "secp256r1",
    signatureScheme: "rsa_pss_rsae_sha256",
    chain: [certificate(domain)],
    ms: 41,
    seenFrom: "eu-west-1",
    ...changes,
  };
}

/** An address of which no certificate was seen. */
export function silentAddress(outcome: string, changes: Partial<ObservedAddress> = {}): ObservedAddress {
  const nothing = { protocol: null, cipherSuite: null, group: null, signatureScheme: null, chain: [] };
  return { address: "203.0.113.7", outcome, ...nothing, ms: 41, seenFrom: "eu-west-1", ...changes };
}

export function certificate(domain: string, changes: Partial<ObservedCertificate> = {}): ObservedCertificate {
  return {
    subject: `CN=${domain}`,
    issuer: "CN=R11, O=Let's Encrypt, C=US",
    notBefore: "2026-10-01T00:00:00Z",
    notAfter: "2026-12-30T00:00:00Z",
    sha256: "9f".repeat(32),
    names: [domain],
    key: "RSA 2048",
    ...changes,
  };
}

export function finding(code: FindingCode, changes: Partial<Finding> = {}): Finding {
  return {
    code,
    effect: "502",
    severity: "critical",
    address: "203.0.113.7",
    title: code.replaceAll("-", " "),
    cause: `The origin shows ${code.replaceAll("-", " ")}.`,
    explanation: "CloudFront does not accept this.",
    remedy: ["Fix it."],
    evidence: {},
    source: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-502-bad-gateway.html",
    ...changes,
  };
}

export const chainIncomplete = chainIncompleteAt();
export const connectionRefused = refusedAt("203.0.113.7");

/** What the rules say of a certificate that is warned of for three weeks. */
export function expiryFacts(expiresAt: string): Facts {
  return { expiresAt, warnedFrom: new Date(Date.parse(expiresAt) - 21 * 86_400_000).toISOString() };
}

const shop = { domain: "shop.example.com" };
export const certificateExpiring = expiry("certificate-expiring", Date.parse("2026-11-29T12:00:00Z") - runAt, shop);
export const connectionTimedOut = timedOutAt("203.0.113.9");
