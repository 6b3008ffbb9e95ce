import type { OriginSslProtocol } from "./distribution.ts";

/** The values of the API's SslProtocol, oldest first. */
export const sslProtocols: readonly OriginSslProtocol[] = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"];

/** The set of the protocols listed, oldest first, whatever the order of the list. */
export function protocolSet(listed: readonly unknown[]): OriginSslProtocol[] {
  return sslProtocols.filter((protocol) => listed.includes(protocol));
}
