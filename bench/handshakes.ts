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
 * What a healthy connection costs in a run: TCP connections and CPU, as a ratio to `openssl s_time -new` against the same
 * server. Both do full handshakes one after the other over loopback, and verify the chain; the server is a process of its
 * own. They take turns, and the least of each counts: whatever else the machine does only adds.
 */
const rounds = 40;
const roundsOfOpenssl = 10;
const handshakes = 50;
const warmUp = 1_000;
const name = "origin.bench.test";

const root = await createAuthority({ name: "Bench Root" });
const intermediate = await root.intermediate({ name: "Bench Intermediate" });
const folder = mkdtempSync(join(tmpdir(), "origin-watch-bench-"));
try {
  for (const key of ["ec-p256", "rsa-2048"] as const) {
    const leaf = await intermediate.leaf({ names: [name], key });
    writeFileSync(join(folder, "chain.pem"), leaf.certificatePem + intermediate.certificatePem);
    writeFileSync(join(folder, "key.pem"), leaf.keyPem);
    writeFileSync(join(folder, "root.pem"), root.certificatePem);
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
    const run = runOver(port);
    await run(warmUp);
    server.kill("SIGUSR2");
    const connections = Number((await lines.next()).value);
    const [ours, theirs]: [number[], (number | null)[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      ours.push(await run(handshakes));
      if (round < roundsOfOpenssl) theirs.push(measureOpenssl(port));
    }
    const least = Math.min(...ours);
    console.log(
      `${key} leaf, one intermediate, TLS 1.3, ${rounds} rounds of ${handshakes} handshakes one after the other`,
    );
    console.log(`  TCP connections per healthy address: ${connections / warmUp}`);
    console.log(`  this check, judgement included: ${least.toFixed(2)} ms CPU per connection`);
    console.log(`  that is ${Math.round(1_000 / least)} handshakes a second on one core`);
    const known = theirs.filter((each) => each !== null);
    if (known.length === 0) {
      console.log("  no reference: the openssl command is not on this machine");
    } else {
      console.log(`  openssl s_time -new: ${Math.min(...known).toFixed(2)} ms CPU per connection`);
      console.log(`  ratio: ${(least / Math.min(...known)).toFixed(2)}`);
    }
  } finally {
    server.kill();
  }
}

/** Runs over so many healthy connections, and answers what one costs with probe, judgement and record: milliseconds of CPU. */
function runOver(port: number): (connections: number) => Promise<number> {
  const anchors = trustAnchors([root.certificatePem]);
  const tools: CheckTools = {
    observer: observerHere("here", {
      lookup: lookups([]),
      contextFor: clientContexts(anchors),
      bounds: { sockets: 1, perAddress: 1 },
      unanswered: new Set(),
      forbids: () => null,
      connectTo: "127.0.0.1",
    }),
    signal: new AbortController().signal,
    policy: { now: Date.now(), expiryWarningDays: 21, anchors },
  };
  return async (connections) => {
    const planned = Array.from({ length: connections }, (_, index) => ({
      kind: "probe" as const,
      connection: connectionTo(port, index),
    }));
    const cpu = process.cpuUsage();
    const { records } = await checkConnections(planned, tools);
    const used = process.cpuUsage(cpu);
    const other = records.find(({ verdict }) => verdict !== "healthy");
    if (other !== undefined || records.length < connections) throw new Error(JSON.stringify(other));
    return (used.user + used.system) / 1_000 / connections;
  };
}

function connectionTo(port: number, index: number): Connection {
  return {
    key: `https://${name}:${port}/${index}`,
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
  const anchor = join(folder, "root.pem");
  const script = `openssl s_time -connect 127.0.0.1:${port} -CAfile ${anchor} -verify 5 -new -time 1; times`;
  const { stdout, status } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  const count = /^(\d+) connections in \d+ real seconds/m.exec(stdout)?.[1];
  const children = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/.exec(stdout);
  if (status !== 0 || count === undefined || children === null) return null;
  const [, userMinutes, user, systemMinutes, system] = children.map(Number);
  const cpuSeconds = 60 * ((userMinutes ?? 0) + (systemMinutes ?? 0)) + (user ?? 0) + (system ?? 0);
  return (1_000 * cpuSeconds) / Number(count);
}
