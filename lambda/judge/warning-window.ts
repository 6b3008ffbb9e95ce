import { dayMs } from "../text/instant.ts";

/** What decides how long before its expiry a certificate is reported. */
export type Lifetime = {
  readonly lifetimeMs: number;
  /** The longest warning window, in days. */
  readonly expiryWarningDays: number;
  /**
   * The share of its lifetime that the last certificate had left when it was replaced, null where no replacement was
   * seen. A late renewal is likely to be late again.
   */
  readonly renewalShare: number | null;
};

/**
 * The time before expiry in which a certificate counts as expiring, in milliseconds: the configured days, but at most a
 * quarter of its lifetime, because ACME clients renew with a third left. Where a replacement was seen, it is two days
 * less than was left then, but at least a tenth of the lifetime: a renewal at its usual time is not reported, and one
 * that fails is.
 */
export function warningWindowMs({ lifetimeMs, expiryWarningDays, renewalShare }: Lifetime): number {
  const window = Math.min(expiryWarningDays * dayMs, lifetimeMs / 4);
  if (renewalShare === null) return window;
  return Math.min(window, Math.max(lifetimeMs / 10, renewalShare * lifetimeMs - lateMs));
}

/** Renewals vary by hours, and a run sees them a while later. */
const lateMs = 2 * dayMs;

/**
 * The share of its lifetime that a certificate had left when it was replaced, between 0 and 1. Times are milliseconds
 * since the epoch.
 *
 * @param now when the new one was first seen
 */
export function shareLeft({ notBefore, notAfter }: { notBefore: number; notAfter: number }, now: number): number {
  const lifetime = notAfter - notBefore;
  return lifetime <= 0 ? 0 : Math.min(1, Math.max(0, (notAfter - now) / lifetime));
}
