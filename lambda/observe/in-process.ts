import { offerFor } from "../cloudfront/profile.ts";
import type { IpAddressType } from "../configuration/distribution.ts";
import { probeHttp } from "../probe/http-leg.ts";
import { faultOf, type Observation, type RecordType, unobserved, type Vantage } from "../probe/observation.ts";
import { type ProbeEquipment, probe, type Target } from "../probe/probe.ts";
import type { ConnectionToObserve, Observed, Observer } from "./observer.ts";

/**
 * Observes from this process. All connections of a batch are begun at once; how many are under way is up to the gate of
 * the equipment, in which one that waits for its address takes nobody's place.
 *
 * @param vantage where this process runs
 */
export function observerHere(vantage: Vantage, equipment: Omit<ProbeEquipment, "signal">): Observer {
  return {
    vantages: [vantage],
    async *observe(batch, signal) {
      const seen: Observed[] = [];
      let wake = (): void => undefined;
      // No list of promises is kept: each would hold its observation until the last one has ended.
      for (const connection of batch) {
        void observe(connection, { ...equipment, signal }).then((observation) => {
          seen.push({ key: connection.key, vantage, observation });
          wake();
        });
      }
      for (let left = batch.length; left > 0; ) {
        if (seen.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        const ended = seen.splice(0);
        left -= ended.length;
        yield* ended;
      }
    },
  };
}

/** A fault of ours is told as such, never as the origin's. */
async function observe(connection: ConnectionToObserve, equipment: ProbeEquipment): Promise<Observation> {
  try {
    return await (connection.scheme === "http" ? probeHttp : probe)(targetOf(connection), equipment);
  } catch (error) {
    return unobserved(faultOf(error));
  }
}

function targetOf(connection: ConnectionToObserve): Target {
  const { domain, port, serverName, originSslProtocols, alpn, connectTimeoutMs, connectAttempts } = connection;
  return {
    domain,
    port,
    serverName: serverName ?? domain,
    alpn,
    recordTypes: recordTypes(connection.ipAddressType),
    offer: offerFor(originSslProtocols),
    timeoutMs: connectTimeoutMs,
    attempts: connectAttempts,
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
