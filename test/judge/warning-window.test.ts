import { describe, expect, it } from "vitest";
import { shareLeft, warningWindowMs } from "../../lambda/judge/warning-window.ts";
import { dayMs, hourMs } from "../../lambda/text/instant.ts";

type Renewals = {
  readonly lifetimeDays: number;
  /** Days before its end at which a certificate is replaced, and so many hours late. */
  readonly renewedDays: number;
  readonly hoursLate?: number;
  /** After so many days nothing is renewed any more. */
  readonly stopsAfterDays?: number;
  /** The first certificate is replaced with so many days left instead. */
  readonly firstAtDays?: number;
};

/** Looks every six hours for 400 days, and gives the days left with which each certificate was first warned of. */
function warnings({ lifetimeDays, renewedDays, hoursLate = 0, stopsAfterDays = 400, firstAtDays }: Renewals): number[] {
  const lifetimeMs = lifetimeDays * dayMs;
  const warned: number[] = [];
  let certificate = { notBefore: 0, notAfter: lifetimeMs };
  let renewalShare: number | null = null;
  let isWarned = false;
  let renewAt = certificate.notAfter - (firstAtDays ?? renewedDays) * dayMs + hoursLate * hourMs;
  for (let now = 0; now < 400 * dayMs; now += 6 * hourMs) {
    if (now >= renewAt && now < stopsAfterDays * dayMs) {
      renewalShare = shareLeft(certificate, now);
      certificate = { notBefore: now, notAfter: now + lifetimeMs };
      renewAt = certificate.notAfter - renewedDays * dayMs + hoursLate * hourMs;
      isWarned = false;
    }
    const left = certificate.notAfter - now;
    if (!isWarned && left > 0 && left <= warningWindowMs({ lifetimeMs, expiryWarningDays: 21, renewalShare })) {
      isWarned = true;
      warned.push(left / dayMs);
    }
  }
  return warned;
}

describe("the warning before a certificate expires", () => {
  it.each([45, 90, 200])(
    "is silent from the start for ACME with %s days, renewed with a third left, an hour late",
    (days) => {
      expect(warnings({ lifetimeDays: days, renewedDays: days / 3, hoursLate: 1 })).toEqual([]);
    },
  );

  it("comes in the first cycle at most where 90 days are renewed with 15 left", () => {
    expect(warnings({ lifetimeDays: 90, renewedDays: 15 })).toHaveLength(1);
  });

  it.each([
    [45, 15],
    [90, 30],
    [90, 15],
    [200, 66],
    [365, 30],
    [7, 2],
  ])("comes in time where renewals of %s days at %s left stop", (lifetimeDays, renewedDays) => {
    const window = Math.min(21, lifetimeDays / 4);
    const least = Math.min(window, lifetimeDays / 10) - 0.25;
    const last = warnings({ lifetimeDays, renewedDays, stopsAfterDays: 200 }).at(-1);
    expect(last).toBeGreaterThanOrEqual(least);
  });

  it("is none the worse for a certificate that is replaced early", () => {
    const early = warnings({ lifetimeDays: 90, renewedDays: 30, firstAtDays: 80 });
    expect(early).toEqual([]);
    expect(warnings({ lifetimeDays: 90, renewedDays: 15, firstAtDays: 80 })).toHaveLength(1);
  });

  it("never is longer than the days that are set, nor than a quarter of the lifetime", () => {
    const window = (lifetimeDays: number, renewalShare: number | null) =>
      warningWindowMs({ lifetimeMs: lifetimeDays * dayMs, expiryWarningDays: 21, renewalShare }) / dayMs;
    expect([window(365, null), window(40, null), window(365, 1), window(40, 1)]).toEqual([21, 10, 21, 10]);
    expect([window(90, 15 / 90), window(90, 0), window(90, 0.05)]).toEqual([13, 9, 9]);
  });
});
