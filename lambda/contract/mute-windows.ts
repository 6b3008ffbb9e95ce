import { isTimeZone } from "../text/local-time.ts";
import { printable } from "../text/printable.ts";
import { type CalendarDay, readCron } from "./cron.ts";
import { muteForms, shown, type TextForm } from "./mutes.ts";

/** Keeps quiet about an origin or a distribution again and again: from each start for so many hours. */
export type MuteWindow = {
  readonly distribution: string | null;
  /** A domain name. */
  readonly origin: string | null;
  /** The six fields of EventBridge Scheduler. */
  readonly cron: string;
  /** From each start, whatever clocks do meanwhile. */
  readonly hours: number;
  /** A name of the IANA database. */
  readonly timeZone: string;
  readonly reason: string;
};

/** A window of which it is known when it starts on a day of its time zone, in minutes after midnight. */
export type ReadWindow = MuteWindow & { readonly startsOn: (day: CalendarDay) => readonly number[] };

export type MuteWindowsReading =
  | { readonly kind: "windows"; readonly windows: readonly ReadWindow[] }
  /** The problem says which entry, what was expected and what was found. */
  | { readonly kind: "wrong"; readonly problem: string };

/** The longest window; what takes longer is a mute with an end. */
export const longestWindowHours = 24;
/** More are no maintenance but a calendar. */
const mostWindows = 10;
/** All of a function's environment must fit in 4 KB (AWS Lambda quotas), and the list travels in it. */
const maxBytes = 1_500;

/**
 * Reads a list of maintenance windows, as people write it in the CDK context, in the construct's properties or in the
 * function's variable `MUTE_WINDOWS`, and as the stack writes it to that variable. Windows of an entry never meet: between
 * two of them what is open is heard of.
 */
export function readMuteWindows(value: unknown): MuteWindowsReading {
  if (!Array.isArray(value)) return invalid(`expected a JSON array, got ${shown(value)}`);
  if (value.length > mostWindows) return invalid(`expected at most ${mostWindows} windows, got ${value.length}`);
  const windows: ReadWindow[] = [];
  for (const [index, entry] of value.entries()) {
    const window = readWindow(entry);
    if (typeof window === "string") return invalid(`entry ${index + 1}${window}`);
    windows.push(window);
  }
  const bytes = Buffer.byteLength(JSON.stringify(windows, (_, each) => each ?? undefined));
  if (bytes > maxBytes) return invalid(`expected at most ${maxBytes} bytes in all, got ${bytes}`);
  return { kind: "windows", windows };
}

/** A window, or what is wrong with it. */
function readWindow(value: unknown): ReadWindow | string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `: expected an object, got ${shown(value)}`;
  }
  const unknown = Object.keys(value).find((key) => key !== "hours" && !Object.hasOwn(forms, key));
  if (unknown !== undefined) {
    return `: unknown key ${printable(unknown, 64)}, expected ${[...Object.keys(forms), "hours"].join(", ")}`;
  }
  const given = new Map<string, unknown>(Object.entries(value));
  const texts = new Map<string, string>();
  for (const [key, form] of Object.entries(forms)) {
    const text = given.get(key);
    if (text === undefined && form.mayBeLeftOut) continue;
    if (typeof text !== "string" || !form.accepts(text.trim())) {
      return `.${key}: expected ${form.words}, got ${shown(text)}`;
    }
    texts.set(key, text.trim());
  }
  const [distribution = null, origin = null] = [texts.get("distribution"), texts.get("origin")];
  if ((distribution === null) === (origin === null)) {
    return `: expected either an origin or a distribution, got ${origin === null ? "neither" : "both"}`;
  }
  const [cron = "", timeZone = "", reason = ""] = [texts.get("cron"), texts.get("timeZone"), texts.get("reason")];
  const hours = given.get("hours");
  if (typeof hours !== "number" || !Number.isInteger(hours) || hours < 1 || hours > longestWindowHours) {
    return `.hours: expected a whole number from 1 to ${longestWindowHours}, got ${shown(hours)}`;
  }
  // As the setting `schedule` has it, or its fields alone.
  const fields = /^cron\((.*)\)$/.exec(cron)?.[1] ?? cron;
  const reading = readCron(fields);
  if (reading.kind === "wrong") return `.cron: ${reading.problem}`;
  const pause = reading.shortestPauseSeconds / 3_600;
  if (pause <= hours) {
    return `.hours: expected less than the time from one start to the next, which can be ${Number(pause.toFixed(2))} hours, got ${hours}`;
  }
  return { distribution, origin, cron: fields, hours, timeZone, reason, startsOn: reading.startsOn };
}

type Form = TextForm & { readonly mayBeLeftOut?: true };

const forms: Readonly<Record<Exclude<keyof MuteWindow, "hours">, Form>> = {
  distribution: { ...muteForms.distribution, mayBeLeftOut: true },
  origin: { ...muteForms.origin, mayBeLeftOut: true },
  cron: { accepts: (text) => text.length <= 100, words: "six fields such as 0 2 ? * SUN *" },
  timeZone: { accepts: isTimeZone, words: "the name of a time zone such as Europe/Berlin" },
  reason: muteForms.reason,
};

function invalid(problem: string): MuteWindowsReading {
  return { kind: "wrong", problem };
}
