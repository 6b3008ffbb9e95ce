import { documentedSuites, groups, offerFor, schemes } from "../cloudfront/profile.ts";
import { ruleOf } from "../judge/catalogue.ts";
import type { Finding } from "../judge/finding.ts";
import type { Proof } from "../judge/proof.ts";
import type { Connection, PlannedConnection } from "../plan/connection.ts";
import type { AddressOutcome, Observation } from "../probe/observation.ts";
import { shellWord } from "../text/shell-word.ts";
import { shownBy } from "./shown.ts";

/**
 * The shortest command that shows the first finding, null when there is nothing that a command could show.
 *
 * All words in it are safe in a shell: domain names were checked by the plan, addresses come from a parser, and anything
 * else is quoted. A name that begins with a hyphen stands where it is no option.
 *
 * @param dnsServer the name server that was asked in place of the system's: `IP` or `IP:PORT`
 */
export function reproduce(
  { kind, connection }: PlannedConnection,
  observation: Observation | null,
  findings: readonly Finding[],
  dnsServer?: string,
): string | null {
  if (kind !== "probe" || observation === null || observation.dns.kind === "not-tried") return null;
  const shown = shownBy(findings);
  const address = addressOf(shown, observation);
  const proof = shown === undefined ? "whole-handshake" : proofOf(shown);
  if (proof === "none") return null;
  if (address === undefined || proof === "dns-answer") return dig(connection, dnsServer);
  const outcome = observation.addresses.find((seen) => seen.address === address)?.outcome;
  if (outcome?.kind === "hello-agreed" || speaksSslv3Only(shown)) {
    // Stock OpenSSL speaks neither SSLv3 nor RC4 nor 3DES; testssl.sh writes such hellos by hand, as this check does.
    return `testssl.sh --warnings off --ip ${shellWord(address)} --protocols --cipher-per-proto --server-defaults ${shellWord(target(connection))}`;
  }
  if (connection.scheme === "http" || proof === "connection") return `nc -vz ${shellWord(address)} ${connection.port}`;
  const addressAndPort = address.includes(":") ? `[${address}]:${connection.port}` : `${address}:${connection.port}`;
  const servername = connection.serverName === null ? "" : ` -servername ${shellWord(connection.serverName)}`;
  const alpn = connection.alpn.length === 0 ? "" : ` -alpn ${shellWord(connection.alpn.join(","))}`;
  const loosened = needsLoosening(proof, outcome) ? " -cipher DEFAULT@SECLEVEL=0" : "";
  return handshakeCommand(
    proof,
    `openssl s_client -connect ${shellWord(addressAndPort)}${servername}${alpn}${loosened}`,
    connection,
  );
}

/** What is said of several addresses, as that some of them are dark, is shown at one that it is true of. */
function addressOf(shown: Finding | undefined, { addresses }: Observation): string | undefined {
  const isOfConnecting = shown !== undefined && ruleOf(shown.code).stage === "tcp";
  const dark = isOfConnecting ? addresses.find(({ outcome }) => outcome.kind === "connect-timed-out") : undefined;
  return shown?.address ?? (dark ?? addresses[0])?.address;
}

/** `openssl x509` reads the server's own certificate only, so what is about another one shows in all of them. */
function proofOf({ code, facts }: Finding): Proof {
  return facts?.intermediate ? "whole-handshake" : ruleOf(code).proof;
}

function speaksSslv3Only(shown: Finding | undefined): boolean {
  const [version, ...more] = shown?.facts?.speaks ?? [];
  return version === "SSLv3" && more.length === 0;
}

/** Stock OpenSSL gives up on TLS 1.0 and 1.1 by itself. Where nothing is shared, the command says what is offered. */
function needsLoosening(proof: HandshakeProof, outcome: AddressOutcome | undefined): boolean {
  if (outcome === undefined || !("transcript" in outcome) || proof.startsWith("offered-")) return false;
  return outcome.transcript.protocol === "TLSv1" || outcome.transcript.protocol === "TLSv1.1";
}

/** The heading of a command, which says why it is not OpenSSL's where it is not. */
export function verifyLabel(command: string): string {
  return command.startsWith("testssl.sh ")
    ? "Verify (stock OpenSSL speaks neither SSLv3 nor RC4 nor 3DES, testssl.sh does; on Debian it is called testssl)"
    : "Verify";
}

type HandshakeProof = Exclude<Proof, "none" | "dns-answer" | "connection">;

/** @param connect the words of `openssl s_client` that lead to the origin, ready for a shell */
function handshakeCommand(proof: HandshakeProof, connect: string, connection: Connection): string {
  const x509 = `${connect} </dev/null 2>/dev/null | openssl x509 -noout`;
  switch (proof) {
    case "handshake":
      return `${connect} </dev/null`;
    case "handshake-in-time":
      return `timeout 10 ${connect} </dev/null`;
    case "handshake-held-open":
      return `sleep 2 | ${connect}`;
    case "offered-versions":
      return `${connect} ${versionsOf(connection)} </dev/null`;
    case "offered-suites":
      return `${connect} -no_tls1_3 -cipher ${suites()} </dev/null`;
    case "offered-groups":
      return `${connect} -groups ${groups.map(({ openssl }) => openssl).join(":")} </dev/null`;
    case "offered-signature-schemes":
      return `${connect} -sigalgs ${schemes.map(({ openssl }) => openssl).join(":")} </dev/null`;
    case "whole-handshake":
      return `${connect} -verify_hostname ${shellWord(connection.acceptedNames[0] ?? connection.domain)} -showcerts </dev/null`;
    case "leaf-dates":
      return `${x509} -subject -dates`;
    case "leaf-names":
      return `${x509} -subject -ext subjectAltName`;
    case "leaf-text":
      return `${x509} -text`;
  }
}

function dig({ domain, ipAddressType }: Connection, dnsServer?: string): string {
  const ask = ["dig", ...(dnsServer === undefined ? [] : serverOptions(dnsServer))].join(" ");
  const types = ipAddressType === "ipv4" ? ["A"] : ipAddressType === "ipv6" ? ["AAAA"] : ["A", "AAAA"];
  const word = shellWord(domain);
  return types
    .map((type) => (domain.startsWith("-") ? `${ask} -q ${word} -t ${type}` : `${ask} ${word} ${type}`))
    .join("; ");
}

/** `192.0.2.1`, `192.0.2.1:5353`, `2001:db8::1` or `[2001:db8::1]:5353` as dig takes it. */
function serverOptions(dnsServer: string): readonly string[] {
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(dnsServer) ?? [];
  const address = bracketed ?? plain ?? dnsServer;
  return [`@${shellWord(address)}`, ...(port === undefined ? [] : ["-p", port])];
}

/** What testssl.sh is to look at. A name may begin with a hyphen, and would be an option; a URL is none. */
function target({ domain, port }: Connection): string {
  return domain.startsWith("-") ? `https://${domain}:${port}` : `${domain}:${port}`;
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
