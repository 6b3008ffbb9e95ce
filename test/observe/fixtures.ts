import type { BatchEvent } from "../../lambda/observe/batch-event.ts";
import type { ConnectionToObserve } from "../../lambda/observe/observer.ts";
import type { AddressOutcome, Observation, Transcript } from "../../lambda/probe/observation.ts";

/** A connection to a name, as it stands in a batch. */
export function toObserve(domain: string, changes: Partial<ConnectionToObserve> = {}): ConnectionToObserve {
  return {
    key: `https://${domain}:443 sni=${domain} TLSv1.2 ipv4`,
    scheme: "https",
    domain,
    port: 443,
    serverName: domain,
    originSslProtocols: ["TLSv1.2"],
    ipAddressType: "ipv4",
    connectTimeoutMs: 10_000,
    connectAttempts: 3,
    alpn: [],
    share: ["aws:111111111111", "E1"],
    leftOut: false,
    ...changes,
  };
}

export function batchEvent(connections: readonly ConnectionToObserve[], changes: Partial<BatchEvent> = {}): BatchEvent {
  return { schemaVersion: 1, runId: "run-1", batch: "0-0", nonce: "n-1", deadline: 1, connections, ...changes };
}

export const nothingSeen: Observation = { dns: { kind: "name-not-found" }, addresses: [], addressesLeftOut: 0 };

export function transcriptWith(...certificates: string[]): Transcript {
  return {
    bytesReceived: 3_000,
    protocol: "TLSv1.3",
    cipherSuite: "TLS_AES_128_GCM_SHA256",
    group: "x25519",
    signatureScheme: "ecdsa_secp256r1_sha256",
    certificates,
    clientCertificateRequested: false,
    warnings: [],
    unreadable: null,
  };
}

/** One address with this outcome. */
export function seenAs(outcome: AddressOutcome, address = "192.0.2.1"): Observation {
  return {
    dns: { kind: "answered", addresses: [address] },
    addresses: [{ address, outcome, ms: 12 }],
    addressesLeftOut: 0,
  };
}

/** A handshake in which these certificates came. */
export function handshakeWith(...certificates: string[]): Observation {
  return seenAs({
    kind: "handshake-completed",
    transcript: transcriptWith(...certificates),
    openssl: { ok: true },
    alpn: null,
    listedVersionsOnly: null,
  });
}
