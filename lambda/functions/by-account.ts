import { trafficClient } from "../aws/traffic.ts";
import type { Distribution } from "../configuration/distribution.ts";
import { type Scope, scopeId } from "../configuration/scope.ts";
import type { Accesses, AccountAccess } from "./accounts.ts";
import { sideBySide } from "./side-by-side.ts";

/** Accounts that are asked at a time, once their configuration is read: a call or two each. */
const askedAtATime = 20;

/** In which account each distribution is. */
export function accountsOfDistributions(distributions: readonly Distribution[]): ReadonlyMap<string, Scope> {
  return new Map(distributions.map(({ id, scope }) => [id, scope]));
}

/**
 * Asks about things of distributions with the rights of the account that each is in, several accounts side by side. What is
 * of an account that cannot be asked is left out: of it nothing was read either.
 *
 * @param about each with the id of its distribution, the most important first
 */
export async function inEachAccount<A, T>(
  about: readonly A[],
  idOf: (each: A) => string,
  scopes: ReadonlyMap<string, Scope>,
  accesses: Accesses,
  ask: (access: AccountAccess, about: readonly A[]) => Promise<T>,
): Promise<readonly T[]> {
  const groups = [...Map.groupBy(about, (each) => scopeId(scopes.get(idOf(each)) ?? null))];
  const answers = new Map<string, readonly [T]>();
  await sideBySide(
    groups,
    askedAtATime,
    () => true,
    async ([id, own]) => {
      const access = accesses.get(id);
      if (access !== undefined) answers.set(id, [await ask(access, own)]);
    },
  );
  // In one order, whichever answered first.
  return groups.flatMap(([id]) => answers.get(id) ?? []);
}

/** A client for CloudFront's metrics with the rights of an account; null where it is not known where they are. */
export function trafficClientOf(access: AccountAccess) {
  const { credentials, scope } = access;
  const partition = scope.partition ?? "aws";
  ownTraffic ??= { client: trafficClient(partition) };
  const { client } = ownTraffic;
  if (client === null || credentials === null) return client;
  const known =
    ofMembers.get(access) ?? trafficClient(partition, { credentials, requestHandler: client.config.requestHandler });
  if (known !== null) ofMembers.set(access, known);
  return known;
}

/** One for an account and run: it is asked for counts, for functions and through distributions. */
const ofMembers = new WeakMap<AccountAccess, NonNullable<ReturnType<typeof trafficClient>>>();

/** Made for the first asking: most runs ask nothing, and begin sooner without it. Others share its connections. */
let ownTraffic: { readonly client: ReturnType<typeof trafficClient> } | undefined;
