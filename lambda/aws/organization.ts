import { type Account, ListAccountsCommand, OrganizationsClient } from "@aws-sdk/client-organizations";
import type { ListedAccount } from "../configuration/listed-account.ts";
import { printable } from "../text/printable.ts";
import { type ClientLimits, clientLimits } from "./client-limits.ts";
import { type Failure, failureOf, untilAborted } from "./failure.ts";

/** The accounts of an organization that are to be watched. */
export type AccountList = {
  /** Those that are active, each once. */
  readonly accounts: readonly ListedAccount[];
  /** Why there may be more, null where these are all. */
  readonly failure: Failure | null;
};

/** More accounts than this are not read, nor more pages: a page may be empty, and there may be no end of them. */
export const mostAccounts = 10_000;
const mostPages = 2_000;
/** The API's largest page. */
const pageSize = 20;

/**
 * A client for AWS Organizations, which is one for all Regions of a partition: the SDK knows where. ListAccounts is
 * throttled at 8 calls a second (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html),
 * hence adaptive retries.
 */
export function organizationsClient(given: ClientLimits = clientLimits): OrganizationsClient {
  return new OrganizationsClient({ ...given, retryMode: "adaptive", maxAttempts: 10 });
}

/**
 * Lists the active accounts of the organization, or of some of its units. Needs organizations:ListAccounts in the
 * management account, or in an account that is a delegated administrator of any service. It never throws.
 *
 * @param units ids of organizational units, in which an account may be at any depth
 */
export async function listAccounts(
  client: OrganizationsClient,
  units: readonly string[] | "all",
  signal: AbortSignal,
): Promise<AccountList> {
  const accounts = new Map<string, ListedAccount>();
  const tokens = new Set<string>();
  const ended = (failure: Failure | null) => ({ accounts: [...accounts.values()], failure });
  const brokeOff = (reason: string) => ended({ kind: "other", reason });
  let token: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    try {
      const command = new ListAccountsCommand({
        MaxResults: pageSize,
        ...(token === undefined ? {} : { NextToken: token }),
      });
      const answer = await untilAborted(client.send(command, { abortSignal: signal }), signal);
      // The answer of somebody on the way must not count as an organization without accounts.
      if (answer.Accounts === undefined) return brokeOff("AWS's answer holds no list");
      for (const account of answer.Accounts) {
        const place = units === "all" ? "in" : placeOf(account, units);
        if (place === "unknown") return brokeOff("AWS's answer does not say in which units the accounts are");
        const listed = place === "in" ? activeAccount(account) : null;
        if (listed === null || accounts.has(listed.id)) continue;
        if (accounts.size >= mostAccounts) return brokeOff(`there are more than ${mostAccounts}`);
        accounts.set(listed.id, listed);
      }
      token = answer.NextToken;
    } catch (error) {
      return ended(failureOf(error, signal));
    }
    if (token === undefined || token === "") return ended(null);
    if (tokens.has(token)) return brokeOff("AWS's answers go round in a circle");
    tokens.add(token);
  }
  return brokeOff(`the list has more than ${mostPages} pages`);
}

/** A path is `o-…/r-…/ou-…/ou-…/ACCOUNT/`: an account is in every unit that its path names. */
function placeOf({ Paths: paths }: Account, units: readonly string[]): "in" | "elsewhere" | "unknown" {
  if (paths === undefined || paths.length === 0) return "unknown";
  return paths.some((path) => path.split("/").some((unit) => units.includes(unit))) ? "in" : "elsewhere";
}

/** Null for what is no account, or no longer one that anybody could look into. */
function activeAccount({ Id: id, Name: name, State: state, Status: status }: Account): ListedAccount | null {
  if (id === undefined || !/^\d{12}$/.test(id) || (state ?? status) !== "ACTIVE") return null;
  return { id, name: name === undefined || name === "" ? null : printable(name, 100) };
}
