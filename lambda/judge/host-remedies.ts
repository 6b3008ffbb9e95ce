import { isNameOfAws } from "../cloudfront/origin-domain.ts";
import type { Connection, HostSource } from "../plan/connection.ts";

/** Kinds of origin whose certificate is AWS's own, so that no names can be added. */
const certificateOfAws: ReadonlySet<Connection["originKind"]> = new Set([
  "api-gateway",
  "lambda-url",
  "cloudfront",
  "mediastore",
  "mediapackage",
  "s3-bucket",
]);

/**
 * A step that has somebody get a certificate for a name. Nothing where nobody can: the name is AWS's, or so is the
 * certificate of the origin.
 */
export function certificateStep(name: string, { originKind }: Pick<Connection, "originKind">, step: string): string[] {
  return certificateOfAws.has(originKind) || isNameOfAws(name) ? [] : [step];
}

/** How to get a certificate for the forwarded Host, where that is possible. */
export function certificateFor(host: string, connection: Pick<Connection, "originKind">): string[] {
  return certificateStep(host, connection, `Add ${host} to the certificate on the origin.`);
}

/**
 * How to stop forwarding Host, for each setting that forwards it. Each is enough by itself, so all have to be changed.
 * Nothing for origins with a certificate of AWS, to which the advice for their kind is just that.
 */
export function withoutHost(connection: Pick<Connection, "domain" | "originKind" | "uses">): string[] {
  if (certificateOfAws.has(connection.originKind)) return [];
  const sources = sourcesOf(connection);
  const first = `Or stop forwarding Host${withCertificateOf(connection)}.`;
  if (sources.length > 0) return [`${first} ${sources.map((source) => capitalized(cures[source])).join(" ")}`];
  return [
    `${first} If the origin request policy of the cache behavior forwards it, ${cures["origin-request-policy"]}`,
    "If the cache policy or the headers of ForwardedValues contain Host, remove it there: an origin request policy cannot take it back.",
  ];
}

/** What the origin then needs: its own name in a certificate, or a name that is not AWS's. */
function withCertificateOf({ domain }: Pick<Connection, "domain">): string {
  return isNameOfAws(domain)
    ? ", and make a name of your own the origin domain, with a certificate for it"
    : `, with a certificate for ${domain}`;
}

/** The beginning of a step for an origin that answers its own name only. */
export function noHost(connection: Pick<Connection, "uses">): string {
  const sources = sourcesOf(connection);
  if (sources.length === 0) {
    return "Do not forward Host (origin request policy AllViewerExceptHostHeader, and a cache policy without Host)";
  }
  return `Do not forward Host: ${sources.map((source) => cures[source].replace(/\.$/, "")).join("; ")}`;
}

function sourcesOf({ uses }: Pick<Connection, "uses">): readonly HostSource[] {
  const all = new Set(uses.flatMap(({ hostForwardedBy = [] }) => hostForwardedBy));
  return everySource.filter((source) => all.has(source));
}

const everySource: readonly HostSource[] = ["origin-request-policy", "cache-policy", "forwarded-values"];

const cures: Readonly<Record<HostSource, string>> = {
  "origin-request-policy": "use the origin request policy AllViewerExceptHostHeader.",
  "cache-policy": "remove Host from the headers of the cache policy, which an origin request policy cannot take back.",
  "forwarded-values":
    "remove Host (or *) from the headers of ForwardedValues, or replace ForwardedValues by a cache policy without Host and AllViewerExceptHostHeader.",
};

function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
