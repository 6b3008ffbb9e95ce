import { isDeepStrictEqual } from "node:util";
import { byteLimit } from "../../lambda/probe/from-the-wire.ts";
import { clientSide } from "../../lambda/tls/client-side.ts";
import { parsed } from "../../lambda/tls/cursor.ts";
import {
  readCertificates,
  readCertificateVerifyScheme,
  readEcdheServerKeyExchange,
  readServerHello,
} from "../../lambda/tls/messages.ts";
import { flightReader, readServerFlight, type ServerFlight, type ServerSecrets } from "../../lambda/tls/transcript.ts";
import { readCertificate } from "../../lambda/x509/certificate.ts";
import { bestPath } from "../../lambda/x509/path.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { helloOffer } from "../sandbox/hello-offer.ts";
import { messageBoundaries, mutate, type Random, random, recordBoundaries } from "./mutate.ts";
import { loadRecordings } from "./recordings.ts";
import { type Unsealed, unseal } from "./sealed.ts";

/** More processor time than this for one input is a hang. Time on the clock would be other processes' time, too. */
const longestMs = 250;

export type FuzzResult = {
  readonly runs: number;
  readonly seconds: number;
  readonly slowest: { readonly seed: number; readonly ms: number };
  /** Runs that read so far: shows that the mutations reach deep, and not only the first check. */
  readonly reached: Readonly<Record<Depth, number>>;
};

const depths = ["hello", "certificates", "path", "end"] as const;
type Depth = (typeof depths)[number];

/**
 * Feeds mutated recordings of real servers to everything that reads bytes of strangers. Run number n uses the seed
 * `firstSeed + n`, so that one number brings a failure back.
 *
 * @throws Error that names the seed, when a reader throws, contradicts itself, goes beyond its bounds, or takes more
 * than 250 ms three times in a row
 */
export function fuzz(
  runs: number,
  firstSeed: number,
  onProgress: (runs: number) => void = () => undefined,
): FuzzResult {
  const subject = prepare();
  const reached = { hello: 0, certificates: 0, path: 0, end: 0 };
  let slowest = { seed: firstSeed, ms: 0 };
  const started = performance.now();
  for (let run = 0; run < runs; run += 1) {
    const seed = (firstSeed + run) >>> 0;
    const input = makeInput(seed, subject);
    let ms = Number.POSITIVE_INFINITY;
    // A garbage collection may fall into one reading, but not into three.
    for (let attempt = 0; attempt < 3 && ms > longestMs; attempt += 1) {
      const before = process.threadCpuUsage();
      const depth = attemptToRead(input, subject);
      const used = process.threadCpuUsage(before);
      ms = Math.min(ms, (used.user + used.system) / 1_000);
      if (attempt > 0) continue;
      for (const name of depths) if (depth[name]) reached[name] += 1;
    }
    if (ms > longestMs) throw new Error(`seed ${seed}: took ${ms.toFixed(0)} ms of processor time`);
    if (ms > slowest.ms) slowest = { seed, ms };
    if (run % 10_000 === 0) onProgress(run);
  }
  return { runs, seconds: (performance.now() - started) / 1_000, slowest, reached };
}

type Subject = ReturnType<typeof prepare>;

function prepare() {
  const { trustAnchor, recordings } = loadRecordings();
  return {
    anchors: trustAnchors([trustAnchor]),
    cases: recordings.map((recording) => ({ recording, unsealed: unseal(recording) })),
    offer: helloOffer({ versions: ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] }),
  };
}

/** What one seed stands for. */
type Input = {
  readonly seed: number;
  readonly secrets: ServerSecrets;
  /** A server's side of the wire. */
  readonly bytes: Buffer;
  /** Bytes for the readers of single messages. */
  readonly messages: Buffer;
  /** For what else is left to chance. */
  readonly chance: number;
};

function makeInput(seed: number, { cases }: Subject): Input {
  const rng = random(seed);
  const { recording, unsealed } = rng.pick(cases);
  const other = rng.pick(cases);
  const otherMessages = other.unsealed?.handshake ?? other.recording.bytes;
  const bytes =
    unsealed !== null && rng.below(4) > 0
      ? resealed(unsealed, otherMessages, rng)
      : mutate(recording.bytes, other.recording.bytes, rng, recordBoundaries);
  const messages = unsealed?.handshake ?? recording.bytes.subarray(5);
  return {
    seed,
    secrets: recording.secrets,
    bytes: bytes.subarray(0, byteLimit),
    messages: mutate(messages, otherMessages, rng, messageBoundaries),
    chance: rng.below(2 ** 32),
  };
}

function attemptToRead({ seed, ...input }: Input, subject: Subject): Record<Depth, boolean> {
  try {
    return read(input, subject);
  } catch (error) {
    throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function read({ bytes, secrets, messages, chance }: Omit<Input, "seed">, subject: Subject): Record<Depth, boolean> {
  const rng = random(chance);
  const flight = readAndCheck(bytes, secrets, rng);
  const path = readPath(flight.certificates, subject);
  readMessages(messages, rng);
  if (rng.below(8) === 0) negotiate(bytes, subject, rng);
  const { protocol, certificates, complete } = flight;
  return { hello: protocol !== null, certificates: certificates.length > 0, path, end: complete };
}

/** Mutates the messages under the protection and cuts them into records anew. */
function resealed(unsealed: Unsealed, other: Buffer, rng: Random): Buffer {
  const messages = rng.below(3) > 0 ? mutate(unsealed.handshake, other, rng, messageBoundaries) : unsealed.handshake;
  const records: Buffer[] = [unsealed.clear];
  const longest = rng.pick([50, 1_000, 1_000, 16_384, 16_384]);
  let sequence = 0;
  for (let at = 0; at < messages.length; sequence += 1) {
    const fragment = messages.subarray(at, at + 1 + rng.below(longest));
    records.push(unsealed.sealHandshake(sequence, rng.below(50) === 0 ? rng.below(256) : 22, fragment));
    at += fragment.length;
  }
  for (let after = 0; after < rng.below(4); after += 1) {
    records.push(unsealed.sealApplication(after, rng.pick([21, 22, 23]), Buffer.from([rng.below(3), rng.below(256)])));
  }
  return Buffer.concat(records);
}

function readAndCheck(bytes: Buffer, secrets: ServerSecrets, rng: Random): ServerFlight {
  const whole = readServerFlight(bytes, secrets);
  check(whole.certificates.length <= 1_000, "more than 1,000 certificates");
  check(whole.alerts.length <= 21, "more alerts than are kept");
  const kept = whole.certificates.reduce((sum, { length }) => sum + length, 0);
  check(kept <= bytes.length, "certificates longer than what was sent");
  const reader = flightReader({ serverHello: () => secrets.handshake, application: () => secrets.application });
  const longest = rng.pick([3, 200, 200, 5_000, 5_000]);
  for (let at = 0; at < bytes.length; ) {
    const piece = 1 + rng.below(longest);
    reader.push(bytes.subarray(at, at + piece));
    at += piece;
  }
  check(isDeepStrictEqual(reader.flight(), whole), "reads otherwise in pieces than at once");
  return whole;
}

/** Whether all certificates could be read and a path from the first was looked for. */
function readPath(certificates: readonly Buffer[], { anchors }: Subject): boolean {
  const readings = certificates.map(readCertificate);
  const readable = readings.flatMap((reading) => (reading.kind === "certificate" ? [reading.certificate] : []));
  const path = bestPath(readable, anchors, Date.UTC(2026, 0));
  check((path === null) === (readable.length === 0), "a path without certificates, or none with some");
  return path !== null && readable.length === readings.length;
}

/** The readers of single messages, on bytes that need not be such a message at all. */
function readMessages(bytes: Buffer, rng: Random): void {
  const start = rng.pick([0, ...messageBoundaries.starts(bytes)]);
  const body = bytes.subarray(start + rng.below(6));
  parsed(() => readServerHello(body));
  parsed(() => readCertificates(body, true));
  parsed(() => readCertificates(body, false));
  parsed(() => readEcdheServerKeyExchange(body, rng.pick([0x0300, 0x0303])));
  parsed(() => readCertificateVerifyScheme(body));
}

/** The client's answers to what a server chooses; its session id is put in where a real server would have echoed it. */
function negotiate(bytes: Buffer, { offer }: Subject, rng: Random): void {
  const client = clientSide({ ...offer, keyShares: rng.pick([[], ["x25519"], ["secp256r1"]]) }, () => undefined);
  const reader = flightReader({ serverHello: client.serverHello, application: () => null });
  const echoed = Buffer.from(bytes);
  const sessionIdAt = 5 + 4 + 2 + 32 + 1;
  if (echoed.length > sessionIdAt + 32) client.hello.copy(echoed, sessionIdAt, sessionIdAt, sessionIdAt + 32);
  reader.push(echoed);
  client.objection(reader.flight());
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
