import { parseArgs } from "node:util";
import { usualBounds } from "../../../lambda/probe/probe.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { didYouMean } from "../../../lib/did-you-mean.ts";
import type { OptionTable } from "./option.ts";
import type { Opened, Source } from "./source.ts";
import { sourceOptions, sources } from "./sources.ts";
import { shown, UsageError } from "./usage-error.ts";
import {
  certificatesIn,
  connectAddress,
  dnsServer,
  flag,
  isoTime,
  many,
  network,
  optional,
  seconds,
  type Values,
  wholeNumber,
} from "./values.ts";

/** What every command takes beside its source. */
export type Options = {
  readonly json: boolean;
  readonly extraAnchors: readonly string[];
  readonly dnsServers: readonly string[];
  /** Networks that are not public and may be connected to, in CIDR notation; all of them. */
  readonly privateNetworks: readonly string[] | "all";
  readonly connectTo: string | null;
  readonly concurrency: number;
  /** Milliseconds for one attempt, null for what the distribution says. */
  readonly timeoutMs: number | null;
  /** Milliseconds since the epoch as of which is judged; null for the time of the check. */
  readonly now: number | null;
};

/** The options of one command, beside those that all have. */
export type OwnOptions<T> = {
  readonly options: OptionTable;
  /** @throws UsageError */
  readonly read: (values: Values, source: Source) => T;
};

export type Arguments<T> =
  | {
      readonly kind: "given";
      readonly source: Source;
      readonly opened: Opened;
      readonly options: Options;
      readonly own: T;
    }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

/** What every command takes. */
export const commonOptions = {
  json: { type: "boolean", help: "one JSON object a line" },
  ca: { type: "string", value: "FILE", help: "trust the PEM certificates in FILE besides Mozilla's list" },
  "dns-server": { type: "string", multiple: true, value: "IP[:PORT]", help: "ask this DNS server; repeatable" },
  "allow-private": { type: "boolean", help: "dial private and loopback addresses too" },
  "allow-network": {
    type: "string",
    multiple: true,
    value: "CIDR",
    help: "dial this private network too, such as 10.0.0.0/8; repeatable",
  },
  "connect-to": { type: "string", value: "IP", help: "dial this address instead of asking DNS" },
  concurrency: { type: "string", value: "N", help: "connections at once (default 800)" },
  timeout: {
    type: "string",
    value: "SECONDS",
    help:
      "one TCP attempt and one handshake of at most SECONDS each, instead of the distribution's " +
      "ConnectionTimeout and ConnectionAttempts",
  },
  now: { type: "string", value: "TIME", help: "judge as of this ISO time" },
} as const satisfies OptionTable;

/** Reads the command line. Wrong usage is a value with one line that says what is wrong and what is expected. */
export function readArguments<T>(argv: readonly string[], own: OwnOptions<T>): Arguments<T> {
  try {
    return parse(argv, own);
  } catch (error) {
    if (error instanceof UsageError) return { kind: "wrong", message: error.message };
    const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
    if (error instanceof Error && typeof code === "string" && code.startsWith("ERR_PARSE_ARGS_")) {
      // Node adds advice on `--` after the first sentence, which helps nobody here.
      const sentence = printable(error.message.split(/\.\s/)[0] ?? error.message, 200);
      return { kind: "wrong", message: sentence + suggestedOption(error.message, own.options) };
    }
    throw error;
  }
}

/** The option that was meant where Node knows none of that name. */
function suggestedOption(message: string, own: OptionTable): string {
  const [, typed] = /^Unknown option '(--[^']{1,60})'/.exec(message) ?? [];
  const known = [...Object.keys({ ...own, ...commonOptions }), ...sourceOptions.map(({ name }) => name), "help"];
  return didYouMean(
    typed,
    [...new Set(known)].map((name) => `--${name}`),
  );
}

function parse<T>(argv: readonly string[], own: OwnOptions<T>): Arguments<T> {
  const ofSources = Object.fromEntries(sourceOptions.map(({ name, option }) => [name, option]));
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { ...ofSources, ...own.options, ...commonOptions, help: { type: "boolean", short: "h" } },
  });
  if (flag(values, "help")) return { kind: "help" };
  const { source, opened } = sourceFrom(positionals, values, own.options);
  const networks = many(values, "allow-network").map(network);
  const privateNetworks = flag(values, "allow-private") ? "all" : networks;
  return {
    kind: "given",
    source,
    opened,
    options: {
      json: flag(values, "json"),
      extraAnchors: optional(values, "ca", certificatesIn) ?? [],
      dnsServers: many(values, "dns-server").map(dnsServer),
      privateNetworks,
      connectTo: optional(values, "connect-to", (text) => connectAddress(text, privateNetworks)),
      concurrency:
        optional(values, "concurrency", (text) => wholeNumber("--concurrency", text, 1, 800)) ?? usualBounds.sockets,
      timeoutMs: optional(values, "timeout", seconds),
      now: optional(values, "now", isoTime),
    },
    own: own.read(values, source),
  };
}

/** @param own options of the command; where a source has one of the same name, it is not the source's */
function sourceFrom(positionals: readonly string[], values: Values, own: OptionTable) {
  const [name, ...given] = positionals;
  if (name === undefined) {
    const all = sources.map((source) => `${source.name} ${source.argument}`.trim());
    throw new UsageError(`say what to check: ${orList(all)} (--help shows more)`);
  }
  const source = sources.find((each) => each.name === name);
  if (source === undefined) {
    const names = sources.map((each) => each.name);
    throw new UsageError(`expected ${orList(names)}, got ${shown(name)}${didYouMean(name, names)}`);
  }
  const ofSources = sourceOptions.filter((each) => values[each.name] !== undefined && !Object.hasOwn(own, each.name));
  const misplaced = ofSources.find(({ takenBy }) => !takenBy.includes(name));
  if (misplaced !== undefined) throw new UsageError(`--${misplaced.name} goes with ${orList(misplaced.takenBy)}`);
  const ownValues = Object.fromEntries(ofSources.map((each) => [each.name, values[each.name]]));
  return { source, opened: source.open(given, ownValues) };
}

function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
