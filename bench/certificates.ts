import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import type { CertificateCase } from "../test/certificates/case.ts";
import { certificateCases } from "../test/certificates/corpus.ts";
import { inTurns } from "../test/certificates/in-turns.ts";
import { serverName } from "../test/certificates/pki.ts";
import { pem, productVerdict } from "../test/certificates/product.ts";
import { type Row, tableFile, tableText } from "../test/certificates/table.ts";
import { startBareOrigin } from "../test/sandbox/bare-origin.ts";
import type { Listener } from "../test/sandbox/listener.ts";
import { judgesSection, withSection } from "./judges-section.ts";

/**
 * Shows every certificate case to the product, to OpenSSL and to AWS's own TLS library (s2n with AWS-LC, inside the
 * package aws-crt), and writes test/certificates/three-judges.tsv and its summary in docs/detection.md. Everything is on
 * 127.0.0.1. Takes minutes: s2n waits 10 to 30 seconds after a refusal, on purpose.
 */
type Crt = {
  readonly io: {
    readonly TlsContextOptions: new () => {
      verify_peer: boolean;
      min_tls_version: number;
      override_default_trust_store(pem: string): void;
    };
    readonly TlsVersion: { readonly TLSv1_2: number };
    readonly ClientTlsContext: new (options: object) => object;
    readonly TlsConnectionOptions: new (context: object, serverName: string) => object;
    readonly SocketOptions: new (type: number, domain: number, connectTimeoutMs: number) => object;
    readonly SocketType: { readonly STREAM: number };
    readonly SocketDomain: { readonly IPV4: number };
  };
  readonly http: {
    readonly HttpClientConnection: new (
      bootstrap: undefined,
      host: string,
      port: number,
      socket: object,
      tls: object,
    ) => { on(event: "connect" | "error", listener: () => void): void; close(): void };
  };
};

/** Shorter than s2n's shortest wait after a refusal, and longer than any handshake here. */
const answerMs = 8_000;
const atOnce = 60;

/** A bound of OpenSSL's client, and no verdict on certificates. */
const tooLarge = "excessive message size";

const packageFolder = join(import.meta.dirname, "..", ".ci", "s2n");
const crt = load();
const folder = mkdtempSync(join(tmpdir(), "origin-watch-certificates-"));
try {
  const rows = await inTurns(certificateCases(), atOnce, judged);
  writeFileSync(tableFile, tableText(rows));
  const page = join(import.meta.dirname, "..", "docs", "detection.md");
  writeFileSync(page, withSection(readFileSync(page, "utf8"), judgesSection(rows)));
  process.stdout.write(`${rows.length} cases, written to ${tableFile} and docs/detection.md\n`);
} finally {
  rmSync(folder, { recursive: true });
}
// The threads of aws-crt would keep the process alive until s2n has waited for the last refusal.
process.exit(0);

function load(): Crt {
  try {
    return createRequire(join(packageFolder, "package.json"))("aws-crt");
  } catch {
    process.stderr.write("AWS's TLS library is not installed: npm ci --prefix .ci/s2n --ignore-scripts\n");
    process.exit(1);
  }
}

async function judged(each: CertificateCase, index: number): Promise<Row> {
  const origin = await startBareOrigin({ certificates: each.sent, key: each.keys.privateKey });
  try {
    const { verdict, findings } = await productVerdict(each);
    const openssl = (await refusedInHandshake(origin)) ?? (await opensslVerify(each, index));
    const aws = each.now === undefined ? await s2n(each, origin) : "-";
    return { id: each.id, verdict, findings, openssl, aws };
  } finally {
    await origin.close();
  }
}

/** What OpenSSL's client refuses before it looks at a path: bytes that it cannot decode, a key that did not sign. */
function refusedInHandshake({ address: host, port }: Listener): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port,
      servername: serverName,
      rejectUnauthorized: false,
      ciphers: "ALL:@SECLEVEL=0",
    });
    socket.once("secureConnect", () => {
      resolve(null);
      socket.destroy();
    });
    socket.once("error", (error: NodeJS.ErrnoException & { reason?: string }) =>
      resolve(error.reason === tooLarge ? null : `refuses (${error.reason ?? error.code ?? "no reason"})`),
    );
    socket.once("close", () => resolve("refuses (end of the connection)"));
  });
}

/** `openssl verify` at its default level. */
function opensslVerify(each: CertificateCase, index: number): Promise<string> {
  const [leaf = Buffer.alloc(0), ...others] = each.sent;
  const file = (name: string, ders: readonly Buffer[]) => {
    const path = join(folder, `${index}-${name}.pem`);
    writeFileSync(path, ders.map(pem).join(""));
    return path;
  };
  const args = ["verify", "-purpose", "sslserver", "-partial_chain", "-no-CApath", "-no-CAstore"];
  args.push("-CAfile", file("anchors", each.anchors), "-verify_hostname", each.serverName ?? serverName);
  if (others.length > 0) args.push("-untrusted", file("others", others));
  if (each.now !== undefined) args.push("-attime", String(Math.floor(each.now / 1_000)));
  args.push(file("leaf", [leaf]));
  return new Promise((resolve, reject) => {
    const child = spawn("openssl", args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    child.once("error", reject);
    child.once("close", (code) => {
      const why = /^error \d+ at \d+ depth lookup: (.*)$/m.exec(output)?.[1];
      if (code === 0) resolve("accepts");
      else if (why === undefined) reject(new Error(`openssl verify on ${each.id}: ${output}`));
      else resolve(`refuses (${why})`);
    });
  });
}

/** No answer in time is a refusal: s2n says so late on purpose. */
function s2n({ anchors, serverName: wanted }: CertificateCase, { address, port }: Listener): Promise<string> {
  const options = new crt.io.TlsContextOptions();
  options.verify_peer = true;
  options.min_tls_version = crt.io.TlsVersion.TLSv1_2;
  options.override_default_trust_store(anchors.map(pem).join(""));
  const context = new crt.io.ClientTlsContext(options);
  const tls = new crt.io.TlsConnectionOptions(context, wanted ?? serverName);
  const socket = new crt.io.SocketOptions(crt.io.SocketType.STREAM, crt.io.SocketDomain.IPV4, 3_000);
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("refuses"), answerMs);
    const connection = new crt.http.HttpClientConnection(undefined, address, port, socket, tls);
    connection.on("connect", () => {
      clearTimeout(timer);
      connection.close();
      resolve("accepts");
    });
    connection.on("error", () => {
      clearTimeout(timer);
      resolve("refuses");
    });
  });
}
