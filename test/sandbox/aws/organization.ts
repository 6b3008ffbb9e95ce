import { type ViewerCounts, viewerCounts } from "../edge/viewer-counts.ts";
import { SECRET_MARKER } from "../secret-marker.ts";
import type { CloudFrontInventory } from "./cloudfront.ts";
import type { MetricStore } from "./cloudwatch.ts";
import type { TrustPolicy } from "./trust-policy.ts";

/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html */
export type AccountState = "PENDING_ACTIVATION" | "ACTIVE" | "SUSPENDED" | "PENDING_CLOSURE" | "CLOSED";

/** A role in an account: who may assume it, and what it may do there. */
export type AccountRole = {
  readonly trust: TrustPolicy;
  /** @default everything is allowed */
  readonly isAllowed?: (action: string, resource: string, region: string) => boolean;
  /** @default 3600 */
  readonly maxSessionSeconds?: number;
};

/** An account besides the endpoint's own. All of it may change between two requests. */
export type MemberAccount = {
  readonly id: string;
  name: string;
  state: AccountState;
  /** Organizational units from the root down to the one that it is in. */
  units: readonly string[];
  readonly roles: Map<string, AccountRole>;
  inventory: Partial<CloudFrontInventory>;
  readonly metrics: MetricStore;
  readonly counts: ViewerCounts;
  /** What STS calls whoever has assumed a role here, in place of the truth. @default null */
  assumedRoleArn: string | null;
};

/** An organization, of which the endpoint's own account is a delegated administrator. */
export type Organization = {
  /** For example `o-boxorg0001`. */
  readonly id: string;
  readonly rootId: string;
  /** Its own account does not belong to those that the endpoint assumes roles in, nor does a StackSet reach it. */
  readonly managementAccountId: string;
  /** By id, in the order in which they are listed. The endpoint's own account is listed where it is put here. */
  readonly accounts: Map<string, MemberAccount>;
  /** Who assumes roles: the ARN of a role or user of the endpoint's own account. */
  caller: string;
  /** The organization that the caller is in. @default this one */
  callerOrganizationId: string | null;
  /** Whether the endpoint's own account may list accounts. @default true */
  isDelegatedAdministrator: boolean;
  /** Accounts on a page; Organizations gives 20 at most, and at times an empty page. @default 20 */
  pageSize: number;
};

export function createOrganization(
  options: Pick<Organization, "caller"> & Partial<Omit<Organization, "caller" | "accounts">>,
): Organization {
  const id = options.id ?? "o-boxorg0001";
  return {
    id,
    rootId: "r-box1",
    managementAccountId: "999999999999",
    accounts: new Map(),
    callerOrganizationId: id,
    isDelegatedAdministrator: true,
    pageSize: 20,
    ...options,
  };
}

export function createMember(
  id: string,
  options: Partial<Pick<MemberAccount, "name" | "state" | "units" | "inventory">> & {
    readonly roles?: Readonly<Record<string, AccountRole>>;
  } = {},
): MemberAccount {
  const metrics: MetricStore = { series: new Map(), statusCodes: new Map(), pageSize: 500 };
  return {
    id,
    name: options.name ?? `account-${id}`,
    state: options.state ?? "ACTIVE",
    units: options.units ?? [],
    roles: new Map(Object.entries(options.roles ?? {})),
    inventory: options.inventory ?? {},
    metrics,
    counts: viewerCounts(metrics),
    assumedRoleArn: null,
  };
}

/** The address of an account's root user: nobody but Organizations has a use for it. */
export function emailOf(id: string): string {
  return `${SECRET_MARKER}+${id}@example.com`;
}
