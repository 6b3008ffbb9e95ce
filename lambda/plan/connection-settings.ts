import { readOriginDomain } from "../cloudfront/origin-domain.ts";
import type { CustomOrigin, Origin } from "../configuration/distribution.ts";
import { readDomainName } from "../configuration/domain-name.ts";
import { placeholder } from "../configuration/placeholder.ts";
import { protocolSet } from "../configuration/ssl-protocols.ts";
import { printable } from "../text/printable.ts";
import { sharedList } from "../text/shared.ts";
import type { ConnectionSettings } from "./connection-key.ts";

/**
 * The HTTPS connection to an origin where Host is not forwarded. For an S3 origin, and for a VPC origin whose details
 * are not known, the distribution has no port and protocols: the port is 443, and the list of protocols is empty.
 */
export function httpsConnection(origin: Origin): ConnectionSettings {
  const domain = shownDomain(origin);
  const settings = settingsOf(origin);
  return {
    domain,
    port: settings?.httpsPort ?? 443,
    ...(settings !== null && isAllowedPort(settings.httpPort) ? { httpPort: settings.httpPort } : {}),
    scheme: "https",
    serverName: domain,
    forwardedHost: null,
    acceptedNames: [domain],
    originSslProtocols: sharedList(protocolSet(settings?.originSslProtocols ?? [])),
    originMtls: origin.kind.kind === "custom" && origin.kind.originMtls,
    ...common(origin, domain),
  };
}

/** The connection without TLS. */
export function httpConnection(origin: Origin): ConnectionSettings {
  const domain = shownDomain(origin);
  return {
    domain,
    port: settingsOf(origin)?.httpPort ?? 80,
    scheme: "http",
    serverName: null,
    forwardedHost: null,
    acceptedNames: [],
    originSslProtocols: [],
    originMtls: false,
    ...common(origin, domain),
  };
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html */
export function isAllowedPort(port: number): boolean {
  return Number.isInteger(port) && (port === 80 || port === 443 || (port >= 1024 && port <= 65_535));
}

const nothing: readonly never[] = [];

function common(origin: Origin, domain: string) {
  return {
    ipAddressType: settingsOf(origin)?.ipAddressType ?? "ipv4",
    connectTimeoutMs: origin.connectionTimeout * 1_000,
    connectAttempts: origin.connectionAttempts,
    ...insideOf(origin),
    alpn: nothing,
    originKind: origin.kind.kind === "s3" ? "s3-bucket" : readOriginDomain(whateverItIsCalled(domain)).kind,
    weight: "full",
    sampled: false,
  } as const;
}

function insideOf({ kind }: Origin): Pick<ConnectionSettings, "inVpc"> {
  if (kind.kind !== "vpc" || kind.inside?.kind !== "found") return {};
  const { vpcId, addresses } = kind.inside;
  return { inVpc: { vpcOriginId: kind.vpcOriginId, vpcId, addresses } };
}

/** A name with the placeholders of a template filled in: the rest of an AWS name shows which service it belongs to. */
function whateverItIsCalled(domain: string): string {
  return domain.replaceAll(placeholder("AWS::Region"), "us-east-1").replaceAll(/\$\{[^{}]*\}/g, "x");
}

function settingsOf({ kind }: Origin): Omit<CustomOrigin, "originMtls"> | null {
  switch (kind.kind) {
    case "s3":
      return null;
    case "vpc":
      return kind.endpoint;
    case "custom":
      return kind;
  }
}

function shownDomain({ domainName }: Origin): string {
  const read = readDomainName(domainName);
  return read.kind === "name" ? read.name : printable(domainName, 253);
}
