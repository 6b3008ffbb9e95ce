import type { UnreadableDistribution } from "../plan/read-distribution.ts";
import type { RunProblem } from "../tell/record.ts";
import { printable } from "../text/printable.ts";
import type { Failure } from "./failure.ts";

/** Beyond this many, problems of single distributions are only counted. */
const mostListed = 100;

/** @param read how many distributions came before the list broke off */
export function inventoryProblem(failure: Failure | null, read: number): RunProblem[] {
  if (failure === null) return [];
  const message =
    read === 0
      ? `The list of distributions could not be read (${failure.reason}); no distribution is checked.`
      : `The list of distributions broke off after ${read} (${failure.reason}); the rest is not checked.`;
  return [{ code: "inventory-failed", message, remedy: remedy(failure, "ListDistributions") }];
}

/** @param operation the API's name for listing the policies, which is also that of the IAM action */
export function policyProblem(policies: string, operation: string, failure: Failure | null): RunProblem[] {
  if (failure === null) return [];
  const message =
    `The ${policies} could not be read (${failure.reason}); AWS's managed ones are known all the same, ` +
    "but origins that depend on others are not checked.";
  return [{ code: "policies-unreadable", message, remedy: remedy(failure, operation) }];
}

export function unclearPolicies(problems: readonly string[]): RunProblem[] {
  return shortened(problems).map((problem) => ({
    code: "policies-unreadable",
    message: `${problem}; origins that depend on it are not checked.`,
    remedy: newerApi,
  }));
}

/** What of single distributions could not be read, or only with an assumption. */
export function distributionProblems(
  unreadable: readonly UnreadableDistribution[],
  unclear: readonly { readonly id: string; readonly problem: string }[],
): RunProblem[] {
  const messages = [
    ...unreadable.map(
      ({ id, problem }) => `Distribution ${printable(id ?? "without Id", 64)} is not checked: ${problem}.`,
    ),
    ...unclear.map(({ id, problem }) => `Distribution ${printable(id, 64)}: ${problem}.`),
  ];
  return shortened(messages).map((message) => ({ code: "distribution-unreadable", message, remedy: newerApi }));
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
