import { describe, expect, it } from "vitest";
import type { Failover } from "../../lambda/plan/connection.ts";
import { affectedBy, consequence, failoverRemarks } from "../../lambda/report/affected.ts";
import { connectionRecord, use } from "../tell/records.ts";

const failover: Failover = {
  statusCodes: [500, 502, 503],
  methods: ["GET", "HEAD"],
  otherMethods: ["POST"],
  secondaryOriginIds: ["spare"],
};

function sentence(changes: Parameters<typeof use>[1], effect: "502" | "504" | "may" = "502"): string {
  return consequence(affectedBy([connectionRecord("api.example.com", { uses: [use("E1", changes)] })]), effect, "why");
}

describe("consequence", () => {
  it.each([
    [{}, "502", "In distribution E1, cache misses for /api/* on www.example.com get 502."],
    [{}, "504", "In distribution E1, cache misses for /api/* on www.example.com get 504."],
    [{}, "may", "In distribution E1, cache misses for /api/* on www.example.com may get 502: why."],
    [
      { pathPatterns: ["*"], isDefault: true, aliases: [] },
      "502",
      "In distribution E1, cache misses for the default behavior (*) on de1.cloudfront.net get 502.",
    ],
    [
      { viewerSchemes: ["http"] as const },
      "502",
      "In distribution E1, cache misses for /api/* on www.example.com over HTTP get 502.",
    ],
    [
      { tenants: 12, aliases: ["a.test", "b.test"] },
      "502",
      "In distribution E1, cache misses for /api/* on a.test and b.test of 12 tenants get 502.",
    ],
    [
      { group: { id: "g", role: "secondary" as const } },
      "502",
      "In distribution E1, cache misses for /api/* on www.example.com get 502 when CloudFront fails over to this origin.",
    ],
    [
      { group: { id: "g", role: "primary" as const }, failover },
      "502",
      "In distribution E1, cache misses for /api/* on www.example.com get 502 where they do not fail over.",
    ],
    [
      { group: { id: "g", role: "primary" as const }, failover: { ...failover, methods: [] } },
      "502",
      "In distribution E1, cache misses for /api/* on www.example.com get 502.",
    ],
    [
      { group: { id: "g", role: "primary" as const }, failover: { ...failover, statusCodes: [404] } },
      "502",
      "In distribution E1, cache misses for /api/* on www.example.com get 502.",
    ],
  ] as const)("of %j with %s: %s", (changes, effect, expected) => {
    expect(sentence(changes, effect)).toBe(expected);
  });

  it("promises no failover where some behavior uses the origin directly", () => {
    const uses = [use("E1"), use("E1", { group: { id: "g", role: "primary" }, failover, pathPatterns: ["/b/*"] })];
    expect(consequence(affectedBy([connectionRecord("api.example.com", { uses })]), "502", "why")).toBe(
      "In distribution E1, cache misses for /api/* and /b/* on www.example.com get 502.",
    );
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
    ["unknown", "How the secondary origin spare.example.com is cannot be told from here."],
    ["skipped", "The secondary origin spare.example.com needs no TLS check."],
  ] as const)("says of a secondary that is %s: %s", (verdict, expected) => {
    expect(remark({}, { verdict })).toContain(expected);
  });

  it("does not take another distribution's origin for the secondary", () => {
    expect(remark({})).toContain("How the secondary origin is, is not known.");
  });

  it.each([
    [[404, 500], "404 and 500"],
    [[], "none"],
  ])(
    "says that nothing fails over with status codes %j, which stand for no failed connection",
    (statusCodes, codes) => {
      expect(remark({ statusCodes })).toContain(
        `No request fails over from it when the connection fails: its status codes (${codes}) do not stand for that.`,
      );
    },
  );

  it.each([[[502]], [[503]], [[504]]])("promises nothing with status codes %j", (statusCodes) => {
    expect(remark({ statusCodes })).toContain("GET and HEAD requests may fail over");
    expect(remark({ statusCodes })).toContain("AWS leaves open whether a failed connection counts as 502 or as 503");
  });

  it("says that nothing fails over where no method does", () => {
    expect(remark({ methods: [] })).toContain("No request fails over from it.");
  });
});
