import { describe, expect, it } from "vitest";
import type { Incident } from "../../lambda/incidents/state.ts";
import { distributionViews } from "../../lambda/pages/distribution-view.ts";
import { memoryOf, openedAtOf } from "../../lambda/pages/open-since.ts";
import { originViews } from "../../lambda/pages/origin-view.ts";
import { causeLine, headline, impact, sinceWords } from "../../lambda/pages/words.ts";
import { identity } from "../../lambda/report/identity.ts";
import type { ConnectionRecord } from "../../lambda/report/record.ts";
import {
  address,
  certificate,
  chainIncomplete,
  connectionRecord,
  connectionRefused,
  finding,
  use,
} from "../tell/records.ts";
import { inventoryFailed } from "../tell/situations.ts";
import { atRisk, failing, healthy, now, skipped, unknown, withCounts } from "./boards.ts";

const hoursAgo = (hours: number) => new Date(now - hours * 3_600_000).toISOString();
const nothingKept = memoryOf(null);
const names = (records: readonly ConnectionRecord[]) => originViews(records, nothingKept).map(({ name }) => name);

function broken(domain: string, uses: ConnectionRecord["uses"]): ConnectionRecord {
  return connectionRecord(domain, { verdict: "failing", findings: [chainIncomplete], uses });
}

describe("origins on a board", () => {
  it("are sorted by verdict, then by whom their failure reaches", () => {
    const secondary = { group: { id: "ha", role: "secondary" } } as const;
    const records = [
      skipped,
      healthy,
      unknown,
      atRisk,
      broken("only-after-failover.example.com", [use("E1", secondary), use("E2", secondary), use("E3", secondary)]),
      broken("staging.example.com", [use("E4", { staging: true })]),
      broken("one.example.com", [use("E1")]),
      broken("default.example.com", [use("E1", { isDefault: true })]),
      broken("two.example.com:1", [use("E1"), use("E2")]),
    ];
    expect(names(records)).toEqual([
      "two.example.com:1",
      "default.example.com",
      "one.example.com",
      "only-after-failover.example.com",
      "staging.example.com",
      "soon.example.com",
      "internal-alb.example.com",
      "well.example.com",
      "bucket.example.com",
    ]);
  });

  it("are told by their worst connection, and by those whom that one concerns", () => {
    const other = connectionRecord("api.example.com", { connection: { key: "other" }, uses: [use("E9")] });
    const [origin] = originViews([other, failing], nothingKept);
    expect(origin).toMatchObject({ verdict: "failing" });
    expect(origin?.affected.map(({ distributionId }) => distributionId)).toEqual(["E1SHOP", "E2BLOG"]);
    expect(origin?.records[0]).toEqual(failing);
  });

  it("name the cause that decides before those that do not", () => {
    const record = connectionRecord("api.example.com", {
      verdict: "failing",
      findings: [
        finding("chain-superfluous", { effect: "note" }),
        finding("certificate-expiring", { effect: "may" }),
        { ...connectionRefused, title: "api.example.com refuses" },
      ],
    });
    const [origin] = originViews([record], nothingKept);
    expect(causeLine(origin!)).toBe("Refuses, and 1 more finding");
    expect(impact(origin!)).toContain("get 502");
  });

  it("say 504 where nothing worse is known", () => {
    const record = connectionRecord("a.example.com", {
      verdict: "failing",
      findings: [finding("dns-private-address", { effect: "504" })],
    });
    expect(impact(originViews([record], nothingKept)[0]!)).toContain("get 504");
  });

  it("have the certificate that ends first", () => {
    const record = connectionRecord("a.example.com", {
      observed: {
        addresses: ["2027-01-01T00:00:00Z", "2026-12-01T00:00:00Z", "x"].map((notAfter) =>
          address("a.example.com", {
            chain: [certificate("a", { notAfter }), certificate("b", { notAfter: "2026-11-24T00:00:00Z" })],
          }),
        ),
      },
    });
    expect(originViews([record], nothingKept)[0]?.expiry).toBe(Date.UTC(2026, 11, 1));
    expect(originViews([skipped], nothingKept)[0]?.expiry).toBeNull();
  });
});

describe("how long something has been open", () => {
  const key = failing.connection.key;
  const since = (record: ConnectionRecord, openedAt: Readonly<Record<string, string>>) => {
    const entries = Object.entries(openedAt).map(([code, time]) => [identity({ key, code }), time] as const);
    const [origin] = originViews([record], memoryOf(new Map(entries)));
    return [origin?.open.kind, sinceWords(origin!.open, now)];
  };

  it("is counted from the first of the incidents that decide", () => {
    const findings = [
      chainIncomplete,
      finding("certificate-expired"),
      finding("certificate-expiring", { effect: "may" }),
    ];
    const opened = {
      "chain-incomplete": hoursAgo(3),
      "certificate-expired": hoursAgo(5),
      "certificate-expiring": hoursAgo(500),
      "some-other": hoursAgo(900),
    };
    expect(since({ ...failing, findings }, opened)).toEqual(["since", "for 5 hours"]);
  });

  it("is new where the state does not know it", () => {
    expect(since(failing, {})).toEqual(["new", "new in the last run"]);
  });

  it("is remembered where the run could not look", () => {
    const unseen = {
      ...failing,
      verdict: "unknown",
      findings: [finding("connection-timed-out", { effect: "unseen" })],
    } as const;
    expect(since(unseen, { "chain-incomplete": hoursAgo(30) })).toEqual(["unseen", "open for 30 hours, not seen now"]);
    expect(since(unseen, {})).toEqual(["nothing", null]);
  });

  it("is not known where no state is kept", () => {
    expect(originViews([failing], nothingKept)[0]?.open).toEqual({ kind: "not-kept" });
  });

  it("comes from the incidents of the state", () => {
    const incident = { key, code: "chain-incomplete", openedAt: hoursAgo(2) } as Incident;
    const [origin] = originViews([failing], memoryOf(openedAtOf([incident])));
    expect(origin?.open).toEqual({ kind: "since", openedAt: hoursAgo(2) });
  });
});

describe("distributions on a board", () => {
  it("come the worst first, each with what it makes of its own connections", () => {
    const forShop = { ...failing, uses: [use("E1SHOP")] };
    const forBlog = connectionRecord("api.example.com", { connection: { key: "as www" }, uses: [use("E2BLOG")] });
    const views = distributionViews([forBlog, forShop, healthy], nothingKept);
    expect(
      views.map(({ about, verdict, origins }) => [
        about.distributionId,
        verdict,
        origins.map((origin) => [origin.name, origin.verdict]),
      ]),
    ).toEqual([
      [
        "E1SHOP",
        "failing",
        [
          ["api.example.com", "failing"],
          ["well.example.com", "healthy"],
        ],
      ],
      ["E2BLOG", "healthy", [["api.example.com", "healthy"]]],
    ]);
  });

  it("show only their own paths", () => {
    const [shop] = distributionViews([failing], nothingKept);
    expect(shop?.origins[0]?.affected).toMatchObject([{ distributionId: "E1SHOP", pathPatterns: ["/api/*"] }]);
  });
});

describe("the headline", () => {
  const none = { failing: 0, "at-risk": 0, unknown: 0, healthy: 0, skipped: 0 };
  it.each([
    [{ failing: 2, "at-risk": 1, healthy: 4 }, "2 origins failing, 1 at risk"],
    [{ failing: 1 }, "1 origin failing"],
    [{ "at-risk": 2, unknown: 1 }, "2 origins at risk"],
    [{ unknown: 2, healthy: 1 }, "Nothing seen failing; 2 origins not checked"],
    [{ healthy: 3, skipped: 1 }, "All clear"],
    [{ skipped: 1 }, "No origin to check"],
  ])("of %j is %s", (counts, expected) => {
    expect(headline({ counted: [], origins: { ...none, ...counts }, problems: [] })).toBe(expected);
  });

  it("says for how many distributions CloudFront counts errors, and not that all is clear", () => {
    const origins = { ...none, healthy: 3 };
    const { counted } = withCounts;
    expect(headline({ counted, origins, problems: [] })).toBe("1 distribution with errors");
    expect(headline({ counted: counted.slice(1), origins, problems: [] })).toBe("All clear");
  });

  it("never says that all is clear where something was not looked at", () => {
    const origins = { ...none, healthy: 3 };
    expect(headline({ counted: [], origins, problems: [inventoryFailed] })).toBe(
      "Nothing seen failing, but the run is incomplete",
    );
    const aside = { code: "state-unreadable", message: "It is damaged.", remedy: "Nothing needs to be done." };
    expect(headline({ counted: [], origins, problems: [aside] })).toBe("All clear");
    expect(headline({ counted: [], origins: { ...origins, failing: 1 }, problems: [inventoryFailed] })).toBe(
      "1 origin failing",
    );
  });
});
