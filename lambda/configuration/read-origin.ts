import { printable } from "../text/printable.ts";
import { sharedObject, sharedText } from "../text/shared.ts";
import {
  choice,
  entries,
  isLeftOpen,
  isObject,
  member,
  mismatch,
  type Notes,
  notesOnPart,
  numberWithin,
  type Part,
  text,
} from "./api-value.ts";
import type { CustomOrigin, Origin, OriginKind, OriginSslProtocol, VpcOriginEndpoint } from "./distribution.ts";
import { protocolSet, sslProtocols } from "./ssl-protocols.ts";

/**
 * One entry of `Origins.Items`, null when it cannot be used, which the notes then explain.
 *
 * `CustomHeaders` is not looked at: its values are secrets. Absent settings take the defaults of
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html.
 *
 * @param account the distribution's, null when it is not known
 */
export function readOrigin(part: Part, account: string | null, notes: Notes): Origin | null {
  const own = notesOnPart(notes);
  if (typeof part.value === "string" && isLeftOpen(part, own)) return originLeftOpen(part.value, own.open);
  const id = sharedText(text(member(part, "Id"), notes));
  const domainName = sharedText(text(member(part, "DomainName"), notes));
  if (id === null || domainName === null) {
    notes.problems.push(`${mismatch(part, "an origin with Id and DomainName")}; left out`);
    return null;
  }
  const kind = readKind(part, account, own);
  if (kind === null) return null;
  const timeout = { least: 1, most: 10, absent: 10 };
  const attempts = { least: 1, most: 3, absent: 3 };
  // How long CloudFront waits decides no connection, so that a template may leave it open.
  const timeoutNotes = notesOnPart(notes);
  const origin: Origin = {
    id,
    domainName,
    connectionTimeout: numberWithin(member(part, "ConnectionTimeout"), timeout, timeoutNotes),
    connectionAttempts: Math.round(numberWithin(member(part, "ConnectionAttempts"), attempts, timeoutNotes)),
    kind,
    ...readOriginShield(member(part, "OriginShield")),
  };
  return own.open.length === 0 ? origin : { ...origin, open: own.open };
}

/**
 * Where Origin Shield is decides from where CloudFront connects, and no connection: what is open or unreadable about it
 * is nobody's.
 */
function readOriginShield(part: Part): Pick<Origin, "originShield"> {
  const region = member(part, "OriginShieldRegion").value;
  const isOn = member(part, "Enabled").value === true && typeof region === "string";
  return isOn && /^[a-z]{2}(-[a-z]{1,20}){1,3}-\d$/.test(region) ? { originShield: region } : {};
}

/** An origin, or several, of which nothing is known before the deployment: it stands for them in the plan. */
export function originLeftOpen(name: string, open: readonly string[]): Origin {
  return { id: name, domainName: name, connectionTimeout: 10, connectionAttempts: 3, kind: usualCustomOrigin, open };
}

const usualCustomOrigin: OriginKind = {
  kind: "custom",
  httpPort: 80,
  httpsPort: 443,
  originProtocolPolicy: "https-only",
  originSslProtocols: [],
  ipAddressType: "ipv4",
  originMtls: false,
};

function readKind(part: Part, account: string | null, notes: Notes): OriginKind | null {
  const [vpc, custom, s3] = [
    member(part, "VpcOriginConfig"),
    member(part, "CustomOriginConfig"),
    member(part, "S3OriginConfig"),
  ];
  const given = [vpc, custom, s3].filter(({ value }) => isObject(value));
  if (given.length > 1) {
    const names = given.map(({ path }) => path.slice(part.path.length + 1)).join(" and ");
    notes.problems.push(`${part.path}: expected exactly one kind of origin, got ${names}; the first is read`);
  }
  if (isObject(vpc.value)) {
    const vpcOriginId = text(member(vpc, "VpcOriginId"), notes) ?? "";
    const owner = text(member(vpc, "OwnerAccountId"), notes);
    return { kind: "vpc", vpcOriginId, ownerAccountId: owner === account ? null : owner, endpoint: null };
  }
  const open = [vpc, custom, s3].filter((config) => isLeftOpen(config, notes));
  if (isObject(custom.value)) {
    const read = readCustomOrigin(custom, notes);
    // The API's reference has it in CustomOriginConfig, an example of the guide beside it.
    const beside = hasMtls(part, notes);
    return sharedObject<OriginKind>({ kind: "custom", ...read, originMtls: read.originMtls || beside });
  }
  if (isObject(s3.value)) return { kind: "s3" };
  if (open.length > 0) return usualCustomOrigin;
  notes.problems.push(
    `${part.path}: expected S3OriginConfig, CustomOriginConfig or VpcOriginConfig, got none of them; the origin is left out`,
  );
  return null;
}

function hasMtls(part: Part, notes: Notes): boolean {
  const config = member(part, "OriginMtlsConfig");
  return !isLeftOpen(config, notes) && isObject(config.value);
}

/**
 * The VpcOriginEndpointConfig of GetVpcOrigin, null when there is none.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_VpcOriginEndpointConfig.html
 */
export function readVpcOriginEndpoint(value: unknown, notes: Notes): VpcOriginEndpoint | null {
  const config = member(member({ path: "", value }, "VpcOrigin"), "VpcOriginEndpointConfig");
  if (!isObject(config.value)) {
    notes.problems.push(mismatch(config, "an object"));
    return null;
  }
  const { originMtls: _, ...endpoint } = readCustomOrigin(config, notes);
  return endpoint;
}

/** The ARN of the load balancer or instance that GetVpcOrigin names, null when it names none. */
export function readVpcOriginTarget(value: unknown): string | null {
  const config = member(member({ path: "", value }, "VpcOrigin"), "VpcOriginEndpointConfig");
  const { value: arn } = member(config, "Arn");
  return typeof arn === "string" && isArn.test(arn) ? arn : null;
}

const isArn = /^arn:aws[a-z-]*:[a-z0-9-]{1,40}:[a-z0-9-]{1,30}:\d{12}:[A-Za-z0-9/_-]{1,200}$/;

function readCustomOrigin(part: Part, notes: Notes): CustomOrigin {
  // A policy that is not known is read as the one under which every kind of connection can occur.
  const originProtocolPolicy = choice(
    member(part, "OriginProtocolPolicy"),
    { of: ["http-only", "https-only", "match-viewer"], otherwise: "match-viewer" },
    notes,
  );
  return {
    httpPort: readPort(member(part, "HTTPPort"), 80, notes),
    httpsPort: readPort(member(part, "HTTPSPort"), 443, notes),
    originProtocolPolicy,
    originSslProtocols: readSslProtocols(
      member(part, "OriginSslProtocols"),
      originProtocolPolicy !== "http-only",
      notes,
    ),
    // Of a type that is not known it is open which family is asked for; with dualstack either will do.
    ipAddressType: choice(
      member(part, "IpAddressType"),
      { of: ["ipv4", "ipv6", "dualstack"], otherwise: "dualstack", absent: "ipv4" },
      notes,
    ),
    originMtls: hasMtls(part, notes),
  };
}

/**
 * A port that is none becomes 0, which the plan refuses: better not judged than judged on another port. The state
 * could not hold it either.
 */
function readPort(part: Part, absent: number, notes: Notes): number {
  const { path, value } = part;
  if (value === undefined || isLeftOpen(part, notes)) return absent;
  if (typeof value !== "number") notes.problems.push(mismatch(part, "a port number"));
  else if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value;
  else notes.problems.push(`${path}: expected a port number, got ${value}`);
  return 0;
}

/**
 * The protocols listed, as a set.
 *
 * CloudFront's API refuses an HTTPS origin without them, so in its answers their absence means that the answer is not
 * complete. TLSv1 and every version above it is then the reading that blames an origin least.
 */
function readSslProtocols(part: Part, needed: boolean, notes: Notes): OriginSslProtocol[] {
  const listed = entries(part, 10, notes);
  const known = protocolSet(listed.map(({ value }) => value));
  const others = listed.filter((entry) => protocolSet([entry.value]).length === 0 && !isLeftOpen(entry, notes));
  for (const entry of others) {
    const got = typeof entry.value === "string" ? `"${printable(entry.value, 40)}"` : "no text";
    notes.problems.push(`${entry.path}: expected one of ${sslProtocols.join(", ")}, got ${got}; left out`);
  }
  if (known.length > 0) return known;
  if (needed && notes.open.length === 0) {
    notes.problems.push(`${part.path}: expected at least one protocol, got none; read as TLSv1 and newer`);
  }
  return ["TLSv1"];
}
