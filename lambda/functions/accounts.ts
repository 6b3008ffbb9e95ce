import { assumeMemberRole, type MemberCredentials, stsClient } from "../aws/assume-role.ts";
import { cloudFrontClient, readAccount } from "../aws/cloudfront.ts";
import type { KnownFunctions } from "../aws/functions.ts";
import { notSignedInProblem } from "../aws/inventory-problems.ts";
import { asMember, notAssumedProblem, unlistedProblem } from "../aws/member-problems.ts";
import { listAccounts, organizationsClient } from "../aws/organization.ts";
import type { TenantBounds } from "../aws/tenants.ts";
import type { Configuration, ConfigurationProblem } from "../configuration/configuration.ts";
import type { FunctionReading } from "../configuration/function-code.ts";
import { noPolicies } from "../configuration/policies.ts";
import { type Scope, scopeId } from "../configuration/scope.ts";
import { together } from "../configuration/several-accounts.ts";
import type { WatchedAccounts } from "../contract/accounts.ts";
import type { OrganizationMemory } from "../memory/memory.ts";
import type { RunAccounts } from "../report/record.ts";
import { counted } from "../text/phrase.ts";
import { sideBySide } from "./side-by-side.ts";

type CloudFront = ReturnType<typeof cloudFrontClient>;

/** An account of the run, and with whose rights it is asked: its role's, or, of the function's own account, its own. */
export type AccountAccess = {
  readonly scope: Scope;
  readonly cloudFront: CloudFront;
  /** Null for those of the function. */
  readonly credentials: MemberCredentials | null;
};

/** By `scopeId`; only those that could be asked. */
export type Accesses = ReadonlyMap<string, AccountAccess>;

export type AccountsContext = {
  /** Null where the function's own account is the only one. */
  readonly others: { readonly watched: WatchedAccounts; readonly roleName: string } | null;
  readonly own: Scope;
  readonly cloudFront: CloudFront;
  readonly runId: string;
  /** What is known of edge functions; null where their code is not to be read. */
  readonly functions: KnownFunctions | null;
  /** How many tenants of an account are read. */
  readonly tenants: TenantBounds;
  readonly remembered: OrganizationMemory | undefined;
  /** Aborted at the deadline of the run. */
  readonly signal: AbortSignal;
  /** Milliseconds in which all accounts are to be read. */
  readonly withinMs: number;
};

export type AccountsRead = {
  readonly configuration: Configuration;
  /** What is to be remembered of functions, by ARN. */
  readonly functions: ReadonlyMap<string, FunctionReading>;
  readonly accesses: Accesses;
  readonly accounts: RunAccounts;
  /** What is to be remembered of the accounts; absent where the function's own is the only one. */
  readonly organization?: OrganizationMemory;
};

/** Accounts that are read at a time. */
export const accountsAtATime = 10;
/** Milliseconds for one of them: one that answers slowly holds up nine others no longer than that. */
export const timeForAccount = 30_000;

/** Reads the function's own account, and those that it is to watch besides, side by side. It never throws. */
export async function readAccounts(context: AccountsContext): Promise<AccountsRead> {
  const { others, own, cloudFront, signal } = context;
  if (others === null) {
    const access = { scope: own, cloudFront, credentials: null };
    const { configuration, readings, isRead } = await inventory(access, context, signal);
    const accounts = { watched: [own], read: isRead ? 1 : 0, unread: [], listedBefore: [], isComplete: true };
    return { configuration, functions: readings, accesses: accessesOf([access]), accounts };
  }
  const begun = Date.now();
  const list = await listOf(others.watched, context);
  const inTurn = inOrder(list.accounts, own, context.remembered);
  const found = new Map<string, Inventory>();
  const isTimeLeft = () => !signal.aborted && Date.now() - begun < context.withinMs;
  const { notBegun } = await sideBySide(inTurn, accountsAtATime, isTimeLeft, async (scope) => {
    found.set(scopeId(scope), await read(scope, others.roleName, context));
  });
  // In one order, whoever was read first: what says the same is told and remembered the same.
  const all = list.accounts.flatMap((scope) => found.get(scopeId(scope)) ?? []);
  const problems = [...list.problems, ...leftOutProblem(notBegun.length, list.accounts.length)];
  const configuration = together(all.map((each) => each.configuration));
  return {
    configuration: { ...configuration, problems: [...problems, ...configuration.problems] },
    functions: new Map(all.flatMap(({ readings }) => [...readings])),
    accesses: accessesOf(all.flatMap(({ access }) => access ?? [])),
    accounts: {
      watched: list.accounts,
      read: all.filter(({ isRead }) => isRead).length,
      unread: idsOf(notBegun),
      listedBefore: list.before,
      isComplete: list.isComplete,
    },
    organization: {
      ...(others.watched.kind === "organization"
        ? { listed: list.isComplete ? idsOf(list.accounts) : (list.before ?? []) }
        : {}),
      unread: idsOf(notBegun),
      slow: all.flatMap(({ isSlow, scope }) => (isSlow ? (scope.accountId ?? []) : [])),
    },
  };
}

function idsOf(scopes: readonly Scope[]): readonly string[] {
  return scopes.flatMap(({ accountId }) => accountId ?? []);
}

function accessesOf(all: readonly AccountAccess[]): Accesses {
  return new Map(all.map((access) => [scopeId(access.scope), access]));
}

/** The accounts of the run, the function's own among them. */
type List = {
  readonly accounts: readonly Scope[];
  readonly isComplete: boolean;
  /** As `RunAccounts.listedBefore`. */
  readonly before: readonly string[] | null;
  readonly problems: readonly ConfigurationProblem[];
};

async function listOf(watched: WatchedAccounts, context: AccountsContext): Promise<List> {
  const { own, signal, remembered } = context;
  const scopes = (ids: readonly { readonly id: string; readonly name: string | null }[]) => {
    const all = ids.map(({ id, name }): Scope => ({ accountId: id, accountName: name, partition: own.partition }));
    return all.some((scope) => scopeId(scope) === scopeId(own)) ? all : [own, ...all];
  };
  const unnamed = (ids: readonly string[]) => ids.map((id) => ({ id, name: null }));
  if (watched.kind === "accounts") {
    return { accounts: scopes(unnamed(watched.ids)), isComplete: true, before: [], problems: [] };
  }
  const client = organizations();
  const { accounts, failure } = await listAccounts(client, watched.units, signal);
  const before = remembered?.listed ?? null;
  // An organization has one account at least: somebody mistook the unit, or whoever answers.
  const found =
    failure ?? (accounts.length === 0 ? { kind: "other" as const, reason: "AWS lists none that is active" } : null);
  if (found === null) return { accounts: scopes(accounts), isComplete: true, before, problems: [] };
  const listed = new Set(accounts.map(({ id }) => id));
  const all = [...accounts, ...unnamed((before ?? []).filter((id) => !listed.has(id)))];
  const problem = unlistedProblem(found, all.length === 0 ? null : all.length);
  return { accounts: scopes(all), isComplete: false, before, problems: [problem] };
}

/** The own account first, then what the last run had no time for; last what took all of its time in the last run. */
function inOrder(accounts: readonly Scope[], own: Scope, remembered: OrganizationMemory | undefined): readonly Scope[] {
  const [waiting, slow] = [new Set(remembered?.unread), new Set(remembered?.slow)];
  const rank = (scope: Scope) => {
    const id = scope.accountId ?? "";
    return scopeId(scope) === scopeId(own) ? 0 : slow.has(id) ? 3 : waiting.has(id) ? 1 : 2;
  };
  return accounts.toSorted((a, b) => rank(a) - rank(b));
}

type Inventory = {
  readonly scope: Scope;
  readonly configuration: Configuration;
  readonly readings: ReadonlyMap<string, FunctionReading>;
  readonly access: AccountAccess | null;
  readonly isRead: boolean;
  readonly isSlow: boolean;
};

/** One account of several, within a time of its own. */
async function read(scope: Scope, roleName: string, context: AccountsContext): Promise<Inventory> {
  const { own, cloudFront, runId } = context;
  const time = AbortSignal.timeout(timeForAccount);
  const signal = AbortSignal.any([context.signal, time]);
  if (scopeId(scope) === scopeId(own)) {
    const access = { scope, cloudFront, credentials: null };
    return { ...(await inventory(access, context, signal, true)), isSlow: false };
  }
  const role = { partition: own.partition ?? "aws", accountId: scope.accountId ?? "", roleName };
  const assumed = await assumeMemberRole(sts(), role, runId, signal);
  if (assumed.kind === "failed") {
    const problems = [notAssumedProblem(scope, role, assumed.failure)];
    const configuration = { ...nothing, problems };
    return { scope, configuration, readings: new Map(), access: null, isRead: false, isSlow: time.aborted };
  }
  const { credentials } = assumed;
  const access = { scope, cloudFront: clientOf(credentials, cloudFront), credentials };
  const found = await inventory(access, context, signal, true);
  const configuration = { ...found.configuration, problems: asMember(found.configuration) };
  return { ...found, configuration, isSlow: time.aborted };
}

const nothing: Configuration = { kind: "configuration", distributions: [], policies: noPolicies, problems: [] };

async function inventory(
  access: AccountAccess,
  { functions, tenants }: Pick<AccountsContext, "functions" | "tenants">,
  signal: AbortSignal,
  ownOnly = false,
): Promise<Omit<Inventory, "isSlow">> {
  const { scope, cloudFront } = access;
  const found = await readAccount(cloudFront, signal, scope, functions, ownOnly, tenants);
  if (found.kind === "configuration") {
    const isRead = found.problems.every(({ code }) => code !== "inventory-failed");
    return { scope, configuration: found, readings: found.functions ?? new Map(), access, isRead };
  }
  const problems = [{ ...notSignedInProblem(found.message), scope }];
  return { scope, configuration: { ...nothing, problems }, readings: new Map(), access, isRead: false };
}

/** With the connections of the function's own client: hundreds of accounts are asked at one and the same address. */
function clientOf(credentials: MemberCredentials, { config }: CloudFront): CloudFront {
  return cloudFrontClient({ credentials, region: config.region, requestHandler: config.requestHandler });
}

function leftOutProblem(left: number, all: number): readonly ConfigurationProblem[] {
  if (left === 0) return [];
  const message = `Time ran out before the distributions of ${left} of ${counted(all, "account")} could be read. The next run begins with them.`;
  const remedy = "Watch fewer accounts from this stack, and the others from a second one.";
  return [{ code: "accounts-left-out", message, remedy, scope: null }];
}

/** Made where there are others: most functions watch one account, and begin sooner without them. */
function organizations() {
  clientOfOrganizations ??= organizationsClient();
  return clientOfOrganizations;
}

function sts() {
  clientOfSts ??= stsClient();
  return clientOfSts;
}

let clientOfOrganizations: ReturnType<typeof organizationsClient> | undefined;
let clientOfSts: ReturnType<typeof stsClient> | undefined;
