import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { observerHere } from "../lambda/observe/in-process.ts";
import type { Connection } from "../lambda/plan/connection.ts";
import { clientContexts } from "../lambda/probe/client-context.ts";
import { lookups } from "../lambda/probe/dns.ts";
import { type CheckTools, checkConnections } from "../lambda/run.ts";
import { trustAnchors } from "../lambda/x509/trust-anchors.ts";
import { createAuthority } from "../test/sandbox/authority.ts";

/**
 * What a healthy connection costs: TCP connections and CPU, as a ratio to `openssl s_time -new` against the same server
 * in the same run. Both do full handshakes one after the other over loopback; the server is a process of its own.
 */
const handshakes = 1_000;
const warmUp = 200;
const name = "origin.bench.test";

const root = await createAuthority({ name: "Bench Root" });
const intermediate = await root.intermediate({ name: "Bench Intermediate" });
const folder = mkdtempSync(join(tmpdir(), "origin-watch-bench-"));
try {
  for (const key of ["ec-p256", "rsa-2048"] as const) {
    const leaf = await intermediate.leaf({ names: [name], key });
    writeFileSync(join(folder, "chain.pem"), leaf.certificatePem + intermediate.certificatePem);
    writeFileSync(join(folder, "key.pem"), leaf.keyPem);
    await compare(key);
  }
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(key: string): Promise<void> {
  const server = spawn(process.execPath, [
    join(import.meta.dirname, "origin-process.ts"),
    join(folder, "chain.pem"),
    join(folder, "key.pem"),
  ]);
  try {
    const lines = createInterface(server.stdout)[Symbol.asyncIterator]();
    const port = Number((await lines.next()).value);
    const ours = await measureProbe(port);
    server.kill("SIGUSR2");
    const connections = Number((await lines.next()).value);
    const theirs = measureOpenssl(port);
    console.log(`${key} leaf, one intermediate, TLS 1.3, ${handshakes} handshakes one after the other`);
    console.log(`  TCP connections per healthy address: ${(connections - warmUp) / handshakes}`);
    console.log(
      `  this check, judgement included: ${ours.cpuMs.toFixed(2)} ms CPU, ${ours.wallMs.toFixed(2)} ms wall per connection`,
    );
    console.log(`  that is ${Math.round(1_000 / ours.cpuMs)} handshakes a second on one core`);
    if (theirs === null) {
      console.log("  no reference: the openssl command is not on this machine");
    } else {
      console.log(`  openssl s_time -new: ${theirs.toFixed(2)} ms CPU per connection`);
      console.log(`  ratio: ${(ours.cpuMs / theirs).toFixed(2)}`);
    }
  } finally {
    server.kill();
  }
}

/** Everything that a healthy connection costs: probe, judgement and record, as in a run. */
async function measureProbe(port: number): Promise<{ cpuMs: number; wallMs: number }> {
  const anchors = trustAnchors([root.certificatePem]);
  const tools: CheckTools = {
    observer: observerHere("here", {
      lookup: lookups([]),
      contextFor: clientContexts(anchors),
      bounds: { sockets: 50, perAddress: 4 },
      unanswered: new Set(),
      forbids: () => null,
      connectTo: "127.0.0.1",
    }),
    signal: new AbortController().signal,
    policy: { now: Date.now(), expiryWarningDays: 21, anchors },
  };
  const planned = [{ kind: "probe", connection: connectionTo(port) }] as const;
  const once = async () => {
    const {
      records: [record],
    } = await checkConnections(planned, tools);
    if (record?.verdict !== "healthy") throw new Error(JSON.stringify(record));
  };
  for (let count = 0; count < warmUp; count += 1) await once();
  const cpu = process.cpuUsage();
  const started = performance.now();
  for (let count = 0; count < handshakes; count += 1) await once();
  const used = process.cpuUsage(cpu);
  return {
    cpuMs: (used.user + used.system) / 1_000 / handshakes,
    wallMs: (performance.now() - started) / handshakes,
  };
}

function connectionTo(port: number): Connection {
  return {
    key: `https://${name}:${port}`,
    domain: name,
    port,
    scheme: "https",
    serverName: name,
    forwardedHost: null,
    acceptedNames: [name],
    originSslProtocols: ["TLSv1.2"],
    ipAddressType: "ipv4",
    originMtls: false,
    alpn: [],
    originKind: "host",
    weight: "full",
    sampled: false,
    connectTimeoutMs: 5_000,
    connectAttempts: 1,
    uses: [],
  };
}

/** CPU milliseconds per connection of `openssl s_time`, null when there is no openssl command. */
function measureOpenssl(port: number): number | null {
  const seconds = 3;
  const script = `openssl s_time -connect 127.0.0.1:${port} -new -time ${seconds}; times`;
  const { stdout, status } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  const count = /^(\d+) connections in \d+ real seconds/m.exec(stdout)?.[1];
  const children = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(stdout);
  if (status !== 0 || count === undefined || children === null) return null;
  const [, userMinutes, user, systemMinutes, system] = children.map(Number);
  const cpuSeconds = 60 * ((userMinutes ?? 0) + (systemMinutes ?? 0)) + (user ?? 0) + (system ?? 0);
  return (1_000 * cpuSeconds) / Number(count);
}
