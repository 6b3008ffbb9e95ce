import { printable } from "../text/printable.ts";
import type { Connection, PlannedConnection } from "./connection.ts";

/**
 * The identity of a planned connection, built from what is connected to and offered, so that it is stable across runs.
 *
 *     key      = endpoint [ sni ] [ versions ] family { extra } [ outcome ]
 *     endpoint = scheme "://" domain ":" port
 *     sni      = " sni=" server name                   absent without TLS, or while the name is not known
 *     versions = " " OriginSslProtocols, comma-separated, oldest first
 *     family   = " ipv4" | " ipv6" | " dualstack"
 *     extra    = " alpn=" protocols | " mtls" | " timeout=" seconds "s" | " attempts=" number | " vpc-origin=" id
 *                timeout and attempts where not AWS's 10 and 3, the VPC origin where a vantage in its VPC looks
 *     outcome  = " skipped=" reason | " foreseen=" reason | " unseen=" reason [ ":" VPC origin id ]
 *
 * For example `https://api.example.com:8443 sni=www.example.com TLSv1.2 ipv4 timeout=5s`. The names that the
 * certificate may match are not part of it: they are the server name and the domain.
 */
export function connectionKey(planned: WithoutKey): string {
  const { scheme, domain, port, serverName, originSslProtocols, ipAddressType, ...settings } = planned.connection;
  const seconds = settings.connectTimeoutMs / 1_000;
  return [
    `${scheme}://${domain}:${port}`,
    ...(serverName === null ? [] : [`sni=${serverName}`]),
    ...(originSslProtocols.length === 0 ? [] : [originSslProtocols.join(",")]),
    ipAddressType,
    ...(settings.alpn.length === 0 ? [] : [`alpn=${settings.alpn.join(",")}`]),
    ...(settings.originMtls ? ["mtls"] : []),
    ...(seconds === 10 ? [] : [`timeout=${seconds}s`]),
    ...(settings.connectAttempts === 3 ? [] : [`attempts=${settings.connectAttempts}`]),
    ...(settings.inVpc === undefined ? [] : [`vpc-origin=${printable(settings.inVpc.vpcOriginId, 64)}`]),
    ...outcome(planned),
  ].join(" ");
}

type Planned<T> = T extends PlannedConnection
  ? Omit<T, "connection"> & { readonly connection: ConnectionSettings }
  : never;

/** A planned connection before it has a key and uses. */
export type WithoutKey = Planned<PlannedConnection>;
export type ConnectionSettings = Omit<Connection, "key" | "uses">;

function outcome(planned: WithoutKey): string[] {
  switch (planned.kind) {
    case "probe":
      return [];
    case "foreseen":
      return [`foreseen=${planned.reason}`];
    case "skipped":
      return [`skipped=${planned.reason}`];
    case "unseen":
      return planned.reason.kind === "vpc-origin"
        ? [`unseen=vpc-origin:${printable(planned.reason.vpcOriginId, 64)}`]
        : [`unseen=${planned.reason.kind}`];
  }
}
