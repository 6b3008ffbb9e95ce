import "reflect-metadata";
import { CRLDistributionPointsExtension } from "@peculiar/x509";
import {
  type Authority,
  createAuthority,
  type Issued,
  type LeafOptions,
  selfSigned,
} from "../test/sandbox/authority.ts";
import { type Listener, reserveRefusingPort } from "../test/sandbox/listener.ts";
import { PLAIN_HTTP, startRawOrigin } from "../test/sandbox/raw-origin.ts";
import { startRelay, UNRECOGNIZED_NAME_WARNING } from "../test/sandbox/relay.ts";
import { serverFlight } from "../test/sandbox/server-flight.ts";
import { startTlsOrigin, type TlsOriginOptions } from "../test/sandbox/tls-origin.ts";

/** A server of the comparison. Its name is `origin.test`, and CloudFront would reach it with TLS 1.2 and 1.3. */
export type Target = {
  readonly title: string;
  readonly start: () => Promise<Listener>;
  /** Null for a healthy origin. */
  readonly fault: Fault | null;
};

export type Fault = {
  /** The code that the check has for it. */
  readonly code: string;
  /** Words that name this fault, looked for in what a tool reports as wrong. */
  readonly names: RegExp;
  /** Words that name it wherever they stand, in what a tool merely lists too. */
  readonly states?: RegExp;
  /** Facts from which a reader who knows what CloudFront needs can tell the fault, wherever they stand. */
  readonly shows?: RegExp;
};

export const serverName = "origin.test";

/** Makes the authorities and says which servers can be started; `rootPem` is what every tool is told to trust. */
export async function comparison(): Promise<{ readonly rootPem: string; readonly targets: readonly Target[] }> {
  const root = await createAuthority({ name: "Trusted Root" });
  const policy = await root.intermediate({ name: "Policy CA" });
  const issuing = await policy.intermediate({ name: "Issuing CA" });
  const company = await createAuthority({ name: "Company Root" });
  const companyIssuing = await company.intermediate({ name: "Company Issuing" });

  const leaf = (options: Partial<LeafOptions> = {}, by: Authority = issuing) =>
    by.leaf({
      names: [serverName],
      // testssl.sh warns of certificates without any way to revoke them, which is true but not what is compared here.
      extensions: [new CRLDistributionPointsExtension(["http://crl.test/issuing.crl"])],
      ...options,
    });
  const serve = (issued: Issued, rest: readonly Authority[], server: Partial<TlsOriginOptions> = {}) =>
    startTlsOrigin({
      chain: [issued, ...rest].map(({ certificatePem }) => certificatePem),
      keyPem: issued.keyPem,
      answersHttp: true,
      ...server,
    });
  const full = [issuing, policy];
  const healthy = (title: string, start: () => Promise<Listener>): Target => ({ title, start, fault: null });
  const faulty = (title: string, fault: Fault, start: () => Promise<Listener>): Target => ({ title, start, fault });
  const withLeaf = (options: Partial<LeafOptions>) => async () => serve(await leaf(options), full);
  const withServer = (server: Partial<TlsOriginOptions>, key?: LeafOptions["key"]) => async () =>
    serve(await leaf(key === undefined ? {} : { key }), full, server);
  const onlyTls12 = (ciphers: string) =>
    withServer({ maxVersion: "TLSv1.2", tls: { ciphers: `${ciphers}:@SECLEVEL=0`, dhparam: "auto" } }, "rsa-2048");

  return {
    rootPem: root.certificatePem,
    targets: [
      healthy("TLS 1.2 and 1.3, P-256", withServer({})),
      healthy("TLS 1.3 only", withServer({ minVersion: "TLSv1.3" })),
      healthy("TLS 1.2 only, RSA key", withServer({ maxVersion: "TLSv1.2" }, "rsa-2048")),
      healthy("AES128-SHA (static RSA) only", onlyTls12("AES128-SHA")),
      healthy("DES-CBC3-SHA only (scripted first flight)", async () => {
        const { der } = await leaf({ key: "rsa-2048" });
        const certificates = [der, issuing.der, policy.der];
        return startRawOrigin(serverFlight({ version: 0x0303, cipherSuite: 0x000a, certificates }));
      }),
      healthy("root certificate sent too", async () => serve(await leaf(), [...full, root])),
      healthy("TCP segments of 1 to 20 bytes", async () =>
        startRelay(await withServer({})(), { segments: Array.from({ length: 20 }, (_, index) => index + 1) }),
      ),
      healthy("warns of an unknown server name, and goes on", async () =>
        startRelay(await withServer({ maxVersion: "TLSv1.2" })(), { before: UNRECOGNIZED_NAME_WARNING }),
      ),
      faulty(
        "certificate expired",
        { code: "certificate-expired", names: /expired|not valid after/i, shows: /not ?(valid )?after/i },
        withLeaf({ notBefore: -92, notAfter: -2 }),
      ),
      faulty(
        "certificate expires in 5 days",
        { code: "certificate-expiring", names: /expir|not valid after/i, shows: /not ?(valid )?after/i },
        withLeaf({ notBefore: -85, notAfter: 5 }),
      ),
      faulty(
        "certificate not yet valid",
        {
          code: "certificate-not-yet-valid",
          names: /not yet valid|not valid before/i,
          shows: /not ?(valid )?before/i,
        },
        withLeaf({ notBefore: 2, notAfter: 92 }),
      ),
      faulty(
        "certificate for another name",
        { code: "certificate-name-mismatch", names: /mismatch|does not match/i, shows: /other\.test/ },
        withLeaf({ names: ["other.test"] }),
      ),
      faulty(
        "self-signed certificate",
        { code: "certificate-self-signed", names: /self[- ]signed|issuer/i, shows: /issuer/i },
        async () => serve(await selfSigned({ names: [serverName] }), []),
      ),
      faulty(
        "private certificate authority",
        {
          code: "certificate-untrusted",
          names: /untrusted|not trusted|self[- ]signed certificate in certificate chain|self[- ]signed CA in chain/i,
          shows: /unable to get|chain incomplete|issuer/i,
        },
        async () => serve(await leaf({}, companyIssuing), [companyIssuing]),
      ),
      faulty(
        "intermediate certificates missing",
        { code: "chain-incomplete", names: /unable to (get|verify)|incomplete/i },
        async () => serve(await leaf(), []),
      ),
      faulty(
        "intermediates in the wrong order",
        { code: "chain-out-of-order", names: /order/i, shows: /\n *1 s:.*Policy CA/ },
        async () => serve(await leaf(), [policy, issuing]),
      ),
      faulty("intermediate certificate expired", { code: "intermediate-expired", names: /expired/i }, async () => {
        const old = await policy.intermediate({ name: "Old CA", notBefore: -700, notAfter: -3 });
        return serve(await leaf({}, old), [old, policy]);
      }),
      faulty(
        "certificate for client authentication only",
        {
          code: "certificate-purpose",
          names: /purpose|key usage/i,
          shows: /client authentication/i,
        },
        withLeaf({ eku: ["clientAuth"] }),
      ),
      faulty(
        "RSA key of 4160 bits",
        { code: "certificate-key-unsupported", names: /4160/, shows: /4160/ },
        withLeaf({ key: "rsa-4160" }),
      ),
      faulty(
        "Ed25519 certificate",
        {
          code: "no-shared-signature-scheme",
          names: /ed25519|signature (type|algorithm)/i,
          shows: /ed25519|key type: unknown/i,
        },
        withLeaf({ key: "ed25519" }),
      ),
      faulty(
        "TLS 1.1 only",
        {
          code: "no-shared-protocol",
          names: /protocol version|unsupported protocol|TLS ?v?1[._]2/i,
          shows: /TLS ?v?1[._]1/i,
        },
        withServer({ minVersion: "TLSv1.1", maxVersion: "TLSv1.1", tls: { ciphers: "DEFAULT@SECLEVEL=0" } }),
      ),
      faulty(
        "DHE suites only",
        { code: "no-shared-cipher", names: /no shared cipher|no ciphers available/i, shows: /[ _]DHE[-_]RSA/ },
        onlyTls12("DHE-RSA-AES128-GCM-SHA256"),
      ),
      faulty(
        "suite that AWS documents nowhere",
        { code: "undocumented-cipher", names: /no shared cipher|no ciphers available/i, shows: /AES_?128[-_]GCM/ },
        onlyTls12("AES128-GCM-SHA256"),
      ),
      faulty(
        "group X448 only",
        { code: "no-shared-group", names: /no (shared|suitable) (group|key share)/i, shows: /x448/i },
        withServer({ minVersion: "TLSv1.3", tls: { ecdhCurve: "X448" } }),
      ),
      faulty(
        "server name refused",
        { code: "server-name-rejected", names: /unrecognized.name/i },
        withServer({ onlyServerNames: ["www.example.com"] }),
      ),
      faulty(
        "client certificate required",
        {
          code: "client-certificate-required",
          names: /certificate required|client cert/i,
          states: /client auth\S*\s+(INFO )?required|acceptable client certificate|certificate-based authentication/i,
        },
        withServer({ tls: { requestCert: true, rejectUnauthorized: true, ca: [company.certificatePem] } }),
      ),
      faulty(
        "client certificate optional",
        {
          code: "client-certificate-requested",
          names: /client cert/i,
          states: /client auth\S*\s+(INFO )?optional|acceptable client certificate|certificate-based authentication/i,
        },
        withServer({ tls: { requestCert: true, rejectUnauthorized: false, ca: [company.certificatePem] } }),
      ),
      faulty("plain HTTP on the port", { code: "tls-not-spoken", names: /http|(not|n't).*(TLS|SSL)/i }, () =>
        startRawOrigin(PLAIN_HTTP),
      ),
      faulty(
        "connection refused",
        { code: "connection-refused", names: /refused|closed|(could not|can't) (open a connection|connect)/i },
        reserveRefusingPort,
      ),
      faulty("accepts and stays silent", { code: "handshake-timed-out", names: /time[d ]* ?out|timeout/i }, () =>
        startRawOrigin({ kind: "silent" }),
      ),
    ],
  };
}
