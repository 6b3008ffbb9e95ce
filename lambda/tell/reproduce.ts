import type { Finding } from "../judge/finding.ts";
import type { PlannedConnection } from "../plan/connection.ts";
import type { Observation } from "../probe/observation.ts";

/**
 * The shortest command that shows what was seen, null when nothing was tried. All words in it are safe in a shell:
 * domain names were checked by the plan, addresses come from a parser, and anything else is quoted.
 */
export function reproduce(
  { kind, connection }: PlannedConnection,
  observation: Observation | null,
  findings: readonly Finding[],
): string | null {
  if (kind !== "probe" || observation === null || observation.dns.kind === "not-tried") return null;
  const { domain, port, serverName, acceptedNames } = connection;
  if (observation.addresses.length === 0) return `dig ${quoted(domain)} ${dnsTypes(connection.ipAddressType)}`;
  const address = findings.find((finding) => finding.address !== null)?.address ?? observation.addresses[0]?.address;
  if (address === undefined || address === null) return null;
  const outcome = observation.addresses.find((seen) => seen.address === address)?.outcome.kind;
  if (outcome === "not-dialled") return `dig ${quoted(domain)} ${dnsTypes(connection.ipAddressType)}`;
  if (connection.scheme === "http") return `nc -vz ${quoted(address)} ${port}`;
  const endpoint = address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  const name = serverName ?? domain;
  return `openssl s_client -connect ${quoted(endpoint)} -servername ${quoted(name)} -verify_hostname ${quoted(acceptedNames[0] ?? name)} -showcerts </dev/null`;
}

function dnsTypes(family: "ipv4" | "ipv6" | "dualstack"): string {
  return family === "ipv4" ? "A" : family === "ipv6" ? "AAAA" : "A AAAA";
}

/** A word for a POSIX shell, quoted unless every character is harmless. */
function quoted(word: string): string {
  return /^[A-Za-z0-9._:[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
