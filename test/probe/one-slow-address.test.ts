import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { observerHere } from "../../lambda/observe/in-process.ts";
import type { Observer } from "../../lambda/observe/observer.ts";
import { clientContexts } from "../../lambda/probe/client-context.ts";
import { lookups } from "../../lambda/probe/dns.ts";
import { gate } from "../../lambda/probe/schedule.ts";
import { dialler } from "../../lambda/probe/tcp.ts";
import { checkConnections } from "../../lambda/run.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { connection } from "../judge/checked.ts";
import { type Authority, createAuthority } from "../sandbox/authority.ts";
import { startDeafOrigin } from "../sandbox/deaf-origin.ts";
import { type DnsServer, startDnsServer } from "../sandbox/dns-server.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startRawOrigin } from "../sandbox/raw-origin.ts";
import { startTlsOrigin } from "../sandbox/tls-origin.ts";

const placesInAll = 10;
const placesPerAddress = 4;

let root: Authority;
let dns: DnsServer;
const open: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  root = await createAuthority({ name: "Trusted Root" });
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

function observer(): Observer {
  return observerHere("here", {
    lookup: lookups([dns.address]),
    contextFor: clientContexts(trustAnchors([root.certificatePem])),
    dial: dialler(),
    gate: gate(placesInAll, placesPerAddress),
    forbids: () => null,
    connectTo: null,
  });
}

/** Checks the connections, gives up on what is left as soon as one is judged healthy, and says what was judged, in order. */
async function untilHealthy(connections: readonly Parameters<typeof connection>[0][]): Promise<string[]> {
  const anchors = trustAnchors([root.certificatePem]);
  const enough = new AbortController();
  const judged: string[] = [];
  await checkConnections(
    connections.map((each) => ({ kind: "probe", connection: connection(each) })),
    {
      observer: observer(),
      signal: enough.signal,
      policy: { now: Date.now(), expiryWarningDays: 21, anchors },
    },
    ({ connection: { domain }, verdict }) => {
      judged.push(`${domain} ${verdict}`);
      if (verdict === "healthy") enough.abort();
    },
  );
  return judged;
}

async function healthyOrigin(): Promise<Listener> {
  const leaf = await root.leaf({ names: ["good.test"] });
  return startTlsOrigin({ chain: [leaf.certificatePem], keyPem: leaf.keyPem });
}

// Loopback addresses beyond the first exist without being set up on Linux only.
describe.runIf(process.platform === "linux")("an address that lets everything hang", () => {
  it.each([
    ["under the many aliases of one origin", (index: number) => ({ domain: "slow.test", host: `www${index}.test` })],
    ["under the names of many origins", (index: number) => ({ domain: `slow${index}.test`, host: null })],
  ])("holds up nobody else, %s", async (_, named) => {
    const silent = await startRawOrigin({ kind: "silent" }, { address: "127.0.0.2" });
    const good = await healthyOrigin();
    const slow = Array.from({ length: 3 * placesInAll }, (_, index) => named(index));
    dns = await startDnsServer({
      ...Object.fromEntries(slow.map(({ domain }) => [domain, { A: ["127.0.0.2"] }])),
      "good.test": { A: ["127.0.0.1"] },
    });
    open.push(silent, good, dns);
    const judged = await untilHealthy([
      ...slow.map(({ domain, host }) => ({ domain, forwardedHost: host, port: silent.port, connectTimeoutMs: 60_000 })),
      { domain: "good.test", port: good.port },
    ]);
    expect(judged).toHaveLength(slow.length + 1);
    expect(judged[0]).toBe("good.test healthy");
    expect(silent.connections()).toBeLessThanOrEqual(placesPerAddress);
  });
});

describe.runIf(process.platform === "linux")("an address that answers no connection request", () => {
  it("is asked for a few connections, and not again for each of many aliases", async () => {
    const deaf = await startDeafOrigin();
    if (deaf === null) throw new Error("the deaf origin hears");
    dns = await startDnsServer({ "deaf.test": { A: ["127.0.0.1"] } });
    open.push(deaf, dns);
    const timeoutMs = 300;
    const aliases = Array.from({ length: 30 }, (_, index) => ({
      domain: "deaf.test",
      forwardedHost: `www${index}.test`,
      port: deaf.port,
      connectTimeoutMs: timeoutMs,
    }));
    const { records } = await checkConnections(
      aliases.map((each) => ({ kind: "probe", connection: connection(each) })),
      {
        observer: observer(),
        signal: new AbortController().signal,
        policy: { now: Date.now(), expiryWarningDays: 21, anchors: trustAnchors() },
      },
    );
    expect(records.map(({ findings }) => findings.map(({ code }) => code))).toEqual(
      aliases.map(() => ["connection-timed-out"]),
    );
    const waitedFor = records.filter(({ observed }) => (observed.addresses[0]?.ms ?? 0) >= timeoutMs - 5);
    expect(waitedFor.length).toBeLessThanOrEqual(placesPerAddress);
  });
});
