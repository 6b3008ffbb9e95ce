import type { Certificate } from "./certificate.ts";

/** Whether a certificate is for a server name; `disputed` where OpenSSL and AWS's library do not agree. */
export type Coverage = "covered" | "disputed" | "not-covered";

/**
 * Compares a server name with what a certificate presents: its dNSName entries, or the common name where it has none
 * (RFC 6125 §6.4.4). Common names are disputed beside addresses or URIs, in a string type other than UTF8String and
 * PrintableString, and where another one follows.
 */
export function coverageOf(certificate: Certificate, serverName: string): Coverage {
  const { dnsNames, commonNames, hasAddressOrUri } = certificate;
  if (dnsNames.length > 0) return best(dnsNames.map((presented) => coverageBy(presented, serverName)));
  const last = commonNames.at(-1);
  const isUndisputed = last?.isUsualString === true && !hasAddressOrUri;
  if (isUndisputed && coverageBy(last.text, serverName) === "covered") return "covered";
  const byAny = best(commonNames.map(({ text }) => coverageBy(text, serverName)));
  return byAny === "not-covered" ? "not-covered" : "disputed";
}

/**
 * Whether a name that a certificate presents covers a server name: equal labels, or a wildcard that stands for
 * exactly the whole left-most label (RFC 6125 §6.4.3; CloudFront supports wildcards,
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html). A name that is
 * presented with a trailing dot covers nothing.
 *
 * Disputed are wildcards directly below a top-level domain and for labels with other characters than letters, digits
 * and hyphens, which AWS's library takes, and wildcards for a part of a label, which OpenSSL takes. Neither knows which
 * other domains are public suffixes.
 */
export function coverageBy(presented: string, serverName: string): Coverage {
  const pattern = presented.toLowerCase();
  const name = withoutRoot(serverName);
  if (pattern === name) return name === "" ? "not-covered" : "covered";
  const [first = "", ...parent] = pattern.split(".");
  const [label = "", ...rest] = name.split(".");
  if (parent.length === 0 || parent.join(".") !== rest.join(".") || label === "") return "not-covered";
  if (first === "*") return parent.length > 1 && /^[a-z0-9-]+$/.test(label) ? "covered" : "disputed";
  return parent.length > 1 && isPartOfLabel(first, label) ? "disputed" : "not-covered";
}

/** `w*` and `*w`, never inside a label, nor for one in Punycode. */
function isPartOfLabel(pattern: string, label: string): boolean {
  const [before, after, ...others] = pattern.split("*");
  if (before === undefined || after === undefined || others.length > 0) return false;
  if ((before === "") === (after === "") || label.startsWith("xn--") || before.startsWith("xn--")) return false;
  return label.length >= before.length + after.length && label.startsWith(before) && label.endsWith(after);
}

function best(coverages: readonly Coverage[]): Coverage {
  if (coverages.includes("covered")) return "covered";
  return coverages.includes("disputed") ? "disputed" : "not-covered";
}

/** The root of the name space may be written out where a name is configured. */
function withoutRoot(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}
