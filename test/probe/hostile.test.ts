import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAuthority } from "../sandbox/authority.ts";
import type { Listener } from "../sandbox/listener.ts";
import { GARBAGE, type RawBehavior, startRawOrigin } from "../sandbox/raw-origin.ts";
import { serverFlightBytes } from "../sandbox/server-flight.ts";
import { startTlsOrigin } from "../sandbox/tls-origin.ts";
import type { ClientOutcome, ClientTask } from "./hostile-client.ts";

const mib = 1024 * 1024;

/** A Certificate message of 16 MiB, as far as its header goes, in records of the largest size. */
const endlessCertificate = new Uint8Array([22, 3, 3, 64, 0, 11, 255, 255, 255, ...new Uint8Array(16_380)]);
const emptyRecord = Uint8Array.of(22, 3, 3, 0, 0);
const oneByteOfServerHello = Uint8Array.of(22, 3, 3, 0, 1, 2);
const warning = Uint8Array.of(21, 3, 3, 0, 2, 1, 90);
const fatalAlert = Uint8Array.of(21, 3, 3, 0, 2, 2, 40);
const flight = serverFlightBytes({ version: 0x0303, cipherSuite: 0xc02f, certificates: [new Uint8Array(900)] });

/** A server of each kind, and what the check has to say of it. */
const kinds: readonly (readonly [RawBehavior, verdict: string, code: string])[] = [
  [{ kind: "silent" }, "at-risk", "handshake-timed-out"],
  [{ kind: "drip", bytes: flight, everyMs: 20 }, "at-risk", "handshake-timed-out"],
  [{ kind: "drip", bytes: flight.subarray(0, 60), everyMs: 1 }, "at-risk", "handshake-timed-out"],
  [{ kind: "only-once", bytes: fatalAlert }, "failing", "handshake-rejected"],
  [flood(endlessCertificate), "failing", "tls-not-spoken"],
  [flood("A".repeat(16_384)), "failing", "tls-not-spoken"],
  [flood(many(emptyRecord)), "failing", "tls-not-spoken"],
  [flood(many(oneByteOfServerHello)), "failing", "handshake-rejected"],
  [flood(many(warning)), "failing", "handshake-rejected"],
  [{ kind: "half-close", bytes: flight.subarray(0, 60) }, "failing", "handshake-rejected"],
  [{ kind: "half-close", bytes: "" }, "at-risk", "connection-reset"],
  [{ kind: "reset", after: "accept" }, "at-risk", "connection-reset"],
  [{ kind: "reset", after: "client-hello" }, "at-risk", "connection-reset"],
  [GARBAGE, "failing", "tls-not-spoken"],
];

const hostileServers = 40;
const healthyServers = 200;

let trusted: string[];
let hostile: Listener[];
let healthy: Listener[];

beforeAll(async () => {
  const root = await createAuthority({ name: "Trusted Root" });
  const leaf = await root.leaf({ names: ["origin.test"] });
  trusted = [root.certificatePem];
  const options = { chain: [leaf.certificatePem], keyPem: leaf.keyPem };
  healthy = await Promise.all(Array.from({ length: healthyServers }, () => startTlsOrigin(options)));
});

afterAll(() => Promise.all(healthy.map((listener) => listener.close())));

beforeEach(async () => {
  hostile = await Promise.all(Array.from({ length: hostileServers }, (_, index) => startRawOrigin(kind(index)[0])));
});

afterEach(() => Promise.all(hostile.map((listener) => listener.close())));

type Run = {
  readonly concurrency: number;
  readonly hostileTimeoutMs: number;
  /** Without the hostile servers. */
  readonly alone?: boolean;
};

/** Checks the hostile servers, which come first, and the healthy origins, in a process of its own. */
async function checkAll({ concurrency, hostileTimeoutMs, alone = false }: Run): Promise<ClientOutcome> {
  const client = fork(join(import.meta.dirname, "hostile-client.ts"), { execArgv: ["--max-old-space-size=128"] });
  const task: ClientTask = {
    targets: [
      ...(alone ? [] : hostile).map(({ port }) => ({ port, timeoutMs: hostileTimeoutMs })),
      ...healthy.map(({ port }) => ({ port, timeoutMs: 10_000 })),
    ],
    trusted,
    concurrency,
  };
  client.send(task);
  const [outcome] = (await once(client, "message")) as [ClientOutcome];
  client.disconnect();
  await once(client, "exit");
  return outcome;
}

function expectRightResults({ results, left, grownBytes }: ClientOutcome): void {
  expect(results.slice(0, hostileServers).map(({ verdict, codes }) => [verdict, codes])).toEqual(
    hostile.map((_, index) => [kind(index)[1], [kind(index)[2]]]),
  );
  for (const { verdict, codes } of results.slice(hostileServers)) expect([verdict, codes]).toEqual(["healthy", []]);
  expect(Math.max(...hostile.map((listener) => listener.connections()))).toBeLessThanOrEqual(13);
  // However it starts, no server gets more than three further hellos that it leaves hanging.
  const lures = hostile.filter((_, index) => kind(index)[0].kind === "only-once");
  expect(lures.map((listener) => listener.connections())).toEqual(lures.map(() => 4));
  expect(left).toEqual([]);
  expect(grownBytes).toBeLessThan(128 * mib);
}

function lastHealthyMs({ results }: ClientOutcome): number {
  return Math.max(...results.slice(hostileServers).map(({ atMs }) => atMs));
}

describe(`${hostileServers} hostile servers before ${healthyServers} healthy origins`, () => {
  it("do not hold up the healthy ones where fewer are hostile than may run at once", async () => {
    const hostileTimeoutMs = 1_500;
    const outcome = await checkAll({ concurrency: 50, hostileTimeoutMs });
    expectRightResults(outcome);
    // 40 of the 50 places are taken by hostile servers. The healthy ones pass through the other 10: none of them waits
    // until a server that lets everything hang has used up its time and frees its place.
    const silent = outcome.results.filter((_, index) => index < hostileServers && kind(index)[0].kind === "silent");
    expect(Math.min(...silent.map(({ atMs }) => atMs))).toBeGreaterThan(hostileTimeoutMs);
    expect(lastHealthyMs(outcome)).toBeLessThan(Math.min(...silent.map(({ atMs }) => atMs)));
  });

  it("hold up the healthy ones for no more than their own timeouts where they fill all places", async () => {
    const hostileTimeoutMs = 400;
    const concurrency = 20;
    const alone = await checkAll({ concurrency, hostileTimeoutMs, alone: true });
    const outcome = await checkAll({ concurrency, hostileTimeoutMs });
    expectRightResults(outcome);
    // A hostile server holds its place for one handshake and at most three further hellos that it leaves hanging; the
    // pauses between hellos and the answers that do come are far below one timeout more. 40 of them pass through 20
    // places in two rounds.
    const rounds = hostileServers / concurrency;
    // What they take by themselves on this machine as busy as it is, and as much again for the hostile ones' answers.
    const forTheHealthyThemselves = 2_000 + 3 * Math.max(...alone.results.map(({ atMs }) => atMs));
    expect(lastHealthyMs(outcome)).toBeLessThan(rounds * 5 * hostileTimeoutMs + forTheHealthyThemselves);
  });
});

function kind(index: number): (typeof kinds)[number] {
  return kinds[index % kinds.length]!;
}

function flood(bytes: string | Uint8Array): RawBehavior {
  return { kind: "flood", bytes, limitBytes: 16 * mib };
}

function many(record: Uint8Array): Uint8Array {
  return Buffer.concat(Array.from({ length: 2_000 }, () => record));
}
