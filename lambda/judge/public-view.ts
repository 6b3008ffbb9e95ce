import { isEgress, type Observation, type ObservationFrom } from "../probe/observation.ts";

/**
 * The observations as far as they are of the addresses that CloudFront gets. The resolver of a VPC knows private zones, so
 * that a name may lead elsewhere there: an address counts only if a vantage outside of the VPC got it too. What else was
 * seen there is dropped here, before anything is judged, shown or stored: a private answer is no matter of whoever names an
 * origin.
 */
export function publicView(observations: readonly ObservationFrom[]): readonly ObservationFrom[] {
  if (!observations.some(({ vantage }) => isEgress(vantage))) return observations;
  const outside = observations.flatMap(({ vantage, observation }) => (isEgress(vantage) ? [] : [observation]));
  return observations.map((each) =>
    isEgress(each.vantage) ? { ...each, observation: asOutside(each.observation, outside) } : each,
  );
}

const resolvedOtherwise: Observation = { dns: { kind: "resolved-otherwise" }, addresses: [], addressesLeftOut: 0 };

function asOutside(inside: Observation, outside: readonly Observation[]): Observation {
  const { dns, addresses } = inside;
  switch (dns.kind) {
    case "not-tried":
    case "lookup-failed":
    case "resolved-otherwise":
      return inside;
    case "name-not-found":
      return outside.some((each) => each.dns.kind === dns.kind && each.dns.target === dns.target)
        ? inside
        : resolvedOtherwise;
    case "no-address":
      return outside.some((each) => each.dns.kind === dns.kind) ? inside : resolvedOtherwise;
    case "answered":
    case "given": {
      const known = new Set(outside.flatMap((each) => ("addresses" in each.dns ? each.dns.addresses : [])));
      const own = dns.addresses.filter((address) => known.has(address));
      // What it does not connect to may be a public address in the VPC: who is outside knows whether it is one.
      const seen = addresses.filter(({ address, outcome }) => known.has(address) && outcome.kind !== "not-dialled");
      if (own.length === dns.addresses.length && seen.length === addresses.length) return inside;
      return seen.length === 0 ? resolvedOtherwise : { ...inside, dns: { ...dns, addresses: own }, addresses: seen };
    }
  }
}
