import { describe, expect, it } from "vitest";
import type { Board } from "../../lambda/board/board.ts";
import { parseBoard, serializeBoard } from "../../lambda/board/board-format.ts";
import { type Scope, unknownScope } from "../../lambda/configuration/scope.ts";
import type { FindingCode } from "../../lambda/judge/catalogue.ts";
import { type WidgetView, widgetHtml } from "../../lambda/pages/widget.ts";
import { widgetDescription, widgetNotice } from "../../lambda/pages/widget-notice.ts";
import { asksForDescription, readWidgetPage, type WidgetPage } from "../../lambda/pages/widget-page.ts";
import { identity } from "../../lambda/report/identity.ts";
import { scope, use } from "../tell/records.ts";
import { fleet } from "../tell/situations.ts";
import { attackedBy, attacks, boardFrom, failing, healthy, mixed, now, skipped, withCounts } from "./boards.ts";

const functionArn = "arn:aws:lambda:eu-west-1:123456789012:function:OriginWatch-Widget";

function view(board: Board, changes: Partial<WidgetView> = {}): WidgetView {
  return { board, openedAt: new Map(), now: now + 300_000, theme: "light", functionArn, width: 900, ...changes };
}

function shown(board: Board, page: WidgetPage = { kind: "overview" }, changes: Partial<WidgetView> = {}): string {
  return widgetHtml(view(board, changes), page);
}

/** What the console does with an action: it takes the content for JSON and sends it with what the widget has. */
function actionsIn(html: string) {
  const pattern = /<(\w+)([^>]*)>((?:(?!<\/\1>).)*)<\/\1><cwdb-action ([^>]*)>([^<]*)<\/cwdb-action>/g;
  return [...html.matchAll(pattern)].map(([, element, , label = "", attributes, json = ""]) => ({
    element,
    label: label.replace(/<[^>]*>/g, ""),
    attributes,
    page: readWidgetPage({ ...JSON.parse(json), widgetContext: { theme: "light" } }),
  }));
}

const words = (html: string) =>
  html
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");

describe("the widget", () => {
  it("shows with an origin what CloudFront counted for its distributions", () => {
    const read = parseBoard(serializeBoard(withCounts));
    if (read.kind !== "board") throw new Error(read.problem);
    const page = { kind: "origin", domain: "counted.example.com", port: 443 } as const;
    expect(words(shown(read.board, page))).toContain(
      "CloudFront's count CloudFront&#39;s count for E1SHOP, 2026-11-23 02:52 to 03:07 UTC: none of 3,211 requests failed; cached objects count too.",
    );
  });

  it("lists what is muted, so that silence is not taken for health, and escapes it", () => {
    const muted = [
      "a.example.com: <b>expired</b>, until 2026-12-01 00:00 UTC",
      ...Array.from({ length: 11 }, () => "b"),
    ];
    const html = shown(boardFrom([healthy]), { kind: "overview" }, { muted });
    expect(words(html)).toContain("Muted now a.example.com: &#60;b&#62;expired");
    expect(words(html)).toContain("and 2 more findings");
    expect(words(shown(boardFrom([healthy])))).not.toContain("Muted now");
  });

  it("shows what CloudFront counts first, with since when, and errors of another kind in a line", () => {
    const key = identity({ key: "distribution E1SHOP", code: "viewers-get-errors" });
    const openedAt = new Map([[key, new Date(now - 10_500_000).toISOString()]]);
    const text = words(shown(withCounts, { kind: "overview" }, { openedAt }));
    const parts = [
      "1 origin failing, 3 at risk, 1 distribution with errors",
      "shop.example.com (E1SHOP)",
      "for 3 hours since 2026-11-23 00:17 UTC",
      "31.1% of requests get 502",
      "CloudFront counted 1,240 requests in 15 minutes, 386 of them answered 5xx (502: 386), 2026-11-23 02:52 to 03:07 UTC.",
      "Possible cause, open since 2026-11-22 22:12 UTC: img.example.com, stopped answering on port 443 (at risk).",
      "Errors of another kind than 502 and 504 at de2blog.cloudfront.net (E2BLOG): CloudFront counted 900 requests in 15 minutes, 90 of them answered 5xx (none of them 502 or 504)",
      "Intermediate certificate missing",
    ];
    for (const part of parts) expect(text).toContain(part);
    expect(parts.map((part) => text.indexOf(part))).toEqual(
      parts.map((part) => text.indexOf(part)).toSorted((a, b) => a - b),
    );
  });

  it("shows the worst first: what it is, for whom, since when, what to do", () => {
    const key = { key: failing.connection.key, code: "chain-incomplete" };
    const openedAt = new Map([[identity(key), new Date(now - 10_500_000).toISOString()]]);
    const text = words(shown(mixed, { kind: "overview" }, { openedAt }));
    const parts = [
      "1 origin failing, 2 at risk",
      "api.example.com",
      "for 3 hours since 2026-11-23 00:17 UTC",
      "Intermediate certificate missing",
      "Cache misses get 502 for shop.example.com/api/*",
      "Do first: Make the server send the full chain",
    ];
    const places = parts.map((part) => text.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(text).not.toContain("well.example.com");
  });

  it("binds each action to a button right before it, and calls its own function", () => {
    const html = shown(mixed);
    const actions = actionsIn(html);
    expect(actions).toHaveLength(html.split("<cwdb-action").length - 1);
    for (const { element, attributes, page } of actions) {
      expect(element).toBe("button");
      const display = page.kind === "origin" ? "popup" : "widget";
      expect(attributes).toBe(`action="call" display="${display}" endpoint="${functionArn}"`);
    }
    expect(actions.map(({ page }) => page.kind)).toContain("healthy");
    expect(actions[0]?.page).toEqual({ kind: "origin", domain: "api.example.com", port: 443 });
  });

  it("says how old the run is, and warns when it is stale", () => {
    expect(words(shown(mixed))).toContain("checked 5 minutes ago, 2026-11-23 03:12 UTC");
    expect(shown(mixed)).not.toContain("The last run ended");
    const late = now + 4 * 3_600_000;
    expect(shown(mixed, { kind: "overview" }, { now: late })).toContain("<b>The last run ended 4 hours ago.</b>");
    expect(shown(mixed, { kind: "overview" }, { now: late, staleAfterMs: 5 * 3_600_000 })).not.toContain(
      "The last run ended",
    );
  });

  it("says what made the run incomplete", () => {
    expect(words(shown(mixed))).toContain("Problem: CloudFront would not list the distributions");
  });

  it("says what a finding means, and of a risk which status", () => {
    const origin = (changes: object) => {
      const findings = failing.findings.map((finding) => ({ ...finding, effect: "may" as const, ...changes }));
      const page = { kind: "origin", domain: "api.example.com", port: 443 } as const;
      return words(shown(boardFrom([{ ...failing, verdict: "at-risk", findings }]), page));
    };
    expect(origin({})).toContain("may cause 502");
    expect(origin({ mayAnswer: "504" })).toContain("may cause 504");
    expect(origin({ mayAnswer: "504" })).toContain("Cache misses may get 504 for");
    expect(origin({ effect: "502" })).toContain("causes 502");
  });

  it("says whose account it is, and from where it was checked", () => {
    const of = (...scopes: readonly Scope[]) =>
      words(shown(boardFrom([{ ...failing, uses: scopes.map((scope) => use("E1SHOP", { scope })) }])));
    expect(words(shown(mixed))).toContain("Account prod (111122223333), checked from eu-west-1");
    const [blog, unknown] = [{ ...scope, accountId: "444455556666", accountName: null }, unknownScope];
    expect(of(scope, blog)).toContain("Accounts prod (111122223333) and 444455556666, checked from eu-west-1");
    expect(of(unknown)).toContain("Checked from eu-west-1");
    const here = boardFrom([{ ...skipped, uses: [use("E1SHOP", { scope: unknown })] }]);
    expect(words(shown(here))).not.toMatch(/account|checked from/i);
  });

  it("shows everything about one origin", () => {
    const text = words(shown(mixed, { kind: "origin", domain: "API.example.com", port: 443 }));
    for (const part of [
      "The origin sent 1 certificate",
      "Expected CN=R11",
      "Or, in ACM: import the certificate",
      "openssl s_client -connect api.example.com:443",
      "Affected",
      "E2BLOG",
      "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      "secp256r1",
      "RSA 2048",
      "server name (SNI) www.example.com",
    ]) {
      expect(text).toContain(part);
    }
  });

  it("puts addresses together that answered alike", () => {
    const text = words(shown(mixed, { kind: "origin", domain: "well.example.com", port: 443 }));
    expect(text).toContain("203.0.113.7 and 203.0.113.9");
    expect(text).toContain("41 to 60 ms");
  });

  it("says so when an origin is gone", () => {
    expect(words(shown(mixed, { kind: "origin", domain: "gone.example.com", port: 443 }))).toContain(
      "not on the board",
    );
  });

  it("lists what is healthy or skipped on a page of its own", () => {
    const text = words(shown(boardFrom([failing, healthy, skipped]), { kind: "healthy", from: 0 }));
    expect(text).toContain("well.example.com");
    expect(text).toContain("S3 bucket, which needs no check");
    expect(text).not.toContain("api.example.com");
  });

  it.each([
    ["failing", "more"],
    ["healthy", "healthy"],
  ] as const)("leads through all of many %s origins", (verdict, kind) => {
    const board = boardFrom(fleet(130, verdict));
    const seen = new Set<string>();
    let page: WidgetPage | undefined = verdict === "failing" ? { kind: "overview" } : { kind: "healthy", from: 0 };
    for (let pages = 0; page !== undefined && pages < 20; pages += 1) {
      const html = shown(board, page);
      const actions = actionsIn(html);
      for (const { page: target } of actions) if (target.kind === "origin") seen.add(target.domain);
      page = actions.find(({ page: target, label }) => target.kind === kind && label.endsWith("more"))?.page;
    }
    expect(seen.size).toBe(130);
  });

  it("shows a page beyond the end as an empty one", () => {
    expect(actionsIn(shown(mixed, { kind: "healthy", from: 1_000_000 }))).toHaveLength(1);
  });

  const large = boardFrom([
    ...fleet(3_000, "failing"),
    ...fleet(3_000, "healthy").map((record) => ({ ...record, connection: { ...record.connection, port: 8443 } })),
  ]);
  // Whoever can write to the bucket is not bound by what a run would write.
  const swelling = `"`.repeat(1_500);
  const times = <T>(items: readonly T[], change: (item: T, copy: number) => T) =>
    Array.from({ length: 20 }, (_, copy) => change(items[0] as T, copy));
  const swollen: Board = {
    ...mixed,
    records: Array.from({ length: 100 }, (_, index) => {
      const record = attackedBy(swelling, 0);
      const uses = record.uses.map((item) => ({ ...item, distributionId: `E${index}${swelling}` }));
      if (index > 0) return { ...record, uses, connection: { ...record.connection, domain: `${index}${swelling}` } };
      return {
        ...record,
        connection: { ...record.connection, domain: "a.example.com" },
        uses: times(uses, (item, copy) => ({
          ...item,
          distributionId: `${copy}`,
          aliases: Array.from({ length: 30 }, (__, name) => `${name}${swelling}`),
        })),
        findings: times(record.findings, (item, copy) => ({
          ...item,
          code: `${copy}` as FindingCode,
          remedy: Array(20).fill(swelling),
        })),
        observed: {
          addresses: times(record.observed.addresses, (item, copy) => ({
            ...item,
            outcome: `${copy}`,
            chain: Array(20).fill(item.chain[0]),
          })),
        },
      };
    }),
    problems: Array(50).fill({ ...mixed.problems[0], message: swelling, remedy: swelling }),
  };
  it.each([
    ["thousands of origins", large, "origin-1.example.com"],
    ["texts that swell when they are escaped", swollen, "a.example.com"],
  ])("stays below 200 KB with %s", (_, board, domain) => {
    const pages: WidgetPage[] = [
      { kind: "overview" },
      { kind: "more", from: 40 },
      { kind: "healthy", from: 0 },
      { kind: "origin", domain, port: 443 },
    ];
    const sizes = pages.map((page) => [page.kind, Buffer.byteLength(shown(board, page))] as const);
    for (const [kind, size] of sizes) expect([kind, size < 200_000 ? "fits" : size]).toEqual([kind, "fits"]);
  });

  it("stays below 200 KB with a domain that is none", () => {
    const endless = { ...failing, connection: { ...failing.connection, domain: "x".repeat(1_000_000) } };
    expect(Buffer.byteLength(shown({ ...mixed, records: [endless] }))).toBeLessThan(200_000);
  });

  it("does without the ages where they are not known", () => {
    const text = words(shown(mixed, { kind: "overview" }, { openedAt: null }));
    expect(text).toContain("Intermediate certificate missing");
    expect(text).not.toMatch(/ since |new in the last run/);
  });

  it("names no class that another part of a dashboard could have", () => {
    const classes = [...shown(mixed).matchAll(/class="([^"]*)"/g)].flatMap(([, value = ""]) => value.split(" "));
    expect([...new Set(classes)].filter((name) => !name.startsWith("ow"))).toEqual(["cwdb-no-default-styles"]);
  });
});

describe("the page that is asked for", () => {
  it.each<[string, unknown, WidgetPage]>([
    ["nothing", undefined, { kind: "overview" }],
    ["a text", "healthy", { kind: "overview" }],
    ["the context only", { widgetContext: {} }, { kind: "overview" }],
    ["the overview", { page: "overview" }, { kind: "overview" }],
    ["no page that there is", { page: "constructor", from: 1 }, { kind: "overview" }],
    ["healthy ones", { page: "healthy", from: 40 }, { kind: "healthy", from: 40 }],
    ["more", { page: "more", from: 0, other: 1 }, { kind: "more", from: 0 }],
    ["less than none", { page: "more", from: -1 }, { kind: "overview" }],
    ["half a page", { page: "more", from: 0.5 }, { kind: "overview" }],
    ["a page in words", { page: "healthy", from: "40" }, { kind: "overview" }],
    ["an origin", { page: "origin", domain: "a.b", port: 8443 }, { kind: "origin", domain: "a.b", port: 8443 }],
    ["an endless name", { page: "origin", domain: "a".repeat(254), port: 1 }, { kind: "overview" }],
    ["a port that is none", { page: "origin", domain: "a.b", port: 65_536 }, { kind: "overview" }],
    ["a list", [{ page: "more", from: 1 }], { kind: "overview" }],
  ])("is read from %s", (_, event, page) => {
    expect(readWidgetPage(event)).toEqual(page);
  });
});

describe("a description", () => {
  it("is asked for by describe alone", () => {
    expect(
      [{ describe: true, widgetContext: {} }, { describe: "true" }, { describe: false }, {}, null, "describe"].map(
        asksForDescription,
      ),
    ).toEqual([true, false, false, false, false, false]);
  });

  it("is Markdown with the parameters in YAML first", () => {
    expect(widgetDescription).toMatch(/^## /);
    expect(/``` yaml\n(.*?)\n```/s.exec(widgetDescription)?.[1]).toBe("{}");
  });
});

describe("a notice", () => {
  it.each([
    [{ kind: "no-run" }, "<b>No run has completed yet.</b>"],
    [
      { kind: "unreadable", problem: "records.0: <b>odd</b>" },
      "cannot be read:</b> records.0: &#60;b&#62;odd&#60;/b&#62;.",
    ],
    [
      { kind: "denied", action: "s3:GetObject" },
      "<b>Access denied: the widget&#39;s function may not read the result of the last run.</b> s3:GetObject",
    ],
    [{ kind: "failed", problem: "S3 did not answer" }, "could not be fetched:</b> S3 did not answer."],
    [
      { kind: "ages-unknown", problem: "it is damaged" },
      "<b>Since when something is open is not known:</b> it is damaged.",
    ],
    [
      { kind: "not-listed", since: "2026-11-24T01:00:00.000Z", problem: "Access denied." },
      "<b>Since 2026-11-24 01:00 UTC no run could list the distributions:</b> Access denied.",
    ],
  ] as const)("says of %j what is the matter", (notice, expected) => {
    expect(widgetNotice(notice, "dark", 900)).toContain(expected);
  });

  it("survives whatever the problem says", () => {
    for (const problem of attacks) {
      expect(widgetNotice({ kind: "unreadable", problem }, "light", 900)).not.toMatch(/<script|<img|<svg|<iframe|" on/);
    }
  });
});
