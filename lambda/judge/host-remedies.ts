import type { Connection } from "../plan/connection.ts";

/** Kinds of origin whose certificate is AWS's own, so that no names can be added. */
const certificateOfAws: ReadonlySet<Connection["originKind"]> = new Set([
  "api-gateway",
  "lambda-url",
  "cloudfront",
  "mediastore",
  "mediapackage",
  "s3-bucket",
]);

/** How to get a certificate for the forwarded Host, where that is possible. */
export function certificateFor(host: string, { originKind }: Pick<Connection, "originKind">): string[] {
  if (certificateOfAws.has(originKind)) return [];
  // Only AWS can get a certificate for a name of AWS's.
  return host.endsWith(".cloudfront.net") ? [] : [`Add ${host} to the certificate on the origin.`];
}

/** How to stop forwarding Host, for each of the three settings that may forward it. */
export function withoutHost({ domain }: Pick<Connection, "domain">): string[] {
  return [
    `Or stop forwarding Host, with a certificate for ${domain}. If the origin request policy of the cache behavior forwards it, use AllViewerExceptHostHeader.`,
    "If the cache policy or the headers of ForwardedValues contain Host, remove it there: an origin request policy cannot take it back.",
  ];
}
