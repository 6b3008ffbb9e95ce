import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Listener } from "./listener.ts";

export type OpensslOriginOptions = {
  /** PEM, the leaf first. */
  readonly chain: readonly string[];
  readonly keyPem: string;
  /** What `openssl s_server` is told besides certificate, key and address. */
  readonly args: readonly string[];
};

/** Whether this machine has the openssl command; says so when it does not. */
export function hasOpenssl(): boolean {
  const found = spawnSync("openssl", ["version"]).status === 0;
  if (!found) process.stderr.write("SKIPPED: the openssl command is missing, so no test runs against its server\n");
  return found;
}

/**
 * Starts `openssl s_server` on a free port of 127.0.0.1, for what node:tls has no setting for. It does not count its
 * connections; a relay in front of it does.
 */
export async function startOpensslOrigin({
  chain: [leaf = "", ...rest],
  keyPem,
  args,
}: OpensslOriginOptions): Promise<Omit<Listener, "connections">> {
  const folder = mkdtempSync(join(tmpdir(), "openssl-origin-"));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const files = ["-cert", file("leaf.pem", leaf), "-key", file("key.pem", keyPem)];
  const intermediates = rest.length === 0 ? [] : ["-cert_chain", file("chain.pem", rest.join("\n"))];
  const server = spawn("openssl", ["s_server", "-accept", "127.0.0.1:0", ...files, ...intermediates, ...args], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = new Promise<void>((resolve) => server.once("close", () => resolve()));
  const close = async () => {
    server.kill("SIGKILL");
    await ended;
    rmSync(folder, { recursive: true });
  };
  for await (const line of createInterface(server.stdout)) {
    const port = /^ACCEPT 127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
    if (port === undefined) continue;
    server.stdout.resume();
    return { address: "127.0.0.1", port: Number(port), close };
  }
  await close();
  throw new Error(`openssl s_server ${args.join(" ")} did not start`);
}
