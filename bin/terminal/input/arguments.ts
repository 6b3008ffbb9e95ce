import { type ParseArgsConfig, parseArgs } from "node:util";
import type { OriginSslProtocol } from "../../../lambda/configuration/distribution.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { shown, Wrong } from "./usage-error.ts";
import {
  certificatesIn,
  dialled,
  dnsServer,
  domain,
  endpoint,
  flag,
  isoTime,
  many,
  one,
  parameter,
  protocols,
  seconds,
  type Values,
  wholeNumber,
} from "./values.ts";

export type Source =
  | { readonly kind: "account"; readonly profile: string | null }
  /** A path, or `-` for standard input. */
  | { readonly kind: "config"; readonly file: string; readonly policiesFile: string | null }
  /** A CloudFormation template, with values for its parameters. */
  | { readonly kind: "template"; readonly file: string; readonly parameters: ReadonlyMap<string, string> }
  | {
      readonly kind: "origin";
      readonly domain: string;
      readonly port: number;
      readonly protocols: readonly OriginSslProtocol[];
      readonly hosts: readonly string[];
    };

/** What every command takes. */
export type Options = {
  readonly source: Source;
  readonly json: boolean;
  readonly extraAnchors: readonly string[];
  readonly dnsServers: readonly string[];
  readonly allowPrivate: boolean;
  readonly connectTo: string | null;
  readonly concurrency: number;
  /** Milliseconds for one attempt, null for what the distribution says. */
  readonly timeoutMs: number | null;
  /** Milliseconds since the epoch as of which is judged; null for the time of the check. */
  readonly now: number | null;
};

/** The options of one command, beside those that all have. */
export type OwnOptions<T> = {
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /** May throw Wrong. */
  readonly read: (values: Values, source: Source) => T;
};

export type Arguments<T> =
  | { readonly kind: "given"; readonly options: Options; readonly own: T }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

/** Reads the command line. Wrong usage is a value with one line that says what is wrong and what is expected. */
export function readArguments<T>(argv: readonly string[], own: OwnOptions<T>): Arguments<T> {
  try {
    return parse(argv, own);
  } catch (error) {
    if (error instanceof Wrong) return { kind: "wrong", message: error.message };
    const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
    if (error instanceof Error && typeof code === "string" && code.startsWith("ERR_PARSE_ARGS_")) {
      // Node adds advice on `--` after the first sentence, which helps nobody here.
      return { kind: "wrong", message: printable(error.message.split(/\.\s/)[0] ?? error.message, 200) };
    }
    throw error;
  }
}

const commonOptions = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
  ca: { type: "string" },
  "dns-server": { type: "string", multiple: true },
  "allow-private": { type: "boolean" },
  "connect-to": { type: "string" },
  concurrency: { type: "string" },
  timeout: { type: "string" },
  now: { type: "string" },
  policies: { type: "string" },
  protocols: { type: "string" },
  host: { type: "string", multiple: true },
  parameter: { type: "string", multiple: true },
  profile: { type: "string" },
} as const;

function parse<T>(argv: readonly string[], own: OwnOptions<T>): Arguments<T> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { ...own.options, ...commonOptions },
  });
  if (flag(values, "help")) return { kind: "help" };
  const source = sourceFrom(positionals, {
    policies: one(values, "policies"),
    // A command may have this option for itself; then it is not one of the origin.
    protocols: "protocols" in own.options ? undefined : one(values, "protocols"),
    hosts: many(values, "host"),
    parameters: many(values, "parameter"),
    profile: one(values, "profile"),
  });
  const allowPrivate = flag(values, "allow-private");
  const given = <V>(name: keyof typeof commonOptions, reader: (text: string) => V): V | null => {
    const text = one(values, name);
    return text === undefined ? null : reader(text);
  };
  return {
    kind: "given",
    options: {
      source,
      json: flag(values, "json"),
      extraAnchors: given("ca", certificatesIn) ?? [],
      dnsServers: many(values, "dns-server").map(dnsServer),
      allowPrivate,
      connectTo: given("connect-to", (text) => dialled(text, allowPrivate)),
      concurrency: given("concurrency", (text) => wholeNumber("--concurrency", text, 1, 200)) ?? 50,
      timeoutMs: given("timeout", seconds),
      now: given("now", isoTime),
    },
    own: own.read(values, source),
  };
}

type SourceOptions = {
  readonly policies: string | undefined;
  readonly protocols: string | undefined;
  readonly hosts: readonly string[];
  readonly parameters: readonly string[];
  readonly profile: string | undefined;
};

function sourceFrom(positionals: readonly string[], given: SourceOptions): Source {
  const [mode, subject, ...rest] = positionals;
  if (mode === undefined)
    throw new Wrong("say what to check: account, config FILE, template FILE or origin HOST[:PORT] (--help shows more)");
  if (rest.length > 0) throw new Wrong(`unexpected argument ${shown(rest[0])}`);
  if (given.policies !== undefined && mode !== "config") throw new Wrong("--policies goes with config");
  if (mode !== "origin" && given.protocols !== undefined) throw new Wrong("--protocols goes with origin");
  if (mode !== "origin" && given.hosts.length > 0) throw new Wrong("--host goes with origin");
  if (mode !== "template" && given.parameters.length > 0) throw new Wrong("--parameter goes with template");
  if (mode !== "account" && given.profile !== undefined) throw new Wrong("--profile goes with account");
  switch (mode) {
    case "account":
      if (subject !== undefined) throw new Wrong(`account takes no argument, got ${shown(subject)}`);
      return { kind: "account", profile: given.profile ?? null };
    case "config":
      if (subject === undefined) throw new Wrong("config needs a FILE, or - for standard input");
      return { kind: "config", file: subject, policiesFile: given.policies ?? null };
    case "template":
      if (subject === undefined) throw new Wrong("template needs a FILE, or - for standard input");
      return { kind: "template", file: subject, parameters: new Map(given.parameters.map(parameter)) };
    case "origin":
      if (subject === undefined)
        throw new Wrong("origin needs a HOST, for example api.example.com or api.example.com:8443");
      return {
        kind: "origin",
        ...endpoint(subject),
        protocols: protocols(given.protocols),
        hosts: given.hosts.map(domain),
      };
    default:
      throw new Wrong(`expected account, config, template or origin, got ${shown(mode)}`);
  }
}
