import { endOf, expectedMoment, readMoment } from "../text/moment.ts";
import { printable } from "../text/printable.ts";

/** Keeps quiet about the incidents that match all of its selectors, of which it has at least one. */
export type Mute = {
  readonly distribution: string | null;
  /** A domain name. */
  readonly origin: string | null;
  /** A finding's code. */
  readonly code: string | null;
  /** ISO 8601: the moment from which it speaks again. */
  readonly until: string;
  readonly reason: string;
};

export type MutesReading =
  | { readonly kind: "mutes"; readonly mutes: readonly Mute[] }
  /** The problem says which entry, what was expected and what was found. */
  | { readonly kind: "wrong"; readonly problem: string };

/** All of a function's environment must fit in 4 KB (AWS Lambda quotas), and the list travels in it. */
const maxBytes = 2_000;

/**
 * Reads a list of mutes, as people write it in the CDK context, in the construct's properties or in the function's
 * variable `MUTES`, and as the stack writes it to that variable. `until` may be a day, which lasts until its end in
 * UTC. An expired mute is accepted, so that a configuration does not stop deploying by itself.
 */
export function readMutes(value: unknown): MutesReading {
  if (!Array.isArray(value)) return invalid(`expected a JSON array, got ${shown(value)}`);
  const mutes: Mute[] = [];
  for (const [index, entry] of value.entries()) {
    const mute = readMute(entry);
    if (typeof mute === "string") return invalid(`entry ${index + 1}${mute}`);
    mutes.push(mute);
  }
  // As the stack writes it, without selectors that are null.
  const bytes = Buffer.byteLength(JSON.stringify(mutes, (_, each) => each ?? undefined));
  if (bytes > maxBytes) return invalid(`expected at most ${maxBytes} bytes in all, got ${bytes}`);
  return { kind: "mutes", mutes };
}

/** A mute, or what is wrong with it. */
function readMute(value: unknown): Mute | string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `: expected an object, got ${shown(value)}`;
  }
  const texts = new Map<Key, string>();
  for (const [key, text] of Object.entries(value)) {
    if (!isKey(key)) return `: unknown key ${printable(key, 64)}, expected ${Object.keys(forms).join(", ")}`;
    if (typeof text !== "string") return `.${key}: expected text, got ${shown(text)}`;
    const trimmed = text.trim();
    if (!forms[key].accepts(trimmed)) return `.${key}: expected ${forms[key].words}, got ${shown(trimmed)}`;
    texts.set(key, trimmed);
  }
  const [distribution, origin, code] = [texts.get("distribution"), texts.get("origin"), texts.get("code")];
  if ((distribution ?? origin ?? code) === undefined) {
    return ": expected a distribution, an origin or a code, got none of them";
  }
  const until = readMoment(texts.get("until") ?? "");
  if (until === null) return `: expected until, ${forms.until.words}, got nothing`;
  const reason = texts.get("reason");
  if (reason === undefined) return `: expected reason, ${forms.reason.words}, got nothing`;
  return {
    distribution: distribution ?? null,
    origin: origin ?? null,
    code: code ?? null,
    until: new Date(endOf(until)).toISOString(),
    reason,
  };
}

type Key = keyof Mute;

function isKey(key: string): key is Key {
  return Object.hasOwn(forms, key);
}

/** What a text in a setting must look like, and the words for that. */
export type TextForm = { readonly accepts: (text: string) => boolean; readonly words: string };

/** What selects, and why: the same wherever a setting mutes. */
export const muteForms = {
  distribution: { accepts: like(/^[A-Z0-9]{1,32}$/), words: "a distribution id such as E1A2B3C4D5E6F7" },
  origin: { accepts: like(/^[A-Za-z0-9._-]{1,253}$/), words: "a domain name" },
  reason: { accepts: like(/^[^\p{Cc}]{1,200}$/u), words: "a line of at most 200 characters" },
} as const satisfies Readonly<Record<string, TextForm>>;

const forms: Readonly<Record<Key, TextForm>> = {
  distribution: muteForms.distribution,
  origin: muteForms.origin,
  code: { accepts: like(/^[a-z0-9]+(-[a-z0-9]+)*$/), words: "a finding's code such as certificate-expiring" },
  until: { accepts: (text) => readMoment(text) !== null, words: expectedMoment },
  reason: muteForms.reason,
};

function like(form: RegExp): (text: string) => boolean {
  return (text) => form.test(text);
}

function invalid(problem: string): MutesReading {
  return { kind: "wrong", problem };
}

/** What was found in the place of what was expected. */
export function shown(value: unknown): string {
  return printable(JSON.stringify(value) ?? "nothing", 100);
}
