import { documentedSuites, groups, offerFor, schemes, tls13Suites } from "../../../lambda/cloudfront/profile.ts";
import type { Connection } from "../../../lambda/plan/connection.ts";
import { printable } from "../../../lambda/text/printable.ts";

/** What CloudFront offers on a connection, a line each with a heading. */
export function offerLines(connection: Connection): readonly (readonly [heading: string, text: string])[] {
  if (connection.scheme === "http")
    return [["Offered", "nothing: the connection is without TLS, and only TCP is tried"]];
  const { originSslProtocols, serverName, forwardedHost, domain, alpn, originMtls, acceptedNames } = connection;
  const { versions } = offerFor(originSslProtocols);
  const reason = forwardedHost === null ? "the origin domain" : "the viewer's Host, which is forwarded";
  const listed = originSslProtocols.join(", ");
  return [
    ["Offered", `${versions.join(", ")} (OriginSslProtocols: ${listed}; TLS 1.3 always)`],
    ["", `server name ${printable(serverName ?? domain, 253)} (${reason})`],
    ["", `${documentedSuites.length} cipher suites, and ${tls13Suites.length} for TLS 1.3`],
    ["", `groups ${groups.map(({ name }) => name).join(", ")}; ${schemes.length} signature schemes, no Ed25519`],
    ["", alpn.length === 0 ? "no ALPN" : `ALPN ${alpn.join(", ")}`],
    ["", originMtls ? "a client certificate, which cannot be shown from here" : "no client certificate"],
    ["", "RC4-MD5, 3DES and SSLv3 are offered in hellos made by hand only"],
    ["Accepted", `a certificate for ${acceptedNames.map((name) => printable(name, 253)).join(" or ")}`],
  ];
}
