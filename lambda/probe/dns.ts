import { promises as dns } from "node:dns";
import type { DnsOutcome, RecordType } from "./observation.ts";

/** Looks a name up; every outcome is a value. */
export type Lookup = (name: string, recordTypes: readonly RecordType[]) => Promise<DnsOutcome>;

/** Milliseconds for the first of the tries; c-ares lengthens each further one. */
const tryTimeoutMs = 1_000;
const tries = 3;

/**
 * A lookup over c-ares, which asks DNS servers itself: `dns.lookup` would read /etc/hosts and take one of libuv's four
 * threads for every dead name.
 *
 * @param servers `IP` or `IP:PORT`; empty means those of the machine
 */
export function lookups(servers: readonly string[]): Lookup {
  const resolver = new dns.Resolver({ timeout: tryTimeoutMs, tries });
  if (servers.length > 0) resolver.setServers([...servers]);
  return (name, recordTypes) => resolve(resolver, name, recordTypes);
}

async function resolve(resolver: dns.Resolver, name: string, recordTypes: readonly RecordType[]): Promise<DnsOutcome> {
  const answers = await Promise.all(recordTypes.map((recordType) => resolveType(resolver, name, recordType)));
  const addresses = answers.flatMap((answer) => (answer.kind === "addresses" ? answer.addresses : []));
  const failed = answers.flatMap((answer) => (answer.kind === "failed" ? [answer] : []));
  if (addresses.length > 0) {
    const unanswered = failed.map(({ recordType, error }) => ({ recordType, error }));
    return {
      kind: "answered",
      addresses: [...new Set(addresses)],
      ...(unanswered.length === 0 ? {} : { failed: unanswered }),
    };
  }
  const [first] = failed;
  if (first !== undefined) return { kind: "lookup-failed", error: first.error };
  if (answers.some(({ kind }) => kind === "name-not-found")) {
    const target = await targetOf(resolver, name);
    return { kind: "name-not-found", ...(target === null ? {} : { target }) };
  }
  return { kind: "no-address", recordTypes };
}

/** A chain of CNAME records that is longer is followed no further: its last target is named all the same. */
const mostAliases = 4;

/** Where the CNAME records of a name lead that has no address, null where it has none. */
async function targetOf(resolver: dns.Resolver, name: string): Promise<string | null> {
  let target: string | null = null;
  for (let steps = 0; steps < mostAliases; steps += 1) {
    const [next]: string[] = await resolver.resolveCname(target ?? name).catch(() => []);
    if (next === undefined) break;
    target = next;
  }
  return target;
}

type TypeAnswer =
  | { kind: "addresses"; addresses: string[] }
  | { kind: "name-not-found" }
  | { kind: "no-data" }
  | { kind: "failed"; recordType: RecordType; error: string };

async function resolveType(resolver: dns.Resolver, name: string, recordType: RecordType): Promise<TypeAnswer> {
  try {
    const addresses = recordType === "A" ? await resolver.resolve4(name) : await resolver.resolve6(name);
    return addresses.length > 0 ? { kind: "addresses", addresses } : { kind: "no-data" };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === dns.NOTFOUND) return { kind: "name-not-found" };
    if (code === dns.NODATA) return { kind: "no-data" };
    return { kind: "failed", recordType, error: code };
  }
}
