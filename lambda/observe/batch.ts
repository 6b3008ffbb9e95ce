import { readDomainName } from "../configuration/domain-name.ts";
import { scopeId } from "../configuration/scope.ts";
import type { Connection, Use } from "../plan/connection.ts";
import type { ConnectionToObserve } from "./observer.ts";

/**
 * The connections to observe. Each counts against the share of the distribution that uses the fewest connections, of
 * those that use it, so that a distribution with few origins does not wait behind one with many.
 *
 * @param leftOut the keys of those for which the last run had no time
 */
export function batchOf(
  connections: readonly Connection[],
  leftOut: { has(key: string): boolean } = new Set(),
): ConnectionToObserve[] {
  const counts = new Map<string, number>();
  for (const { distributionId } of connections.flatMap(({ uses }) => uses)) {
    counts.set(distributionId, (counts.get(distributionId) ?? 0) + 1);
  }
  const size = ({ distributionId }: Use) => counts.get(distributionId) ?? 0;
  return connections.map((connection) => {
    const { key, scheme, domain, port, httpPort, serverName, originSslProtocols, ipAddressType, alpn, uses } =
      connection;
    const [use] = uses.toSorted((a, b) => size(a) - size(b));
    return {
      key,
      scheme,
      domain,
      port,
      ...(httpPort === undefined ? {} : { httpPort }),
      serverName,
      originSslProtocols,
      ipAddressType,
      connectTimeoutMs: connection.connectTimeoutMs,
      connectAttempts: connection.connectAttempts,
      alpn,
      share: use === undefined ? [] : [scopeId(use.scope), use.distributionId],
      leftOut: leftOut.has(key),
      ...aliasOf(connection, uses),
    };
  });
}

/** One is enough: what an origin does with a name that is not its own shows with any. */
function aliasOf({ forwardedHost }: Pick<Connection, "forwardedHost">, uses: readonly Use[]): { alias?: string } {
  if (forwardedHost !== null) return {};
  for (const { aliases } of uses) {
    for (const alias of aliases) {
      const domain = readDomainName(alias);
      if (domain.kind === "name") return { alias: domain.name };
    }
  }
  return {};
}
