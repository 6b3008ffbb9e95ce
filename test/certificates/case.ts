import type { Keys } from "./forge.ts";
import { authority, type Changes, type Issuer, leaf } from "./pki.ts";

/** What a server sends, and what the clients trust. */
export type CertificateCase = {
  /** `kind: what is particular about it`. */
  readonly id: string;
  /** DER, or what should be. */
  readonly sent: readonly Buffer[];
  readonly keys: Keys;
  readonly anchors: readonly Buffer[];
  /** @default api.example.com */
  readonly serverName?: string;
  /** Milliseconds since the epoch: the time as of which it is judged, where that is not now. */
  readonly now?: number;
};

/** The authorities that nothing is particular about, made once. */
export type Ground = {
  readonly root: Issuer;
  /** Certified by the root; issues the leaves. */
  readonly issuing: Issuer;
  /** A root that nobody trusts. */
  readonly foreign: Issuer;
};

export function ground(): Ground {
  const root = authority("Root");
  return { root, issuing: authority("Issuing", root), foreign: authority("Foreign Root") };
}

/** A case whose leaf or intermediate is changed, and whose chain is leaf and intermediate. */
export function changed(
  { root, issuing }: Ground,
  id: string,
  { ofLeaf = {}, ofIssuing, ofRoot }: { ofLeaf?: Changes; ofIssuing?: Changes; ofRoot?: Changes },
): CertificateCase {
  const top = ofRoot === undefined ? root : authority("Root", null, ofRoot);
  const middle = ofIssuing === undefined && ofRoot === undefined ? issuing : authority("Issuing", top, ofIssuing ?? {});
  const { der, keys } = leaf(middle, ofLeaf);
  return { id, sent: [der, middle.der], keys, anchors: [top.der] };
}
