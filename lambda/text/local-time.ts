import { dayMs } from "./instant.ts";

/** A time on a clock on the wall somewhere: a day, months counting from 1, and minutes after its midnight. */
export type LocalTime = {
  readonly year: number;
  readonly month: number;
  readonly date: number;
  readonly minutes: number;
};

/** Whether this machine knows a time zone by that name of the IANA database. */
export function isTimeZone(name: string): boolean {
  // An offset such as `+01:00` is none, and would not follow the law.
  if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/.test(name)) return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

/**
 * When a clock in a time zone shows a time, in ms since the epoch. Where clocks show it twice it is the first time; where
 * they skip it, it is counted by the offset from before (RFC 5545, section 3.3.5), as if the clock had not been changed.
 */
export function instantAt({ year, month, date, minutes }: LocalTime, timeZone: string): number {
  const local = Date.UTC(year, month - 1, date, 0, minutes);
  const offsetAt = offsetsOf(timeZone);
  const [before, after] = [local - offsetAt(local - dayMs), local - offsetAt(local + dayMs)];
  const shown = [before, after].filter((at) => at + offsetAt(at) === local);
  return shown.length === 0 ? before : Math.min(...shown);
}

/** How far clocks in a zone are ahead of UTC at a moment, in ms. */
function offsetsOf(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  return (at) => {
    const name = format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "";
    const [, sign = "", hours = "0", minutes = "0", seconds = "0"] =
      /([+\u2212-])(\d{2}):?(\d{2})?:?(\d{2})?$/.exec(name) ?? [];
    const ahead = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
    return (sign === "+" ? ahead : -ahead) * 1_000;
  };
}
