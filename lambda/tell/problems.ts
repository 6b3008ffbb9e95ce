import type { RunProblem } from "../report/record.ts";

/** The cause of an incomplete run, short enough for a subject and to be read after "was: ". */
export function problemTitle({ code }: { readonly code: string }): string {
  return (titles as { readonly [code: string]: string | undefined })[code] ?? code;
}

const titles: Readonly<Record<RunProblem["code"], string>> = {
  "inventory-failed": "distributions cannot be listed",
  "account-unreadable": "an account cannot be read",
  "accounts-unlisted": "accounts cannot be listed",
  "accounts-left-out": "not every account is read in time",
  "policies-unreadable": "policies cannot be read",
  "distribution-unreadable": "a distribution cannot be read",
  "tenants-left-out": "not every tenant is checked",
  "details-unreadable": "details of an origin cannot be read",
  "mute-tag-unreadable": "a tag that mutes is not understood",
  "check-path-unreadable": "a tag that names a path is not understood",
  "mutes-unreadable": "mutes in the bucket cannot be read",
  "telling-failed": "changes cannot be put into words",
  "findings-left-out": "not every finding is told",
  "state-unreadable": "record of earlier messages cannot be read",
  "out-of-time": "not every origin is checked in time",
  "vantage-without-network": "one Region reaches no origin",
  "no-network": "this function reaches nothing, AWS included",
  "all-origins-dark": "no origin gives any answer",
  "observations-unusable": "some observations cannot be used",
  "vantage-failed": "a Region does not observe",
  "fleet-needed": "too many connections for one function",
  "traffic-unreadable": "CloudFront's count cannot be read",
};
