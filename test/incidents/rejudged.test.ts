import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import type { Message, Ports } from "../../lambda/incidents/ports.ts";
import { rulesRevision } from "../../lambda/judge/rules-revision.ts";
import type { RunReport } from "../../lambda/report/record.ts";
import { hourMs } from "../../lambda/text/instant.ts";
import { address, certificate, connectionRecord, finding, report } from "../tell/records.ts";
import { deliver } from "./deliver.ts";
import { words } from "./words.ts";

// What is open when a new version comes that judges otherwise.

const domain = "api.example.com";
const key = `https://${domain}:443 sni=${domain} TLSv1.2 ipv4`;
/** As the program before the revision wrote one, of state version 2. */
const [stored] = JSON.parse(readFileSync(new URL("state-version-2.json", import.meta.url), "utf8")).incidents;
const { sha256 } = certificate(domain);
const same = { sha256, notAfter: "2026-12-30T00:00:00Z", chainLength: 1 };

type Old = { readonly code: string; readonly effect: string; readonly title: string; readonly leaf?: object | null };

function incident({ code, effect, title, leaf = same }: Old) {
  return { ...stored, key, domain, code, effect, toldEffect: effect, title, leaf };
}

type Record = RunReport["records"][number];
const of = (changes: Parameters<typeof connectionRecord>[1] = {}) =>
  connectionRecord(domain, { ...changes, connection: { key } });
const healthy = of();
const found = (code: Parameters<typeof finding>[0], effect: "502" | "may", title: string, chain = true): Record =>
  of({
    verdict: effect === "may" ? "at-risk" : "failing",
    findings: [finding(code, { effect, title })],
    observed: { addresses: [address(domain, chain ? {} : { chain: [] })] },
  });

/** The runs of the new version on what the old one left: the messages of each. */
async function upgraded(old: readonly Old[], runs: readonly Record[]): Promise<readonly (readonly Message[])[]> {
  const state = {
    schemaVersion: 2,
    incidents: old.map(incident),
    suspicions: [],
    ended: [],
    problems: [],
    blindSpots: [],
    blindSpotsTold: null,
    digestTold: null,
    outbox: [],
    lease: null,
  };
  let object = { text: JSON.stringify(state), etag: "1" };
  let messages: Message[] = [];
  const ports: Ports = {
    readState: () => Promise.resolve({ kind: "found", ...object }),
    writeState: (text, etag) => {
      if (object.etag !== etag) return Promise.resolve({ kind: "conflict" });
      object = { text, etag: `${Number(etag) + 1}` };
      return Promise.resolve({ kind: "written", etag: object.etag });
    },
    keepAside: () => Promise.resolve({ kind: "kept", location: "aside" }),
    publish: (message) => {
      messages.push(message);
      return Promise.resolve({ kind: "sent", messageId: "1" });
    },
  };
  const sent: Message[][] = [];
  for (const [index, record] of runs.entries()) {
    const at = Date.parse(stored.lastTold) + (index + 1) * hourMs;
    const about = report([record], { runId: `run-${index}`, finishedAt: new Date(at).toISOString() });
    messages = [];
    const run = { report: about, policy: defaultAlertPolicy, clock: () => at, deadline: at + 300_000 };
    await deliver(run, ports, words, { holder: `process-${index}`, unsaved: null });
    sent.push(messages);
  }
  return sent;
}

const subjectsOf = (runs: readonly (readonly Message[])[]) => runs.map((sent) => sent.map(({ subject }) => subject));
const incidentsOf = ({ data }: Message) => JSON.parse(data ?? "").incidents;
const outOfOrder = { code: "chain-out-of-order", effect: "502", title: "certificate chain in the wrong order" };

describe("an open finding whose effect the rules of a new version change", () => {
  test("is told once as less than before, with the reason", async () => {
    const now = found("chain-out-of-order", "may", "certificate chain out of order");
    const runs = await upgraded([outOfOrder], [now, now, healthy]);
    expect(subjectsOf(runs)).toEqual([
      ["[AT RISK] api.example.com: certificate chain out of order (rules changed, 1 distribution, prod)"],
      [],
      [expect.stringMatching(/^\[FIXED\] /)],
    ]);
    const [message] = runs[0]!;
    expect(message!.text).toContain(
      'This version of Origin Watch has other rules: "certificate chain out of order" was reported as 502 before.',
    );
    expect(message!.attributes).toMatchObject({ event: "rejudged", severity: "warning" });
    expect(incidentsOf(message!)).toMatchObject([{ status: "open", effect: "may", effectBefore: "502" }]);
  });

  test("is told once as more than before, with the reason", async () => {
    const old = { code: "certificate-path-ambiguous", effect: "may", title: "not every client finds the path" };
    const now = found("certificate-path-ambiguous", "502", "no path to a trusted root is found");
    const runs = await upgraded([old], [now, now]);
    expect(subjectsOf(runs)).toEqual([
      ["[502] api.example.com: no path to a trusted root is found (rules changed, 1 distribution, prod)"],
      [],
    ]);
    expect(runs[0]![0]!.text).toContain("was reported as a risk before");
    expect(runs[0]![0]!.attributes).toMatchObject({ event: "worsened", severity: "critical" });
  });

  test("waits for a run that sees it", async () => {
    const outOfTime = of({ verdict: "unknown", findings: [finding("out-of-time", { effect: "unseen" })] });
    const now = found("chain-out-of-order", "may", "certificate chain out of order");
    expect(subjectsOf(await upgraded([outOfOrder], [outOfTime, now, now]))).toEqual([
      [],
      [expect.stringContaining("(rules changed")],
      [],
    ]);
  });

  test("is not put down to the rules when the origin changes later", async () => {
    const outOfTime = of({ verdict: "unknown", findings: [finding("out-of-time", { effect: "unseen" })] });
    const now = found("chain-out-of-order", "may", "certificate chain out of order");
    const worse = found("chain-out-of-order", "502", "certificate chain in the wrong order");
    expect(subjectsOf(await upgraded([outOfOrder], [now, outOfTime, worse]))).toEqual([
      [expect.stringContaining("(rules changed")],
      [],
      ["[502] api.example.com: certificate chain in the wrong order (1 distribution, prod)"],
    ]);
  });

  test("that eases later is no news", async () => {
    const now = found("chain-out-of-order", "502", "certificate chain in the wrong order");
    const eased = found("chain-out-of-order", "may", "certificate chain out of order");
    expect(subjectsOf(await upgraded([outOfOrder], [now, eased]))).toEqual([[], []]);
  });
});

describe("an open finding that the rules of a new version no longer have", () => {
  test("is closed with the reason, and never called fixed", async () => {
    const old = { code: "certificate-expiring", effect: "may", title: "certificate expires in 13 days" };
    const runs = await upgraded([old], [healthy, healthy]);
    expect(subjectsOf(runs)).toEqual([
      ["[CLOSED] api.example.com, was: certificate expires in 13 days (rules changed, prod)"],
      [],
    ]);
    const [message] = runs[0]!;
    expect(message!.text).toContain(
      "No longer reported for api.example.com: this version of Origin Watch has other rules",
    );
    expect(message!.text).toContain("Not known: whether it was fixed.");
    expect(message!.text).not.toMatch(/fixed:/i);
    expect(incidentsOf(message!)).toMatchObject([{ status: "gone", reason: "rules-changed" }]);
  });

  test("is not called fixed where something else is left", async () => {
    const old = { code: "certificate-expiring", effect: "may", title: "certificate expires in 13 days" };
    const left = { code: "client-certificate-requested", effect: "may", title: "client certificate requested" };
    const now = found("client-certificate-requested", "may", "client certificate requested");
    const runs = await upgraded([old, left], [now, now]);
    expect(subjectsOf(runs)).toEqual([
      ["[STILL AT RISK] api.example.com: rules changed, left: client certificate requested (prod)"],
      [],
    ]);
    expect(runs[0]![0]!.text).toContain(
      "No longer reported, because the rules of Origin Watch changed: certificate expires in 13 days. Still open:",
    );
  });

  test.each<[string, Old, Record]>([
    [
      "of the same certificates",
      { code: "chain-incomplete", effect: "502", title: "intermediate certificate missing" },
      found("certificate-invalid", "502", "certificate not valid"),
    ],
    [
      "of a handshake that failed before",
      { code: "handshake-rejected", effect: "502", title: "handshake rejected", leaf: null },
      found("certificate-key-unsupported", "502", "key not supported"),
    ],
  ])("goes with the one that takes its place, in one message: %s", async (_, old, now) => {
    const runs = await upgraded([old], [now, now]);
    const [title] = now.findings.map((each) => each.title);
    expect(subjectsOf(runs)).toEqual([[expect.stringContaining(`[502] api.example.com: ${title}`)], []]);
    expect(runs[0]![0]!.text).toContain(
      `${old.title}, open for 1 hour, no longer reported, because the rules of Origin Watch changed`,
    );
    expect(incidentsOf(runs[0]![0]!).map(({ status }: { status: string }) => status)).toEqual(["opened", "gone"]);
  });

  test.each<[string, Old, Record]>([
    ["another certificate", { ...outOfOrder, leaf: { ...same, sha256: "00" } }, healthy],
    ["another chain", { ...outOfOrder, leaf: { ...same, chainLength: 2 } }, healthy],
    [
      "an answer where there was none",
      { code: "connection-refused", effect: "502", title: "port 443 refuses connections", leaf: null },
      found("certificate-host-mismatch", "may", "certificate without the forwarded Host"),
    ],
  ])("is fixed where the origin has changed: %s", async (_, old, now) => {
    const [first] = await upgraded([old], [now]);
    expect(incidentsOf(first![0]!)).toContainEqual(expect.objectContaining({ status: "resolved", code: old.code }));
  });

  test("is fixed later, as ever, once the new rules have seen it", async () => {
    const now = found("chain-out-of-order", "502", "certificate chain in the wrong order");
    expect(subjectsOf(await upgraded([outOfOrder], [now, healthy]))).toEqual([
      [],
      [expect.stringMatching(/^\[FIXED\] /)],
    ]);
  });
});

test("the fixture is of earlier rules", () => {
  expect(stored).not.toHaveProperty("rules");
  expect(rulesRevision).toBeGreaterThan(1);
});
