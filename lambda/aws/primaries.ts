import {
  type CloudFrontClient,
  GetDistributionConfigCommand,
  ListContinuousDeploymentPoliciesCommand,
} from "@aws-sdk/client-cloudfront";
import type { Distribution } from "../configuration/distribution.ts";
import { enumerated } from "../text/phrase.ts";
import { printable } from "../text/printable.ts";
import { asking } from "./asking.ts";
import { abortedBy, type Failure } from "./failure.ts";
import { type AccountProblem, type Detailed, detailProblem } from "./inventory-problems.ts";
import { readPages } from "./pages.ts";

const pageSize = 100;

/** How many distributions are read to find primaries; the likeliest come first. */
export const mostAsked = 25;

/**
 * Finds the primary of each enabled staging distribution, whose viewers it serves.
 *
 * A continuous deployment policy names its staging distribution, and the primary names the policy, but in its
 * DistributionConfig only: ListDistributions leaves ContinuousDeploymentPolicyId out. So it takes the list of policies,
 * and one GetDistributionConfig for each distribution that is tried. A staging distribution begins as a copy of its
 * primary, so those that share most origins with it are tried first, and none after the last policy is found.
 */
export async function withPrimaries(
  client: CloudFrontClient,
  distributions: readonly Distribution[],
  signal: AbortSignal | undefined,
): Promise<Detailed> {
  const staging = distributions.filter(({ staging: isStaging, enabled }) => isStaging && enabled);
  if (staging.length === 0) return { distributions, problems: [] };
  const policies = await stagingByPolicy(client, staging, signal);
  const primaries = new Map<string, Distribution>();
  const open = new Map(policies.found);
  const candidates = likeliest(distributions, [...new Set(open.values())]);
  const asked = asking(signal);
  for (const candidate of candidates.slice(0, mostAsked)) {
    if (open.size === 0 || asked.isOver) break;
    const { id } = candidate;
    const config = await asked.ask(id, async () => {
      const answer = await client.send(new GetDistributionConfigCommand({ Id: id }), abortedBy(signal));
      return answer.DistributionConfig ?? null;
    });
    const policyId = config?.ContinuousDeploymentPolicyId ?? "";
    const served = open.get(policyId);
    if (served === undefined) continue;
    primaries.set(served.id, candidate);
    open.delete(policyId);
  }
  const served = new Set([...policies.found.values()].map(({ id }) => id));
  const withPrimary = (each: Distribution): Distribution => {
    const primary = primaries.get(each.id);
    if (primary !== undefined) {
      const { id, aliases, domainName, enabled } = primary;
      return { ...each, primary: { id, aliases, domainName }, ...(enabled ? {} : { noViewers: "primary-disabled" }) };
    }
    const isStray = each.staging && each.enabled && policies.failure === null && !served.has(each.id);
    return isStray ? { ...each, noViewers: "no-enabled-policy" } : each;
  };
  const unread = policies.failure === null ? [...open.values()].map(({ id }) => id) : staging.map(({ id }) => id);
  const failure = policies.failure ?? asked.result().failure;
  const consequence = "what depends on the names of their viewers is not checked";
  const isBeyond = failure === null && candidates.length > mostAsked && unread.length > 0;
  return {
    distributions: distributions.map(withPrimary),
    problems: isBeyond
      ? [notAmongAsked(unread, consequence)]
      : detailProblem({
          what: "The primaries of staging distributions",
          unread,
          failure,
          consequence,
          operation: policies.failure === null ? "GetDistributionConfig" : "ListContinuousDeploymentPolicies",
          resource: policies.failure === null ? "distribution/*" : "*",
          code: "distribution-unreadable",
        }),
  };
}

function notAmongAsked(ids: readonly string[], consequence: string): AccountProblem {
  const names = enumerated(
    ids.map((id) => printable(id, 64)),
    5,
  );
  return {
    code: "distribution-unreadable",
    message:
      `The primaries of staging distributions ${names} are not among the ${mostAsked} distributions that a run asks, ` +
      `the likeliest of the account; ${consequence}.`,
    remedy: "Check the origins of these distributions with `check origin ORIGIN --host NAME`.",
    distributions: ids,
  };
}

/** The staging distribution of each enabled policy, by the policy's id. */
async function stagingByPolicy(
  client: CloudFrontClient,
  staging: readonly Distribution[],
  signal: AbortSignal | undefined,
): Promise<{ readonly found: ReadonlyMap<string, Distribution>; readonly failure: Failure | null }> {
  const byName = new Map(staging.map((each) => [each.domainName?.toLowerCase() ?? "", each]));
  const found = new Map<string, Distribution>();
  const { failure } = await readPages(
    policyPages(client, signal),
    ({ Items: items = [] }) => {
      for (const { ContinuousDeploymentPolicy: policy } of items) {
        const config = policy?.ContinuousDeploymentPolicyConfig;
        if (policy?.Id === undefined || config?.Enabled !== true) continue;
        for (const name of config.StagingDistributionDnsNames?.Items ?? []) {
          const served = byName.get(name.toLowerCase());
          if (served !== undefined) found.set(policy.Id, served);
        }
      }
    },
    signal,
  );
  return { found, failure };
}

async function* policyPages(client: CloudFrontClient, signal: AbortSignal | undefined) {
  let marker: string | undefined;
  do {
    const command = new ListContinuousDeploymentPoliciesCommand({ Marker: marker, MaxItems: pageSize });
    const { ContinuousDeploymentPolicyList: list } = await client.send(command, abortedBy(signal));
    yield list;
    marker = list?.NextMarker;
  } while (marker);
}

function likeliest(distributions: readonly Distribution[], staging: readonly Distribution[]): Distribution[] {
  const names = new Set(staging.flatMap(({ origins }) => origins.map(({ domainName }) => domainName)));
  const shared = ({ origins }: Distribution) => origins.filter(({ domainName }) => names.has(domainName)).length;
  return distributions
    .filter(({ staging: isStaging, multiTenant }) => !isStaging && !multiTenant)
    .map((each) => ({ each, score: shared(each) }))
    .toSorted((a, b) => b.score - a.score)
    .map(({ each }) => each);
}
