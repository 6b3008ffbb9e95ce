import type { Certificate } from "./certificate.ts";
import { isSignedBy, type TrustAnchors } from "./trust-anchors.ts";

/** How far a path from the leaf goes with nothing but what the server sent and the trust anchors. */
export type Path = {
  /** Positions in the list as sent, the leaf's first. */
  readonly indices: readonly number[];
  readonly certificates: readonly Certificate[];
  readonly end: PathEnd;
};

export type PathEnd =
  | { readonly kind: "anchored"; readonly anchor: Certificate }
  /** The path ends at a certificate that signed itself and is no trust anchor. */
  | { readonly kind: "foreign-root"; readonly root: Certificate }
  /** The issuer of the last certificate was not sent and is no trust anchor. */
  | { readonly kind: "issuer-missing"; readonly last: Certificate }
  /** What should be the issuer of the last certificate, by name and key identifier, did not sign it. */
  | { readonly kind: "signature-refused"; readonly last: Certificate; readonly issuer: Certificate };

/** s2n stops at a depth of 7; a longer path is followed all the same, so that what is wrong on it gets its right name. */
const longestPath = 50;
/** Certificates that all sign each other make exponentially many paths; this many steps find every sane one. */
const mostSteps = 500;

/**
 * The best path from the first certificate, as a client without AIA fetching can build it (RFC 5280 §6.1, RFC 4158):
 * one that reaches a trust anchor wins over one that does not, one valid at `now` over an expired one, then the
 * shorter one. The order in which the certificates were sent does not matter here.
 *
 * @param now milliseconds since the epoch
 */
export function bestPath(sent: readonly Certificate[], anchors: TrustAnchors, now: number): Path | null {
  const leaf = sent[0];
  if (leaf === undefined) return null;
  let steps = 0;
  let best: Path | null = null;

  function consider(path: Path): void {
    if (best === null || rank(path, now) > rank(best, now)) best = path;
  }

  function extend(indices: readonly number[], certificates: readonly Certificate[], last: Certificate): void {
    steps += 1;
    if (anchors.has(last)) {
      consider({ indices, certificates, end: { kind: "anchored", anchor: last } });
      return;
    }
    for (const anchor of anchors.issuersOf(last))
      consider({ indices, certificates, end: { kind: "anchored", anchor } });
    if (last.subjectKey === last.issuerKey && isSignedBy(last, last)) {
      consider({ indices, certificates, end: { kind: "foreign-root", root: last } });
      return;
    }
    let continued = false;
    for (const [index, candidate] of sent.entries()) {
      if (steps >= mostSteps || indices.length >= longestPath) break;
      if (candidate.subjectKey !== last.issuerKey || certificates.some(({ sha256 }) => sha256 === candidate.sha256))
        continue;
      if (!isSignedBy(last, candidate)) continue;
      continued = true;
      extend([...indices, index], [...certificates, candidate], candidate);
    }
    if (!continued) consider({ indices, certificates, end: endWithoutIssuer(last, sent, anchors) });
  }

  extend([0], [leaf], leaf);
  return best;
}

function endWithoutIssuer(last: Certificate, sent: readonly Certificate[], anchors: TrustAnchors): PathEnd {
  const issuer = [...sent, ...anchors.namedAs(last.issuerKey)].find(
    (one) => one.sha256 !== last.sha256 && mayBeIssuer(one, last),
  );
  return issuer === undefined ? { kind: "issuer-missing", last } : { kind: "signature-refused", last, issuer };
}

/** Another key of the same name is another issuer, if the certificate says which key it means. */
function mayBeIssuer(candidate: Certificate, { issuerKey, authorityKeyId }: Certificate): boolean {
  if (candidate.subjectKey !== issuerKey) return false;
  const wanted = authorityKeyId?.keyId ?? null;
  return wanted === null || candidate.subjectKeyId === null || candidate.subjectKeyId === wanted;
}

/** Whether the path was sent as AWS asks: the leaf, then each issuer directly behind what it issued. */
export function isInOrder({ indices }: Path): boolean {
  return indices.every((index, position) => index === position);
}

/** The certificates of a path up to and including its trust anchor. */
export function wholePath({ certificates, end }: Path): readonly Certificate[] {
  return end.kind === "anchored" && end.anchor !== certificates.at(-1) ? [...certificates, end.anchor] : certificates;
}

/** Whether a certificate is inside its validity period. */
export function isValidAt(certificate: Certificate, now: number): boolean {
  return certificate.notBefore <= now && now <= certificate.notAfter;
}

function rank(path: Path, now: number): number {
  const end = path.end.kind === "anchored" ? 4 : path.end.kind === "foreign-root" ? 2 : 0;
  const valid = wholePath(path).every((certificate) => isValidAt(certificate, now)) ? 1 : 0;
  return end + valid - path.certificates.length / 100;
}
