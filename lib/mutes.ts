/** What is kept quiet about: all incidents that match every selector that is given. */
export type MuteConfig = {
  readonly distribution?: string;
  /** A domain name. */
  readonly origin?: string;
  /** A finding's code. */
  readonly code?: string;
  /** ISO 8601: a day, to its end in UTC, or the moment from which it speaks again, with its zone. */
  readonly until: string;
  readonly reason: string;
};

/** A mute that cannot be used; the message says which, what was expected and what was found. */
export class MuteError extends Error {
  override readonly name = "MuteError";
}

/**
 * All of a function's environment must fit in 4 KB (AWS Lambda quotas), and the list travels in it.
 */
const maxBytes = 2_000;

/**
 * Reads a list of mutes. A day stands for all of it: `2026-12-31` speaks again when that day is over in UTC. A mute
 * whose time is over is accepted, so that a configuration does not stop deploying by itself.
 *
 * @throws MuteError
 */
export function readMutes(value: unknown): readonly MuteConfig[] {
  if (!Array.isArray(value)) throw new MuteError(`expected a JSON array, got ${shown(value)}`);
  const mutes = value.map(readMute);
  const bytes = Buffer.byteLength(JSON.stringify(mutes));
  if (bytes > maxBytes) throw new MuteError(`expected at most ${maxBytes} bytes in all, got ${bytes}`);
  return mutes;
}

function readMute(value: unknown, index: number): MuteConfig {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MuteError(`entry ${index + 1}: expected an object, got ${shown(value)}`);
  }
  const entries = Object.entries(value);
  const unknown = entries.find(([key]) => !Object.hasOwn(forms, key));
  if (unknown !== undefined) {
    throw new MuteError(`entry ${index + 1}: unknown key ${unknown[0]}, expected ${Object.keys(forms).join(", ")}`);
  }
  const texts = new Map(
    entries.map(([key, text]) => {
      if (typeof text !== "string") throw new MuteError(`entry ${index + 1}.${key}: expected text, got ${shown(text)}`);
      return [key, text.trim()];
    }),
  );
  const text = (key: Key): string | undefined => {
    const found = texts.get(key);
    if (found === undefined || forms[key].test(found)) return found;
    throw new MuteError(`entry ${index + 1}.${key}: expected ${expectations[key]}, got ${shown(found)}`);
  };
  const [distribution, origin, code] = [text("distribution"), text("origin"), text("code")];
  if ((distribution ?? origin ?? code) === undefined) {
    throw new MuteError(`entry ${index + 1}: expected a distribution, an origin or a code, got none of them`);
  }
  return {
    ...(distribution === undefined ? {} : { distribution }),
    ...(origin === undefined ? {} : { origin }),
    ...(code === undefined ? {} : { code }),
    until: endOf(text("until"), index),
    reason: text("reason") ?? missing("reason", index),
  };
}

function endOf(until: string | undefined, index: number): string {
  const given = until ?? missing("until", index);
  const day = /^\d{4}-\d{2}-\d{2}$/.test(given);
  const start = Date.parse(given);
  // JavaScript reads 31 February as 3 March.
  if (Number.isNaN(start) || (day && !new Date(start).toISOString().startsWith(given))) {
    throw new MuteError(`entry ${index + 1}.until: expected ${expectations.until}, got ${shown(given)}`);
  }
  return new Date(day ? start + 86_400_000 : start).toISOString();
}

function missing(key: Key, index: number): never {
  throw new MuteError(`entry ${index + 1}: expected ${key}, ${expectations[key]}, got nothing`);
}

type Key = keyof typeof forms;

const forms = {
  distribution: /^[A-Z0-9]{1,32}$/,
  origin: /^[A-Za-z0-9._-]{1,253}$/,
  code: /^[a-z0-9]+(-[a-z0-9]+)*$/,
  until: /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/,
  reason: /^[^\p{Cc}]{1,200}$/u,
};

const expectations: Readonly<Record<Key, string>> = {
  distribution: "a distribution id such as E1A2B3C4D5E6F7",
  origin: "a domain name",
  code: "a finding's code such as certificate-expiring",
  until: "a day such as 2026-12-31, or a time with its zone",
  reason: "a line of at most 200 characters",
};

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 100) ?? "nothing";
}
