import * as v from "valibot";
import { type Observation, unobserved, type Vantage } from "../probe/observation.ts";
import { parsedJson } from "../text/parsed-json.ts";
import { type BatchEvent, batchSchemaVersion, mostInBatch, type Refusal } from "./batch-event.ts";
import { observationSchema, withCertificates } from "./observation-format.ts";

/** What a worker answers: what it saw of a batch, or why it did not look. */
export type BatchAnswer =
  | {
      readonly schemaVersion: typeof batchSchemaVersion;
      readonly kind: "observed";
      readonly runId: string;
      readonly batch: string;
      readonly nonce: string;
      readonly vantage: Vantage;
      /** DER in base64, each certificate once; in observations their numbers in this list stand for them. */
      readonly certificates: readonly string[];
      readonly observations: readonly KeyedObservation[];
    }
  | { readonly schemaVersion: typeof batchSchemaVersion; readonly kind: "refused"; readonly why: Refusal };

export type KeyedObservation = { readonly key: string; readonly observation: Observation };

/** Lambda takes 6 MB of an answer; more than this was not written by a worker. */
export const mostAnswerBytes = 4 * 1024 * 1024;

export type AnswerInProgress = {
  readonly add: (key: string, observation: Observation) => void;
  readonly answer: () => BatchAnswer;
};

type Entry = KeyedObservation & {
  readonly bytes: number;
  /** As they came, each once. */
  readonly certificates: ReadonlySet<string>;
};

/**
 * Collects what was seen into an answer of bounded size. Where it would be too much, what takes most room is left out:
 * who asked may ask for it again, and an origin that sends much costs the others nothing.
 */
export function answerTo(
  { runId, batch, nonce }: Pick<BatchEvent, "runId" | "batch" | "nonce">,
  vantage: Vantage,
  mostBytes: number = mostAnswerBytes,
): AnswerInProgress {
  const frame = { schemaVersion: batchSchemaVersion, kind: "observed", runId, batch, nonce, vantage } as const;
  const entries = new Map<string, Entry>();
  /** Of each certificate its number, and how many entries have it. */
  const table = new Map<string, { readonly number: number; holders: number }>();
  let numbers = 0;
  let bytes = Buffer.byteLength(JSON.stringify({ ...frame, certificates: [], observations: [] }));

  return {
    add(key, observation) {
      const entry = entryOf(key, observation);
      entries.set(key, entry);
      bytes += entry.bytes;
      while (bytes > mostBytes && entries.size > 0) drop();
    },
    answer() {
      const certificates = Array.from({ length: numbers }, () => "");
      for (const [certificate, { number }] of table) certificates[number] = certificate;
      return {
        ...frame,
        certificates,
        observations: [...entries.values()].map(({ key, observation }) => ({ key, observation })),
      };
    },
  };

  function entryOf(key: string, seen: Observation): Entry {
    const certificates = new Set<string>();
    const observation = withCertificates(seen, (certificate) => {
      if (!certificates.has(certificate)) hold(certificate);
      certificates.add(certificate);
      return String(table.get(certificate)?.number);
    });
    // One that would not be taken must not cost the others of the batch theirs.
    if (!v.is(observationSchema, observation)) {
      for (const certificate of certificates) release(certificate);
      return {
        ...sized(key, unobserved({ bug: "what was seen is too large or too odd to be sent" })),
        certificates: new Set(),
      };
    }
    return { ...sized(key, observation), certificates };
  }

  function sized(key: string, observation: Observation) {
    return { key, observation, bytes: Buffer.byteLength(JSON.stringify({ key, observation })) + 1 };
  }

  function hold(certificate: string): void {
    const known = table.get(certificate);
    if (known !== undefined) {
      known.holders += 1;
      return;
    }
    table.set(certificate, { number: numbers, holders: 1 });
    numbers += 1;
    bytes += certificate.length + 3;
  }

  function release(certificate: string): void {
    const known = table.get(certificate);
    if (known === undefined) return;
    known.holders -= 1;
    if (known.holders > 0) return;
    table.delete(certificate);
    // An empty text stays in its place.
    bytes -= certificate.length;
  }

  function drop(): void {
    const [first] = [...entries.values()].toSorted((a, b) => room(b) - room(a));
    if (first === undefined) return;
    entries.delete(first.key);
    bytes -= first.bytes;
    for (const certificate of first.certificates) release(certificate);
  }

  function room(entry: Entry): number {
    let own = entry.bytes;
    for (const certificate of entry.certificates) {
      if (table.get(certificate)?.holders === 1) own += certificate.length;
    }
    return own;
  }
}

const id = v.pipe(v.string(), v.maxLength(100));
const answerSchema = v.variant("kind", [
  v.strictObject({
    schemaVersion: v.literal(batchSchemaVersion),
    kind: v.literal("observed"),
    runId: id,
    batch: id,
    nonce: id,
    vantage: id,
    // Base64 is looked at by who reads the certificate.
    certificates: v.pipe(v.array(v.pipe(v.string(), v.maxLength(400_000))), v.maxLength(100_000)),
    observations: v.pipe(
      v.array(v.strictObject({ key: v.pipe(v.string(), v.maxLength(2_048)), observation: observationSchema })),
      v.maxLength(mostInBatch),
    ),
  }),
  v.strictObject({
    schemaVersion: v.literal(batchSchemaVersion),
    kind: v.literal("refused"),
    why: v.picklist(["other-release", "not-a-batch", "batch-unreadable", "answer-not-stored"]),
  }),
]);

/** What an answer is worth: what was seen of the connections that were asked for, or why it is not believed. */
export type BatchReading =
  | { readonly kind: "observed"; readonly observations: readonly KeyedObservation[] }
  /** The worker is of a release that takes other batches: asking again is of no use. */
  | { readonly kind: "other-release" }
  | { readonly kind: "unusable"; readonly why: string };

/**
 * Reads the answer to a batch. It is believed only as a whole: of this run, batch and call, from the vantage that was
 * asked, with each connection at most once and none that was not asked for. What of the batch is missing in it was
 * left out there.
 */
export function readBatchAnswer(text: string, asked: BatchEvent, vantage: Vantage): BatchReading {
  if (Buffer.byteLength(text) > mostAnswerBytes) return unusable(`it is larger than ${mostAnswerBytes} bytes`);
  const json = parsedJson(text);
  if (json === undefined) return unusable("it is not JSON");
  const version = v.safeParse(v.looseObject({ schemaVersion: v.number() }), json);
  if (version.success && version.output.schemaVersion !== batchSchemaVersion) return { kind: "other-release" };
  const parsed = v.safeParse(answerSchema, json, { abortEarly: true });
  if (!parsed.success) return unusable("it has another form than the answer of a worker");
  const answer = parsed.output;
  if (answer.kind === "refused") {
    return answer.why === "other-release" ? { kind: "other-release" } : unusable(refusals[answer.why]);
  }
  if (answer.runId !== asked.runId) return unusable("it is of another run");
  if (answer.batch !== asked.batch || answer.nonce !== asked.nonce)
    return unusable("it is the answer to another batch");
  if (answer.vantage !== vantage) return unusable("it comes from another Region");
  return withTheirCertificates(answer.observations, answer.certificates, asked);
}

const refusals: Readonly<Record<Exclude<Refusal, "other-release">, string>> = {
  "not-a-batch": "the worker took it for no batch",
  "batch-unreadable": "the worker could not read the batch from S3; its log says why",
  "answer-not-stored": "the worker could not store its answer in S3; its log says why",
};

function withTheirCertificates(
  observations: readonly KeyedObservation[],
  certificates: readonly string[],
  { connections }: BatchEvent,
): BatchReading {
  const open = new Set(connections.map(({ key }) => key));
  if (!observations.every(({ key }) => open.delete(key))) {
    return unusable("it has a connection twice, or one that was not asked for");
  }
  let isComplete = true;
  const whole = observations.map(({ key, observation }) => ({
    key,
    observation: withCertificates(observation, (number) => {
      const certificate = certificates[Number(number)] ?? "";
      if (certificate === "") isComplete = false;
      return certificate;
    }),
  }));
  return isComplete ? { kind: "observed", observations: whole } : unusable("a certificate is missing in it");
}

function unusable(why: string): BatchReading {
  return { kind: "unusable", why };
}
