import { ruleOf } from "../judge/catalogue.ts";
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

/**
 * What to check before all else where several origins have the same finding: the server behind the address that all of
 * them have, or the name servers of the domain that all names are under, where it is DNS that fails. Null where there is
 * neither.
 *
 * @param code of the finding that they have
 */
export function sharedFirstStep(origins: readonly OpenOrigin[], code: string): string | null {
  const all = `all ${origins.length}`;
  if (ruleOf(code)?.stage === "dns") {
    const parent = inAll(origins.map(({ domain }) => parentOf(domain)));
    return parent === null ? null : `Check the name servers of ${parent} first: ${all} names are under it.`;
  }
  const address = inAll(origins.map(addressesOf));
  return address === null
    ? null
    : `Check the server or load balancer at ${address} first: ${all} origins resolve to it.`;
}

function inAll(values: readonly (readonly string[])[]): string | null {
  const [first, ...others] = values.map((own) => new Set(own));
  if (first === undefined || others.length === 0) return null;
  const shared = [...first].find((value) => others.every((own) => own.has(value)));
  return shared === undefined ? null : printable(shared, 253);
}

function addressesOf({ records }: OpenOrigin): readonly string[] {
  return records.flatMap(({ observed }) => observed.addresses.map(({ address }) => address));
}

/** The domain above a name, where that is more than a public suffix can be told to be. */
function parentOf(domain: string): readonly string[] {
  const labels = domain.toLowerCase().split(".");
  return labels.length > 2 ? [labels.slice(1).join(".")] : [];
}
