import type { ConfigurationProblem } from "../configuration/configuration.ts";
import type { Distribution } from "../configuration/distribution.ts";
import type { UnreadableDistribution } from "../configuration/read-distribution.ts";
import { printable } from "../text/printable.ts";
import type { Failure } from "./failure.ts";

/** A problem of an account; the reader of the account adds which one. */
export type AccountProblem = Omit<ConfigurationProblem, "scope">;

/** Distributions with more details, and the details that could not be read. */
export type Detailed = {
  readonly distributions: readonly Distribution[];
  readonly problems: readonly AccountProblem[];
};

/** Beyond this many, problems of single distributions are only counted. */
const mostListed = 100;

/** An account that could not be read at all. */
export function notSignedInProblem(message: string): AccountProblem {
  const remedy = "Look at the role of the function: AWS did not accept its credentials.";
  return { code: "inventory-failed", message: `${message} No distribution is checked.`, remedy };
}

/** @param read how many distributions were read before the list broke off */
export function inventoryProblem(failure: Failure | null, read: number): AccountProblem[] {
  if (failure === null) return [];
  const message =
    read === 0
      ? `The list of distributions could not be read (${failure.reason}); no distribution is checked.`
      : `The list of distributions broke off after ${read} (${failure.reason}); the rest is not checked.`;
  return [{ code: "inventory-failed", message, remedy: remedy(failure, "ListDistributions") }];
}

/** Distributions in the list of an account that are not its own, by what their ARNs say. */
export function foreignProblem(ids: readonly string[]): AccountProblem[] {
  if (ids.length === 0) return [];
  const message = `Distributions ${someIds(ids)} are in the list of this account, but by their ARNs they are not its own; they are not checked.`;
  const advice = "CloudFront does not answer so: look at what stands between this function and AWS.";
  return [{ code: "distribution-unreadable", message, remedy: advice }];
}

/** @param operation the API's name for listing the policies, which is also that of the IAM action */
export function policyProblem(policies: string, operation: string, failure: Failure | null): AccountProblem[] {
  if (failure === null) return [];
  const message =
    `The ${policies} could not be read (${failure.reason}); AWS's managed ones are known all the same, ` +
    "but origins that depend on others are not checked.";
  return [{ code: "policies-unreadable", message, remedy: remedy(failure, operation) }];
}

export function unclearPolicies(problems: readonly string[]): AccountProblem[] {
  return shortened(problems).map((problem) => ({
    code: "policies-unreadable",
    message: `${problem}; origins that depend on it are not checked.`,
    remedy: newerApi,
  }));
}

/** What could not be read of single distributions, or only with an assumption. */
export function distributionProblems(
  unreadable: readonly UnreadableDistribution[],
  unclear: readonly { readonly id: string; readonly problem: string }[],
): AccountProblem[] {
  const all = [
    ...unreadable.map(({ id, problem }) => ({
      id,
      message: `Distribution ${printable(id ?? "without Id", 64)} is not checked: ${problem}.`,
    })),
    ...unclear.map(({ id, problem }) => ({ id, message: `Distribution ${printable(id, 64)}: ${problem}.` })),
  ];
  return shortened(all.map(({ message }) => message)).map((message, index) => {
    const id = index < mostListed ? all[index]?.id : null;
    const distributions = id == null ? {} : { distributions: [id] };
    return { code: "distribution-unreadable", message, remedy: newerApi, ...distributions };
  });
}

/** A detail that the lists leave out and that a call of its own could not read. */
export type MissingDetail = {
  /** What was asked for, as the beginning of a sentence. */
  readonly what: string;
  /** Ids of those that could not be read. */
  readonly unread: readonly string[];
  /** Null when AWS answered, but with nothing usable. */
  readonly failure: Failure | null;
  readonly consequence: string;
  readonly operation: string;
  /** As the IAM action knows it, for example `vpcorigin/*`. */
  readonly resource: string;
  readonly code: "distribution-unreadable" | "details-unreadable";
};

export function detailProblem(missing: MissingDetail): AccountProblem[] {
  const { what, unread, failure, consequence, operation, resource, code } = missing;
  if (unread.length === 0) return [];
  const reason = failure === null ? "not found in AWS's answer" : failure.reason;
  const message = `${what} ${someIds(unread)} could not be read (${reason}); ${consequence}.`;
  const denied = failure?.kind === "denied" && resource !== "*";
  const allow = `Allow cloudfront:${operation} on arn:PARTITION:cloudfront::ACCOUNT:${resource}.`;
  return [{ code, message, remedy: denied ? allow : failure === null ? newerApi : remedy(failure, operation) }];
}

/** Where a run reaches its limit for something: what is beyond it is not known, although nothing failed. */
export function beyondProblem(beyond: {
  /** What was not asked for, as the beginning of a sentence. */
  readonly what: string;
  readonly ids: readonly string[];
  readonly most: number;
  readonly consequence: string;
  readonly remedy: string;
  readonly code: MissingDetail["code"];
  /** Ids of the distributions that it concerns. */
  readonly distributions: readonly string[];
}): AccountProblem[] {
  const { what, ids, most, consequence, remedy, code, distributions } = beyond;
  if (ids.length === 0) return [];
  const message = `${what} ${someIds(ids)} were not asked for, because a run asks for ${most}; ${consequence}.`;
  return [{ code, message, remedy, distributions }];
}

/** What could be read of an answer only with an assumption, in sentences. */
export function unclearDetails(messages: readonly string[]): AccountProblem[] {
  return shortened(messages).map((message) => ({ code: "details-unreadable", message, remedy: newerApi }));
}

/** Where an account has more tenants than a run reads. */
export function cappedProblem(ids: readonly string[], tenants: number, parameters: number): AccountProblem[] {
  if (ids.length === 0) return [];
  const message =
    `Of the tenants of distributions ${someIds(ids)} only a part is checked: ` +
    `a run looks at ${tenants} tenants, and asks ${parameters} of them for their parameters.`;
  const advice =
    "Check the origins of further tenants with `check origin ORIGIN --host NAME`, and mute the code tenants-left-out.";
  return [{ code: "tenants-left-out", message, remedy: advice, distributions: ids }];
}

function someIds(ids: readonly string[]): string {
  const shown = ids.slice(0, 5).map((id) => printable(id, 64));
  return ids.length > shown.length ? `${shown.join(", ")} and ${ids.length - shown.length} more` : shown.join(", ");
}

const newerApi =
  "If the CloudFront API has a setting here that this program does not know, install its newest version.";

function shortened(messages: readonly string[]): string[] {
  const beyond = messages.length - mostListed;
  return beyond <= 0 ? [...messages] : [...messages.slice(0, mostListed), `${beyond} more of this kind.`];
}

function remedy({ kind }: Failure, operation: string): string {
  switch (kind) {
    case "denied":
      return `Allow cloudfront:${operation} on resource "*".`;
    case "credentials":
      return "Sign in to AWS again, or give the process credentials that last.";
    case "aborted":
      return "Give the run more time.";
    case "other":
      return "Try again; if it happens again, look at the way from here to the CloudFront API and at AWS's service health.";
  }
}
