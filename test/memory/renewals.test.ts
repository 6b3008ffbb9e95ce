import { beforeAll, describe, expect, test } from "vitest";
import { originsWarnedOfExpiry } from "../../lambda/incidents/open-expiry.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import type { Message, Ports } from "../../lambda/incidents/ports.ts";
import type { ProcessMemory } from "../../lambda/incidents/process-memory.ts";
import { openSession } from "../../lambda/incidents/session.ts";
import { tell } from "../../lambda/incidents/tell.ts";
import { keepMemory, type MemoryStore, recall } from "../../lambda/memory/keep-memory.ts";
import type { Renewal } from "../../lambda/memory/memory.ts";
import { parseMemory } from "../../lambda/memory/memory-format.ts";
import { remembered } from "../../lambda/memory/remember.ts";
import { renewalShareIn } from "../../lambda/memory/renewals.ts";
import type { AddressObservation, Observation } from "../../lambda/probe/observation.ts";
import { recordOf } from "../../lambda/run.ts";
import { dayMs, hourMs } from "../../lambda/text/instant.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { words } from "../incidents/words.ts";
import { connection } from "../judge/checked.ts";
import { type Authority, createAuthority } from "../sandbox/authority.ts";
import { report, use } from "../tell/records.ts";

// Only the time is made up, and that no socket is opened: the certificates are real, and judging, remembering, comparing
// and wording are what a run does.

const start = Date.UTC(2026, 0, 1);
const stepMs = 6 * hourMs;
const planned = { kind: "probe", connection: connection({ uses: [use("E1EXAMPLE")] }) } as const;
const { key } = planned.connection;

let root: Authority;
beforeAll(async () => {
  root = await createAuthority({ notBefore: new Date(start - 1000 * dayMs), notAfter: new Date(start + 5000 * dayMs) });
});

type Certificate = { readonly der: string; readonly notAfter: number };

async function issued(at: number, lifetimeDays: number): Promise<Certificate> {
  const notAfter = at + lifetimeDays * dayMs;
  const { der } = await root.leaf({ names: ["origin.test"], notBefore: new Date(at), notAfter: new Date(notAfter) });
  return { der: der.toString("base64"), notAfter };
}

/** An account with one origin, its state and its memory, and what people were sent. */
function world() {
  const anchors = trustAnchors([root.certificatePem]);
  const processMemory: ProcessMemory = { holder: "one", unsaved: null };
  const sent: { readonly at: number; readonly subject: string }[] = [];
  const stored: { state: { text: string; etag: string } | null; memory: string | null; fails: boolean } = {
    state: null,
    memory: null,
    fails: false,
  };
  let now = start;
  const ports: Ports = {
    readState: async () => (stored.state === null ? { kind: "missing" } : { kind: "found", ...stored.state }),
    writeState: async (text, etag) => {
      if ((stored.state?.etag ?? null) !== etag) return { kind: "conflict" };
      stored.state = { text, etag: `${Number(etag ?? 0) + 1}` };
      return { kind: "written", etag: stored.state.etag };
    },
    keepAside: async () => ({ kind: "kept", location: "aside" }),
    publish: async ({ subject }: Message) => {
      sent.push({ at: now, subject });
      return { kind: "sent", messageId: `${sent.length}` };
    },
  };
  const memories: MemoryStore = {
    read: async () => {
      if (stored.fails) return { kind: "failed", error: "down" };
      return stored.memory === null ? { kind: "missing" } : { kind: "found", text: stored.memory };
    },
    write: async (text) => {
      stored.memory = text;
      return { kind: "written" };
    },
  };

  /** @param served what each address of the origin serves; null where it gives no answer */
  async function run(at: number, served: readonly (Certificate | null)[]) {
    now = at;
    const timing = { clock: () => at, deadline: at + 300_000 };
    const [session, recalled] = [await openSession(ports, processMemory, timing), await recall(memories, 1_000)];
    const renewalShareOf = renewalShareIn(recalled.memory, originsWarnedOfExpiry(session));
    const observation = observationOf(served);
    const policy = { now: at, expiryWarningDays: 21, anchors, renewalShareOf };
    const record = recordOf({ planned, observations: [{ vantage: "here", observation }] }, policy);
    const time = new Date(at).toISOString();
    const about = report([record], { runId: time, startedAt: time, finishedAt: time });
    await tell(session, about, { ...defaultAlertPolicy, weeklyDigest: false }, words);
    await keepMemory(recalled, () => remembered(recalled.memory, about), time, memories, 10_000);
    return record;
  }
  const subjects = () => sent.map(({ subject }) => subject.replace(/ origin\.test.*/, ""));
  const renewal = (): Renewal | undefined => {
    const parsed = parseMemory(stored.memory ?? "");
    if (parsed.kind !== "memory") throw new Error(parsed.kind);
    return Object.values(parsed.memory.accounts).flatMap(({ renewals = [] }) => renewals)[0];
  };
  return { run, sent, subjects, stored, renewal };
}

function observationOf(served: readonly (Certificate | null)[]): Observation {
  const addresses = served.map((_, index) => `203.0.113.${index + 1}`);
  const outcomes = served.map((certificate, index): AddressObservation => {
    const address = addresses[index] ?? "";
    if (certificate === null) {
      return { address, ms: 10_000, outcome: { kind: "connect-timed-out", attempts: 3, timeoutMs: 10_000 } };
    }
    const transcript = {
      bytesReceived: 3_000,
      protocol: "TLSv1.3",
      cipherSuite: "TLS_AES_128_GCM_SHA256",
      group: "x25519",
      signatureScheme: "ecdsa_secp256r1_sha256",
      certificates: [certificate.der],
      clientCertificateRequested: false,
      warnings: [],
      unreadable: null,
    };
    const outcome = { transcript, openssl: { ok: true }, alpn: null, listedVersionsOnly: null } as const;
    return { address, ms: 10, outcome: { kind: "handshake-completed", ...outcome } };
  });
  return { dns: { kind: "answered", addresses }, addresses: outcomes, addressesLeftOut: 0 };
}

type Renewals = {
  readonly lifetimeDays: number;
  /** Days before its expiry at which a certificate is replaced. */
  readonly renewedDays: number;
  readonly hoursLate?: number;
  /** After so many days nothing is renewed any more. */
  readonly stopsAfterDays?: number;
  /** The certificate with this number, from 0, is replaced with so many days left instead. */
  readonly early?: { readonly number: number; readonly daysLeft: number };
  /** The memory is lost after so many days. */
  readonly forgetsAfterDays?: number;
};

/** 400 days, a run every 6 hours: what was sent until a first certificate expired, and how long before its expiry. */
async function lived(renewals: Renewals) {
  const { lifetimeDays, renewedDays, hoursLate = 0, stopsAfterDays = 400, early, forgetsAfterDays } = renewals;
  const { run, sent, subjects, stored, renewal } = world();
  const renewAt = ({ notAfter }: Certificate, number: number) =>
    notAfter - (number === early?.number ? early.daysLeft : renewedDays) * dayMs + hoursLate * hourMs;
  let [certificate, number] = [await issued(start, lifetimeDays), 0];
  const left: number[] = [];
  for (let at = start + hourMs; at < start + 400 * dayMs && at < certificate.notAfter; at += stepMs) {
    if (at >= renewAt(certificate, number) && at < start + stopsAfterDays * dayMs) {
      [certificate, number] = [await issued(at - hourMs, lifetimeDays), number + 1];
    }
    if (forgetsAfterDays !== undefined && at - start >= forgetsAfterDays * dayMs) stored.memory = null;
    const before = sent.length;
    await run(at, [certificate]);
    if (sent.length > before) left.push((certificate.notAfter - at) / dayMs);
  }
  return { subjects: subjects(), left, renewal };
}

describe("400 days of a certificate that is replaced", () => {
  test.each([45, 90, 200])("with a third of its %s days left, an hour late: no message at all", async (days) => {
    const { subjects, renewal } = await lived({ lifetimeDays: days, renewedDays: days / 3, hoursLate: 1 });
    expect(subjects).toEqual([]);
    expect(renewal()?.share).toBeCloseTo(1 / 3, 1);
  });

  test("with 15 of its 90 days left: a warning in the first cycle, and none later", async () => {
    const { subjects, left } = await lived({ lifetimeDays: 90, renewedDays: 15 });
    expect(subjects).toEqual([expect.stringMatching(/^\[EXPIRES IN \d+ DAYS\]/), "[FIXED]"]);
    expect(left[0]).toBeGreaterThan(20);
  });

  test("too early once, by hand: no message more than without it", async () => {
    const early = (number: number) => ({ number, daysLeft: 80 });
    expect((await lived({ lifetimeDays: 90, renewedDays: 30, early: early(0) })).subjects).toEqual([]);
    expect((await lived({ lifetimeDays: 90, renewedDays: 15, early: early(0) })).subjects).toHaveLength(2);
    expect((await lived({ lifetimeDays: 90, renewedDays: 15, early: early(2) })).subjects).toHaveLength(2);
  });

  test.each([
    [45, 15],
    [90, 30],
    [90, 15],
    [200, 66],
    [90, 5],
    [7, 2],
  ])("until renewals of %s days at %s left stop: a warning in time", async (lifetimeDays, renewedDays) => {
    const { subjects, left } = await lived({ lifetimeDays, renewedDays, stopsAfterDays: 200 });
    const least = Math.min(21, lifetimeDays / 4, lifetimeDays / 10) - stepMs / dayMs;
    const warned = left.filter((_, index) => subjects[index] !== "[FIXED]");
    const last = subjects.lastIndexOf("[FIXED]");
    expect(left.slice(last + 1)[0]).toBeGreaterThanOrEqual(least);
    expect(warned.length).toBeGreaterThan(0);
  });

  test("and whose memory is lost: a warning more, and no alert less", async () => {
    const { subjects } = await lived({ lifetimeDays: 90, renewedDays: 15, forgetsAfterDays: 240 });
    expect(subjects.filter((subject) => subject === "[FIXED]").length).toBeGreaterThan(1);
    expect(subjects.length % 2).toBe(0);
  });
});

describe("an open warning", () => {
  /** A memory that has learned that 90 days are renewed with 10 left. */
  async function learned() {
    const origin = world();
    const first = await issued(start, 90);
    await origin.run(start + hourMs, [first]);
    const second = await issued(first.notAfter - 10 * dayMs, 90);
    await origin.run(first.notAfter - 10 * dayMs + hourMs, [second]);
    await origin.run(first.notAfter - 8 * dayMs, [second]);
    expect(origin.renewal()?.share).toBeCloseTo(10 / 90, 2);
    origin.sent.length = 0;
    return { ...origin, second };
  }

  test("that opened while the memory could not be read is not fixed by its return", async () => {
    const { run, stored, subjects, second } = await learned();
    await run(second.notAfter - 20 * dayMs, [second]);
    expect(subjects()).toEqual([]);
    stored.fails = true;
    await run(second.notAfter - 19 * dayMs, [second]);
    expect(subjects()).toEqual(["[EXPIRES IN 19 DAYS]"]);
    stored.fails = false;
    const record = await run(second.notAfter - 18 * dayMs, [second]);
    expect(record.verdict).toBe("at-risk");
    expect(subjects()).toEqual(["[EXPIRES IN 19 DAYS]"]);
    const third = await issued(second.notAfter - 17 * dayMs, 90);
    await run(second.notAfter - 16 * dayMs, [third]);
    expect(subjects()).toEqual(["[EXPIRES IN 19 DAYS]", "[FIXED]"]);
  });

  test("is not fixed by what is learned of another certificate of the name", async () => {
    const { run, subjects } = world();
    const [old, other] = [await issued(start, 90), await issued(start + 6 * dayMs, 90)];
    await run(start + 77 * dayMs, [old, other]);
    expect(subjects()).toEqual(["[EXPIRES IN 13 DAYS]"]);
    const next = await issued(start + 80 * dayMs, 90);
    await run(start + 80 * dayMs + hourMs, [other, next]);
    await run(start + 82 * dayMs, [other, next]);
    const record = await run(start + 82 * dayMs + hourMs, [other, next]);
    expect(record.findings.map(({ code }) => code)).toContain("certificate-expiring");
    expect(subjects()).toEqual(["[EXPIRES IN 13 DAYS]"]);
  });
});

describe("what is remembered of certificates", () => {
  test("is what was last seen, where an address or the whole origin gives no answer", async () => {
    const { run, renewal } = world();
    const certificate = await issued(start, 90);
    await run(start + hourMs, [certificate]);
    const remembered = renewal();
    expect(remembered).toEqual({ key, certificates: [[start / 1_000, certificate.notAfter / 1_000]], share: null });
    await run(start + 2 * hourMs, [null]);
    expect(renewal()).toEqual(remembered);
    await run(start + 3 * hourMs, [null, certificate]);
    expect(renewal()).toEqual(remembered);
  });

  test("counts a roll-out as over when the last address has the new certificate", async () => {
    const { run, renewal } = world();
    const [old, next] = [await issued(start, 90), await issued(start + 50 * dayMs, 90)];
    await run(start + hourMs, [old, old]);
    await run(start + 60 * dayMs, [old, next]);
    await run(start + 63 * dayMs, [next, next]);
    expect(renewal()?.share).toBeNull();
    await run(start + 65 * dayMs, [next, next]);
    expect(renewal()?.share).toBeCloseTo(27 / 90, 3);
  });

  test("takes no older certificate for the next one", async () => {
    const { run, renewal } = world();
    const [older, newer] = [await issued(start, 365), await issued(start + 60 * dayMs, 90)];
    await run(start + 110 * dayMs, [newer]);
    await run(start + 111 * dayMs, [older]);
    await run(start + 113 * dayMs, [older]);
    expect(renewal()).toMatchObject({ share: null, certificates: [[start / 1_000, older.notAfter / 1_000]] });
  });

  test("learns nothing from servers that are met in turn, of which each has its own certificate", async () => {
    const { run, subjects, renewal } = world();
    const [older, newer] = [await issued(start, 90), await issued(start + 40 * dayMs, 90)];
    for (let at = start + 41 * dayMs, turn = 0; at < start + 75 * dayMs; at += stepMs, turn += 1) {
      await run(at, [turn % 3 === 0 ? older : newer]);
      expect(renewal()?.share).toBeNull();
    }
    expect(subjects()[0]).toBe("[EXPIRES IN 20 DAYS]");
  });

  test("says nothing of other connections, nor of an origin about which a warning is open", async () => {
    const renewals: Renewal[] = [{ key, certificates: [], share: 0.1 }];
    const accounts = { "aws:111122223333": { leftOut: [], unanswered: [], origins: {}, renewals } };
    const shareOf = (...warned: string[]) =>
      renewalShareIn({ schemaVersion: 1, storedAt: null, accounts }, new Set(warned))(planned.connection);
    expect([shareOf(), shareOf("other.test:443"), shareOf("origin.test:443")]).toEqual([0.1, 0.1, null]);
  });
});
