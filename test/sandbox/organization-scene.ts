import type { Account } from "./account.ts";
import { ACCOUNT_ID } from "./account-distributions.ts";
import { createMember, createOrganization, type MemberAccount, type Organization } from "./aws/organization.ts";
import { type Deployment, deploy, hubOf } from "./deployment.ts";
import { customOrigin, distribution } from "./distributions.ts";
import type { Assembly } from "./lambda/assembly.ts";
import { type Hub, MEMBER_ROLE, memberRole } from "./member-role.ts";

export const ORGANIZATION_ID = "o-boxorg0001";
export const PRODUCTION_UNIT = "ou-box1-production";

/** The accounts that something happens to; the others are healthy. */
export const ACCOUNTS = {
  /** It has no role. */
  denied: { id: "200000000002", name: "payments" },
  suspended: { id: "200000000003", name: "old-campaign" },
  /** CloudFront answers it no call in the first run. */
  throttled: { id: "200000000004", name: "media" },
  /** They share an origin whose certificate is over. */
  sharing: [
    { id: "200000000005", name: "shop" },
    { id: "200000000006", name: "shop" },
    { id: "200000000007", name: "partner-portal" },
  ],
} as const;

/** In all of them: how many the organization has, the hub's own and the management account among them. */
export const accountCount = 40;

export const sharedOrigin = "expired.box.test";

/** The hub in an organization of 40 accounts, each with a distribution. */
export type Scene = Deployment & { readonly organization: Organization; readonly hub: Hub };

/** @param assembly of a stack that watches an organization */
export async function openScene(assembly: Assembly): Promise<Scene> {
  const hub = hubOf(assembly, ORGANIZATION_ID);
  const caller = `arn:aws:iam::${hub.accountId}:role/${hub.roleName}`;
  const organization = createOrganization({ id: ORGANIZATION_ID, caller });
  const deployment = await deploy(assembly, { organization }, async (account) => {
    fill(account, organization, hub);
    return {};
  });
  return { ...deployment, organization, hub };
}

function fill(account: Account, organization: Organization, hub: Hub): void {
  const { denied, suspended, throttled, sharing } = ACCOUNTS;
  const named = new Map<string, string>([denied, suspended, throttled, ...sharing].map(({ id, name }) => [id, name]));
  const others = Array.from({ length: accountCount - 2 }, (_, index) => String(200_000_000_001 + index));
  account.aws.setDistributions([behind(account, ACCOUNT_ID, "healthy.box.test")]);
  const add = (id: string, name: string, options: Partial<Pick<MemberAccount, "state" | "roles">> = {}) => {
    const origin = sharing.some((each) => each.id === id) ? sharedOrigin : "healthy.box.test";
    const member = createMember(id, {
      name,
      units: [PRODUCTION_UNIT],
      state: options.state ?? "ACTIVE",
      inventory: { distributions: [behind(account, id, origin)] },
      roles: id === denied.id ? {} : { [MEMBER_ROLE]: memberRole(hub, id, plain) },
    });
    organization.accounts.set(id, member);
  };
  add(organization.managementAccountId, "management");
  add(ACCOUNT_ID, "delivery-hub");
  for (const id of others) {
    const state = id === suspended.id ? "SUSPENDED" : "ACTIVE";
    add(id, named.get(id) ?? `team-${id.slice(-2)}`, { state });
  }
}

/** Rights that come with the settings of the scene alone. */
const plain = { muteTags: true, readFunctions: false, viewerErrors: "hourly", throughCloudFront: "off" } as const;

/** A distribution of an account with one origin of the box. */
export function behind(account: Account, accountId: string, domain: string) {
  const port = account.origins.find((origin) => origin.domain === domain)?.port ?? 0;
  const suffix = accountId.slice(-4);
  const outline = {
    id: `E${suffix}MEMBER`,
    comment: "",
    aliases: [`www-${suffix}.example.com`],
    origins: [customOrigin(domain, port)],
    defaultBehavior: { target: domain },
  };
  return distribution(outline, accountId);
}
