import { affectedBy } from "../report/affected.ts";
import { printable } from "../text/printable.ts";
import type { OpenOrigin } from "./summary.ts";

/**
 * What several origins share that broke together: their finding, an address, the issuer of their certificates, a
 * distribution, a domain that all their names end with. What most of them have comes first; what fewer than half have
 * is nothing they share.
 */
export function inCommon(origins: readonly OpenOrigin[], titles: readonly string[]): string | null {
  const total = origins.length;
  if (total < 2) return null;
  const shared = [
    ...most(
      titles.map((title) => [title]),
      (title) => title,
    ),
    ...most(origins.map(addressesOf), (address) => `the address ${address}`),
    ...most(
      origins.map(({ records }) =>
        records.flatMap(({ observed }) => observed.addresses.flatMap(({ chain }) => chain[0]?.issuer ?? [])),
      ),
      (issuer) => `certificates from ${issuer}`,
    ),
    ...most(
      origins.map(({ records }) => affectedBy(records).map(({ distributionId }) => distributionId)),
      (id) => `distribution ${id}`,
    ),
    ...most(
      origins.map(({ port }) => (port === 443 ? [] : [String(port)])),
      (port) => `port ${port}`,
    ),
    ...most(
      origins.map(({ domain }) => parentOf(domain)),
      (parent) => `names under ${parent}`,
    ),
  ];
  return shared.length === 0 ? null : `In common: ${shared.join("; ")}.`;

  function most(values: readonly (readonly string[])[], say: (value: string) => string): readonly string[] {
    const counts = new Map<string, number>();
    for (const own of values) for (const value of new Set(own)) counts.set(value, (counts.get(value) ?? 0) + 1);
    const [first] = [...counts].toSorted(([, a], [, b]) => b - a);
    if (first === undefined || first[1] < 2 || first[1] * 2 < total) return [];
    const [value, count] = first;
    return [
      `${say(printable(value, 200))} (${count < total ? `${count} of ${total}` : total === 2 ? "both" : `all ${total}`})`,
    ];
  }
}

/** The address that all of several origins have; null where there is none. */
export function sharedAddress(origins: readonly OpenOrigin[]): string | null {
  const [first, ...others] = origins.map((origin) => new Set(addressesOf(origin)));
  if (first === undefined || others.length === 0) return null;
  const shared = [...first].find((address) => others.every((own) => own.has(address)));
  return shared === undefined ? null : printable(shared, 60);
}

function addressesOf({ records }: OpenOrigin): readonly string[] {
  return records.flatMap(({ observed }) => observed.addresses.map(({ address }) => address));
}

/** The domain above a name, where that is more than a public suffix can be told to be. */
function parentOf(domain: string): readonly string[] {
  const labels = domain.toLowerCase().split(".");
  return labels.length > 2 ? [labels.slice(1).join(".")] : [];
}
