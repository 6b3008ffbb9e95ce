import { startAccount } from "../sandbox/account.ts";
import { ACCOUNT_ID } from "../sandbox/account-distributions.ts";
import {
  createMember,
  createOrganization,
  type MemberAccount,
  type Organization,
} from "../sandbox/aws/organization.ts";
import { type Deployment, deployFunction, FUNCTIONS, STATE_BUCKET, TOPIC_ARN } from "../sandbox/deployment.ts";
import { customOrigin, distribution } from "../sandbox/distributions.ts";
import type { Assembly } from "../sandbox/lambda/assembly.ts";
import type { InvokeOptions, LocalFunction } from "../sandbox/lambda/function.ts";
import { MEMBER_ROLE, memberRole } from "../sandbox/member-role.ts";

/** Who assumes the members' roles. */
export const hub = { accountId: ACCOUNT_ID, roleName: "origin-watch-hub", organizationId: "o-boxorg0001" };

/** A message, as far as routing and reading it matter. */
export type Told = {
  readonly subject: string;
  readonly accountIds: readonly string[];
  /** With every gap as one blank. */
  readonly email: string;
  /** The message with all of its renderings. */
  readonly whole: string;
};

/** The deployed watch function as the hub of an organization that a test fills, without a distribution of its own. */
export type OrganizationBox = {
  readonly account: Deployment["account"];
  readonly organization: Organization;
  /** Adds an account with a distribution for each of the domains, and the role that the hub assumes. */
  member(id: string, name: string, ...domains: readonly string[]): MemberAccount;
  /** A distribution of an account with one origin of the box. */
  using(domain: string, accountId: string, id?: string): ReturnType<typeof distribution>;
  /** One run: what it published, without the word that Origin Watch works, and what it logged. */
  run(options?: InvokeOptions): Promise<{ readonly told: readonly Told[]; readonly logs: readonly string[] }>;
  /** Deploys the function anew with other variables: a name that is not given is absent. */
  deploy(variables: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
};

/** @param pageSize accounts on a page of ListAccounts */
export async function openOrganization(assembly: Assembly, pageSize = 2): Promise<OrganizationBox> {
  const organization = createOrganization({ caller: `arn:aws:iam::${ACCOUNT_ID}:role/${hub.roleName}`, pageSize });
  const account = await startAccount({ topics: [TOPIC_ARN], buckets: [STATE_BUCKET], organization });
  account.aws.setDistributions([]);
  let handler = await start(assembly, account, { WATCHED_ORGANIZATION: "all" });
  const using = (domain: string, accountId: string, id = `E${accountId}`) => {
    const port = account.origins.find((origin) => origin.domain === domain)?.port ?? 0;
    const outline = { id, comment: "", origins: [customOrigin(domain, port)], defaultBehavior: { target: domain } };
    return distribution(outline, accountId);
  };
  return {
    account,
    organization,
    using,
    member(id, name, ...domains) {
      const distributions = domains.map((domain, index) => using(domain, id, `E${id}${index}`));
      const roles = { [MEMBER_ROLE]: memberRole(hub, id) };
      const made = createMember(id, { name, roles, inventory: { distributions } });
      organization.accounts.set(id, made);
      return made;
    },
    async run(options) {
      const before = account.aws.messages.length;
      const { logs } = await handler.invoke(options);
      const told = account.aws.messages
        .slice(before)
        .filter(({ subject = "" }) => !subject.startsWith("[STARTED]"))
        .map(({ subject = "", message, attributes }) => ({
          subject,
          accountIds: JSON.parse(attributes.accountIds?.value ?? "[]") as string[],
          email: (JSON.parse(message) as { email: string }).email.replaceAll(/\s+/g, " "),
          whole: message,
        }));
      return { told, logs };
    },
    async deploy(variables) {
      await handler.close();
      handler = await start(assembly, account, variables);
    },
    async close() {
      await handler.close();
      await account.close();
    },
  };
}

function start(
  assembly: Assembly,
  account: Deployment["account"],
  variables: Readonly<Record<string, string>>,
): Promise<LocalFunction> {
  return deployFunction(assembly, FUNCTIONS.watch, account.aws, {
    DNS_SERVERS: account.dns.address,
    ALLOWED_PRIVATE_NETWORKS: "127.0.0.0/8",
    EXTRA_TRUST_ANCHORS_FILES: account.caFile,
    ...variables,
  });
}

/** Of each message its tag and what it is about, and the accounts that it is for. */
export function routed(told: readonly Told[]): readonly string[] {
  return told.map(({ subject, accountIds }) => `${/^\[[^\]]+\] [\w.-]*/.exec(subject)?.[0]} ${accountIds.join(" ")}`);
}

/** The records of a name in the log of a run. */
export function logged<T>(logs: readonly string[], name: string): readonly T[] {
  return logs.map((line) => JSON.parse(line) as { message?: string }).filter(({ message }) => message === name) as T[];
}
