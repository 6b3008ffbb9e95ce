import { spawn, spawnSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** One server: a version and a suite in JSSE's names, for example `SSLv3` and `SSL_RSA_WITH_RC4_128_MD5`. */
export type LegacyServer = { readonly version: string; readonly suite: string };

export type LegacyOrigins = {
  /** In the order asked for; all listen on 127.0.0.1. */
  readonly ports: readonly number[];
  readonly close: () => Promise<void>;
};

/**
 * Why there are no legacy origins on this machine, null when there are. Java's TLS still has SSLv3, RC4 and 3DES when
 * its list of disabled algorithms is emptied; OpenSSL 3 has none of them at any setting.
 */
export function legacyOriginsMissing(): string | null {
  const { status, stdout } = spawnSync("java", ["--list-modules"], { encoding: "utf8" });
  if (status !== 0) return "no java of version 11 or later on PATH (Debian: openjdk-17-jdk-headless)";
  return stdout.includes("jdk.compiler@")
    ? null
    : "java is here without its compiler (Debian: openjdk-17-jdk-headless)";
}

/** Starts real servers that speak what OpenSSL has forgotten, all in one Java process. */
export async function startLegacyOrigins(
  certificate: { readonly chain: readonly string[]; readonly keyPem: string },
  servers: readonly LegacyServer[],
): Promise<LegacyOrigins> {
  const folder = await mkdtemp(join(tmpdir(), "legacy-origin-"));
  const file = (name: string) => join(folder, name);
  const key = createPrivateKey(certificate.keyPem);
  await writeFile(file("key.der"), key.export({ type: "pkcs8", format: "der" }));
  await writeFile(file("chain.pem"), certificate.chain.join("\n"));
  await writeFile(file("java.security"), "jdk.tls.disabledAlgorithms=\njdk.tls.legacyAlgorithms=\n");
  const process = spawn(
    "java",
    [
      "-XX:TieredStopAtLevel=1",
      `-Djava.security.properties=${file("java.security")}`,
      "-Djdk.tls.namedGroups=secp256r1,secp384r1,x25519",
      join(import.meta.dirname, "LegacyOrigin.java"),
      key.asymmetricKeyType === "ec" ? "EC" : "RSA",
      file("key.der"),
      file("chain.pem"),
      ...servers.map(({ version, suite }) => `${version}=${suite}`),
    ],
    { stdio: ["pipe", "pipe", "pipe"] },
  );
  const close = async () => {
    const ended = process.exitCode === null ? once(process, "exit") : null;
    process.stdin.end();
    await ended;
    await rm(folder, { recursive: true });
  };
  let errors = "";
  process.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ports: number[] = [];
  for await (const line of createInterface(process.stdout)) {
    ports.push(Number(line));
    if (ports.length === servers.length) return { ports, close };
  }
  await close();
  throw new Error(`legacy origins did not start: ${errors}`);
}
