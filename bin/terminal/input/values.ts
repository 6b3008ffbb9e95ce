import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP, SocketAddress } from "node:net";
import type { OriginSslProtocol } from "../../../lambda/configuration/distribution.ts";
import { readDomainName } from "../../../lambda/configuration/domain-name.ts";
import { addressGuard } from "../../../lambda/probe/private-address.ts";
import { expectedMoment, readMoment } from "../../../lambda/text/moment.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { systemError } from "../system-error.ts";
import { shown, UsageError } from "./usage-error.ts";

/** By the name of the option: text, a list of it, or whether it was given. */
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

export function one(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

export function many(values: Values, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}

export function flag(values: Values, name: string): boolean {
  return values[name] === true;
}

/** What a reader makes of an option, null where it is not given. */
export function optional<T>(values: Values, name: string, reader: (text: string) => T): T | null {
  const text = one(values, name);
  return text === undefined ? null : reader(text);
}

// Each of these reads one value from the command line, and throws UsageError when it is none.

export function parameter(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new UsageError(`--parameter: expected NAME=VALUE, got ${shown(text)}`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

export function originArgument(text: string): { domain: string; port: number } {
  if (text.includes("/")) throw new UsageError(`HOST is a domain name without https:// and path${tryHost(text)}`);
  if (isIP(text) !== 0)
    throw new UsageError(`HOST must be a domain name, got ${shown(text)} (use --connect-to for an address)`);
  const colon = text.lastIndexOf(":");
  if (colon < 0) return { domain: domain(text), port: 443 };
  return { domain: domain(text.slice(0, colon)), port: wholeNumber("the port", text.slice(colon + 1), 1, 65_535) };
}

/** What to try where a URL was pasted; empty where it names no host. */
function tryHost(text: string): string {
  const host = URL.parse(text.includes("://") ? text : `https://${text}`)?.host ?? "";
  return host === "" ? `, got ${shown(text)}` : `. Try: ${printable(host, 60)}`;
}

export function domain(text: string): string {
  const reading = readDomainName(text);
  if (reading.kind === "invalid") throw new UsageError(`expected a domain name: ${reading.detail}`);
  if (reading.kind !== "name") throw new UsageError(`expected a domain name without parameters, got ${shown(text)}`);
  return reading.name;
}

function isOriginSslProtocol(text: string): text is OriginSslProtocol {
  return ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"].includes(text);
}

export function protocols(text: string): readonly OriginSslProtocol[] {
  const names = text.split(",").map((name) => name.trim());
  return names.map((name) => {
    if (!isOriginSslProtocol(name)) {
      const remark = name === "TLSv1.3" ? " (CloudFront offers TLS 1.3 always; it is no value of the setting)" : "";
      throw new UsageError(
        `--protocols: expected SSLv3, TLSv1, TLSv1.1 or TLSv1.2 separated by commas, got ${shown(name)}${remark}`,
      );
    }
    return name;
  });
}

export function certificatesIn(file: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--ca: cannot read ${shown(file)}: ${systemError(error)}`);
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (blocks === null) throw new UsageError(`--ca: no PEM certificate in ${shown(file)}`);
  for (const block of blocks) {
    try {
      new X509Certificate(block);
    } catch {
      throw new UsageError(`--ca: a certificate in ${shown(file)} cannot be read`);
    }
  }
  return blocks;
}

export function dnsServer(text: string): string {
  // Port 0 would silently be 53.
  if (isIP(text) === 0 && !((SocketAddress.parse(text)?.port ?? 0) > 0)) {
    throw new UsageError(`--dns-server: expected IP or IP:PORT, got ${shown(text)}`);
  }
  return text;
}

function ipAddress(text: string): string {
  if (isIP(text) === 0) throw new UsageError(`--connect-to: expected an IP address, got ${shown(text)}`);
  return text;
}

export function connectAddress(text: string, privateNetworks: readonly string[] | "all"): string {
  const address = ipAddress(text);
  const range = privateNetworks === "all" ? null : addressGuard(privateNetworks)(address);
  if (range !== null)
    throw new UsageError(`--connect-to: ${address} is not public (${range}); add --allow-private to dial it`);
  return address;
}

/** A network in CIDR notation. */
export function network(text: string): string {
  const [, address = "", prefix = ""] = /^([0-9a-fA-F:.]{2,45})\/(\d{1,3})$/.exec(text) ?? [];
  const bits = isIP(address) === 4 ? 32 : 128;
  if (isIP(address) === 0 || Number(prefix) > bits) {
    throw new UsageError(`--allow-network: expected a network such as 10.0.0.0/8, got ${shown(text)}`);
  }
  return text;
}

export function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= least && number <= most))
    throw new UsageError(`${name}: expected ${least} to ${most}, got ${shown(text)}`);
  return number;
}

export function seconds(text: string): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= 0.1 && number <= 120))
    throw new UsageError(`--timeout: expected 0.1 to 120 seconds, got ${shown(text)}`);
  return Math.round(number * 1000);
}

export function isoTime(text: string): number {
  const moment = readMoment(text);
  if (moment === null) throw new UsageError(`--now: expected ${expectedMoment}, got ${shown(text)}`);
  return moment.at;
}
