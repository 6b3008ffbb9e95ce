import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { publication } from "../../lambda/aws/sns.ts";
import { type Scope, scopeOfArn } from "../../lambda/configuration/scope.ts";
import { chooseMessages } from "../../lambda/incidents/choose-messages.ts";
import { defaultAlertPolicy } from "../../lambda/incidents/policy.ts";
import type { Message } from "../../lambda/incidents/ports.ts";
import { emptyState } from "../../lambda/incidents/state.ts";
import { step } from "../../lambda/incidents/step.ts";
import { certificateRules } from "../../lambda/judge/catalogue.ts";
import { consoleLinks } from "../../lambda/report/console-links.ts";
import type { ConnectionRecord, RunReport } from "../../lambda/report/record.ts";
import type { EventProblem } from "../../lambda/tell/event-data.ts";
import { bytesInJson, fitted, listed } from "../../lambda/tell/fit.ts";
import { healthyFacts } from "../../lambda/tell/healthy-facts.ts";
import { renderDraft } from "../../lambda/tell/message.ts";
import { maxTextBytes } from "../../lambda/tell/text.ts";
import { hourMs } from "../../lambda/text/instant.ts";
import {
  address,
  certificate,
  certificateExpiring,
  chainIncomplete,
  connectionRecord,
  connectionTimedOut,
  finding,
  logGroup,
  place,
  region,
  report,
  runTime,
  scope,
  silentAddress,
  topicArn,
  use,
} from "./records.ts";

const now = new Date(runTime);

function messages(run: RunReport, before: RunReport | null = null): readonly Message[] {
  const policy = { ...defaultAlertPolicy, confirmations: 1, weeklyDigest: true };
  const earlier = new Date("2026-11-20T00:00:00Z");
  const previous = before === null ? { ...emptyState, digestTold: runTime } : step(null, before, earlier, policy).next;
  // What is over waits where all goes into one message.
  const over = step(previous, run, now, policy).drafts.filter(
    ({ change }) => change.resolved.length + change.gone.length > 0,
  );
  const drafts = over.length > 0 ? over : step(previous, run, now, policy, { asOne: true }).drafts;
  return drafts.map((draft) => renderDraft(draft, run, { scope, region, logGroup, ...place }, []));
}

function body(run: RunReport, before: RunReport | null = null): string {
  return messages(run, before)[0]!.text;
}

function broken(domain: string, changes: Partial<ConnectionRecord> = {}): ConnectionRecord {
  return connectionRecord(domain, { verdict: "failing", findings: [chainIncomplete], ...changes });
}

describe("renderDraft", () => {
  test("lists every distribution, path and alias, however many", () => {
    const uses = Array.from({ length: 20 }, (_, index) =>
      use(`E${index}`, {
        pathPatterns: [`/path-${index}-a/*`, `/path-${index}-b/*`],
        aliases: [`site-${index}.example.com`],
      }),
    );
    const text = body(report([broken("api.example.com", { uses })]));
    expect(text).toContain("\nand 19 more distributions\n");
    for (const { distributionId, pathPatterns, aliases } of uses) {
      expect(text).toContain(`/distributions/${distributionId}\n`);
      for (const name of [...pathPatterns, ...aliases]) expect(text).toContain(name);
    }
  });

  test("tells the findings of an origin's connections once, with all server names", () => {
    const records = ["www", "shop", "blog"].map((name) =>
      broken("alb.example.com", {
        connection: { ...broken("alb.example.com").connection, key: name, serverName: `${name}.example.com` },
      }),
    );
    const text = body(report(records));
    expect(text.match(/^(?:Cause|Details)/gm)).toEqual(["Cause", "Details"]);
    expect(text).toContain("Server name (SNI): www.example.com, shop.example.com and blog.example.com");
  });

  test("says since when a risk has been an error", () => {
    const risk = broken("api.example.com", { verdict: "at-risk", findings: [{ ...chainIncomplete, effect: "may" }] });
    expect(body(report([broken("api.example.com")]), report([risk]))).toContain(
      "First seen: 2026-11-20 00:00 UTC, as a risk. Since this run it is an error.",
    );
  });

  test("marks what of a broken origin was told before", () => {
    const more = broken("api.example.com", { findings: [certificateExpiring, chainIncomplete] });
    const before = broken("api.example.com", { verdict: "at-risk", findings: [certificateExpiring] });
    const text = body(report([more]), report([before]));
    expect(text).toMatch(/^Cause: The origin does not send the intermediate certificate R11 \(Let's Encrypt\)\.$/m);
    expect(text).toMatch(/^Cause 2 of 2: The certificate CN=shop\.example\.com expires at/m);
    expect(text.match(/in an earlier alert/g)).toHaveLength(1);
    expect(text).toContain("First seen 2026-11-20 00:00 UTC, in an earlier alert.");
  });

  test("does not tell of findings that did not make the difference as if they were open", () => {
    const noted = broken("api.example.com", {
      findings: [
        chainIncomplete,
        finding("chain-superfluous", { effect: "note", title: "certificates sent that are not needed" }),
      ],
    });
    const text = body(report([noted]));
    expect(text).not.toContain("Cause 2");
    expect(text).toContain("Noted, without effect on the verdict:\ncertificates sent that are not needed");
  });

  test("compares the certificate of the connection that failed, not that of another server name", () => {
    const as = (name: string, sha256: string, changes: Partial<ConnectionRecord> = {}) =>
      connectionRecord("api.example.com", {
        connection: { ...broken("api.example.com").connection, key: name, serverName: name },
        observed: { addresses: [address(name, { chain: [certificate(name, { sha256 })] })] },
        ...changes,
      });
    const other = as("shop.example.com", "aa".repeat(32));
    const failing = as("www.example.com", "bb".repeat(32), { verdict: "failing", findings: [chainIncomplete] });
    const text = body(report([other, as("www.example.com", "bb".repeat(32))]), report([other, failing]));
    expect(text).toContain(
      "Fixed: api.example.com passes the check again.\n- intermediate certificate missing: open for",
    );
    expect(text).not.toContain("What changed: a new certificate");
  });

  test("does not call a handshake that succeeds again the first answer", () => {
    const failed = broken("api.example.com", {
      findings: [finding("no-shared-protocol")],
      observed: { addresses: [silentAddress("handshake failed: alert protocol_version")] },
    });
    const healthy = report([connectionRecord("api.example.com")]);
    expect(body(healthy, report([failed]))).not.toContain("answers again");
    const silent = { ...failed, findings: [finding("connection-refused")] };
    expect(body(healthy, report([silent]))).toContain("What changed: the origin answers again.");
  });

  test("says of what this run could not see what it was, and why it could not", () => {
    const refused = broken("api.example.com", {
      findings: [finding("connection-refused", { title: "port 443 refuses connections" })],
      observed: { addresses: [silentAddress("connection refused")] },
    });
    const silent = { ...refused, verdict: "unknown" as const, findings: [connectionTimedOut] };
    const text = body(report([silent]), report([refused]));
    expect(text).toContain("When last checked (2026-11-20 00:00 UTC): cache misses get 502 for");
    expect(text).toContain(
      "Not known: whether this is still so: port 443 refuses connections. This run could not check it: no answer on port 443.",
    );
  });

  test("proves the worst of what is new, whichever connection has it", () => {
    const risk = connectionRecord("api.example.com", { verdict: "at-risk", findings: [certificateExpiring] });
    const bad = broken("api.example.com", {
      connection: { ...risk.connection, key: "other", serverName: "www.example.com" },
      reproduce: "openssl s_client -servername www.example.com",
      observed: { addresses: [address("www.example.com", { address: "203.0.113.9" })] },
    });
    const text = body(report([risk, bad]));
    expect(text).toContain("Verify: openssl s_client -servername www.example.com");
    expect(text).toContain("Checked and OK at 203.0.113.9:");
  });

  test("tells how an origin got out of sight", () => {
    const before = report([broken("api.example.com")]);
    const disabled = connectionRecord("api.example.com", { verdict: "skipped", skipped: "distribution-disabled" });
    expect(body(report([disabled]), before)).toContain(
      "The distribution is disabled, so api.example.com is no longer checked.",
    );
    const elsewhere = connectionRecord("api.example.com", {
      connection: { key: "other" },
      verdict: "unknown",
      findings: [connectionTimedOut],
    });
    const text = body(report([elsewhere]), before);
    expect(text).toContain(
      "CloudFront no longer connects to api.example.com in the way that failed: the configuration was changed.",
    );
    expect(text).toContain("The way that CloudFront connects now could not be checked.");
  });

  test("says of very many at once what they share, and names the first of them", () => {
    const wide = Array.from({ length: 2_000 }, (_, index) =>
      broken(`origin-${index}.${"long-label-".repeat(12)}example.com`, { uses: [use(`E${index}`)] }),
    );
    const text = body(report(wide));
    expect(bytesInJson(text)).toBeLessThanOrEqual(maxTextBytes);
    expect(text).toMatch(
      /^Cache misses to 2000 origins get 502\.\nIn common: intermediate certificate missing \(all 2000\)/,
    );
    expect(text).toContain("Affected, 20 of 2000 (all are in the log):");
    expect(text.match(/^- \[502\] origin-/gm)).toHaveLength(20);
    const [{ data }] = messages(report(wide)) as [Message];
    expect(JSON.parse(data ?? "")).toMatchObject({ event: "digest", open: { failing: 2_000 } });
    const { incidents, leftOut } = JSON.parse(data ?? "");
    expect(incidents.length + leftOut).toBe(2_000);
    expect(incidents.length).toBeGreaterThan(5);
  });

  test("says where a message is cut", () => {
    const uses = Array.from({ length: 500 }, (_, index) =>
      use(`E${index}`, { aliases: Array.from({ length: 40 }, (__, name) => `${name}-${"x".repeat(60)}.example.com`) }),
    );
    const text = body(report([broken("api.example.com", { uses })]));
    expect(bytesInJson(text)).toBeLessThanOrEqual(maxTextBytes);
    expect(text).toContain("(cut here for size; all is in the log)");
    expect(text).toContain("Next message: ");
  });

  test("outlasts more findings than a function takes arguments", () => {
    const run = report([broken("api.example.com")]);
    const [incident] = step(null, run, now, defaultAlertPolicy).next.incidents;
    const seen = Array.from({ length: 130_000 }, (_, index) => ({ ...incident!, key: `${index}`, tellings: 0 }));
    const nothing = { waiting: [], covered: [], resolved: [], gone: [], unconfirmed: [], ended: [] };
    const told = chooseMessages(
      { ...nothing, seen },
      now,
      { ...defaultAlertPolicy, mutes: [] },
      {
        users: new Map(),
        gotThrough: new Set(),
        lately: [],
        asOne: false,
      },
    );
    const context = { notChecked: [], muted: [], distributions: null, openDistributions: [], mutedDistributions: [] };
    const [draft] = told.drafts.map((each) => ({ ...context, ...each, open: told.open }));
    expect(renderDraft(draft!, run, { scope, region, logGroup, ...place }, []).subject).toContain(
      "intermediate certificate missing",
    );
  });

  test("has no links but those of this program, whatever an origin or a certificate says", () => {
    const link = "https://evil.example/login";
    const record = broken(link, {
      uses: [use("E1", { comment: link, aliases: [link], pathPatterns: [link], originId: link })],
      findings: [
        finding("chain-incomplete", {
          title: link,
          explanation: `It is at ${link}.`,
          remedy: [`Look at (${link}).`],
          evidence: { seen: [link], [link]: link },
          address: link,
        }),
      ],
      observed: { addresses: [address(link, { chain: [certificate(link)] })] },
      reproduce: `openssl s_client ${link}`,
    });
    const problems = [{ code: "out-of-time", scope: null, message: link, remedy: link }] as const;
    const broke = report([record], { problems });
    for (const { text, subject, short } of [...messages(broke), ...messages(report([]), broke)]) {
      expect(text.match(/\S*:\/\/\S*/g)?.filter((word) => !isOwn(word)) ?? []).toEqual([]);
      expect(`${subject} ${short}`).not.toContain("://");
    }
    expect(messages(broke)[0]?.text).toContain("evil.example/login");
    expect(messages(broke)[0]?.text).toMatch(/^Source: https:\/\/docs\.aws/m);
    expect(messages(broke)[0]?.text).toMatch(/https:\/\/console\.aws\.amazon\.com\/cloudfront/);
  });

  test("stays within the limit and on its lines, whatever the text and however much", () => {
    const long = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.constant("\n\nFixed:\nall is well\n".repeat(60)),
      fc.constant("\u{1f642}".repeat(1_000)),
      fc.constant("\u0000".repeat(1_000)),
    );
    const hostile = fc
      .record({
        text: long,
        uses: fc.constantFrom(1, 30),
        findings: fc.constantFrom(1, 15),
        records: fc.constantFrom(1, 12),
      })
      .map(({ text, uses, findings, records }) =>
        report(
          Array.from({ length: records }, (_, index) =>
            broken(`${index}${text}`, {
              uses: Array.from({ length: uses }, (_, use_) =>
                use(`E${use_}${text}`, {
                  aliases: Array(50).fill(text),
                  comment: text,
                  pathPatterns: Array(50).fill(text),
                }),
              ),
              findings: Array.from({ length: findings }, (_, n) =>
                finding(certificateRules[n % certificateRules.length]!.code, {
                  title: text,
                  explanation: text,
                  remedy: Array(30).fill(text),
                  evidence: { [text]: Array(30).fill(text), deep: { a: { b: { c: { d: text } } } } },
                }),
              ),
              observed: { addresses: Array(20).fill(address(text, { chain: [certificate(text)] })) },
              reproduce: text,
            }),
          ),
          { problems: [{ code: "out-of-time", scope: null, message: text, remedy: text }] },
        ),
      );
    fc.assert(
      fc.property(hostile, (run) => {
        for (const message of [...messages(run), ...messages(report([]), run)]) {
          const { MessageAttributes = {}, Message: payload = "" } = publication(message, topicArn);
          const attributes = Object.entries(MessageAttributes).map(
            ([name, { DataType, StringValue }]) => `${name}${DataType}${StringValue}`,
          );
          expect(Buffer.byteLength(payload + attributes.join(""))).toBeLessThanOrEqual(256 * 1024 - 4096);
          const { text } = message;
          expect(text.isWellFormed()).toBe(true);
          expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          expect(text).not.toContain("\nall is well\n");
          expect(message.short).toMatch(/^[\x20-\x7e]{1,140}$/);
          for (const rendering of [message.data, message.chat]) {
            expect(rendering).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
          }
          for (const told of strings([JSON.parse(message.data ?? ""), JSON.parse(message.chat ?? "")])) {
            expect(told.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
            expect(told).not.toContain("\nall is well\n");
          }
        }
      }),
      { numRuns: 6 },
    );
  });
});

describe("renderDraft, for chat", () => {
  type Chat = {
    readonly content: { readonly title: string; readonly description: string; readonly nextSteps: string[] };
    readonly metadata: { readonly threadId: string; readonly additionalContext: Readonly<Record<string, string>> };
  };
  const chat = (run: RunReport, before: RunReport | null = null) =>
    JSON.parse(messages(run, before)[0]?.chat ?? "") as Chat;

  test("is a custom notification of Amazon Q, with strings for values", () => {
    const notification = chat(report([broken("api.example.com")]));
    expect(notification).toMatchObject({
      version: "1.0",
      source: "custom",
      content: {
        textType: "client-markdown",
        title: "`[502] api.example.com: intermediate certificate missing (1 distribution, prod)`",
      },
      metadata: { eventType: "digest", relatedResources: ["E1EXAMPLE"] },
    });
    expect(Object.values(notification.metadata.additionalContext).every((value) => typeof value === "string")).toBe(
      true,
    );
    expect(notification.content.nextSteps.at(-1)).toContain("openssl s_client");
  });

  test("says first what the mail says first, and has its steps", () => {
    const unseen = connectionRecord("b.example.com", { verdict: "unknown", findings: [connectionTimedOut] });
    const run = report([broken("api.example.com"), unseen], {
      problems: [{ code: "tenants-left-out", scope, message: "Not every tenant was read.", remedy: "Allow it." }],
    });
    const policy = { ...defaultAlertPolicy, confirmations: 1, firstMessage: "now" } as const;
    const first = step(null, run, now, policy);
    const second = step(first.next, report([]), new Date(now.getTime() + 26 * 3_600_000), policy);
    const weekly = step(first.next, run, new Date(now.getTime() + 8 * 86_400_000), { ...policy, weeklyDigest: true });
    const all = [...first.drafts, ...second.drafts, ...weekly.drafts];
    const events = ["run-problem", "started", "opened", "unseen", "resolved", "reminder", "weekly"];
    expect(new Set(all.map(({ event }) => event))).toEqual(new Set(events));
    for (const draft of all) {
      const { text, chat: sent } = renderDraft(draft, run, { scope, region, logGroup, ...place }, []);
      const { content } = JSON.parse(sent ?? "") as Chat;
      const [line = ""] = text.split("\n");
      expect(content.description.split("\n")[0]).toBe(`\`${line}\``);
      const steps = [...text.split("Verify:")[0]!.matchAll(/^\d\. (.*)$/gm)].map(([, words = ""]) => words);
      expect(content.nextSteps.filter((each) => !each.startsWith("Verify:"))).toHaveLength(Math.min(steps.length, 4));
    }
  });

  test("keeps the messages about one origin in one thread as long as something is open there", () => {
    const opened = chat(report([broken("api.example.com")]), report([broken("other.example.com")]));
    const first = report([broken("api.example.com")], { finishedAt: "2026-11-20T00:00:00Z" });
    const worse = report([broken("api.example.com", { findings: [chainIncomplete, finding("certificate-expired")] })]);
    const [more, over] = [chat(worse, first), chat(report([connectionRecord("api.example.com")]), first)];
    expect(more.metadata.threadId).toBe("api.example.com:443 2026-11-20T00:00:00.000Z");
    expect(over.metadata.threadId).toBe(more.metadata.threadId);
    expect(opened.metadata.threadId).not.toBe(more.metadata.threadId);
  });

  test("lets nothing from an origin out of a code span", () => {
    const hostile = "`<!channel> [click](https://evil.example) *bold* @here <https://evil.example|ok>";
    const record = broken("api.example.com", {
      uses: [use("E1", { pathPatterns: [hostile], aliases: [hostile] })],
      findings: [finding("certificate-name-mismatch", { title: hostile, remedy: [hostile] })],
      reproduce: hostile,
    });
    const { content } = chat(
      report([record], { problems: [{ code: "out-of-time", scope: null, message: hostile, remedy: hostile }] }),
    );
    for (const text of [content.title, content.description, ...content.nextSteps]) {
      const outside = text.split("`").filter((_, index) => index % 2 === 0);
      expect(outside.join()).not.toMatch(/evil|channel|@here|bold/);
      expect(text).not.toMatch(/[<>]/);
    }
    expect(content.description).toContain("&lt;!channel&gt;");
  });
});

function isOwn(address: string): boolean {
  return /^https:\/\/(docs\.aws\.amazon\.com|([a-z0-9-]+\.)?console\.aws\.amazon\.com)\//.test(address);
}

test("names the account of a problem, as it comes and as it goes, to people and to programs", () => {
  const other: Scope = { accountId: "444455556666", accountName: "shop", partition: "aws" };
  const problem = (of: Scope | null) => ({ code: "inventory-failed", scope: of, message: "No.", remedy: "" }) as const;
  const incomplete = report([broken("api.example.com")], { problems: [scope, other, null].map(problem) });
  const named = ({ data }: Message) =>
    JSON.parse(data ?? "").problems.map((row: EventProblem) => [row.status, row.scope?.accountId ?? null]);
  const ids = ["111122223333", "444455556666", null];
  const [opened] = messages(incomplete) as [Message];
  expect(named(opened)).toEqual(ids.map((id) => ["opened", id]));
  expect([...opened.text.matchAll(/^Problem.*/gm)].map(([line]) => line)).toEqual([
    "Problem in account prod (111122223333): No.",
    "Problem in account shop (444455556666): No.",
    "Problem: No.",
  ]);
  const before = step(null, incomplete, now, defaultAlertPolicy).next;
  const { drafts } = step(before, report([]), new Date(now.getTime() + 3 * hourMs), defaultAlertPolicy);
  const ending = drafts.find(({ change }) => change.problems.resolved.length > 0)!;
  const over = renderDraft(ending, report([]), { scope, region, logGroup, ...place }, []);
  expect(named(over)).toEqual(ids.map((id) => ["resolved", id]));
  expect(over.text).toContain("Fixed: distributions cannot be listed in account shop (444455556666), open for ");
  expect(over.attributes.accountIds).toEqual(["111122223333", "444455556666"]);
});

describe("renderDraft, for programs", () => {
  test("says what happened to which finding, with the remedy and the proof", () => {
    const [{ data, attributes }] = messages(report([broken("api.example.com")])) as [Message];
    expect(JSON.parse(data ?? "")).toMatchObject({
      schemaVersion: 1,
      source: "origin-watch",
      severity: "critical",
      incidents: [
        {
          status: "opened",
          code: "chain-incomplete",
          effect: "502",
          origin: "api.example.com:443",
          openedAt: runTime,
          distributions: ["E1EXAMPLE"],
          remedy: [/full chain/, /IIS/, /ACM/].map((step) => expect.stringMatching(step)),
          reproduce: expect.stringContaining("openssl"),
        },
      ],
      leftOut: 0,
    });
    expect(attributes).toEqual({
      event: "digest",
      severity: "critical",
      codes: ["chain-incomplete"],
      distributionIds: ["E1EXAMPLE"],
      origins: ["api.example.com:443"],
      accountIds: ["111122223333"],
    });
  });

  test.each([
    ["critical", report([broken("a.example.com")]), null],
    ["warning", report([broken("a.example.com", { verdict: "at-risk" })]), null],
    ["info", report([connectionRecord("a.example.com")]), report([broken("a.example.com")])],
    ["warning", report([], { problems: [{ code: "out-of-time", scope: null, message: "x", remedy: "y" }] }), null],
  ] as const)("calls it %s", (severity, run, before) => {
    expect(messages(run, before)[0]?.attributes.severity).toBe(severity);
  });
});

/** All strings of a JSON value. */
function strings(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(strings) : [];
}

describe("fitted", () => {
  const entry = fc.integer({ min: 1, max: 60 });
  const sections = fc
    .array(fc.array(entry, { minLength: 1, maxLength: 40 }), { minLength: 1, maxLength: 4 })
    .map((all) =>
      all.map((sizes, rank) =>
        listed(
          `heading ${rank}`,
          rank,
          sizes.map((size, index) => `<${rank}.${index}>${"x".repeat(size)}`),
        ),
      ),
    );

  test("takes nothing from a section as long as a less important one has anything left", () => {
    fc.assert(
      fc.property(sections, fc.integer({ min: 100, max: 4_000 }), (given, maxBytes) => {
        const text = fitted(given, maxBytes);
        expect(bytesInJson(text)).toBeLessThanOrEqual(maxBytes);
        const shown = given.map(
          ({ entries }, rank) => entries.filter((_, n) => text.includes(`<${rank}.${n}>`)).length,
        );
        const cut = text.includes("cut here for size");
        for (const [rank, { entries }] of given.entries()) {
          const less = shown.slice(0, rank).reduce((sum, count) => sum + count, 0);
          if (!cut && (shown[rank] ?? 0) < entries.length) expect([rank, less]).toEqual([rank, 0]);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("healthyFacts", () => {
  const at = runTime;
  test("lists what an observation shows, and groups addresses that agree", () => {
    const record = connectionRecord("api.example.com", {
      observed: {
        addresses: [address("api.example.com"), address("api.example.com", { address: "203.0.113.8", ms: 99 })],
      },
    });
    expect(healthyFacts(record, at)).toEqual([
      "203.0.113.7 and 203.0.113.8: TCP on port 443; TLSv1.2 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; the certificate covers api.example.com; the certificate expires on 2026-12-30; the chain is complete and in order.",
    ]);
  });

  test("claims nothing where nothing was seen", () => {
    const refused = broken("api.example.com", { observed: { addresses: [silentAddress("connection refused")] } });
    expect(healthyFacts(refused, at)).toEqual([]);
  });

  test.each<[string, Partial<ConnectionRecord>, RegExp]>([
    ["a name that is not there", { observed: { addresses: [address("other.example.com")] } }, /covers/],
    [
      "a name under a wildcard of another level",
      {
        observed: {
          addresses: [address("x", { chain: [certificate("x", { names: ["*.com", "*.api.example.com"] })] })],
        },
      },
      /covers/,
    ],
    [
      "a certificate that is over",
      {
        observed: {
          addresses: [
            address("api.example.com", {
              chain: [certificate("api.example.com", { notAfter: "2026-11-23T03:12:40Z" })],
            }),
          ],
        },
      },
      /expires on/,
    ],
    ["a chain with a finding", { findings: [chainIncomplete] }, /complete and in order/],
    [
      "a chain with a finding for all addresses",
      { findings: [{ ...chainIncomplete, address: null }] },
      /complete and in order/,
    ],
    ["dates with a finding", { findings: [certificateExpiring] }, /expires on/],
    ["certificates that validation refuses", { findings: [finding("certificate-invalid")] }, /complete and in order/],
    [
      "certificates whose path not every client finds",
      { findings: [finding("certificate-path-ambiguous")] },
      /complete and in order/,
    ],
    ["a handshake with a finding", { findings: [finding("client-certificate-required")] }, /agreed/],
  ])("does not praise %s", (_, changes, praise) => {
    const lines = healthyFacts(broken("api.example.com", { findings: [], ...changes }), at);
    expect(lines.join()).toContain("TCP on port 443");
    expect(lines.join()).not.toMatch(praise);
  });

  test("accepts a wildcard for one label, and praises an address that another's finding does not concern", () => {
    const record = broken("api.example.com", {
      findings: [{ ...chainIncomplete, address: "203.0.113.8" }],
      observed: { addresses: [address("x", { chain: [certificate("x", { names: ["*.EXAMPLE.com"] })] })] },
    });
    expect(healthyFacts(record, at).join()).toMatch(/covers api\.example\.com.*complete and in order/);
  });
});

describe("consoleLinks", () => {
  test.each([
    [
      "arn:aws:sns:eu-west-1:111122223333:t",
      "https://console.aws.amazon.com/cloudfront/v4/home?region=eu-west-1#/distributions/E1",
    ],
    [
      "arn:aws-cn:sns:cn-north-1:111122223333:t",
      "https://console.amazonaws.cn/cloudfront/v4/home?region=cn-north-1#/distributions/E1",
    ],
    [
      "arn:aws-us-gov:sns:us-gov-west-1:111122223333:t",
      "https://console.amazonaws-us-gov.com/cloudfront/v4/home?region=us-gov-west-1#/distributions/E1",
    ],
    ["arn:aws-iso:sns:us-iso-east-1:111122223333:t", null],
    ["not an ARN", null],
  ])("fits the partition of %s", (arn, link) => {
    expect(consoleLinks(scopeOfArn(arn), arn.split(":")[3] ?? "").distribution("E1")).toBe(link);
  });

  test("encodes names for the console", () => {
    expect(consoleLinks(scope, region).logGroup("/aws/lambda/a#b")).toBe(
      "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:log-groups/log-group/$252Faws$252Flambda$252Fa$2523b",
    );
  });
});
