import { describe, expect, it } from "vitest";
import type { Failover } from "../../lambda/plan/connection.ts";
import { affectedBy, asLines, consequence, distributionLines, failoverRemarks } from "../../lambda/report/affected.ts";
import { connectionRecord, use } from "../tell/records.ts";

const failover: Failover = {
  statusCodes: [500, 502, 503],
  methods: ["GET", "HEAD"],
  otherMethods: ["POST"],
  secondaryOriginIds: ["spare"],
};

function sentence(changes: Parameters<typeof use>[1], effect: "502" | "504" | "may" = "502"): string {
  const doubt = effect === "may" ? "if the origin does so" : null;
  return consequence(affectedBy([connectionRecord("api.example.com", { uses: [use("E1", changes)] })]), effect, doubt);
}

describe("consequence", () => {
  it.each([
    [{}, "502", "Cache misses get 502 for www.example.com/api/* (E1)."],
    [{}, "504", "Cache misses get 504 for www.example.com/api/* (E1)."],
    [{}, "may", "Cache misses may get 502 for www.example.com/api/* (E1), if the origin does so."],
    [{ pathPatterns: [] }, "502", "Cache misses get 502 for www.example.com (E1)."],
    [
      { pathPatterns: ["*"], isDefault: true, aliases: [] },
      "502",
      "Cache misses get 502 for de1.cloudfront.net, default behavior (E1).",
    ],
    [{ viewerSchemes: ["http"] as const }, "502", "Cache misses get 502 for www.example.com/api/* over HTTP (E1)."],
    [
      { tenants: 12, aliases: ["a.test", "b.test"] },
      "502",
      "Cache misses get 502 for /api/* on a.test and b.test of 12 tenants (E1).",
    ],
    [
      { group: { id: "g", role: "secondary" as const } },
      "502",
      "Cache misses get 502 for www.example.com/api/* (E1) when CloudFront fails over to this origin.",
    ],
    [
      { group: { id: "g", role: "primary" as const }, failover },
      "502",
      "Cache misses get 502 for www.example.com/api/* (E1) where they do not fail over.",
    ],
    [
      { group: { id: "g", role: "primary" as const }, failover: { ...failover, methods: [] } },
      "502",
      "Cache misses get 502 for www.example.com/api/* (E1).",
    ],
    [
      { group: { id: "g", role: "primary" as const }, failover: { ...failover, statusCodes: [404] } },
      "502",
      "Cache misses get 502 for www.example.com/api/* (E1).",
    ],
  ] as const)("of %j with %s: %s", (changes, effect, expected) => {
    expect(sentence(changes, effect)).toBe(expected);
  });

  it("promises no failover where some behavior uses the origin directly", () => {
    const uses = [use("E1"), use("E1", { group: { id: "g", role: "primary" }, failover, pathPatterns: ["/b/*"] })];
    expect(consequence(affectedBy([connectionRecord("api.example.com", { uses })]), "502", null)).toBe(
      "Cache misses get 502 for /api/* and /b/* on www.example.com (E1).",
    );
  });

  it("names three distributions, and counts the others", () => {
    const uses = [1, 2, 3, 4, 5].map((n) => use(`E${n}`, { aliases: [`w${n}.example.com`] }));
    const affected = affectedBy([connectionRecord("api.example.com", { uses })]);
    expect(consequence(affected, "502", null)).toBe(
      "Cache misses get 502 for w1.example.com/api/* (E1), w2.example.com/api/* (E2), w3.example.com/api/* (E3) " +
        "and 2 more distributions.",
    );
    expect(asLines("Cache misses get 502", affected, null)).toEqual([
      "Cache misses get 502 for:",
      "- w1.example.com/api/* (E1)",
      "- w2.example.com/api/* (E2)",
      "- w3.example.com/api/* (E3)",
      "and 2 more distributions",
    ]);
  });

  it("says whose each distribution is, where they are in several accounts", () => {
    const partner = { accountId: "444455556666", accountName: null, partition: "aws" };
    const uses = [use("E1"), use("E2", { scope: partner, aliases: ["b.example.com"] })];
    const affected = affectedBy([connectionRecord("api.example.com", { uses })]);
    expect(consequence(affected, "502", null)).toBe(
      "Cache misses get 502 for www.example.com/api/* (E1, 111122223333 prod) and b.example.com/api/* (E2, 444455556666).",
    );
    const links = { distribution: () => null, logGroup: () => null, dashboard: () => null };
    expect(distributionLines(affected, links)).toEqual([
      "E1 (account prod (111122223333))",
      "E2 (account 444455556666)",
    ]);
  });

  it("escapes what a configuration could forge lines with", () => {
    expect(sentence({ aliases: ["a\nb"], pathPatterns: ["/\u202Ex"] })).not.toMatch(/\n|\u202E/);
  });
});

describe("failoverRemarks", () => {
  const remark = (changes: Partial<Failover>, secondary: Parameters<typeof connectionRecord>[1] | null = null) => {
    const own = use("E1", { group: { id: "g", role: "primary" }, failover: { ...failover, ...changes } });
    const first = connectionRecord("api.example.com", { uses: [own] });
    const spare = use("E1", { originId: "spare", group: { id: "g", role: "secondary" } });
    const other = use("E2", { originId: "spare" });
    const records = [
      first,
      ...(secondary === null ? [] : [connectionRecord("spare.example.com", { uses: [spare], ...secondary })]),
      connectionRecord("foreign.example.com", { uses: [other], verdict: "failing" }),
    ];
    return failoverRemarks(affectedBy([first]), records)[0];
  };

  it("says for which methods and status codes viewers are failed over, and that the secondary is healthy", () => {
    expect(remark({}, { verdict: "healthy" })).toBe(
      'In E1 it is the primary origin of group "g". GET and HEAD requests fail over to the secondary origin ' +
        "(status codes 500, 502 and 503). POST requests never fail over. " +
        "The secondary origin spare.example.com is healthy now.",
    );
  });

  it.each([
    ["failing", "The secondary origin spare.example.com fails as well."],
    ["at-risk", "The secondary origin spare.example.com is at risk now."],
    ["unknown", "The secondary origin spare.example.com could not be checked."],
    ["skipped", "The secondary origin spare.example.com needs no TLS check."],
  ] as const)("says of a secondary that is %s: %s", (verdict, expected) => {
    expect(remark({}, { verdict })).toContain(expected);
  });

  it("does not take another distribution's origin for the secondary", () => {
    expect(remark({})).toContain("Whether the secondary origin is healthy is not known.");
  });

  it.each([
    [[404, 500], "404 and 500"],
    [[], "none"],
  ])("says that nothing fails over with status codes %j, which include no failed connection", (statusCodes, codes) => {
    expect(remark({ statusCodes })).toContain(
      `No request fails over from it when the connection fails: its status codes (${codes}) do not include that.`,
    );
  });

  it.each([[[502]], [[503]], [[504]]])("promises nothing with status codes %j", (statusCodes) => {
    expect(remark({ statusCodes })).toContain("GET and HEAD requests may fail over");
    expect(remark({ statusCodes })).toContain("AWS does not say whether a failed connection counts as 502 or as 503");
  });

  it("says that nothing fails over where no method does", () => {
    expect(remark({ methods: [] })).toContain("No request fails over from it.");
  });
});
