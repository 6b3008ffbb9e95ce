import { describe, expect, it } from "vitest";
import { answerTo, type BatchAnswer, mostAnswerBytes, readBatchAnswer } from "../../lambda/observe/batch-answer.ts";
import type { AddressOutcome, Experiment, Observation } from "../../lambda/probe/observation.ts";
import { batchEvent, handshakeWith, nothingSeen, seenAs, toObserve, transcriptWith } from "./fixtures.ts";

const connections = ["a.test", "b.test", "c.test"].map((domain) => toObserve(domain));
const [a = "", b = "", c = ""] = connections.map(({ key }) => key);
const asked = batchEvent(connections);
const vantage = "eu-central-1";

function answered(...seen: (readonly [string, Observation])[]): BatchAnswer {
  const collected = answerTo(asked, vantage);
  for (const [key, observation] of seen) collected.add(key, observation);
  return collected.answer();
}

const read = (answer: unknown) => readBatchAnswer(JSON.stringify(answer), asked, vantage);
const whyUnusable = (answer: unknown) => {
  const reading = read(answer);
  return reading.kind === "unusable" ? reading.why : reading.kind;
};

const experiment: Experiment = {
  name: "as-cloudfront",
  outcome: "failed",
  protocol: null,
  cipherSuite: null,
  group: null,
  signatureScheme: null,
  failure: "alert handshake_failure",
};
const alert = { level: "fatal", code: 40, description: "handshake_failure" } as const;
const everyOutcome: readonly AddressOutcome[] = [
  { kind: "not-dialled", range: "private" },
  { kind: "not-tried", reason: "deadline" },
  { kind: "not-tried", reason: { bug: "EMFILE" } },
  { kind: "connect-refused", attempts: 3 },
  { kind: "connect-timed-out", attempts: 3, timeoutMs: 10_000, acceptedOn: 80 },
  { kind: "connect-unreachable", errno: "EHOSTUNREACH" },
  { kind: "connected" },
  {
    kind: "handshake-failed",
    failure: { kind: "alert", alert },
    transcript: transcriptWith("AAAA"),
    experiments: [experiment],
  },
  ...(
    [
      { kind: "closed" },
      { kind: "reset" },
      { kind: "timed-out", timeoutMs: 10_000 },
      { kind: "not-tls", preview: "HTTP/1.1 400" },
      { kind: "protocol-violation", detail: "wrong version" },
      { kind: "too-much-data", limitBytes: 262_144 },
    ] as const
  ).map((failure) => ({ kind: "handshake-failed" as const, failure, transcript: transcriptWith(), experiments: [] })),
  { kind: "hello-agreed", transcript: transcriptWith("BBBB"), experiments: [], listedVersionsOnly: experiment },
  {
    kind: "handshake-completed",
    transcript: { ...transcriptWith("AAAA", "BBBB"), warnings: [{ ...alert, level: "warning" }] },
    openssl: { ok: false, code: "CERT_HAS_EXPIRED" },
    alpn: "h2",
    otherCertificates: { transcript: transcriptWith("CCCC"), openssl: { ok: true } },
    forAlias: { serverName: "www.example.com", transcript: transcriptWith("BBBB"), openssl: { ok: true } },
    listedVersionsOnly: null,
  },
];

describe("the answer of a worker", () => {
  it("says what was seen, whatever that is, and each certificate once", () => {
    for (const outcome of everyOutcome) {
      expect(read(answered([a, seenAs(outcome)])), outcome.kind).toEqual({
        kind: "observed",
        observations: [{ key: a, observation: seenAs(outcome) }],
      });
    }
    const many = answered([a, handshakeWith("AAAA", "BBBB")], [b, handshakeWith("CCCC", "BBBB")]);
    expect(many).toMatchObject({ certificates: ["AAAA", "BBBB", "CCCC"] });
    expect(read(many)).toEqual({
      kind: "observed",
      observations: [
        { key: a, observation: handshakeWith("AAAA", "BBBB") },
        { key: b, observation: handshakeWith("CCCC", "BBBB") },
      ],
    });
  });

  it.each<[string, Observation["dns"]]>([
    [
      "answered in part",
      { kind: "answered", addresses: ["2001:db8::1"], failed: [{ recordType: "A", error: "ESERVFAIL" }] },
    ],
    ["given", { kind: "given", addresses: ["192.0.2.1"] }],
    ["not found", { kind: "name-not-found", target: "gone.test" }],
    ["without address", { kind: "no-address", recordTypes: ["A", "AAAA"] }],
    ["failed", { kind: "lookup-failed", error: "ETIMEOUT" }],
    ["not tried", { kind: "not-tried", reason: { bug: "why" } }],
  ])("says what DNS answered: %s", (_, dns) => {
    const observation = { ...nothingSeen, dns };
    expect(read(answered([a, observation]))).toEqual({ kind: "observed", observations: [{ key: a, observation }] });
  });

  it("stays below its size: what is largest is left out, and others keep the certificates they share with it", () => {
    const large = "x".repeat(300_000);
    const collected = answerTo(asked, vantage, 320_000);
    collected.add(a, handshakeWith("SHARED", large));
    collected.add(b, handshakeWith("SHARED", "y".repeat(200_000)));
    collected.add(c, handshakeWith("SHARED"));
    const text = JSON.stringify(collected.answer());
    expect(text.length).toBeLessThan(320_000);
    const reading = readBatchAnswer(text, asked, vantage);
    expect(reading).toMatchObject({
      kind: "observed",
      observations: [{ key: b }, { key: c, observation: handshakeWith("SHARED") }],
    });
  });

  it("says of an origin that made it too odd that the check failed, and the others are as they were", () => {
    const odd = handshakeWith(...Array.from({ length: 300 }, (_, index) => `C${index}`));
    const reading = read(answered([a, odd], [b, nothingSeen]));
    expect(reading).toMatchObject({
      kind: "observed",
      observations: [
        { key: a, observation: { dns: { kind: "not-tried", reason: { bug: expect.stringContaining("too odd") } } } },
        { key: b, observation: nothingSeen },
      ],
    });
  });

  it("is safe to show, whoever wrote it", () => {
    const preview = "\u202e##[set-output]\n";
    const seen = seenAs({
      kind: "handshake-failed",
      failure: { kind: "not-tls", preview },
      transcript: transcriptWith(),
      experiments: [],
    });
    expect(JSON.stringify(read(answered([a, seen])))).toContain("\\\\u{202e}");
    expect(JSON.stringify(read(answered([a, seen])))).not.toContain("\u202e");
  });
});

describe("an answer that is not the one to this batch", () => {
  const good = answered([a, handshakeWith("AAAA")], [b, nothingSeen]);
  const observations = good.kind === "observed" ? good.observations : [];

  it.each<[string, object, string]>([
    ["of another run", { runId: "run-0" }, "another run"],
    ["of another batch", { batch: "1-0" }, "another batch"],
    ["to an earlier call", { nonce: "n-0" }, "another batch"],
    ["from another Region", { vantage: "us-east-1" }, "another Region"],
    ["with a connection twice", { observations: [...observations, ...observations.slice(0, 1)] }, "twice"],
    [
      "with one that was not asked for",
      { observations: [{ key: "https://other.test:443", observation: nothingSeen }] },
      "not asked for",
    ],
    ["with a key that nobody knows", { admin: true }, "another form"],
    ["without its certificates", { certificates: [] }, "certificate is missing"],
    [
      "with an observation of another form",
      { observations: [{ key: a, observation: { ...nothingSeen, verdict: "healthy" } }] },
      "another form",
    ],
    [
      "with an address that is none",
      { observations: [{ key: a, observation: { ...nothingSeen, dns: { kind: "given", addresses: ["<script>"] } } }] },
      "another form",
    ],
    [
      "with a list that has no end",
      { observations: Array.from({ length: 501 }, (_, index) => ({ key: String(index), observation: nothingSeen })) },
      "another form",
    ],
  ])("is believed in nothing: %s", (_, changes, why) => {
    expect(read(good).kind).toBe("observed");
    expect(whyUnusable({ ...good, ...changes })).toContain(why);
  });

  it.each<[string, string, string]>([
    ["nothing", "", "not JSON"],
    ["null", "null", "another form"],
    ["garbage", "<html>", "not JSON"],
    ["a list", "[]", "another form"],
    [
      "6 MB",
      JSON.stringify({ ...good, certificates: ["x".repeat(6 * 1024 * 1024)] }),
      `larger than ${mostAnswerBytes}`,
    ],
    ["half an answer", JSON.stringify(good).slice(0, -20), "not JSON"],
  ])("is believed in nothing: %s", (_, text, why) => {
    const reading = readBatchAnswer(text, asked, vantage);
    expect(reading).toEqual({ kind: "unusable", why: expect.stringContaining(why) });
  });

  it("is of another release when it says so, or when its form has another number", () => {
    expect(read({ schemaVersion: 1, kind: "refused", why: "other-release" })).toEqual({ kind: "other-release" });
    expect(read({ ...good, schemaVersion: 2 })).toEqual({ kind: "other-release" });
    expect(whyUnusable({ schemaVersion: 1, kind: "refused", why: "not-a-batch" })).toContain("no batch");
  });
});
