import { shareLeft } from "../judge/warning-window.ts";
import { originId } from "../report/origins.ts";
import type { ConnectionRecord, ConnectionSummary, ObservedCertificate } from "../report/record.ts";
import { dayMs } from "../text/instant.ts";
import type { AccountMemory, Memory, Renewal, Validity } from "./memory.ts";

/** More certificates of one connection than this are not told apart: a name with so many servers has no one rhythm. */
const maxCertificates = 8;

/** A certificate that is replaced with more of its lifetime left was replaced by somebody, not by a schedule. */
const mostScheduled = 1 / 2;

/** One that is back before was not replaced: a run met another server of the same name. */
const goneForGoodAfter = dayMs;

/**
 * When connections got new certificates, account by account. A connection that the run has not keeps what is known of it
 * as long as its certificates last, because it may only have been left out. Each is made when it is asked for: of a
 * hundred thousand, a memory takes fewer.
 *
 * @param records all that the run looked at
 * @param now milliseconds since the epoch
 */
export function renewalsAfter(
  { accounts }: Memory,
  records: readonly ConnectionRecord[],
  now: number,
): (account: AccountMemory | undefined, own: readonly ConnectionRecord[]) => Generator<Renewal, void> {
  const earlier = new Map(
    Object.values(accounts).flatMap(({ renewals = [] }) => renewals.map((each) => [each.key, each] as const)),
  );
  const seen = new Set(records.flatMap(({ connection: { key } }) => (earlier.has(key) ? [key] : [])));
  return function* (account, own) {
    for (const record of own) {
      const renewal = renewalOf(earlier.get(record.connection.key), record, now);
      if (renewal !== null) yield renewal;
    }
    yield* (account?.renewals ?? []).filter(
      ({ key, certificates }) => !seen.has(key) && certificates.some(([, notAfter]) => notAfter * 1_000 > now),
    );
  };
}

function renewalOf(before: Renewal | undefined, record: ConnectionRecord, now: number): Renewal | null {
  const certificates = leavesOf(record);
  if (certificates.length === 0) return before ?? null;
  const { replaced: earlier, share, ...rest } = before ?? { share: null };
  const isServed = (one: Validity) => certificates.some((other) => isSame(one, other));
  const replaced = earlier !== undefined && !isServed(earlier.certificate) ? earlier : replacedNow();
  const renewal = { ...rest, key: record.connection.key, certificates };
  if (replaced === undefined) return { ...renewal, share };
  if (now - replaced.at * 1_000 < goneForGoodAfter) return { ...renewal, share, replaced };
  const [notBefore, notAfter] = replaced.certificate;
  const left = shareLeft({ notBefore, notAfter }, replaced.at);
  return { ...renewal, share: left <= mostScheduled ? rounded(left) : share };

  function replacedNow(): Renewal["replaced"] {
    const gone = (before?.certificates ?? []).find(
      (old) => !isServed(old) && certificates.some(([notBefore]) => notBefore > old[0]),
    );
    return gone === undefined ? undefined : { certificate: gone, at: Math.round(now / 1_000) };
  }
}

/** The leaf certificates that the addresses of a connection serve, each once. */
function leavesOf({ observed }: ConnectionRecord): readonly Validity[] {
  const [only, ...others] = observed.addresses;
  const leaf = only?.chain[0];
  // A list for each of a hundred thousand connections is large, and most have one address and a certificate of many.
  return leaf !== undefined && others.length === 0 ? leavesOfOne(leaf, observed) : leavesOfAll(observed);
}

function leavesOfOne(leaf: ObservedCertificate, observed: ConnectionRecord["observed"]): readonly Validity[] {
  const known = ofLeaf.get(leaf) ?? leavesOfAll(observed);
  ofLeaf.set(leaf, known);
  return known;
}

const ofLeaf = new WeakMap<ObservedCertificate, readonly Validity[]>();

function leavesOfAll(observed: ConnectionRecord["observed"]): readonly Validity[] {
  const all = observed.addresses.flatMap(({ chain: [leaf] }): Validity[] => {
    const [notBefore, notAfter] = [Date.parse(leaf?.notBefore ?? ""), Date.parse(leaf?.notAfter ?? "")];
    return Number.isFinite(notBefore + notAfter) ? [[notBefore / 1_000, notAfter / 1_000]] : [];
  });
  const different = all.filter((one, index) => all.findIndex((other) => isSame(one, other)) === index);
  return different.toSorted((a, b) => a[1] - b[1] || a[0] - b[0]).slice(0, maxCertificates);
}

function isSame(a: Validity, b: Validity): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

/** Nobody needs more, and it is stored. */
function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}

/**
 * The share of its lifetime that the certificate of a connection had left when it was last replaced, null where that is
 * not known.
 *
 * @param warned origins (`originId`) about which a warning is open. They are judged as if nothing were known: a
 *   certificate that nobody touched must not count as renewed because something was remembered
 */
export function renewalShareIn(
  { accounts }: Memory,
  warned: ReadonlySet<string>,
): (connection: Pick<ConnectionSummary, "key" | "domain" | "port">) => number | null {
  const shares = new Map(
    Object.values(accounts).flatMap(({ renewals = [] }) => renewals.map(({ key, share }) => [key, share] as const)),
  );
  return (connection) => (warned.has(originId(connection)) ? null : (shares.get(connection.key) ?? null));
}
