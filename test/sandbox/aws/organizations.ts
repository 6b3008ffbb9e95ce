import { json, jsonError } from "./events.ts";
import type { AwsReply, Service } from "./exchange.ts";
import { type AccountState, emailOf, type MemberAccount, type Organization } from "./organization.ts";

/** Organizations' ListAccounts in JSON 1.1. */
export function organizationsService(partition: string, organization: Organization | null): Service {
  return {
    operation(request) {
      if (request.headers["x-amz-target"] !== "AWSOrganizationsV20161128.ListAccounts") return undefined;
      const asked = JSON.parse(request.body.toString("utf8")) as { NextToken?: string; MaxResults?: number };
      return {
        action: "organizations:ListAccounts",
        resource: "*",
        perform() {
          if (organization === null) {
            return jsonError(
              400,
              "AWSOrganizationsNotInUseException",
              "Your account is not a member of an organization.",
            );
          }
          if (!organization.isDelegatedAdministrator) {
            return jsonError(400, "AccessDeniedException", "You don't have permissions to access this resource.");
          }
          return page(asked, partition, organization);
        },
      };
    },
    error: jsonError,
    throttled: jsonError(400, "TooManyRequestsException", "You've sent too many requests in too short a time."),
    denied: (action) =>
      jsonError(
        400,
        "AccessDeniedException",
        `User is not authorized to perform: ${action} because no policy allows it`,
      ),
  };
}

/** A page in the middle is empty: "These operations can occasionally return an empty set of results even when more are available." */
function page(
  { NextToken, MaxResults = 20 }: { readonly NextToken?: string; readonly MaxResults?: number },
  partition: string,
  organization: Organization,
): AwsReply {
  if (MaxResults < 1 || MaxResults > 20) return jsonError(400, "InvalidInputException", "MaxResults is 1 to 20");
  const all = [...organization.accounts.values()];
  const size = Math.min(MaxResults, organization.pageSize);
  const [, first = "0", empty] = /^(\d+)(e)?$/.exec(NextToken ?? "0") ?? [];
  const start = Number(first);
  if (empty !== undefined) return json(200, { Accounts: [], NextToken: first });
  const end = start + size;
  const accounts = all.slice(start, end).map((account) => listed(account, partition, organization));
  return json(200, {
    Accounts: accounts,
    ...(end < all.length ? { NextToken: `${end}${start === 0 ? "e" : ""}` } : {}),
  });
}

function listed(account: MemberAccount, partition: string, organization: Organization) {
  const { id, rootId, managementAccountId } = organization;
  return {
    Id: account.id,
    Arn: `arn:${partition}:organizations::${managementAccountId}:account/${id}/${account.id}`,
    Email: emailOf(account.id),
    Name: account.name,
    Status: statusOf(account.state),
    State: account.state,
    Paths: [`${[id, rootId, ...account.units].join("/")}/`],
    JoinedMethod: "CREATED",
    JoinedTimestamp: 1_700_000_000.5,
  };
}

/** The older field knows fewer words. */
function statusOf(state: AccountState): string {
  if (state === "PENDING_ACTIVATION") return "ACTIVE";
  return state === "CLOSED" ? "SUSPENDED" : state;
}
