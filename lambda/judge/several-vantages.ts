import type { Connection } from "../plan/connection.ts";
import { shieldRegionOf } from "../plan/origin-shield.ts";
import { isEgress, type Observation, type ObservationFrom, type Vantage } from "../probe/observation.ts";
import { ruleOf } from "./catalogue.ts";
import type { Effect } from "./effect.ts";
import { byEffect } from "./effect-order.ts";
import type { Finding } from "./finding.ts";
import { effectsOf, findingOf } from "./finding-of.ts";
import { originWentDark } from "./findings/origin-went-dark.ts";
import { type RegionFailing, type RegionsView, someRegionsFailing } from "./findings/some-regions-failing.ts";
import { accepted, couldCheck, gaveNoAnswer } from "./how-far.ts";
import type { Declaration } from "./rule.ts";
import { together } from "./together.ts";
import { metBesideShield, weighed } from "./weigh.ts";

/** What one vantage saw, and all that follows from it by itself. */
export type VantageFindings = ObservationFrom & { readonly findings: readonly Finding[] };

/**
 * What several vantages saw, as one result. What a server sent is proven by whoever got it, so that a finding about it
 * stands from any vantage, as the worst that it was seen as: no other vantage can take it back. Whether a server is
 * reached depends on where one asks. So such a finding needs more than half of the vantages that could look; what has
 * not is `some-regions-failing`. A vantage that could not look is no vote.
 *
 * Requests by Origin Shield leave from its Region
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/origin-shield.html): where a vantage looked from
 * there, it alone decides what is reached. Where that vantage could not look this time, what the others met is a risk at most.
 *
 * A firewall that admits the fixed addresses of a VPC beside CloudFront gives nobody else an answer, or turns them away. So
 * what these addresses met counts where no other vantage reached the origin, and at addresses to which no other has a route.
 */
export function concluded(connection: Connection, all: readonly VantageFindings[]): Finding[] {
  const able = all.filter(({ observation }) => couldCheck(observation));
  if (able.length === 0) return ofNone(all);
  const voters = votersOf(connection, able);
  const stands = allOf(able.map((each) => ({ ...each, findings: withoutUnsupported(each, { all, able, voters }) })));
  const shield = unseenShieldOf(connection, able);
  const isAbsent = shield !== null && all.some(({ vantage }) => vantage === shield);
  const found = isAbsent ? stands.map((one) => (isErrorOfReach(one) ? metBesideShield(shield, one) : one)) : stands;
  return [...found, ...weighed(connection, whereRegionsDiffer({ port: connection.port, shield, voters, found }))];
}

/** The Region of Origin Shield, where there is one and nobody could look from there. */
function unseenShieldOf(connection: Connection, able: readonly ObservationFrom[]): string | null {
  const region = shieldRegionOf(connection);
  return able.some(({ vantage }) => vantage === region) ? null : region;
}

function isErrorOfReach(finding: Finding): boolean {
  return isVotedOn(finding) && (finding.effect === "502" || finding.effect === "504");
}

/** Why none could look. One that made no attempt has nothing to say of it beside one that did. */
function ofNone(all: readonly VantageFindings[]): Finding[] {
  const tried = all.filter(({ observation: { dns } }) => dns.kind !== "not-tried" && dns.kind !== "resolved-otherwise");
  return allOf(tried.length > 0 ? tried : all);
}

function allOf(all: readonly VantageFindings[]): Finding[] {
  return all.reduce<Finding[]>(
    (known, { vantage, findings }) =>
      together(
        known,
        findings.map((finding) => seenFrom(finding, [vantage])),
      ),
    [],
  );
}

/** The vantage whose word decides what is reached, where there is one. */
export function decidingVantage(connection: Connection, all: readonly ObservationFrom[]): Vantage | null {
  const region = shieldRegionOf(connection);
  const own = all.find(({ vantage, observation }) => vantage === region && couldCheck(observation));
  if (own === undefined) return null;
  const isAdmitted = all.some(({ vantage, observation }) => isEgress(vantage) && accepted(observation));
  return isAdmitted && gaveNoAnswer(own.observation) ? null : own.vantage;
}

/** Those whose word counts of what is reached. */
function votersOf(connection: Connection, able: readonly VantageFindings[]): readonly Ballot[] {
  const deciding = decidingVantage(connection, able);
  const isOutside = ({ vantage }: ObservationFrom) => !isEgress(vantage) && (deciding === null || vantage === deciding);
  const outside = able.filter(isOutside).map(ballotOf);
  const inside = able.filter(({ vantage }) => isEgress(vantage)).map(ballotOf);
  if (inside.length === 0 || outside.some(({ worst }) => worst === null)) return outside;
  if (outside.every(({ observation }) => gaveNoAnswer(observation))) {
    const decides = inside.every(({ observation }) => accepted(observation) || gaveNoAnswer(observation));
    return decides ? inside : [...outside, ...inside];
  }
  return [...outside, ...inside.filter(({ observation }) => !gaveNoAnswer(observation))];
}

/** A vantage that could look, and what kept it from reaching the origin. */
type Ballot = {
  readonly vantage: Vantage;
  readonly observation: Observation;
  readonly unreached: readonly Finding[];
  /** The worst of these; null where it reached the origin. */
  readonly worst: Effect | null;
};

function ballotOf({ vantage, observation, findings }: VantageFindings): Ballot {
  const unreached = findings.filter(isVotedOn).toSorted((a, b) => byEffect(a.effect, b.effect));
  return { vantage, observation, unreached, worst: unreached[0]?.effect ?? null };
}

function isVotedOn({ code, effect }: Finding): boolean {
  return effect !== "note" && needsMajority(ruleOf(code));
}

/** What depends on the way to the server, and not on what the server sends. */
function needsMajority({ stage, about }: Declaration): boolean {
  return stage === "dns" || stage === "tcp" || (stage === "tls" && about === "reachability");
}

type Assembly = {
  readonly all: readonly VantageFindings[];
  readonly able: readonly VantageFindings[];
  readonly voters: readonly Ballot[];
};

/** What stands of the findings of one vantage beside what the others saw. */
function withoutUnsupported(
  { vantage, observation, findings }: VantageFindings,
  { all, able, voters }: Assembly,
): Finding[] {
  // Where nobody got an answer, nobody is contradicted.
  const votes =
    voters.some((voter) => voter.vantage === vantage) ||
    [...voters, { observation }].every((each) => gaveNoAnswer(each.observation));
  const own = findings.filter((finding) => {
    if (ruleOf(finding.code).stage === "no-route") return !isReachedElsewhere(finding, able);
    if (!isVotedOn(finding) || isOnlyRoute(finding, vantage, all)) return true;
    return votes && hasMajority(finding, voters);
  });
  // What sums up the addresses falls with all that it sums up.
  const isFault = ({ code, address }: Finding) => address !== null && isFatalByRule(code);
  return own.filter(({ code }) => ruleOf(code).sumsUp !== "addresses" || own.some(isFault));
}

function isFatalByRule(code: Finding["code"]): boolean {
  const { atMost } = effectsOf(ruleOf(code));
  return atMost === "502" || atMost === "504";
}

/** Others know the address too, and have no route to it: nobody else can say anything of it. */
function isOnlyRoute({ address }: Finding, own: Vantage, all: readonly VantageFindings[]): boolean {
  const others = all.flatMap(({ vantage, observation }) =>
    vantage === own ? [] : observation.addresses.filter((seen) => seen.address === address),
  );
  return others.length > 0 && others.every(({ outcome }) => outcome.kind === "connect-unreachable");
}

/**
 * An address that this network has no way to, and another one has. No answer to a VPC is no sign of one: where its subnets
 * have no route for IPv6, every address is silent.
 */
function isReachedElsewhere({ address }: Finding, checked: readonly VantageFindings[]): boolean {
  return checked.some(({ vantage, observation: { addresses } }) =>
    addresses.some(
      ({ address: other, outcome: { kind } }) =>
        other === address &&
        kind !== "connect-unreachable" &&
        kind !== "not-tried" &&
        !(isEgress(vantage) && kind === "connect-timed-out"),
    ),
  );
}

/**
 * More than half of those that could look met as much or worse: then it does not matter that each met something else. An
 * origin stopped answering only where it answers nobody; and what addresses reached that its firewall admits is proof for
 * none of the others.
 */
function hasMajority({ code, effect }: Finding, voters: readonly Ballot[]): boolean {
  const reaching = voters.filter(({ worst }) => worst === null);
  if (reaching.some(({ vantage }) => code === originWentDark.code || isEgress(vantage))) return false;
  const agreeing = voters.filter(({ worst }) => worst !== null && byEffect(worst, effect) <= 0);
  return agreeing.length * 2 > voters.length;
}

type Differing = Pick<RegionsView, "port" | "shield"> & {
  readonly voters: readonly Ballot[];
  readonly found: readonly Finding[];
};

/**
 * Said where something was met that not enough vantages agree on; and where most got no answer, which by itself says
 * nothing, while another one reached the origin.
 */
function whereRegionsDiffer({ port, shield, voters, found }: Differing): Finding[] {
  const failing = voters.filter(({ worst }) => worst !== null);
  const reaching = voters.filter(({ worst }) => worst === null);
  const fallen = failing.some(({ unreached }) => unreached.some((finding) => !hasMajority(finding, voters)));
  const isOnlyUnseen = found.filter(isVotedOn).every(({ effect }) => effect === "unseen");
  const isDoubted = failing.length > 0 && reaching.length > 0 && isOnlyUnseen;
  if (voters.length < 2 || (!fallen && !isDoubted)) return [];
  const view = { port, failing: failing.map(failingFrom), reaching: reaching.map(reachingFrom), shield };
  const said = someRegionsFailing.examine(view);
  if (said === undefined) return [];
  const by = failing.map(({ vantage }) => vantage);
  return [seenFrom(findingOf(someRegionsFailing, said, null), by)];
}

function failingFrom({ vantage, observation, unreached }: Ballot): RegionFailing {
  const [worst] = unreached;
  const own = unreached.flatMap(({ address }) => address ?? []);
  return {
    region: vantage,
    codes: [...new Set(unreached.map(({ code }) => code))],
    met: worst?.title ?? "",
    addresses: own.length > 0 ? [...new Set(own)] : observation.addresses.map(({ address }) => address),
    isDark: observation.addresses.some(({ outcome }) => outcome.kind === "connect-timed-out"),
  };
}

function reachingFrom({ vantage, observation }: Ballot) {
  return { region: vantage, addresses: observation.addresses.map(({ address }) => address) };
}

function seenFrom(finding: Finding, vantages: readonly Vantage[]): Finding {
  return { ...finding, seenFrom: vantages };
}
