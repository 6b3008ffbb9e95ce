import type { Certificate } from "./certificate.ts";

/** Whether a certificate is for a server name; `disputed` where OpenSSL says yes and AWS's library no. */
export type Coverage = "covered" | "disputed" | "not-covered";

/**
 * Compares a server name with what a certificate presents: its dNSName entries, or the common name where it has none
 * (RFC 6125 §6.4.4). What is disputed: a wildcard for a part of a label; a common name beside addresses or URIs, of a
 * string type other than UTF8String and PrintableString, or one that another common name follows.
 */
export function coverageOf(certificate: Certificate, serverName: string): Coverage {
  const { dnsNames, commonNames, hasAddressOrUri } = certificate;
  if (dnsNames.length > 0) {
    if (dnsNames.some((presented) => nameCovers(presented, serverName))) return "covered";
    return dnsNames.some((presented) => partOfLabelCovers(presented, serverName)) ? "disputed" : "not-covered";
  }
  const last = commonNames.at(-1);
  if (last?.isUsualString === true && !hasAddressOrUri && nameCovers(last.text, serverName)) return "covered";
  const byOpenssl = commonNames.some(({ text }) => nameCovers(text, serverName) || partOfLabelCovers(text, serverName));
  return byOpenssl ? "disputed" : "not-covered";
}

/**
 * Whether a name that a certificate presents covers a server name: equal labels, or a wildcard that stands for
 * exactly the whole left-most label (RFC 6125 §6.4.3; CloudFront supports wildcards,
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html). A wildcard
 * directly below a top-level domain covers nothing; no library knows which other domains are public suffixes. A name
 * that is presented with a trailing dot covers nothing either.
 */
export function nameCovers(presented: string, serverName: string): boolean {
  const pattern = presented.toLowerCase();
  const name = withoutRoot(serverName);
  if (pattern === name) return name !== "";
  if (!pattern.startsWith("*.")) return false;
  const parent = pattern.slice(2);
  const firstDot = name.indexOf(".");
  return firstDot > 0 && parent.includes(".") && name.slice(firstDot + 1) === parent;
}

/** `w*.example.com` and `*w.example.com`, as OpenSSL still has them; never inside a label, nor for one in Punycode. */
function partOfLabelCovers(presented: string, serverName: string): boolean {
  const [pattern = "", ...patternParent] = presented.toLowerCase().split(".");
  const [label = "", ...parent] = withoutRoot(serverName).split(".");
  const [before, after, ...others] = pattern.split("*");
  if (before === undefined || after === undefined || others.length > 0) return false;
  if ((before === "") === (after === "") || label.startsWith("xn--") || before.startsWith("xn--")) return false;
  if (patternParent.length < 2 || patternParent.join(".") !== parent.join(".")) return false;
  return label.length >= before.length + after.length && label.startsWith(before) && label.endsWith(after);
}

/** The root of the name space may be written out where a name is configured. */
function withoutRoot(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}
