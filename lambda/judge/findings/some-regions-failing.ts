import { sources } from "../../cloudfront/sources.ts";
import { isEgress, vantageInWords } from "../../probe/observation.ts";
import { enumerated } from "../../text/phrase.ts";
import type { Rule } from "../rule.ts";

/** What is open about reaching an origin from some Regions, while others do not meet it. */
export type RegionsView = {
  readonly port: number;
  readonly failing: readonly RegionFailing[];
  /** Those that reach it. */
  readonly reaching: readonly RegionReaching[];
  /** The Region from which alone CloudFront connects (Origin Shield), where the check did not look from there. */
  readonly shield: string | null;
};

export type RegionFailing = {
  readonly region: string;
  /** The codes of what it met, and the title of the worst. */
  readonly codes: readonly string[];
  readonly met: string;
  readonly addresses: readonly string[];
  /** It got no answer at all to connection requests. */
  readonly isDark: boolean;
};

export type RegionReaching = { readonly region: string; readonly addresses: readonly string[] };

export const someRegionsFailing: Rule<RegionsView, "some-regions-failing"> = {
  code: "some-regions-failing",
  effect: "may",
  stage: "tcp",
  transient: true,
  about: "reachability",
  witness: "quiets",
  supersededBy: [{ verdict: "failing" }],
  proof: "handshake-in-time",
  summary: "Some of the Regions that the check looks from cannot reach the origin, and not enough of them agree.",
  source: sources.originLocations,
  examine: ({ port, failing, reaching, shield }) => {
    const total = failing.length + reaching.length;
    const places = [...failing, ...reaching].some(({ region }) => isEgress(region)) ? "places" : "Regions";
    const names = named(failing);
    const allDark = failing.every(({ isDark }) => isDark);
    const answers = failing.some(({ isDark }) => isDark) ? "504" : "502";
    const differs = answersDiffer(failing, reaching);
    const reach =
      reaching.length === 0
        ? ""
        : `; ${named(reaching)} ${reaching.length === 1 ? "reaches" : "reach"} it${at(reaching)}`;
    return {
      title: allDark
        ? `no answer to ${failing.length} of ${total} ${places}`
        : `${failing.length} of ${total} ${places} cannot reach it`,
      cause: `${failing.map(({ region, met, ...rest }) => `From ${vantageInWords(region)}: ${met}${at([rest])}`).join("; ")}${reach}.`,
      explanation:
        shield === null
          ? `What Origin Watch meets differs by Region, and CloudFront connects from many. Where it meets what ${names} met, cache misses may get ${answers}. Which edge locations meet what is not known.`
          : `What Origin Watch meets differs by Region. CloudFront connects from ${shield} (Origin Shield), which Origin Watch did not check from. If it meets there what ${names} met, cache misses may get ${answers}. With ${shield} in \`vantageRegions\`, what is met there decides.`,
      doubt: `where CloudFront meets what ${names} met`,
      remedy: differs
        ? [
            `Check the server at ${addressesIn(failing)}, its security group, network ACL and route.`,
            `Or, if it is retired, correct the DNS record that ${names} ${failing.length === 1 ? "gets" : "get"}.`,
          ]
        : [
            `Check whether a firewall, a geographic restriction or a rate limit turns ${names} away on port ${port}.`,
            "Check whether DNS answers alike everywhere, and the route from there.",
          ],
      evidence: {
        expected: "the same from every Region",
        seen: failing.map(({ region, met, addresses }) => ({
          from: vantageInWords(region),
          met,
          addresses: [...addresses],
        })),
        reachedFrom: reaching.map(({ region, addresses }) => ({
          from: vantageInWords(region),
          addresses: [...addresses],
        })),
      },
      facts: {
        regions: {
          failing: failing.map(({ region, codes }) => ({ region, codes: [...codes] })),
          reaching: reaching.map(({ region }) => region),
          answers,
        },
      },
    };
  },
};

const mostNamed = 5;

function named(regions: readonly { readonly region: string }[]): string {
  return enumerated(
    regions.map(({ region }) => vantageInWords(region)),
    mostNamed,
  );
}

type WithAddresses = { readonly addresses: readonly string[] };

function addressesIn(regions: readonly WithAddresses[]): string {
  return enumerated([...new Set(regions.flatMap(({ addresses }) => addresses))], 3);
}

function at(regions: readonly WithAddresses[]): string {
  const addresses = addressesIn(regions);
  return addresses === "" ? "" : ` (${addresses})`;
}

/** What failed has an address that no Region reaches: then it is that address, and not the way to it. */
function answersDiffer(failing: readonly RegionFailing[], reaching: readonly RegionReaching[]): boolean {
  const reached = new Set(reaching.flatMap(({ addresses }) => addresses));
  const met = failing.flatMap(({ addresses }) => addresses);
  return met.length > 0 && reached.size > 0 && met.every((address) => !reached.has(address));
}
