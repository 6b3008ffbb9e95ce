import type { FindingCode } from "../../lambda/judge/catalogue.ts";
import type { Verdict } from "../../lambda/judge/finding.ts";
import { type Authority, createAuthority, type Issued, type LeafOptions, selfSigned } from "./authority.ts";
import type { ZoneEntry } from "./dns-server.ts";
import { type Listener, reserveRefusingPort } from "./listener.ts";
import { PLAIN_HTTP, startRawOrigin } from "./raw-origin.ts";
import { startTlsOrigin, type TlsOriginOptions } from "./tls-origin.ts";

/** The authorities of the demo account. */
export type Pki = {
  /** The one root that clients of the account trust. */
  readonly root: Authority;
  /** Certified by the root, certifies `issuing`. */
  readonly policy: Authority;
  /** Certified by `policy`; issues the leaves. */
  readonly issuing: Authority;
  /** A company's own root, which nobody else trusts. */
  readonly companyRoot: Authority;
  /** Whose client certificates the mutual-TLS origins accept. */
  readonly clients: Authority;
};

/** An origin of the account with the one thing that is wrong with it, or nothing. */
export type OriginScript = {
  readonly domain: string;
  readonly expectedVerdict: Verdict;
  readonly expectedCodes: readonly FindingCode[];
  start(pki: Pki): Promise<Started>;
};

/** What runs for an origin: nothing, one server, or one for each address on the same port. */
export type Started = {
  readonly port: number;
  readonly listeners: readonly Listener[];
  /** Undefined: the name does not exist. */
  readonly zone: ZoneEntry | undefined;
};

export async function createPki(): Promise<Pki> {
  const [root, companyRoot, clients] = await Promise.all([
    createAuthority({ name: "Sandbox Root" }),
    createAuthority({ name: "Company Root" }),
    createAuthority({ name: "Client Certificates" }),
  ]);
  const policy = await root.intermediate({ name: "Sandbox Policy" });
  return { root, policy, issuing: await policy.intermediate({ name: "Sandbox Issuing" }), companyRoot, clients };
}

/** Starts one healthy server, or one with an altered leaf, where the address and port are given. */
export async function startHealthyOrigin(
  pki: Pki,
  leaf: LeafOptions,
  options: Partial<TlsOriginOptions> = {},
): Promise<Listener> {
  return startTlsOrigin({ ...(await issueFullChain(pki, leaf)), answersHttp: true, ...options });
}

/** A leaf with what leads from it to the root, and its key. */
export async function issueFullChain(
  pki: Pki,
  leaf: LeafOptions,
): Promise<{ readonly chain: readonly string[]; readonly keyPem: string }> {
  const issued = await pki.issuing.leaf(leaf);
  const chain = [issued, pki.issuing, pki.policy].map((certificate) => certificate.certificatePem);
  return { chain, keyPem: issued.keyPem };
}

/** The origins of the account, by what a judge should say of each; `internalOrigin` comes on top. */
export const ORIGIN_SCRIPTS: readonly OriginScript[] = [
  healthy("healthy.box.test"),
  healthy("tls12-only.box.test", {}, { maxVersion: "TLSv1.2" }),
  healthy("tls13-only.box.test", {}, { minVersion: "TLSv1.3" }),
  healthy("rsa.box.test", { key: "rsa-2048" }),
  // Serves viewers' Host names, never its own: right where CloudFront forwards Host.
  healthy("alb.box.test", { names: ["app.example.com", "*.cloudfront.net"] }),
  leafDefect("host-mismatch.box.test", "at-risk", "certificate-host-mismatch", {}),
  leafDefect("expired.box.test", "failing", "certificate-expired", { notBefore: -92, notAfter: -2 }),
  leafDefect("not-yet-valid.box.test", "failing", "certificate-not-yet-valid", { notBefore: 2, notAfter: 92 }),
  leafDefect("expiring.box.test", "at-risk", "certificate-expiring", { notBefore: -85, notAfter: 5 }),
  leafDefect("wrong-name.box.test", "failing", "certificate-name-mismatch", { names: ["other.box.test"] }),
  {
    ...about("self-signed.box.test", "failing", "certificate-self-signed"),
    start: async () => {
      const issued = await selfSigned({ names: ["self-signed.box.test"] });
      return single(await startTlsOrigin({ chain: [issued.certificatePem], keyPem: issued.keyPem }));
    },
  },
  chainDefect("private-ca.box.test", "failing", "certificate-untrusted", async ({ companyRoot }) => {
    const issuing = await companyRoot.intermediate({ name: "Company Issuing" });
    return { issued: await issuing.leaf({ names: ["private-ca.box.test"] }), rest: [issuing, companyRoot] };
  }),
  chainDefect("incomplete.box.test", "failing", "chain-incomplete", async ({ issuing }) => {
    const aia = "http://ca.box.test/intermediate.crt";
    return { issued: await issuing.leaf({ names: ["incomplete.box.test"], aia }), rest: [] };
  }),
  chainDefect("out-of-order.box.test", "at-risk", "chain-out-of-order", async ({ issuing, policy }) => {
    return { issued: await issuing.leaf({ names: ["out-of-order.box.test"] }), rest: [policy, issuing] };
  }),
  chainDefect("superfluous.box.test", "healthy", "chain-superfluous", async ({ root, policy, issuing }) => {
    return { issued: await issuing.leaf({ names: ["superfluous.box.test"] }), rest: [issuing, policy, root] };
  }),
  serverDefect("tls11.box.test", "failing", "no-shared-protocol", () => ({
    minVersion: "TLSv1.1",
    maxVersion: "TLSv1.1",
    // OpenSSL 3 signs TLS 1.1 handshakes (SHA-1) at security level 0 only.
    tls: { ciphers: "DEFAULT@SECLEVEL=0" },
  })),
  serverDefect("mtls.box.test", "failing", "client-certificate-required", ({ clients }) => ({
    tls: { requestCert: true, rejectUnauthorized: true, ca: [clients.certificatePem] },
  })),
  serverDefect("mtls-optional.box.test", "at-risk", "client-certificate-requested", ({ clients }) => ({
    tls: { requestCert: true, rejectUnauthorized: false, ca: [clients.certificatePem] },
  })),
  serverDefect("strict-sni.box.test", "failing", "server-name-rejected", () => ({
    onlyServerNames: ["www.strict-sni.example.com"],
  })),
  {
    ...about("plain-http.box.test", "failing", "tls-not-spoken"),
    start: async () => single(await startRawOrigin(PLAIN_HTTP)),
  },
  {
    ...about("refused.box.test", "failing", "connection-refused"),
    start: async () => single(await reserveRefusingPort()),
  },
  {
    ...about("half-broken.box.test", "at-risk", "some-addresses-failing"),
    start: startHalfBroken,
  },
  {
    ...about("missing.box.test", "failing", "dns-name-not-found"),
    start: async () => ({ port: 443, listeners: [], zone: undefined }),
  },
  {
    ...about("http-only.box.test", "skipped"),
    start: async () => single(await startRawOrigin(PLAIN_HTTP)),
  },
  // Used by a disabled distribution only; expired, so that a probe of it by mistake would be seen twice.
  leafDefect("retired.box.test", "skipped", undefined, { notBefore: -92, notAfter: -2 }),
];

/**
 * An origin whose name leads to a private address.
 *
 * Without `privateAddress` it is a loopback address with nothing behind it: a client that refuses to dial private
 * addresses sees that, and one that dials them all is refused without a packet leaving the machine.
 */
export function internalOrigin(privateAddress: string | undefined): OriginScript {
  const code = privateAddress === undefined ? "connection-refused" : "dns-private-address";
  return {
    ...about("internal.box.test", "failing", code),
    start: async () => {
      const reserved = single(await reserveRefusingPort());
      return privateAddress === undefined ? reserved : { ...reserved, zone: { A: [privateAddress] } };
    },
  };
}

function about(domain: string, expectedVerdict: Verdict, code?: FindingCode): Omit<OriginScript, "start"> {
  return { domain, expectedVerdict, expectedCodes: code === undefined ? [] : [code] };
}

function healthy(
  domain: string,
  leaf: Partial<LeafOptions> = {},
  server: Partial<TlsOriginOptions> = {},
): OriginScript {
  return {
    ...about(domain, "healthy"),
    start: async (pki) => single(await startHealthyOrigin(pki, { names: [domain], ...leaf }, server)),
  };
}

function leafDefect(
  domain: string,
  verdict: Verdict,
  code: FindingCode | undefined,
  leaf: Partial<LeafOptions>,
): OriginScript {
  return {
    ...about(domain, verdict, code),
    start: async (pki) => single(await startHealthyOrigin(pki, { names: [domain], ...leaf })),
  };
}

function chainDefect(
  domain: string,
  verdict: Verdict,
  code: FindingCode,
  chain: (pki: Pki) => Promise<{ readonly issued: Issued; readonly rest: readonly Authority[] }>,
): OriginScript {
  return {
    ...about(domain, verdict, code),
    start: async (pki) => {
      const { issued, rest } = await chain(pki);
      const sent = [issued, ...rest].map((certificate) => certificate.certificatePem);
      return single(await startTlsOrigin({ chain: sent, keyPem: issued.keyPem, answersHttp: true }));
    },
  };
}

function serverDefect(
  domain: string,
  verdict: Verdict,
  code: FindingCode,
  server: (pki: Pki) => Partial<TlsOriginOptions>,
): OriginScript {
  return {
    ...about(domain, verdict, code),
    start: async (pki) => single(await startHealthyOrigin(pki, { names: [domain] }, server(pki))),
  };
}

/** Two addresses behind one name, the second with last quarter's certificate. */
async function startHalfBroken(pki: Pki): Promise<Started> {
  const names = ["half-broken.box.test"];
  const zone = { A: ["127.0.0.1", "127.0.0.2"] };
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const good = await startHealthyOrigin(pki, { names });
    try {
      const expired = { names, notBefore: -92, notAfter: -2 };
      const bad = await startHealthyOrigin(pki, expired, { address: "127.0.0.2", port: good.port });
      return { port: good.port, listeners: [good, bad], zone };
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      // Only Linux has all of 127.0.0.0/8. Elsewhere the second address fails too, if by not answering at all.
      if (code === "EADDRNOTAVAIL") return { port: good.port, listeners: [good], zone };
      await good.close();
      // Somebody else has this port on 127.0.0.2: try with another one.
      if (code !== "EADDRINUSE") throw error;
    }
  }
  throw new Error("no port is free on both 127.0.0.1 and 127.0.0.2");
}

function single(listener: Listener): Started {
  return { port: listener.port, listeners: [listener], zone: { A: [listener.address] } };
}
