import { spawn } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { offerFor } from "../../lambda/cloudfront/profile.ts";
import { clientContexts } from "../../lambda/probe/client-context.ts";
import { lookups } from "../../lambda/probe/dns.ts";
import type { Observation } from "../../lambda/probe/observation.ts";
import type { ProbeEquipment, Target } from "../../lambda/probe/probe.ts";
import { survey } from "../../lambda/probe/survey.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { type Authority, createAuthority } from "../sandbox/authority.ts";
import { startDeafOrigin } from "../sandbox/deaf-origin.ts";
import { type DnsServer, startDnsServer, type Zone } from "../sandbox/dns-server.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startRawOrigin } from "../sandbox/raw-origin.ts";
import { startTlsOrigin } from "../sandbox/tls-origin.ts";
import type { ClientOutcome, ClientTask } from "./hostile-client.ts";

let root: Authority;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  root = await createAuthority({ name: "Trusted Root" });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const longest = 600_000;

function target(overrides: Partial<Target> & { readonly port: number }): Target {
  return {
    scheme: "https",
    domain: "origin.test",
    serverName: overrides.domain ?? "origin.test",
    recordTypes: ["A"],
    offer: offerFor(["TLSv1.2"]),
    timeoutMs: longest,
    attempts: 1,
    share: [],
    leftOut: false,
    ...overrides,
  };
}

function equipment(dns: DnsServer | null, overrides: Partial<ProbeEquipment> = {}): ProbeEquipment {
  return {
    lookup: lookups(dns === null ? [] : [dns.address]),
    contextFor: clientContexts(trustAnchors([root.certificatePem])),
    bounds: { sockets: 800, perAddress: 4 },
    unanswered: new Set(),
    signal: new AbortController().signal,
    forbids: () => null,
    connectTo: dns === null ? "127.0.0.1" : null,
    ...overrides,
  };
}

async function serve(zone: Zone): Promise<DnsServer> {
  const dns = await startDnsServer(zone);
  open.push(dns);
  return dns;
}

async function healthyOrigin(): Promise<Listener> {
  const leaf = await root.leaf({ names: ["*.good.test", "origin.test"] });
  const origin = await startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
  open.push(origin);
  return origin;
}

async function silentOrigin(address: string, port = 0): Promise<Listener> {
  const origin = await startRawOrigin({ kind: "silent" }, { address, port });
  open.push(origin);
  return origin;
}

type Result = readonly [Target, Observation];

/** Everything that is finished, in order; gives up on the rest as soon as `isEnough` says so. */
async function surveyed(
  targets: readonly Target[],
  dns: DnsServer | null,
  isEnough: (results: readonly Result[]) => boolean = () => false,
  overrides: Partial<ProbeEquipment> = {},
): Promise<readonly Result[]> {
  const enough = new AbortController();
  const results: Result[] = [];
  for await (const each of survey(targets, equipment(dns, { ...overrides, signal: enough.signal }))) {
    results.push(each);
    if (isEnough(results)) enough.abort();
  }
  return results;
}

function outcomes([, { addresses }]: Result): string[] {
  return addresses.map(({ outcome }) => outcome.kind);
}

function isHealthy(result: Result): boolean {
  return outcomes(result).every((outcome) => outcome === "handshake-completed");
}

// Loopback addresses beyond the first exist without being set up on Linux only.
describe.runIf(process.platform === "linux")("addresses that accept connections and let them hang", () => {
  it("cost nobody else anything: 16 of them under 100 aliases, beside 200 origins", async () => {
    const first = await silentOrigin("127.0.1.1");
    const addresses = Array.from({ length: 16 }, (_, index) => `127.0.1.${index + 1}`);
    const silent = [first];
    for (const address of addresses.slice(1)) silent.push(await silentOrigin(address, first.port));
    const good = await healthyOrigin();
    const names = Array.from({ length: 200 }, (_, index) => `o${index}.good.test`);
    const dns = await serve({
      "slow.test": { A: addresses },
      ...Object.fromEntries(names.map((name) => [name, { A: ["127.0.0.1"] }])),
    });
    const hanging = Array.from({ length: 101 }, (_, index) =>
      target({ domain: "slow.test", serverName: `www${index}.test`, port: first.port, share: ["ESLOW"] }),
    );
    const others = names.map((domain, index) => target({ domain, port: good.port, share: [`E${index % 20}`] }));
    const results = await surveyed(
      [...hanging, ...others],
      dns,
      (so) => so.length === others.length || !so.every(isHealthy),
    );
    expect(results).toHaveLength(hanging.length + others.length);
    expect(results.filter(isHealthy)).toHaveLength(others.length);
    expect(good.connections()).toBe(others.length);
    for (const { connections } of silent) expect(connections()).toBeLessThanOrEqual(4);
    // Nor does a single name get all that its addresses would allow.
    expect(silent.reduce((sum, { connections }) => sum + connections(), 0)).toBeLessThanOrEqual(32);
  });

  it("cost nobody else anything, where each is an origin of its own and there are more than sockets", async () => {
    const silent = await silentOrigin("127.0.2.1");
    const addresses = Array.from({ length: 60 }, (_, index) => `127.0.2.${index + 1}`);
    for (const address of addresses.slice(1)) await silentOrigin(address, silent.port);
    const good = await healthyOrigin();
    const hanging = addresses.map((_, index) =>
      target({ domain: `slow${index}.test`, port: silent.port, share: [`ESLOW${index % 3}`] }),
    );
    const others = Array.from({ length: 30 }, (_, index) =>
      target({ domain: `o${index}.good.test`, port: good.port, share: ["EGOOD"] }),
    );
    const dns = await serve({
      ...Object.fromEntries(hanging.map(({ domain }, index) => [domain, { A: [addresses[index] ?? ""] }])),
      ...Object.fromEntries(others.map(({ domain }) => [domain, { A: ["127.0.0.1"] }])),
    });
    const results = await surveyed(
      [...hanging, ...others],
      dns,
      (so) => so.length === others.length || !so.every(isHealthy),
      { bounds: { sockets: 20, perAddress: 4 } },
    );
    expect(results.filter(isHealthy)).toHaveLength(others.length);
  });

  it("are asked in every way for one name, and for the others once", async () => {
    const silent = await silentOrigin("127.0.0.1");
    const names = Array.from({ length: 5 }, (_, index) =>
      target({ serverName: `www${index}.test`, port: silent.port, timeoutMs: 100 }),
    );
    const results = await surveyed(names, null, () => false, { bounds: { sockets: 800, perAddress: 1 } });
    const tried = results.map(
      ([
        ,
        {
          addresses: [seen],
        },
      ]) => seen!.outcome,
    );
    expect(tried.map((outcome) => outcome.kind === "handshake-failed" && outcome.experiments.length)).toEqual([
      3, 0, 0, 0, 0,
    ]);
    expect(silent.connections()).toBe(names.length + 3);
  });
});

describe.runIf(process.platform === "linux")("an address that answers no connection request", () => {
  async function deafOrigin(): Promise<Listener> {
    const deaf = await startDeafOrigin();
    if (deaf === null) throw new Error("the deaf origin hears");
    open.push(deaf);
    return deaf;
  }

  it("is asked for a few connections, and not again for each of many aliases", async () => {
    const { port } = await deafOrigin();
    let connections = 0;
    const count = () => {
      connections += 1;
    };
    subscribe("net.client.socket", count);
    const aliases = Array.from({ length: 30 }, (_, index) =>
      target({ serverName: `www${index}.test`, port, timeoutMs: 300 }),
    );
    const results = await surveyed(aliases, null).finally(() => unsubscribe("net.client.socket", count));
    expect(results.map(outcomes)).toEqual(aliases.map(() => ["connect-timed-out"]));
    expect(connections).toBeGreaterThan(0);
    expect(connections).toBeLessThanOrEqual(4);
  });

  it("that did not answer in the last run either gets one attempt, after all others", async () => {
    const { port } = await deafOrigin();
    const good = await healthyOrigin();
    const dead = [1, 2].map((index) =>
      target({ port, serverName: `www${index}.test`, timeoutMs: 300, attempts: 3, share: [`E${index}`] }),
    );
    const others = Array.from({ length: 20 }, (_, index) => target({ port: good.port, share: [`E${index}`] }));
    const results = await surveyed([...dead, ...others], null, () => false, {
      bounds: { sockets: 1, perAddress: 1 },
      unanswered: new Set([`127.0.0.1 ${port}`]),
    });
    expect(results.slice(0, -2).every(isHealthy)).toBe(true);
    expect(
      results.slice(-2).map(
        ([
          ,
          {
            addresses: [seen],
          },
        ]) => seen?.outcome,
      ),
    ).toEqual(dead.map(() => ({ kind: "connect-timed-out", attempts: 1, timeoutMs: 300 })));
  });
});

describe("what the last run left out", () => {
  it("is begun before everything else", async () => {
    const good = await healthyOrigin();
    const targets = Array.from({ length: 40 }, (_, index) =>
      target({
        serverName: `o${index}.good.test`,
        port: good.port,
        share: [`E${index % 3}`],
        leftOut: index % 4 === 0,
      }),
    );
    const results = await surveyed(targets, null, () => false, { bounds: { sockets: 1, perAddress: 1 } });
    expect(results.map(([{ leftOut }]) => leftOut)).toEqual(targets.map((_, index) => index < 10));
  });
});

describe("the deadline", () => {
  it("finds every target finished or not tried", async () => {
    const good = await healthyOrigin();
    const targets = Array.from({ length: 50 }, (_, index) =>
      target({ serverName: `o${index}.good.test`, port: good.port }),
    );
    const results = await surveyed(targets, null, (so) => so.length === 10, { bounds: { sockets: 2, perAddress: 2 } });
    expect(new Set(results.map(([{ serverName }]) => serverName)).size).toBe(targets.length);
    const tried = results.flatMap(outcomes);
    expect(new Set(tried)).toEqual(new Set(["handshake-completed", "not-tried"]));
    expect(tried.filter((outcome) => outcome === "handshake-completed").length).toBeLessThanOrEqual(10 + 2);
  });

  it("ends lookups that nobody answers", async () => {
    const dns = await serve({ "dead.test": { silent: true }, "good.test": { A: ["127.0.0.1"] } });
    const good = await healthyOrigin();
    const results = await surveyed(
      [target({ domain: "dead.test", port: 443 }), target({ domain: "good.test", port: good.port })],
      dns,
      (so) => so.length === 1,
    );
    expect(
      results.map(
        ([
          { domain },
          {
            dns: { kind },
          },
        ]) => `${domain} ${kind}`,
      ),
    ).toEqual(["good.test answered", "dead.test not-tried"]);
  });
});

describe("names", () => {
  it("are asked for a few at a time, so that no answer is lost in a burst", async () => {
    let underWay = 0;
    let most = 0;
    const lookup = async () => {
      underWay += 1;
      most = Math.max(most, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      return { kind: "name-not-found" } as const;
    };
    const targets = Array.from({ length: 400 }, (_, index) => target({ domain: `o${index}.test`, port: 443 }));
    expect(await surveyed(targets, null, () => false, { lookup, connectTo: null })).toHaveLength(targets.length);
    expect(most).toBe(150);
  });

  it("are asked for at no higher rate than a name server takes", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    try {
      let asked = 0;
      const lookup = () => {
        asked += 1;
        return Promise.resolve({ kind: "name-not-found" } as const);
      };
      const targets = Array.from({ length: 1_200 }, (_, index) => target({ domain: `o${index}.test`, port: 443 }));
      const everything = surveyed(targets, null, () => false, { lookup, connectTo: null });
      const counts: number[] = [];
      for (let second = 0; second < 3; second += 1) {
        await vi.advanceTimersByTimeAsync(second === 0 ? 0 : 1_000);
        counts.push(asked);
      }
      expect(counts).toEqual([500, 1_000, 1_200]);
      expect(await everything).toHaveLength(targets.length);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("are asked for once, whoever has them", async () => {
    const good = await healthyOrigin();
    const dns = await serve({ "a.good.test": { A: ["127.0.0.1"] } });
    const targets = Array.from({ length: 30 }, (_, index) =>
      target({ domain: "a.good.test", serverName: `o${index}.good.test`, port: good.port, share: [`E${index}`] }),
    );
    const results = await surveyed(targets, dns);
    expect(results.filter(isHealthy)).toHaveLength(targets.length);
    expect(dns.queries()).toEqual(["A a.good.test"]);
  });
});

describe("who has seen enough", () => {
  it("gets nothing more begun", async () => {
    const good = await healthyOrigin();
    const one = { bounds: { sockets: 1, perAddress: 1 } };
    const targets = (count: number) => Array.from({ length: count }, () => target({ port: good.port }));
    for await (const _ of survey(targets(50), equipment(null, one))) break;
    await surveyed(targets(20), null, () => false, one);
    // The one that was seen, and the one that had been begun when it was.
    expect(good.connections()).toBeLessThanOrEqual(20 + 2);
  });
});

describe.runIf(process.platform === "linux")("descriptors", () => {
  it("may be fewer than sockets are allowed: then fewer are open at once, and everything is looked at", async () => {
    const silent: Listener[] = [];
    for (let count = 0; count < 5; count += 1) silent.push(await silentOrigin("127.0.0.1"));
    const task: ClientTask = {
      targets: Array.from({ length: 30 }, () => silent.map(({ port }) => ({ port, timeoutMs: 300 }))).flat(),
      trusted: [],
      concurrency: 800,
    };
    const file = join(import.meta.dirname, "hostile-client.ts");
    const client = spawn("bash", ["-c", `ulimit -n 60; exec "${process.execPath}" "${file}"`], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    client.send(task);
    const [{ results }] = (await once(client, "message")) as [ClientOutcome];
    client.disconnect();
    await once(client, "exit");
    expect(results.map(({ codes }) => codes)).toEqual(task.targets.map(() => ["handshake-timed-out"]));
  });
});
