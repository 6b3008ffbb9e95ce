import { documentedSuites, groups, offerFor, schemes } from "../cloudfront/profile.ts";
import type { Finding } from "../judge/finding.ts";
import type { Connection, PlannedConnection } from "../plan/connection.ts";
import type { AddressOutcome, Observation } from "../probe/observation.ts";
import { readCertificate } from "../x509/certificate.ts";

/** Where a command connects, and as whom; ready for a shell. */
type Place = { readonly connection: Connection; readonly connect: string };

/**
 * The shortest command that shows the first finding, null when there is nothing that a command could show.
 *
 * All words in it are safe in a shell: domain names were checked by the plan, addresses come from a parser, and anything
 * else is quoted.
 */
export function reproduce(
  { kind, connection }: PlannedConnection,
  observation: Observation | null,
  findings: readonly Finding[],
): string | null {
  if (kind !== "probe" || observation === null || observation.dns.kind === "not-tried") return null;
  const shown = findings.find(({ effect, address }) => effect !== "note" && address !== null) ?? findings[0];
  const address = shown?.address ?? observation.addresses[0]?.address;
  if (address === undefined || address === null || shown?.code === "dns-private-address") return dig(connection);
  const endpoint = address.includes(":") ? `[${address}]:${connection.port}` : `${address}:${connection.port}`;
  const outcome = observation.addresses.find((seen) => seen.address === address)?.outcome;
  if (outcome?.kind === "hello-agreed" || shown?.evidence.seen === "speaks SSLv3") {
    // Stock OpenSSL speaks neither SSLv3 nor RC4 nor 3DES; testssl.sh writes such hellos by hand, as this check does.
    return `testssl.sh --ip ${quoted(address)} --protocols --cipher-per-proto --server-defaults ${quoted(`${connection.domain}:${connection.port}`)}`;
  }
  if (connection.scheme === "http") return `nc -vz ${quoted(address)} ${connection.port}`;
  const servername = connection.serverName === null ? "" : ` -servername ${quoted(connection.serverName)}`;
  const alpn = connection.alpn.length === 0 ? "" : ` -alpn ${quoted(connection.alpn.join(","))}`;
  const loosened = needsLoosening(shown, outcome) ? " -cipher DEFAULT@SECLEVEL=0" : "";
  const connect = `openssl s_client -connect ${quoted(endpoint)}${servername}${alpn}${loosened}`;
  const command = isOfIntermediate(shown, outcome) ? wholeHandshake : commands[shown?.code ?? ""];
  return (command ?? wholeHandshake)({ connection, connect });
}

/** Stock OpenSSL gives up on TLS 1.0 and 1.1 by itself. Where nothing is shared, the command says what is offered. */
function needsLoosening(shown: Finding | undefined, outcome: AddressOutcome | undefined): boolean {
  if (outcome === undefined || !("transcript" in outcome) || shown?.code.startsWith("no-shared-") === true)
    return false;
  return outcome.transcript.protocol === "TLSv1" || outcome.transcript.protocol === "TLSv1.1";
}

/** Whether a finding is about a certificate other than the first, which is the only one that `openssl x509` reads. */
function isOfIntermediate(shown: Finding | undefined, outcome: AddressOutcome | undefined): boolean {
  const sha256 = shown?.evidence.sha256;
  const [leaf] = outcome !== undefined && "transcript" in outcome ? outcome.transcript.certificates : [];
  if (sha256 === undefined || leaf === undefined) return false;
  const reading = readCertificate(Buffer.from(leaf, "base64"));
  return reading.kind === "certificate" && reading.certificate.sha256 !== sha256;
}

/** The heading of a command, which says why it is not OpenSSL's where it is not. */
export function seeItYourself(command: string): string {
  return command.startsWith("testssl.sh ")
    ? "See it yourself (stock OpenSSL speaks neither SSLv3 nor RC4 nor 3DES, testssl.sh does)"
    : "See it yourself";
}

/** What shows a code best, where it is not simply the whole handshake. */
const commands: { readonly [code: string]: (place: Place) => string } = {
  "certificate-expired": certificateDates,
  "certificate-expiring": certificateDates,
  "certificate-not-yet-valid": certificateDates,
  "certificate-host-mismatch": certificateNames,
  "certificate-name-mismatch": certificateNames,
  "certificate-key-undocumented": certificateText,
  "certificate-key-unsupported": certificateText,
  "certificate-purpose": certificateText,
  "certificate-signature-weak": certificateText,
  // The refusal of a missing certificate comes after the handshake in TLS 1.3: the command has to stay for it.
  "client-certificate-required": ({ connect }) => `sleep 2 | ${connect}`,
  "client-certificate-requested": ({ connect }) => `${connect} </dev/null`,
  "connection-refused": ({ connect }) => `${connect} </dev/null`,
  "connection-reset": ({ connect }) => `${connect} </dev/null`,
  "connection-timed-out": ({ connect }) => `timeout 10 ${connect} </dev/null`,
  "grpc-http2-not-agreed": ({ connect }) => `${connect} </dev/null`,
  "handshake-timed-out": ({ connect }) => `timeout 10 ${connect} </dev/null`,
  "no-shared-cipher": withDocumentedSuites,
  "no-shared-group": ({ connect }) => `${connect} -groups ${groups.map(({ openssl }) => openssl).join(":")} </dev/null`,
  "no-shared-protocol": ({ connect, connection }) => `${connect} ${versionsOf(connection)} </dev/null`,
  "no-shared-signature-scheme": ({ connect }) =>
    `${connect} -sigalgs ${schemes.map(({ openssl }) => openssl).join(":")} </dev/null`,
  "server-name-rejected": ({ connect }) => `${connect} </dev/null`,
  "tls-not-spoken": ({ connect }) => `${connect} </dev/null`,
  "undocumented-cipher": withDocumentedSuites,
};

/** Certificates in the order sent, the path's verdict and the name's: what most faults show in. */
function wholeHandshake({ connect, connection }: Place): string {
  const name = connection.acceptedNames[0] ?? connection.domain;
  return `${connect} -verify_hostname ${quoted(name)} -showcerts </dev/null`;
}

function withDocumentedSuites({ connect }: Place): string {
  return `${connect} -no_tls1_3 -cipher ${suites()} </dev/null`;
}

function certificateDates({ connect }: Place): string {
  return `${connect} </dev/null 2>/dev/null | openssl x509 -noout -subject -dates`;
}

function certificateNames({ connect }: Place): string {
  return `${connect} </dev/null 2>/dev/null | openssl x509 -noout -subject -ext subjectAltName`;
}

function certificateText({ connect }: Place): string {
  return `${connect} </dev/null 2>/dev/null | openssl x509 -noout -text`;
}

function dig({ domain, ipAddressType }: Connection): string {
  const types = ipAddressType === "ipv4" ? ["A"] : ipAddressType === "ipv6" ? ["AAAA"] : ["A", "AAAA"];
  return types.map((type) => `dig ${quoted(domain)} ${type}`).join("; ");
}

/** The versions that CloudFront does not offer, switched off. */
function versionsOf({ originSslProtocols }: Connection): string {
  const { versions } = offerFor(originSslProtocols);
  const options = { TLSv1: "-no_tls1", "TLSv1.1": "-no_tls1_1", "TLSv1.2": "-no_tls1_2" } as const;
  const off = Object.entries(options).flatMap(([version, option]) =>
    versions.some((offered) => offered === version) ? [] : [option],
  );
  return [...off, "-cipher DEFAULT@SECLEVEL=0"].join(" ");
}

function suites(): string {
  return `${documentedSuites.map(({ openssl }) => openssl).join(":")}:@SECLEVEL=0`;
}

/** A word for a POSIX shell, quoted unless every character is harmless. */
function quoted(word: string): string {
  return /^[A-Za-z0-9._:[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
