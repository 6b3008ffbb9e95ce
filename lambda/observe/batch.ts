import { readDomainName } from "../configuration/domain-name.ts";
import { scopeId } from "../configuration/scope.ts";
import type { Connection, Use } from "../plan/connection.ts";
import { sharedList } from "../text/shared.ts";
import type { ConnectionToObserve } from "./observer.ts";

/**
 * The connections to observe. Of the accounts and distributions that use a connection, it counts against the share of the
 * account with the fewest connections, and in it of the distribution with the fewest, so that nobody waits behind somebody
 * who has many, nor can be made to by one who names the same origin.
 *
 * @param leftOut the keys of those for which the last run had no time
 */
export function batchOf(
  connections: readonly Connection[],
  leftOut: { has(key: string): boolean } = new Set(),
): ConnectionToObserve[] {
  const [accounts, distributions] = [new Map<string, number>(), new Map<string, number>()];
  for (const { uses } of connections) {
    for (const { distributionId } of uses)
      distributions.set(distributionId, (distributions.get(distributionId) ?? 0) + 1);
    for (const id of new Set(uses.map(({ scope }) => scopeId(scope)))) accounts.set(id, (accounts.get(id) ?? 0) + 1);
  }
  const account = ({ scope }: Use) => accounts.get(scopeId(scope)) ?? 0;
  const size = ({ distributionId }: Use) => distributions.get(distributionId) ?? 0;
  return connections.map((connection) => {
    const { key, scheme, domain, port, httpPort, serverName, originSslProtocols, ipAddressType, alpn, uses, inVpc } =
      connection;
    const [use] = uses.toSorted((a, b) => account(a) - account(b) || size(a) - size(b));
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
      share: use === undefined ? [] : sharedList([scopeId(use.scope), use.distributionId]),
      leftOut: leftOut.has(key),
      ...aliasOf(connection, uses),
      ...(inVpc === undefined ? {} : { addresses: inVpc.addresses }),
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
