import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { clientSide } from "../../lambda/tls/client-side.ts";
import { flightReader } from "../../lambda/tls/transcript.ts";
import { createAuthority } from "../sandbox/authority.ts";
import { helloOffer } from "../sandbox/hello-offer.ts";
import type { KeyKind } from "../sandbox/keys.ts";
import { startLegacyOrigins } from "../sandbox/legacy-origin.ts";
import { type Recording, recordHandshake } from "../sandbox/recording.ts";
import { startTlsOrigin, type TlsOriginOptions } from "../sandbox/tls-origin.ts";
import type { StoredRecordings } from "./recordings.ts";

/**
 * Records real servers of every version anew and writes recordings.json. They are kept in a file because a seed must
 * mean the same bytes on every machine; needs Java for SSLv3.
 */
const root = await createAuthority();
const intermediate = await root.intermediate();
const asking = { requestCert: true, rejectUnauthorized: false };
const only = (version: "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3") => ({ minVersion: version, maxVersion: version });

async function record(
  key: KeyKind,
  server: Partial<TlsOriginOptions>,
  client: Parameters<typeof recordHandshake>[1] = {},
): Promise<Recording> {
  const leaf = await intermediate.leaf({ names: ["a.test", "*.a.test"], key });
  const origin = await startTlsOrigin({
    chain: [leaf.certificatePem, intermediate.certificatePem, root.certificatePem],
    keyPem: leaf.keyPem,
    ...server,
    tls: { ciphers: "ALL:@SECLEVEL=0", ...server.tls },
  });
  try {
    return await recordHandshake(origin, { minVersion: "TLSv1", ciphers: "ALL:@SECLEVEL=0", ...client });
  } finally {
    await origin.close();
  }
}

async function recordSslv3(): Promise<Recording> {
  const leaf = await intermediate.leaf({ names: ["a.test"], key: "rsa-2048" });
  const chain = [leaf.certificatePem, intermediate.certificatePem];
  const origins = await startLegacyOrigins({ chain, keyPem: leaf.keyPem }, [
    { version: "SSLv3", suite: "SSL_RSA_WITH_RC4_128_MD5" },
  ]);
  const socket = connect(origins.ports[0] ?? 0, "127.0.0.1");
  await once(socket, "connect");
  const client = clientSide(helloOffer({ versions: ["SSLv3"] }), () => undefined);
  socket.write(client.hello);
  const reader = flightReader({ serverHello: client.serverHello, application: () => null });
  const chunks: Buffer[] = [];
  while (!reader.complete) {
    const [chunk]: Buffer[] = await once(socket, "data");
    if (chunk === undefined) break;
    chunks.push(chunk);
    reader.push(chunk);
  }
  socket.destroy();
  await origins.close();
  return { bytes: Buffer.concat(chunks), secrets: { handshake: null, application: null } };
}

const recordings: Record<string, Recording> = {
  "SSLv3 RC4-MD5": await recordSslv3(),
  "TLSv1 ECDHE-RSA": await record("rsa-2048", { ...only("TLSv1"), tls: asking }),
  "TLSv1.1 RSA": await record("rsa-2048", { ...only("TLSv1.1"), tls: { ciphers: "AES128-SHA:@SECLEVEL=0" } }),
  "TLSv1.2 ECDHE-ECDSA": await record("ec-p256", { ...only("TLSv1.2"), tls: asking }),
  "TLSv1.2 DHE-RSA": await record("rsa-2048", {
    ...only("TLSv1.2"),
    tls: { dhparam: "auto", ciphers: "DHE-RSA-AES128-GCM-SHA256" },
  }),
  "TLSv1.2 alert": await record("rsa-2048", { ...only("TLSv1.2"), tls: { ciphers: "AES128-SHA" } }, only("TLSv1.1")),
  "TLSv1.3 AES128": await record("ec-p256", { ...only("TLSv1.3"), tls: asking }, { ciphers: "TLS_AES_128_GCM_SHA256" }),
  "TLSv1.3 AES256": await record("rsa-2048", only("TLSv1.3"), { ciphers: "TLS_AES_256_GCM_SHA384" }),
  "TLSv1.3 CHACHA20": await record("ed25519", only("TLSv1.3"), { ciphers: "TLS_CHACHA20_POLY1305_SHA256" }),
  "TLSv1.3 HelloRetryRequest": await record("rsa-pss-2048", { ...only("TLSv1.3"), tls: { ecdhCurve: "P-521" } }),
  "TLSv1.3 certificate_required": await record("ec-p384", {
    ...only("TLSv1.3"),
    tls: { requestCert: true, rejectUnauthorized: true },
  }),
};

const stored: StoredRecordings = {
  trustAnchor: root.certificatePem,
  recordings: Object.entries(recordings).map(([name, { bytes, secrets }]) => ({
    name,
    bytes: bytes.toString("base64"),
    handshakeSecret: secrets.handshake?.toString("base64") ?? null,
    applicationSecret: secrets.application?.toString("base64") ?? null,
  })),
};
await writeFile(join(import.meta.dirname, "recordings.json"), `${JSON.stringify(stored, null, 2)}\n`);
