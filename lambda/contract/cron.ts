/** What a cron expression comes to, or why EventBridge Scheduler would refuse it. */
export type CronReading =
  | {
      readonly kind: "cron";
      /** The longest and the shortest time between two starts while there are any, by the clock on the wall. */
      readonly longestPauseSeconds: number;
      readonly shortestPauseSeconds: number;
      /** When it starts on a day, in minutes after midnight, the first one first. */
      readonly startsOn: (day: CalendarDay) => readonly number[];
    }
  | { readonly kind: "wrong"; readonly problem: string };

/** A day as a calendar has it: months count from 1. */
export type CalendarDay = { readonly year: number; readonly month: number; readonly date: number };

/**
 * Reads the fields between the brackets of `cron(…)`.
 * Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 *
 * What AWS does not say is not refused: a range may pass the end of its field, and names may be in small letters.
 */
export function readCron(text: string): CronReading {
  const texts = text.trim().split(/\s+/);
  if (texts.length !== fields.length) return invalid(`six fields, ${fields.map(({ name }) => name).join(", ")}`, text);
  const values: Values[] = [];
  for (const [index, field] of fields.entries()) {
    const read = valuesOf(field, texts[index] ?? "");
    if (read === null) return invalid(`${field.name} from ${field.least} to ${field.most}`, texts[index] ?? "");
    values.push(read);
  }
  const [minutes = none, hours = none, days = none, months = none, weekdays = none, years = none] = values;
  if (days.any === weekdays.any) return invalid("? for the days of the month or of the week, and not for both", text);
  const isDay = (day: Day) => months.numbers.has(day.month) && (days.any ? weekdays : days).has(day);
  const apart = distances(isDay);
  if (apart === null) return invalid("a day that comes", text);
  const times = [...hours.numbers].flatMap((hour) => [...minutes.numbers].map((minute) => hour * 60 + minute));
  const inOrder = times.toSorted((a, b) => a - b);
  return {
    kind: "cron",
    longestPauseSeconds: 60 * Math.max(...pauses(apart.longest, inOrder)),
    shortestPauseSeconds: 60 * Math.min(...pauses(apart.shortest, inOrder)),
    startsOn: ({ year, month, date }) =>
      years.numbers.has(year) && isDay(dayOf(new Date(Date.UTC(year, month - 1, date)))) ? inOrder : [],
  };
}

type Day = { readonly date: number; readonly month: number; readonly weekday: number; readonly last: number };

type Field = {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Words that stand for the least and what follows it. */
  readonly words?: readonly string[];
  /** Whether `?` may stand there. */
  readonly mayBeAny?: true;
  /** What else may stand there, which holds on some days only. */
  readonly special?: (item: string) => ((day: Day) => boolean) | null;
};

const monthNames = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const weekdayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const fields: readonly Field[] = [
  { name: "minutes", least: 0, most: 59 },
  { name: "hours", least: 0, most: 23 },
  { name: "days of the month", least: 1, most: 31, mayBeAny: true, special: specialDate },
  { name: "months", least: 1, most: 12, words: monthNames },
  { name: "days of the week", least: 1, most: 7, words: weekdayNames, mayBeAny: true, special: specialWeekday },
  { name: "years", least: 1970, most: 2199 },
];

type Values = {
  /** `?`: another field decides. */
  readonly any: boolean;
  readonly numbers: ReadonlySet<number>;
  /** Of a field of days. */
  readonly has: (day: Day) => boolean;
};

const none: Values = { any: false, numbers: new Set(), has: () => false };

function valuesOf(field: Field, text: string): Values | null {
  const numbers = new Set<number>();
  const special: ((day: Day) => boolean)[] = [];
  if (text === "?") return field.mayBeAny ? { any: true, numbers, has: () => true } : null;
  for (const item of text.toUpperCase().split(",")) {
    const range = rangeOf(field, item);
    const condition = range === null ? field.special?.(item) : undefined;
    if (range === null && !condition) return null;
    for (const number of range ?? []) numbers.add(number);
    if (condition) special.push(condition);
  }
  const numberOf = (day: Day) => (field.words === weekdayNames ? day.weekday : day.date);
  return { any: false, numbers, has: (day) => numbers.has(numberOf(day)) || special.some((holds) => holds(day)) };
}

/** `*`, `5`, `MON`, `1-5` or one of them with an increment, `0/15`. */
function rangeOf(field: Field, item: string): readonly number[] | null {
  const { least, most } = field;
  const [, start = "", end, increment] = /^(\*|\w+)(?:-(\w+))?(?:\/(\d+))?$/.exec(item) ?? [];
  const step = increment === undefined ? 1 : Number(increment);
  const from = start === "*" ? least : numberIn(field, start);
  const toEnd = start === "*" || increment !== undefined;
  const to = end === undefined ? (toEnd ? most : from) : numberIn(field, end);
  if (from === null || to === null || (start === "*" && end !== undefined) || step < 1 || step > most) return null;
  const length = to >= from ? to - from : to - from + (most - least + 1);
  const steps = Array.from({ length: Math.floor(length / step) + 1 }, (_, index) => from + index * step);
  return steps.map((number) => (number > most ? number - (most - least + 1) : number));
}

function numberIn({ least, most, words = [] }: Field, text: string): number | null {
  const word = words.indexOf(text);
  const number = word < 0 ? (/^\d{1,4}$/.test(text) ? Number(text) : Number.NaN) : least + word;
  return number >= least && number <= most ? number : null;
}

/** `L` for the last day of the month, `L-3` for the third before it, `15W` for the weekday next to the 15th, `LW`. */
function specialDate(item: string): ((day: Day) => boolean) | null {
  const [, beforeLast] = /^L(?:-([1-9]|[12]\d|30))?$/.exec(item) ?? [];
  if (item === "L" || beforeLast !== undefined) return ({ date, last }) => date === last - Number(beforeLast ?? 0);
  const [, near] = /^(L|[1-9]|[12]\d|3[01])W$/.exec(item) ?? [];
  if (near === undefined) return null;
  return ({ date, weekday, last }) => {
    const wanted = near === "L" ? last : Number(near);
    if (wanted > last || weekday === 1 || weekday === 7) return false;
    // Within the month: the 1st on a Saturday moves to the 3rd, a last day on a Sunday two days back.
    const off = ((((weekday - 1 + wanted - date) % 7) + 7) % 7) + 1;
    const shift = off === 7 ? (wanted === 1 ? 2 : -1) : off === 1 ? (wanted === last ? -2 : 1) : 0;
    return date === wanted + shift;
  };
}

/** `L` for Saturday, `6L` for the last Friday of the month, `6#2` for the second. */
function specialWeekday(item: string): ((day: Day) => boolean) | null {
  if (item === "L") return ({ weekday }) => weekday === 7;
  const [, name = "", place = ""] = /^([1-7]|[A-Z]{3})(L|#[1-5])$/.exec(item) ?? [];
  const wanted = /^\d$/.test(name) ? Number(name) : weekdayNames.indexOf(name) + 1;
  if (wanted < 1) return null;
  if (place === "L") return ({ date, weekday, last }) => weekday === wanted && date > last - 7;
  return ({ date, weekday }) => weekday === wanted && Math.ceil(date / 7) === Number(place.slice(1));
}

const dayMs = 86_400_000;

/**
 * The most and the fewest days from one day that matches to the next, in as many years as calendars take to repeat; null if
 * none does.
 */
function distances(matches: (day: Day) => boolean): { readonly longest: number; readonly shortest: number } | null {
  const start = Date.UTC(2000, 0, 1);
  const matching = Array.from({ length: 28 * 365.25 }, (_, index) => index).filter((index) =>
    matches(dayOf(new Date(start + index * dayMs))),
  );
  if (matching.length === 0) return null;
  const apart = matching.slice(1).map((index, place) => index - (matching[place] ?? 0));
  const [longest, shortest] = apart.reduce(
    ([most, least], days) => [Math.max(most, days), Math.min(least, days)],
    [1, Number.POSITIVE_INFINITY],
  );
  return { longest, shortest };
}

/** A day in UTC. */
function dayOf(day: Date): Day {
  const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return { date: day.getUTCDate(), month: month + 1, weekday: day.getUTCDay() + 1, last };
}

/** The minutes between starts, where days with some are so many days apart. */
function pauses(days: number, times: readonly number[]): readonly number[] {
  const within = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  return [...within, days * 24 * 60 - (times.at(-1) ?? 0) + (times[0] ?? 0)];
}

function invalid(expected: string, got: string): CronReading {
  return { kind: "wrong", problem: `expected ${expected}, got ${JSON.stringify(got.slice(0, 60))}` };
}
