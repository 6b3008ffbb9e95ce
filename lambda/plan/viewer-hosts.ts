import { printable } from "../text/printable.ts";
import type { Distribution } from "./distribution.ts";
import { readDomainName } from "./domain-name.ts";

/** A host name under which viewers ask for a distribution, hence a Host header that CloudFront forwards. */
export type ViewerHost = {
  readonly host: string;
  /** The alternate domain names, as configured, that this host stands for; none for the distribution's own name. */
  readonly aliases: readonly string[];
};

/** Stands for the label that viewers put in place of a wildcard, and for a distribution's unknown own name. */
export const sampleLabel = "origin-watch-sample";

/**
 * The host names to connect with where the viewer's Host is forwarded: each alias, a wildcard `*.example.com` by one
 * sample; without aliases the distribution's own `dxxxx.cloudfront.net` name, and where the source does not tell that,
 * a sample of it. Neither sample is less telling than another name would be: an origin that has a certificate for every
 * name under a wildcard has one for the sample, and none but AWS has certificates for cloudfront.net.
 *
 * A multi-tenant distribution has no hosts of its own: they belong to its tenants.
 */
export function viewerHosts(distribution: Distribution, problems: string[]): ViewerHost[] {
  if (distribution.multiTenant) {
    problems.push(
      "it is multi-tenant and forwards the viewer's Host; its tenants' domains are not known, " +
        "so the connections that are made with them are not checked",
    );
    return [];
  }
  const aliasesByHost = new Map<string, string[]>();
  for (const alias of distribution.aliases) {
    const host = hostOf(alias);
    if (host === null) {
      problems.push(`alias "${printable(alias, 60)}" is not a domain name and is not checked`);
      continue;
    }
    const together = aliasesByHost.get(host);
    if (together === undefined) aliasesByHost.set(host, [alias]);
    else if (!together.includes(alias)) together.push(alias);
  }
  if (aliasesByHost.size > 0) return [...aliasesByHost].map(([host, aliases]) => ({ host, aliases }));
  const own = distribution.domainName === null ? null : hostOf(distribution.domainName);
  if (own === null) {
    problems.push("Host is forwarded, but its cloudfront.net name is not known; another such name is used as a sample");
  }
  return [{ host: own ?? `${sampleLabel}.cloudfront.net`, aliases: [] }];
}

/** The host of an alias; only the whole left-most label can be a wildcard. */
function hostOf(alias: string): string | null {
  const domain = readDomainName(alias.startsWith("*.") ? `${sampleLabel}${alias.slice(1)}` : alias);
  return domain.kind === "name" ? domain.name : null;
}
