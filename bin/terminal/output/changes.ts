import type { Verdict } from "../../../lambda/judge/finding.ts";
import type { ConnectionRecord, ObservedAddress } from "../../../lambda/report/record.ts";

/** What is different about a connection since the last look. */
export type Change =
  | {
      readonly kind: "verdict";
      readonly from: Verdict;
      readonly to: Verdict;
      /** Codes of the findings that decide it now. */
      readonly codes: readonly string[];
    }
  /** The verdict is the same for another reason. */
  | { readonly kind: "findings"; readonly gone: readonly string[]; readonly codes: readonly string[] }
  /** Some addresses, or all, serve another certificate than before. */
  | {
      readonly kind: "certificate";
      readonly addresses: readonly string[];
      /** ISO 8601. */
      readonly notAfter: string;
      readonly sha256: string;
      /** Addresses that serve this certificate now, of all that serve any. */
      readonly serving: number;
      readonly of: number;
    }
  | { readonly kind: "addresses"; readonly added: readonly string[]; readonly removed: readonly string[] };

/** Compares two looks at one connection; empty when there is nothing to say. */
export function changesBetween(before: ConnectionRecord, after: ConnectionRecord): readonly Change[] {
  return [...verdictChange(before, after), ...addressChange(before, after), ...certificateChanges(before, after)];
}

function verdictChange(before: ConnectionRecord, after: ConnectionRecord): Change[] {
  const [was, is] = [codesOf(before), codesOf(after)];
  if (before.verdict !== after.verdict) {
    return [{ kind: "verdict", from: before.verdict, to: after.verdict, codes: is }];
  }
  const gone = was.filter((code) => !is.includes(code));
  const isSame = gone.length === 0 && is.every((code) => was.includes(code));
  return isSame ? [] : [{ kind: "findings", gone, codes: is }];
}

/** Notes do not change a verdict and are nothing to be told about. */
function codesOf({ findings }: ConnectionRecord): readonly string[] {
  return [...new Set(findings.filter(({ effect }) => effect !== "note").map(({ code }) => code))];
}

function addressChange(before: ConnectionRecord, after: ConnectionRecord): Change[] {
  const [was, is] = [addressesOf(before), addressesOf(after)];
  const added = is.filter((address) => !was.includes(address));
  const removed = was.filter((address) => !is.includes(address));
  // No address at all is what a failed lookup looks like, and the verdict says so.
  if (was.length === 0 || is.length === 0 || added.length + removed.length === 0) return [];
  return [{ kind: "addresses", added, removed }];
}

function addressesOf({ observed }: ConnectionRecord): readonly string[] {
  return observed.addresses.map(({ address }) => address);
}

function certificateChanges(before: ConnectionRecord, after: ConnectionRecord): Change[] {
  const known = new Set(before.observed.addresses.flatMap(leafOf).map(({ sha256 }) => sha256));
  if (known.size === 0) return [];
  const was = new Map(before.observed.addresses.map((seen) => [seen.address, leafOf(seen)[0]?.sha256]));
  const serving = after.observed.addresses.filter((seen) => leafOf(seen).length > 0);
  const changed = serving.filter((seen) => {
    const earlier = was.get(seen.address);
    const [leaf] = leafOf(seen);
    // An address that was not seen before changes something only if its certificate is a new one.
    return leaf !== undefined && (earlier === undefined ? !known.has(leaf.sha256) : earlier !== leaf.sha256);
  });
  const byLeaf = Map.groupBy(changed, (seen) => leafOf(seen)[0]?.sha256 ?? "");
  return [...byLeaf].map(([sha256, addresses]) => ({
    kind: "certificate",
    addresses: addresses.map(({ address }) => address),
    notAfter: addresses.flatMap(leafOf)[0]?.notAfter ?? "",
    sha256,
    serving: serving.filter((seen) => leafOf(seen)[0]?.sha256 === sha256).length,
    of: serving.length,
  }));
}

function leafOf({ chain: [leaf] }: ObservedAddress): { readonly sha256: string; readonly notAfter: string }[] {
  return leaf === undefined ? [] : [leaf];
}
