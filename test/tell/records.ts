import type { Scope } from "../../lambda/configuration/scope.ts";
import type { Incident } from "../../lambda/incidents/state.ts";
import type { FindingCode } from "../../lambda/judge/catalogue.ts";
import type { Facts } from "../../lambda/judge/evidence.ts";
import type { Finding } from "../../lambda/judge/finding.ts";
import type { Use } from "../../lambda/plan/connection.ts";
import type { ConnectionRecord, ObservedAddress, ObservedCertificate, RunReport } from "../../lambda/report/record.ts";

/** Builders of records and reports with plausible content, for tests that need many of them. */

export const runTime = "2026-11-23T03:12:40.000Z";
export const scope: Scope = { accountId: "111122223333", accountName: null, partition: "aws" };
export const region = "eu-west-1";
export const topicArn = "arn:aws:sns:eu-west-1:111122223333:origin-watch";
export const logGroup = "/aws/lambda/origin-watch";

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
    title: "certificate chain incomplete",
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
    explanation: "CloudFront does not accept this.",
    remedy: ["Repair it."],
    evidence: {},
    source: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-502-bad-gateway.html",
    ...changes,
  };
}

export const chainIncomplete = finding("chain-incomplete", {
  title: "certificate chain incomplete",
  explanation:
    "The origin sent 1 certificate. The issuer of CN=api.example.com, which is CN=R11, O=Let's Encrypt, C=US, was not among them and is no root on Mozilla's list. CloudFront drops the connection when an intermediate certificate is missing; browsers hide this fault because they remember or download intermediates.",
  remedy: [
    "Make the server send the full chain: the leaf first, then each issuer (nginx: let `ssl_certificate` point at fullchain.pem; Apache: the same for `SSLCertificateFile`; Caddy: for the first file of `tls`).",
    'On IIS, put the intermediate certificates into the computer\'s store "Intermediate Certification Authorities" and bind the certificate again.',
    "In ACM, import the certificate again with its certificate chain.",
  ],
  evidence: {
    expected: "CN=R11, O=Let's Encrypt, C=US",
    seen: ["CN=api.example.com"],
    publishedAt: ["http://r11.i.lencr.org/"],
  },
});

export function refusedAt(refusing: string, port: number): Finding {
  return finding("connection-refused", {
    address: refusing,
    title: `port ${port} refuses connections`,
    explanation: `${refusing} answered the connection request with a refusal. CloudFront cannot connect to a port on which nothing listens.`,
    remedy: [
      `Start the service that should listen on port ${port}, on all of the origin's public addresses.`,
      "Or correct the HTTPS port in the origin settings of the distribution.",
    ],
    evidence: { expected: `a TCP connection to port ${port}`, seen: "connection refused" },
  });
}

export const connectionRefused = refusedAt("203.0.113.7", 443);

/** What the rules say of a certificate that is warned of for three weeks. */
export function expiryFacts(expiresAt: string): Facts {
  return { expiresAt, warnedFrom: new Date(Date.parse(expiresAt) - 21 * 86_400_000).toISOString() };
}

export const certificateExpiring = finding("certificate-expiring", {
  effect: "may",
  severity: "warning",
  title: "certificate expires in 6 days",
  explanation:
    "The certificate CN=shop.example.com is valid until 2026-11-29 12:00 UTC. From then on CloudFront answers cache misses with 502.",
  remedy: ["Renew the certificate before then, and make the server load the new one."],
  evidence: {
    expected: "more than 21 days left",
    seen: "notAfter 2026-11-29T12:00:00Z",
    subject: "CN=shop.example.com",
    sha256: "9f".repeat(32),
  },
  facts: expiryFacts("2026-11-29T12:00:00Z"),
});

export const connectionTimedOut = finding("connection-timed-out", {
  effect: "unseen",
  severity: "info",
  title: "port 443 does not answer from here",
  explanation: "203.0.113.9 did not answer 3 connection requests of 10 seconds each.",
  evidence: { expected: "a TCP connection to port 443", seen: "no answer" },
});
