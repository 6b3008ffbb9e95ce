import type { Use } from "../plan/connection.ts";
import type { WantedOrigin } from "./edge-askings.ts";
import type { EdgeEntry, EdgePlace } from "./edge-history.ts";

/** `doubt`: what fails, may fail, or could not be seen; `all`: every origin. */
export type ThroughCloudFront = "doubt" | "all";

/** A connection as far as it matters for asking through the distributions that use it. */
export type JudgedConnection = {
  readonly verdict: "failing" | "at-risk" | "unknown" | "healthy" | "skipped";
  readonly skipped: string | null;
  readonly connection: { readonly domain: string; readonly serverName: string | null };
  readonly uses: readonly Pick<
    Use,
    "distributionId" | "originId" | "pathPatterns" | "viewerSchemes" | "hostForwardedBy" | "group"
  >[];
};

/**
 * The origins through which something is to be learned, by the id of their distribution, those in doubt first.
 *
 * @param entries what earlier runs remember: what CloudFront did not reach is in doubt until it does
 */
export function wantedOrigins(
  connections: readonly JudgedConnection[],
  mode: ThroughCloudFront,
  entries: readonly EdgeEntry[] = [],
): ReadonlyMap<string, readonly WantedOrigin[]> {
  const failed = entries.filter(({ error }) => error !== undefined);
  const wanted = new Map<string, Map<string, WantedOrigin>>();
  for (const each of connections) {
    if (each.skipped !== null && each.skipped !== "http-only") continue;
    const isInOrder = each.verdict === "healthy" || each.verdict === "skipped";
    const isInDoubt = !isInOrder || failed.some((entry) => isAbout(entry, each));
    if (!isInDoubt && mode === "doubt") continue;
    for (const use of each.uses) {
      if (!use.viewerSchemes.includes("https")) continue;
      const own = wanted.get(use.distributionId) ?? new Map<string, WantedOrigin>();
      const host = isInDoubt && dependsOnHost(each, use) ? each.connection.serverName : null;
      own.set(use.originId, together(own.get(use.originId), { originId: use.originId, isInDoubt, host }));
      wanted.set(use.distributionId, own);
    }
  }
  const origins = [...wanted].map(([id, own]) => [id, [...own.values()]] as const);
  return new Map(origins.toSorted(([, a], [, b]) => Number(isDoubted(b)) - Number(isDoubted(a))));
}

function isDoubted(origins: readonly WantedOrigin[]): boolean {
  return origins.some(({ isInDoubt }) => isInDoubt);
}

function together(
  known: WantedOrigin | undefined,
  { originId, isInDoubt, host }: { originId: string; isInDoubt: boolean; host: string | null },
): WantedOrigin {
  const hosts = [...new Set([...(known?.hosts ?? []), ...(host === null ? [] : [host])])];
  return { originId, isInDoubt: isInDoubt || known?.isInDoubt === true, hosts };
}

/** Whether an answer by that behavior, under that name, is one about this very connection. */
export function isAbout(
  { originId, pathPattern, host, distributionId }: EdgePlace,
  { connection, uses }: JudgedConnection,
): boolean {
  return uses.some(
    (use) =>
      use.distributionId === distributionId &&
      use.originId === originId &&
      use.pathPatterns.includes(pathPattern) &&
      use.viewerSchemes.includes("https") &&
      (!dependsOnHost({ connection }, use) || connection.serverName === host),
  );
}

/** The viewer's Host is its server name. Of a VPC origin one connection stands for all of them. */
function dependsOnHost(
  { connection: { domain, serverName } }: Pick<JudgedConnection, "connection">,
  { hostForwardedBy }: JudgedConnection["uses"][number],
): boolean {
  return hostForwardedBy !== undefined && serverName !== null && serverName !== domain;
}
