import { createAuthority, type LeafOptions, selfSigned } from "../test/sandbox/authority.ts";
import { startDnsServer } from "../test/sandbox/dns-server.ts";
import { startLatencyRelay } from "../test/sandbox/latency-relay.ts";
import { type Listener, reserveRefusingPort } from "../test/sandbox/listener.ts";
import { PLAIN_HTTP, startRawOrigin } from "../test/sandbox/raw-origin.ts";
import { startTlsOrigin, type TlsOriginOptions } from "../test/sandbox/tls-origin.ts";
import type { Fleet, FleetOrigin, Spent } from "./fleet.ts";

/**
 * The origins of the fleet and their name server, in a process of their own, so that their work does not count as the
 * client's. Each origin has an address of its own: no client makes many connections to one address at once.
 * Arguments: healthy origins, origins for each fault, milliseconds of a round trip. Sends a Fleet, and for each message
 * that it gets what it has Spent so far.
 */
const [, , healthy = "", each = "", roundTrip = ""] = process.argv;
const roundTripMs = Number(roundTrip);

const root = await createAuthority({ name: "Fleet Root" });
const policy = await root.intermediate({ name: "Fleet Policy" });
const issuing = await policy.intermediate({ name: "Fleet Issuing" });
const company = await createAuthority({ name: "Company Root" });
const companyIssuing = await company.intermediate({ name: "Company Issuing" });

const names = ["*.fleet.test"];
const serve = async (
  chain: readonly { readonly certificatePem: string }[],
  keyPem: string,
  server: Partial<TlsOriginOptions> = {},
) => startTlsOrigin({ chain: chain.map(({ certificatePem }) => certificatePem), keyPem, ...server });
const withLeaf = async (leaf: Partial<LeafOptions>, server: Partial<TlsOriginOptions> = {}) => {
  const issued = await issuing.leaf({ names, ...leaf });
  return serve([issued, issuing, policy], issued.keyPem, server);
};

/** By the code of the check. */
const faults: Readonly<Record<string, () => Promise<Listener>>> = {
  "certificate-expired": () => withLeaf({ notBefore: -92, notAfter: -2 }),
  "certificate-name-mismatch": () => withLeaf({ names: ["other.test"] }),
  "certificate-self-signed": async () => {
    const issued = await selfSigned({ names });
    return serve([issued], issued.keyPem);
  },
  "certificate-untrusted": async () => {
    const issued = await companyIssuing.leaf({ names });
    return serve([issued, companyIssuing, company], issued.keyPem);
  },
  "chain-incomplete": async () => {
    const issued = await issuing.leaf({ names });
    return serve([issued], issued.keyPem);
  },
  "chain-out-of-order": async () => {
    const issued = await issuing.leaf({ names });
    return serve([issued, policy, issuing], issued.keyPem);
  },
  // OpenSSL 3 signs TLS 1.1 handshakes (SHA-1) at security level 0 only.
  "no-shared-protocol": () =>
    withLeaf({}, { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", tls: { ciphers: "DEFAULT@SECLEVEL=0" } }),
  "client-certificate-required": () =>
    withLeaf({}, { tls: { requestCert: true, rejectUnauthorized: true, ca: [company.certificatePem] } }),
  "tls-not-spoken": () => startRawOrigin(PLAIN_HTTP),
  // Nothing can be put before a port that refuses: the refusal comes at once.
  "connection-refused": reserveRefusingPort,
};

const listeners: Listener[] = [];
const origins: FleetOrigin[] = [];
const good = await withLeaf({});
for (let count = 0; count < Number(healthy); count += 1) await add(null, good);
for (const [code, start] of Object.entries(faults)) {
  const server = code === "connection-refused" ? null : await start();
  for (let count = 0; count < Number(each); count += 1) await add(code, server ?? (await start()));
}
const dns = await startDnsServer(
  Object.fromEntries(origins.map(({ domain, address }) => [domain, { A: [address] }])),
  roundTripMs,
);
const fleet: Fleet = { origins, dnsServer: dns.address, rootPem: root.certificatePem };
process.send?.(fleet);
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  const spent: Spent = {
    connections: listeners.reduce((sum, { connections }) => sum + connections(), 0),
    cpuSeconds: (user + system) / 1e6,
  };
  process.send?.(spent);
});
process.on("disconnect", () => process.exit());

async function add(code: string | null, server: Listener): Promise<void> {
  const index = origins.length;
  const address = `127.1.${Math.floor(index / 250)}.${(index % 250) + 1}`;
  const listener = code === "connection-refused" ? server : await startLatencyRelay(server, roundTripMs, { address });
  listeners.push(listener);
  origins.push({ domain: `o${index}.fleet.test`, address: listener.address, port: listener.port, code });
}
