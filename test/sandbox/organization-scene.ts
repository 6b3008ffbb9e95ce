import type { Account } from "./account.ts";
import { ACCOUNT_ID } from "./account-distributions.ts";
import { createMember, createOrganization, type MemberAccount, type Organization } from "./aws/organization.ts";
import { type Deployment, deploy, hubOf } from "./deployment.ts";
import { customOrigin, distribution } from "./distributions.ts";
import { startDnsServer } from "./dns-server.ts";
import { type Assembly, synthesise } from "./lambda/assembly.ts";
import { type Hub, MEMBER_ROLE, memberRole } from "./member-role.ts";
import { type BoxWorker, deployWorker } from "./workers.ts";

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
  /** Its origin is refused from one Region. */
  blocked: { id: "200000000008", name: "news" },
  /** DNS answers one Region with another address of its origin. */
  moved: { id: "200000000009", name: "maps" },
} as const;

/** Where workers are besides the hub's own Region. */
export const VANTAGES = { frankfurt: "eu-central-1", tokyo: "ap-northeast-1" } as const;

/** What the vantages do not see alike. */
export const ELSEWHERE = {
  /** Frankfurt is led to an address where nothing listens. */
  blocked: { domain: "tls12-only.box.test", region: VANTAGES.frankfurt, address: "127.0.0.9" },
  /** Tokyo is led to a server with last quarter's certificate, all others to a healthy one. */
  moved: { domain: "half-broken.box.test", region: VANTAGES.tokyo, address: "127.0.0.2" },
} as const;

/** In all of them: how many the organization has, the hub's own and the management account among them. */
export const accountCount = 40;

export const sharedOrigin = "expired.box.test";

/** The stack of the scene. */
export function synthesiseScene(): Promise<Assembly> {
  const vantageRegions = Object.values(VANTAGES);
  return synthesise({ organization: true, organizationId: ORGANIZATION_ID, vantageRegions, reserveConcurrency: false });
}

/** The hub in an organization of 40 accounts, each with a distribution, with workers in two more Regions. */
export type Scene = Deployment & {
  readonly organization: Organization;
  readonly hub: Hub;
  readonly workers: readonly BoxWorker[];
};

/** @param assembly as `synthesiseScene` makes it */
export async function openScene(assembly: Assembly): Promise<Scene> {
  const hub = hubOf(assembly, ORGANIZATION_ID);
  const caller = `arn:aws:iam::${hub.accountId}:role/${hub.roleName}`;
  const organization = createOrganization({ id: ORGANIZATION_ID, caller });
  let views: readonly View[] = [];
  const deployment = await deploy(assembly, { organization }, async (account) => {
    fill(account, organization, hub);
    account.dns.set(ELSEWHERE.moved.domain, { A: ["127.0.0.1"] });
    views = await Promise.all(Object.values(VANTAGES).map((region) => openView(assembly, account, region)));
    return {};
  });
  return {
    ...deployment,
    organization,
    hub,
    workers: views.map(({ worker }) => worker),
    async close() {
      await Promise.all([deployment, ...views].map((each) => each.close()));
    },
  };
}

type View = { readonly worker: BoxWorker; readonly close: () => Promise<void> };

/** A worker in a Region, with the answers that DNS has there. */
async function openView(assembly: Assembly, account: Account, region: string): Promise<View> {
  const own = Object.values(ELSEWHERE).filter((each) => each.region === region);
  const answers = own.map(({ domain, address }) => [domain, { A: [address] }] as const);
  const dns = await startDnsServer({ ...account.dns.zone(), ...Object.fromEntries(answers) });
  const worker = deployWorker(assembly, account.aws, {
    region,
    places: 1,
    additions: {
      DNS_SERVERS: dns.address,
      ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
      EXTRA_TRUST_ANCHORS_FILES: account.caFile,
    },
  });
  return {
    worker,
    async close() {
      await Promise.all([worker.close(), dns.close()]);
    },
  };
}

function fill(account: Account, organization: Organization, hub: Hub): void {
  const { denied, suspended, throttled, sharing, blocked, moved } = ACCOUNTS;
  const all = [denied, suspended, throttled, ...sharing, blocked, moved];
  const named = new Map<string, string>(all.map(({ id, name }) => [id, name]));
  const origins = new Map<string, string>([
    ...sharing.map(({ id }) => [id, sharedOrigin] as const),
    [blocked.id, ELSEWHERE.blocked.domain],
    [moved.id, ELSEWHERE.moved.domain],
  ]);
  const others = Array.from({ length: accountCount - 2 }, (_, index) => String(200_000_000_001 + index));
  account.aws.setDistributions([behind(account, ACCOUNT_ID, "healthy.box.test")]);
  const add = (id: string, name: string, options: Partial<Pick<MemberAccount, "state" | "roles">> = {}) => {
    const origin = origins.get(id) ?? "healthy.box.test";
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
