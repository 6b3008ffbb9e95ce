import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP, SocketAddress } from "node:net";
import { parseArgs } from "node:util";
import type { OriginSslProtocol } from "../../lambda/plan/distribution.ts";
import { readDomainName } from "../../lambda/plan/domain-name.ts";
import { nonPublicRange } from "../../lambda/probe/private-address.ts";
import { printable } from "../../lambda/text/printable.ts";

export type Source =
  | { readonly kind: "account" }
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
  /** Milliseconds since the epoch. */
  readonly now: number;
};

export type Arguments =
  | { readonly kind: "check"; readonly options: Options }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly message: string };

/** Wrong usage; thrown inside this file only. */
class Wrong extends Error {}

/** Reads the command line. Wrong usage is a value with one line that says what is wrong and what is expected. */
export function readArguments(argv: readonly string[]): Arguments {
  try {
    return parse(argv);
  } catch (error) {
    if (error instanceof Wrong) return { kind: "wrong", message: error.message };
    const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
    if (error instanceof Error && typeof code === "string" && code.startsWith("ERR_PARSE_ARGS_")) {
      // Node adds advice on `--` after the first sentence, which helps nobody here.
      return { kind: "wrong", message: printable(error.message.split(". ")[0] ?? error.message, 200) };
    }
    throw error;
  }
}

function parse(argv: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      help: { type: "boolean", short: "h", default: false },
      json: { type: "boolean", default: false },
      ca: { type: "string" },
      "dns-server": { type: "string", multiple: true, default: [] },
      "allow-private": { type: "boolean", default: false },
      "connect-to": { type: "string" },
      concurrency: { type: "string", default: "50" },
      timeout: { type: "string" },
      now: { type: "string" },
      policies: { type: "string" },
      protocols: { type: "string" },
      host: { type: "string", multiple: true, default: [] },
      parameter: { type: "string", multiple: true, default: [] },
    },
  });
  if (values.help) return { kind: "help" };
  const source = sourceFrom(positionals, {
    ...(values.policies === undefined ? {} : { policies: values.policies }),
    ...(values.protocols === undefined ? {} : { protocols: values.protocols }),
    hosts: values.host,
    parameters: values.parameter,
  });
  return {
    kind: "check",
    options: {
      source,
      json: values.json,
      extraAnchors: values.ca === undefined ? [] : certificatesIn(values.ca),
      dnsServers: values["dns-server"].map(dnsServer),
      allowPrivate: values["allow-private"],
      connectTo: values["connect-to"] === undefined ? null : dialled(values["connect-to"], values["allow-private"]),
      concurrency: wholeNumber("--concurrency", values.concurrency, 1, 200),
      timeoutMs: values.timeout === undefined ? null : seconds(values.timeout),
      now: values.now === undefined ? Date.now() : isoTime(values.now),
    },
  };
}

type SourceOptions = {
  readonly policies?: string;
  readonly protocols?: string;
  readonly hosts: readonly string[];
  readonly parameters: readonly string[];
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
  switch (mode) {
    case "account":
      if (subject !== undefined) throw new Wrong(`account takes no argument, got ${shown(subject)}`);
      return { kind: "account" };
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

function parameter(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new Wrong(`--parameter: expected NAME=VALUE, got ${shown(text)}`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function endpoint(text: string): { domain: string; port: number } {
  if (text.includes("/")) throw new Wrong(`HOST must be a domain name, without scheme and path, got ${shown(text)}`);
  if (isIP(text) !== 0)
    throw new Wrong(`HOST must be a domain name, got ${shown(text)} (use --connect-to for an address)`);
  const colon = text.lastIndexOf(":");
  if (colon < 0) return { domain: domain(text), port: 443 };
  return { domain: domain(text.slice(0, colon)), port: wholeNumber("the port", text.slice(colon + 1), 1, 65_535) };
}

function domain(text: string): string {
  const reading = readDomainName(text);
  if (reading.kind === "invalid") throw new Wrong(`expected a domain name: ${reading.detail}`);
  if (reading.kind !== "name") throw new Wrong(`expected a domain name without parameters, got ${shown(text)}`);
  return reading.name;
}

function isOriginSslProtocol(text: string): text is OriginSslProtocol {
  return ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"].includes(text);
}

function protocols(text: string | undefined): readonly OriginSslProtocol[] {
  const names = (text ?? "TLSv1.2").split(",").map((name) => name.trim());
  return names.map((name) => {
    if (!isOriginSslProtocol(name)) {
      const remark = name === "TLSv1.3" ? " (CloudFront offers TLS 1.3 always; it is no value of the setting)" : "";
      throw new Wrong(
        `--protocols: expected SSLv3, TLSv1, TLSv1.1 or TLSv1.2 separated by commas, got ${shown(name)}${remark}`,
      );
    }
    return name;
  });
}

function certificatesIn(file: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Wrong(
      `--ca: cannot read ${shown(file)} (${error instanceof Error && "code" in error ? String(error.code) : "error"})`,
    );
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (blocks === null) throw new Wrong(`--ca: no PEM certificate in ${shown(file)}`);
  for (const block of blocks) {
    try {
      new X509Certificate(block);
    } catch {
      throw new Wrong(`--ca: a certificate in ${shown(file)} cannot be read`);
    }
  }
  return blocks;
}

function dnsServer(text: string): string {
  if (isIP(text) === 0 && SocketAddress.parse(text) === undefined) {
    throw new Wrong(`--dns-server: expected IP or IP:PORT, got ${shown(text)}`);
  }
  return text;
}

function ipAddress(text: string): string {
  if (isIP(text) === 0) throw new Wrong(`--connect-to: expected an IP address, got ${shown(text)}`);
  return text;
}

function dialled(text: string, allowPrivate: boolean): string {
  const address = ipAddress(text);
  const range = allowPrivate ? null : nonPublicRange(address);
  if (range !== null)
    throw new Wrong(`--connect-to: ${address} is not public (${range}); add --allow-private to dial it`);
  return address;
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most))
    throw new Wrong(`${name}: expected ${least} to ${most}, got ${shown(text)}`);
  return number;
}

function seconds(text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= 0.1 && number <= 120)) throw new Wrong(`--timeout: expected 0.1 to 120 seconds, got ${shown(text)}`);
  return Math.round(number * 1000);
}

function isoTime(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes 31 February for 3 March.
  const day = text.slice(0, 10);
  if (Number.isNaN(time) || !new Date(`${day}T00:00:00Z`).toISOString().startsWith(day))
    throw new Wrong(`--now: expected an ISO time such as 2027-01-31T12:00:00Z, got ${shown(text)}`);
  return time;
}

function shown(text: string | undefined): string {
  return `"${printable(text ?? "", 60)}"`;
}
