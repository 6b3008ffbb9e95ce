import type { Distribution, ViewerNames } from "../configuration/distribution.ts";
import { readDomainName } from "../configuration/domain-name.ts";
import { expressionsIn, isOpen } from "../configuration/placeholder.ts";
import { printable } from "../text/printable.ts";

/** A host name that viewers use for a distribution, hence a Host header that CloudFront may forward. */
export type ViewerHost = {
  readonly host: string;
  /** The alternate domain names, as configured, that this host stands for; none for the distribution's own name. */
  readonly aliases: readonly string[];
  /** `low` for the distribution's own name beside aliases. */
  readonly weight: "full" | "low";
  /** The host is a sample of a wildcard alias, not an alias itself. */
  readonly sampled: boolean;
  /** How many tenants of a multi-tenant distribution have it, null for other distributions. */
  readonly tenants: number | null;
};

export type ViewerHosts =
  | {
      readonly kind: "hosts";
      readonly hosts: readonly ViewerHost[];
      /** Why there may be more hosts than these; null where these are all. */
      readonly beside: Unknown | null;
    }
  | { readonly kind: "unknown"; readonly unknown: Unknown };

/** Why the names that viewers use are not known, what of a template or plan they follow from, and which parameters decide them. */
export type Unknown = {
  readonly why: "staging" | "multi-tenant" | "aliases";
  readonly expressions: readonly string[];
  readonly parameters: readonly string[];
};

/**
 * A sample of the label that viewers put in place of a wildcard, and of a distribution's own name where it is unknown.
 */
export const sampleLabel = "origin-watch-sample";

/**
 * The host names to connect with where the viewer's Host is forwarded: each alias, a wildcard `*.example.com` by one
 * sample, and the distribution's own `dxxxx.cloudfront.net` name, which viewers can always use. Few viewers do where
 * there are aliases, so it has a low weight. Every alias is tried: an origin may choose a certificate for each.
 *
 * Viewers reach a staging distribution by the names of its primary
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-continuous-deployment.html), and a
 * multi-tenant one by those of its tenants, which the caller knows.
 */
export function viewerHosts(distribution: Distribution, problems: string[]): ViewerHosts {
  if (distribution.multiTenant) return unknownFor("multi-tenant");
  if (!distribution.staging) return hostsOf(distribution, openAliases(distribution), problems);
  return distribution.primary === null ? unknownFor("staging") : hostsOf(distribution.primary, null, problems);
}

function unknownFor(why: Unknown["why"]): ViewerHosts {
  return { kind: "unknown", unknown: { why, expressions: [], parameters: [] } };
}

/** The aliases that a template leaves open, null where there are none. */
function openAliases({ aliases, open, template }: Distribution): Unknown | null {
  const expressions = [...(open?.aliases ?? []), ...aliases.flatMap(expressionsIn)];
  if (expressions.length === 0) return null;
  const parameters = expressions.flatMap((expression) => template?.settledBy[expression] ?? []);
  return { why: "aliases", expressions: [...new Set(expressions)], parameters: [...new Set(parameters)] };
}

/** The hosts of a list of aliases or of tenants' domains; an entry that is not a domain name becomes a problem. */
export function aliasHosts(aliases: readonly string[], problems: string[]): ViewerHost[] {
  const hosts = new Map<string, { aliases: string[]; sampled: boolean }>();
  for (const alias of aliases) {
    const host = hostOf(alias);
    if (host === null) {
      problems.push(`alias "${printable(alias, 60)}" is not a domain name and is not checked`);
      continue;
    }
    const sampled = alias.startsWith("*.");
    const known = hosts.get(host);
    if (known === undefined) {
      hosts.set(host, { aliases: [alias], sampled });
      continue;
    }
    if (!known.aliases.includes(alias)) known.aliases.push(alias);
    known.sampled &&= sampled;
  }
  return [...hosts].map(([host, rest]) => ({ host, ...rest, weight: "full", tenants: null }));
}

function hostsOf({ aliases, domainName }: ViewerNames, beside: Unknown | null, problems: string[]): ViewerHosts {
  const known = aliases.filter((alias) => !isOpen(alias));
  const named = aliasHosts(known, problems);
  const own = domainName === null ? null : hostOf(domainName);
  if (aliases.length > 0 || beside !== null) {
    const added = own !== null && !named.some(({ host }) => host === own);
    const hosts = added
      ? [...named, { host: own, aliases: [], weight: "low" as const, sampled: false, tenants: null }]
      : named;
    const unknown = beside ?? { why: "aliases", expressions: [], parameters: [] };
    return hosts.length === 0 ? { kind: "unknown", unknown } : { kind: "hosts", hosts, beside };
  }
  if (own === null) {
    problems.push("Host is forwarded, but its cloudfront.net name is not known; another such name is used as a sample");
  }
  const host = own ?? `${sampleLabel}.cloudfront.net`;
  const hosts: readonly ViewerHost[] = [{ host, aliases: [], weight: "full", sampled: own === null, tenants: null }];
  return { kind: "hosts", hosts, beside: null };
}

/** The host of an alias; only the whole left-most label can be a wildcard. */
function hostOf(alias: string): string | null {
  const domain = readDomainName(alias.startsWith("*.") ? `${sampleLabel}${alias.slice(1)}` : alias);
  return domain.kind === "name" ? domain.name : null;
}
