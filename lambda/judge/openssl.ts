import { isValidAt, wholePath } from "../x509/path.ts";
import { type Objection, objectionsTo } from "../x509/validation.ts";
import type { Effect } from "./effect.ts";
import type { CertificateView } from "./rule.ts";

/**
 * OpenSSL's result for the certificates, as of the time that is judged. There is none where OpenSSL did not verify, or
 * where its only objection is a date that does not matter at that time: it reports the last reason only, and dates come
 * after nearly all others.
 */
export type OpensslSays = "accepts" | "refuses" | "nothing";

export function opensslSays(view: Pick<CertificateView, "outcome" | "path" | "sent" | "policy">): OpensslSays {
  const { outcome, path, policy } = view;
  if (outcome.kind !== "handshake-completed") return "nothing";
  if (outcome.openssl.ok) return "accepts";
  if (!outsideValidity.has(outcome.openssl.code) || wentAstray(view)) return "refuses";
  return wholePath(path).every((certificate) => isValidAt(certificate, policy.now)) ? "nothing" : "refuses";
}

/** OpenSSL's codes for "found no path to a trust anchor". */
const noPathFound: ReadonlySet<string> = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "CERT_UNTRUSTED",
]);

/** OpenSSL's codes for a path on which something is outside its validity, by the clock of the machine. */
const outsideValidity: ReadonlySet<string> = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

/** Whether OpenSSL ended without a path, or on one that is not valid, though one that is was sent. */
export function foundNoPath(view: Pick<CertificateView, "outcome" | "path" | "sent" | "policy">): boolean {
  const { outcome, path } = view;
  if (outcome.kind !== "handshake-completed" || outcome.openssl.ok || path.end.kind !== "anchored") return false;
  return noPathFound.has(outcome.openssl.code) || wentAstray(view);
}

/** The path is valid and what was sent beside it is not, so that the date is one of another path. */
function wentAstray({ outcome, path, sent, policy }: Pick<CertificateView, "outcome" | "path" | "sent" | "policy">) {
  if (outcome.kind !== "handshake-completed" || outcome.openssl.ok) return false;
  const isValid = sent.map((certificate) => isValidAt(certificate, policy.now));
  return (
    outsideValidity.has(outcome.openssl.code) &&
    path.end.kind === "anchored" &&
    path.indices.every((index) => isValid[index] === true) &&
    isValid.includes(false)
  );
}

/** An objection, and what it means: `502` where both libraries refuse the path, `may` where one does. */
export type Weighed = Objection & { readonly effect: Extract<Effect, "502" | "may"> };

/**
 * The objections to the path, measured by what OpenSSL said: what it accepted it does not refuse, whatever we foresee,
 * and what it refused it refuses, whatever the reason.
 */
export function weighedObjections(view: CertificateView): readonly Weighed[] {
  const says = opensslSays(view);
  const objections = objectionsTo(view.path).filter(({ refusedBy }) => says !== "accepts" || refusedBy !== "openssl");
  const refusedByAws = objections.some(({ refusedBy }) => refusedBy !== "openssl");
  const foreseen = objections.some(({ refusedBy }) => refusedBy !== "aws");
  const refusedByOpenssl = says === "refuses" || (says === "nothing" && foreseen);
  const effect = refusedByAws && refusedByOpenssl ? "502" : "may";
  return objections.map((objection) => ({ ...objection, effect }));
}
