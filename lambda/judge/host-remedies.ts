import type { Connection } from "../plan/connection.ts";

/** Kinds of origin whose certificate is AWS's own and takes no further names. */
const certificateOfAws: ReadonlySet<Connection["originKind"]> = new Set([
  "api-gateway",
  "lambda-url",
  "cloudfront",
  "mediastore",
  "mediapackage",
  "s3-bucket",
]);

/** To get a certificate for the forwarded Host, where anybody can. */
export function certificateFor(host: string, { originKind }: Pick<Connection, "originKind">): string[] {
  if (certificateOfAws.has(originKind)) return [];
  // Only AWS gets a certificate for a name of its own.
  return host.endsWith(".cloudfront.net") ? [] : [`Add ${host} to the certificate on the origin.`];
}

/** To forward Host no longer, by each of the three things that may forward it. */
export function withoutHost({ domain }: Pick<Connection, "domain">): string[] {
  return [
    `Or stop forwarding Host, with a certificate for ${domain}. If the origin request policy of the cache behavior forwards it, use AllViewerExceptHostHeader.`,
    "If the cache policy or the headers of ForwardedValues contain Host, remove it there: an origin request policy cannot take it back.",
  ];
}
