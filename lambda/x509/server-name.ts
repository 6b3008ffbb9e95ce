/**
 * Whether a name that a certificate presents covers a server name: equal labels, or a wildcard that stands for
 * exactly the whole left-most label (RFC 6125 §6.4.3; CloudFront supports wildcards,
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html).
 * Partial wildcards such as `w*.example.com` do not match: AWS does not document them.
 */
export function nameCovers(presented: string, serverName: string): boolean {
  const pattern = normalise(presented);
  const name = normalise(serverName);
  if (pattern === name) return name !== "";
  if (!pattern.startsWith("*.")) return false;
  const parent = pattern.slice(2);
  const firstDot = name.indexOf(".");
  return firstDot > 0 && parent.includes(".") && name.slice(firstDot + 1) === parent;
}

function normalise(name: string): string {
  const lower = name.toLowerCase();
  return lower.endsWith(".") ? lower.slice(0, -1) : lower;
}
