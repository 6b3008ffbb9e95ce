import { offerFor } from "../../lambda/cloudfront/profile.ts";
import { observerHere } from "../../lambda/observe/in-process.ts";
import type { Connection, PlannedConnection } from "../../lambda/plan/connection.ts";
import { clientContexts } from "../../lambda/probe/client-context.ts";
import { lookups } from "../../lambda/probe/dns.ts";
import { addressGuard } from "../../lambda/probe/private-address.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import { checkConnections } from "../../lambda/run.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";

export type CheckOptions = {
  readonly connection: Partial<Connection> & { readonly port: number };
  /** PEM of what is trusted besides Mozilla's list. */
  readonly trusted?: readonly string[];
  readonly dns?: readonly string[];
  readonly connectTo?: string | null;
  readonly now?: number;
  readonly signal?: AbortSignal;
  readonly guard?: readonly string[];
};

/** A connection as the plan would make it for an origin that nothing special is said of. */
export function connection(overrides: Partial<Connection>): Connection {
  const domain = overrides.domain ?? "origin.test";
  const forwardedHost = overrides.forwardedHost ?? null;
  const { minimum } = offerFor(overrides.originSslProtocols ?? ["TLSv1.2"]);
  return {
    key: `https://${domain}:${overrides.port ?? 443} sni=${forwardedHost ?? domain} ${minimum}`,
    domain,
    port: 443,
    scheme: "https",
    serverName: forwardedHost ?? domain,
    forwardedHost,
    acceptedNames: forwardedHost === null ? [domain] : [forwardedHost, domain],
    originSslProtocols: ["TLSv1.2"],
    ipAddressType: "ipv4",
    originMtls: false,
    connectTimeoutMs: 10_000,
    connectAttempts: 1,
    alpn: [],
    originKind: "host",
    weight: "full",
    sampled: false,
    uses: [],
    ...overrides,
  };
}

/** Runs one connection through the whole middle of the program: real probe, real rules. */
export async function checked(options: CheckOptions): Promise<ConnectionRecord> {
  const { anchors, contextFor } = trusting(options.trusted ?? []);
  const planned: PlannedConnection = { kind: "probe", connection: connection(options.connection) };
  const {
    records: [record],
  } = await checkConnections([planned], {
    observer: observerHere("here", {
      lookup: lookups(options.dns ?? []),
      contextFor,
      bounds: { sockets: 10, perAddress: 10 },
      unanswered: new Set(),
      forbids: addressGuard(options.guard ?? ["127.0.0.0/8", "::1/128"]),
      connectTo: options.connectTo === undefined ? "127.0.0.1" : options.connectTo,
    }),
    signal: options.signal ?? new AbortController().signal,
    policy: { now: options.now ?? Date.now(), expiryWarningDays: 21, anchors },
  });
  return record!;
}

const kept = new Map<string, ReturnType<typeof madeTrusting>>();

/** Reading a hundred trust anchors takes longer than most checks. */
function trusting(trusted: readonly string[]) {
  const key = trusted.join();
  const known = kept.get(key) ?? madeTrusting(trusted);
  kept.set(key, known);
  return known;
}

function madeTrusting(trusted: readonly string[]) {
  const anchors = trustAnchors(trusted);
  return { anchors, contextFor: clientContexts(anchors) };
}

export function codesOf(record: ConnectionRecord): string[] {
  return record.findings.map(({ code }) => code);
}
