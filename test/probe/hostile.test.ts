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
  /** For servers that are silent, now or in the end. */
  readonly silenceMs: number;
  /** All is over when the healthy origins are judged. */
  readonly untilHealthyOnes?: boolean;
};

/** How long a server gets: time is an outcome only where it falls silent. One that does so after an answer gets that read. */
function timeoutOf({ kind: behavior }: RawBehavior, silenceMs: number): number {
  if (behavior === "silent" || behavior === "drip") return silenceMs;
  return behavior === "only-once" ? Math.max(silenceMs, 3_000) : 600_000;
}

/** Checks the hostile servers, which come first, and the healthy origins, in a process of its own. */
async function checkAll({ concurrency, silenceMs, untilHealthyOnes = false }: Run): Promise<ClientOutcome> {
  const client = fork(join(import.meta.dirname, "hostile-client.ts"), { execArgv: ["--max-old-space-size=128"] });
  const task: ClientTask = {
    targets: [
      ...hostile.map(({ port }, index) => ({ port, timeoutMs: timeoutOf(kind(index)[0], silenceMs) })),
      ...healthy.map(({ port }) => ({ port, timeoutMs: 600_000 })),
    ],
    trusted,
    concurrency,
    ...(untilHealthyOnes ? { untilJudged: healthy.map((_, index) => hostileServers + index) } : {}),
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

describe(`${hostileServers} hostile servers before ${healthyServers} healthy origins`, () => {
  it("do not hold up the healthy ones where fewer are hostile than may run at once", async () => {
    const hanging = hostile.filter((_, index) => /silent|drip|only-once/.test(kind(index)[0].kind)).length;
    // The healthy ones pass through what places are left: none of them waits until a server that lets everything hang
    // frees its place, which here none does.
    const { results } = await checkAll({ concurrency: hanging + 8, silenceMs: 600_000, untilHealthyOnes: true });
    expect(results.slice(hostileServers)).toEqual(healthy.map(() => ({ verdict: "healthy", codes: [] })));
    const silent = results.filter((_, index) => index < hostileServers && kind(index)[0].kind === "silent");
    expect(silent).toEqual(silent.map(() => ({ verdict: "unknown", codes: ["out-of-time"] })));
  });

  it("hold up the healthy ones for no more than their own timeouts where they fill all places", async () => {
    // A hostile server holds its place for one handshake and at most three further hellos that it leaves hanging. 40 of
    // them pass through 20 places in two rounds.
    expectRightResults(await checkAll({ concurrency: 20, silenceMs: 400 }));
    const hanging = hostile.filter(
      (_, index) => kind(index)[1] === "at-risk" && kind(index)[2] === "handshake-timed-out",
    );
    expect(Math.max(...hanging.map((listener) => listener.connections()))).toBeLessThanOrEqual(4);
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
