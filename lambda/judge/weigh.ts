import type { Connection, InVpc } from "../plan/connection.ts";
import { ruleOf } from "./catalogue.ts";
import type { Effect } from "./effect.ts";
import { severityOf } from "./effect.ts";
import type { Finding } from "./finding.ts";
import { toldName } from "./told-name.ts";

/**
 * Tones findings down where the server name that was tried is not the one that viewers use.
 *
 * The distribution's own `dxxxx.cloudfront.net` name beside aliases is used by few viewers, if by any. An origin behind
 * Host forwarding rarely has a certificate for it and need not, so what depends on that very name is a note: as a risk it
 * would sound for nearly every load balancer. What else fails for it may fail, and what may fail for it is a note. For
 * the names that a wildcard alias stands for, a sample was tried: that the origin does not know the sample is no proof
 * that it does not know the others.
 */
export function weighed(connection: Connection, found: readonly Finding[]): Finding[] {
  const { weight, sampled, serverName, inVpc } = connection;
  const findings = inVpc === undefined ? found : found.map((finding) => ofVpcOrigin(inVpc, finding));
  if (weight === "low") {
    const who = `Only viewers who use the name ${serverName} itself are affected, not those of the aliases.`;
    return findings.map((finding) =>
      softened(
        finding,
        { sentence: who, doubt: `where viewers use the name ${serverName} itself` },
        ruleOf(finding.code).tiedToServerName ? "note" : undefined,
      ),
    );
  }
  if (!sampled || serverName === null) return [...findings];
  const names = toldName(serverName, connection);
  const reason = `The server name (SNI) that was tried is only a sample for ${names}. The names that viewers really use may work.`;
  const doubt = `because only a sample for ${names} was tried`;
  return findings.map((finding) =>
    ruleOf(finding.code).tiedToServerName ? softened(finding, { sentence: reason, doubt }) : finding,
  );
}

/**
 * AWS does not say what CloudFront demands of the certificate of a VPC origin
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html), so that what is
 * about names and trust is a risk there.
 */
function ofVpcOrigin({ vpcId }: InVpc, finding: Finding): Finding {
  if (finding.effect === "note") return finding;
  const where = `This was seen from inside ${vpcId}, where a command has to run too.`;
  const told = { ...finding, explanation: `${finding.explanation} ${where}` };
  const { about } = ruleOf(finding.code);
  if (finding.effect === "may" || (about !== "names" && about !== "chain")) return told;
  const sentence = "AWS does not say what CloudFront demands of the certificate of a VPC origin.";
  return softened(told, { sentence, doubt: "because AWS does not say whether CloudFront demands it of a VPC origin" });
}

/**
 * An error of reaching the origin that was met elsewhere than where CloudFront connects from, since nobody could look from
 * there in this run: not certain any more.
 *
 * @param region the Region of Origin Shield
 */
export function metBesideShield(region: string, finding: Finding): Finding {
  const sentence = `CloudFront connects from ${region} (Origin Shield), which this run could not check from.`;
  return softened(
    finding,
    { sentence, doubt: `because it could not be checked from ${region} (Origin Shield)` },
    "may",
  );
}

type Reason = { readonly sentence: string; readonly doubt: string };

function softened(finding: Finding, { sentence, doubt }: Reason, to?: Effect): Finding {
  const effect = to ?? lighter(finding.effect);
  if (effect === finding.effect) return finding;
  const explanation = `${finding.explanation} ${sentence}`;
  return { ...finding, effect, severity: severityOf(effect), explanation, ...(effect === "may" ? { doubt } : {}) };
}

function lighter(effect: Effect): Effect {
  switch (effect) {
    case "502":
    case "504":
      return "may";
    case "may":
      return "note";
    case "unseen":
    case "note":
      return effect;
  }
}
