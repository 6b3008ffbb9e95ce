import { offerFor } from "../cloudfront/profile.ts";
import type { IpAddressType } from "../configuration/distribution.ts";
import type { RecordType, Vantage } from "../probe/observation.ts";
import type { ProbeEquipment, Target } from "../probe/probe.ts";
import { survey } from "../probe/survey.ts";
import type { ConnectionToObserve, Observed, Observer } from "./observer.ts";

/**
 * Observes from this process.
 *
 * @param vantage where this process runs
 */
export function observerHere(vantage: Vantage, equipment: Omit<ProbeEquipment, "signal">): Observer {
  return {
    vantages: [vantage],
    // Nothing holds the batch while its targets are looked at.
    observe: (batch, signal) => observed(batch.map(targetOf), { ...equipment, signal }, vantage),
  };
}

async function* observed(
  targets: readonly (Target & { readonly key: string })[],
  equipment: ProbeEquipment,
  vantage: Vantage,
): AsyncGenerator<Observed> {
  for await (const [{ key }, observation] of survey(targets, equipment)) yield { key, vantage, observation };
}

function targetOf(connection: ConnectionToObserve): Target & { readonly key: string } {
  const { key, scheme, domain, port, httpPort, serverName, alias, alpn, share, leftOut, addresses } = connection;
  return {
    key,
    scheme,
    domain,
    port,
    ...(httpPort === undefined ? {} : { httpPort }),
    ...(alias === undefined ? {} : { alias }),
    serverName: serverName ?? domain,
    alpn,
    recordTypes: recordTypes(connection.ipAddressType),
    offer: offerFor(connection.originSslProtocols),
    timeoutMs: connection.connectTimeoutMs,
    attempts: connection.connectAttempts,
    share,
    leftOut,
    ...(addresses === undefined ? {} : { addresses }),
  };
}

function recordTypes(ipAddressType: IpAddressType): readonly RecordType[] {
  switch (ipAddressType) {
    case "ipv4":
      return ["A"];
    case "ipv6":
      return ["AAAA"];
    case "dualstack":
      return ["A", "AAAA"];
  }
}
