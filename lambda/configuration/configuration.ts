import { printable } from "../text/printable.ts";
import type { Distribution } from "./distribution.ts";
import type { Policies } from "./policies.ts";
import { type Scope, unknownScope } from "./scope.ts";

/** What is known of somebody's distributions, wherever it was read: in an account, in a file, in a template. */
export type Configuration = {
  readonly kind: "configuration";
  readonly distributions: readonly Distribution[];
  readonly policies: Policies;
  /** Everything that leaves it incomplete, or was read with an assumption. */
  readonly problems: readonly ConfigurationProblem[];
};

/** What a saved answer or a template says, or why it is neither. */
export type ConfigurationResult = Configuration | { readonly kind: "unrecognised"; readonly problem: string };

/** Something about a configuration that could not be found out. */
export type ConfigurationProblem = {
  readonly code:
    | "inventory-failed"
    /** Of one account of several nothing could be read, or not all of its distributions. */
    | "account-unreadable"
    /** Which accounts there are is not known. */
    | "accounts-unlisted"
    /** There was no time to read the distributions of every account. */
    | "accounts-left-out"
    | "policies-unreadable"
    | "distribution-unreadable"
    /** A distribution has more tenants than a run looks at. */
    | "tenants-left-out"
    /** Something about connections that are checked all the same could not be found out. */
    | "details-unreadable";
  /** What failed and what that leaves unchecked, in a sentence. */
  readonly message: string;
  /** What to do about it; empty where the message says it all. */
  readonly remedy: string;
  /** The account that it concerns, null where it concerns the run as a whole. */
  readonly scope: Scope | null;
  /** Ids of the distributions that it concerns; absent where it may concern any. */
  readonly distributions?: readonly string[];
};

/** For what was read with an assumption, or left out: messages that say it all. */
export function unclear(messages: readonly string[]): ConfigurationProblem[] {
  return messages.map((message) => ({ code: "details-unreadable", message, remedy: "", scope: unknownScope }));
}

/** @param id the distribution's, or how else to find it */
export function notChecked(id: string, problem: string): ConfigurationProblem {
  const message = `distribution ${printable(id, 64)} is not checked: ${problem}`;
  return { code: "distribution-unreadable", message, remedy: "", scope: unknownScope };
}
