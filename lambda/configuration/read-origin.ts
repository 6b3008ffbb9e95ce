import { printable } from "../text/printable.ts";
import { choice, entries, isObject, member, mismatch, numberWithin, type Part, text } from "./api-value.ts";
import type { CustomOrigin, Origin, OriginKind, OriginSslProtocol, VpcOriginEndpoint } from "./distribution.ts";
import { protocolSet, sslProtocols } from "./ssl-protocols.ts";

/**
 * One entry of `Origins.Items`, null when it cannot be used, which `problems` then explains.
 *
 * `account` is the distribution's, null when it is not known. `CustomHeaders` is not looked at: its values are secrets. Absent settings take the defaults of
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html.
 */
export function readOrigin(part: Part, account: string | null, problems: string[]): Origin | null {
  const id = text(member(part, "Id"), problems);
  const domainName = text(member(part, "DomainName"), problems);
  if (id === null || domainName === null) {
    problems.push(`${mismatch(part, "an origin with Id and DomainName")}; left out`);
    return null;
  }
  const kind = readKind(part, account, problems);
  if (kind === null) return null;
  const timeout = { least: 1, most: 10, absent: 10 };
  const attempts = { least: 1, most: 3, absent: 3 };
  return {
    id,
    domainName,
    connectionTimeout: numberWithin(member(part, "ConnectionTimeout"), timeout, problems),
    connectionAttempts: Math.round(numberWithin(member(part, "ConnectionAttempts"), attempts, problems)),
    kind,
  };
}

function readKind(part: Part, account: string | null, problems: string[]): OriginKind | null {
  const [vpc, custom, s3] = [
    member(part, "VpcOriginConfig"),
    member(part, "CustomOriginConfig"),
    member(part, "S3OriginConfig"),
  ];
  const given = [vpc, custom, s3].filter(({ value }) => isObject(value));
  if (given.length > 1) {
    const names = given.map(({ path }) => path.slice(part.path.length + 1)).join(" and ");
    problems.push(`${part.path}: expected exactly one kind of origin, got ${names}; the first is read`);
  }
  if (isObject(vpc.value)) {
    const vpcOriginId = text(member(vpc, "VpcOriginId"), problems) ?? "";
    const owner = text(member(vpc, "OwnerAccountId"), problems);
    return { kind: "vpc", vpcOriginId, ownerAccountId: owner === account ? null : owner, endpoint: null };
  }
  if (isObject(custom.value)) {
    const read = readCustomOrigin(custom, problems);
    // The API's reference has it in CustomOriginConfig, an example of the guide beside it.
    const beside = isObject(member(part, "OriginMtlsConfig").value);
    return { kind: "custom", ...read, originMtls: read.originMtls || beside };
  }
  if (isObject(s3.value)) return { kind: "s3" };
  problems.push(
    `${part.path}: expected S3OriginConfig, CustomOriginConfig or VpcOriginConfig, got none of them; the origin is left out`,
  );
  return null;
}

/**
 * The VpcOriginEndpointConfig of GetVpcOrigin, null when there is none.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_VpcOriginEndpointConfig.html
 */
export function readVpcOriginEndpoint(value: unknown, problems: string[]): VpcOriginEndpoint | null {
  const config = member(member({ path: "", value }, "VpcOrigin"), "VpcOriginEndpointConfig");
  if (!isObject(config.value)) {
    problems.push(mismatch(config, "an object"));
    return null;
  }
  const { originMtls: _, ...endpoint } = readCustomOrigin(config, problems);
  return endpoint;
}

function readCustomOrigin(part: Part, problems: string[]): CustomOrigin {
  // A policy that is not known is read as the one under which every kind of connection can occur.
  const originProtocolPolicy = choice(
    member(part, "OriginProtocolPolicy"),
    { of: ["http-only", "https-only", "match-viewer"], otherwise: "match-viewer" },
    problems,
  );
  return {
    httpPort: readPort(member(part, "HTTPPort"), 80, problems),
    httpsPort: readPort(member(part, "HTTPSPort"), 443, problems),
    originProtocolPolicy,
    originSslProtocols: readSslProtocols(
      member(part, "OriginSslProtocols"),
      originProtocolPolicy !== "http-only",
      problems,
    ),
    // Of a type that is not known it is open which family is asked for; with dualstack either will do.
    ipAddressType: choice(
      member(part, "IpAddressType"),
      { of: ["ipv4", "ipv6", "dualstack"], otherwise: "dualstack", absent: "ipv4" },
      problems,
    ),
    originMtls: isObject(member(part, "OriginMtlsConfig").value),
  };
}

/**
 * A port that is none becomes 0, which the plan refuses: better not judged than judged on another port. The state
 * could not hold it either.
 */
function readPort(part: Part, absent: number, problems: string[]): number {
  const { path, value } = part;
  if (value === undefined) return absent;
  if (typeof value !== "number") problems.push(mismatch(part, "a port number"));
  else if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  else problems.push(`${path}: expected a port number, got ${value}`);
  return 0;
}

/**
 * The protocols listed, as a set.
 *
 * CloudFront's API refuses an HTTPS origin without them, so in its answers their absence means that the answer is not
 * complete; in a template they may be left out, and what CloudFormation puts in their place is not documented (others
 * have read back SSLv3 and TLSv1: https://github.com/go-to-k/cdk-real-drift/issues/1734). TLSv1 and every version above
 * it is then the reading that blames an origin least.
 */
function readSslProtocols(part: Part, needed: boolean, problems: string[]): OriginSslProtocol[] {
  const listed = entries(part, 10, problems);
  const known = protocolSet(listed.map(({ value }) => value));
  for (const entry of listed) {
    if (protocolSet([entry.value]).length > 0) continue;
    const got = typeof entry.value === "string" ? `"${printable(entry.value, 40)}"` : "no text";
    problems.push(`${entry.path}: expected one of ${sslProtocols.join(", ")}, got ${got}; left out`);
  }
  if (known.length > 0) return known;
  if (needed) problems.push(`${part.path}: expected at least one protocol, got none; read as TLSv1 and newer`);
  return ["TLSv1"];
}
