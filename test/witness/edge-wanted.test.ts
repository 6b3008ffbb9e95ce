import { describe, expect, it } from "vitest";
import { isAbout, type JudgedConnection, wantedOrigins } from "../../lambda/witness/edge-wanted.ts";

type Use = JudgedConnection["uses"][number];

function use(changes: Partial<Use> = {}): Use {
  return {
    distributionId: "E1",
    originId: "api",
    pathPatterns: ["/api/*"],
    viewerSchemes: ["https"],
    group: null,
    ...changes,
  };
}

function connection(verdict: JudgedConnection["verdict"], changes: Partial<JudgedConnection> = {}): JudgedConnection {
  return {
    verdict,
    skipped: null,
    connection: { domain: "api.example.com", serverName: "api.example.com" },
    uses: [use()],
    ...changes,
  };
}

const forwarding = use({ hostForwardedBy: ["origin-request-policy"] });
const byName = (serverName: string | null, verdict: JudgedConnection["verdict"] = "at-risk") =>
  connection(verdict, { connection: { domain: "api.example.com", serverName }, uses: [forwarding] });

describe("through which distributions something is to be learned", () => {
  const wanted = (connections: readonly JudgedConnection[], mode: "doubt" | "all" = "doubt") =>
    Object.fromEntries(wantedOrigins(connections, mode));

  it("is what is not in order, or everything", () => {
    for (const verdict of ["failing", "at-risk", "unknown"] as const) {
      expect(wanted([connection(verdict)])).toEqual({ E1: [{ originId: "api", isInDoubt: true, hosts: [] }] });
    }
    expect(wanted([connection("healthy")])).toEqual({});
    expect(wanted([connection("healthy")], "all")).toEqual({ E1: [{ originId: "api", isInDoubt: false, hosts: [] }] });
  });

  it("is what CloudFront did not reach, until it does, although all is in order from here", () => {
    const at = "2026-11-28T09:00:00.000Z";
    const error = { status: 504 as const, since: at, at, pop: null, requestId: null, wording: null };
    const place = { distributionId: "E1", originId: "api", pathPattern: "/api/*", host: "d1.cloudfront.net" };
    const entry = { ...place, reaches: "the-origin", askedAt: at, last: "failed" } as const;
    const wantedWith = (entries: Parameters<typeof wantedOrigins>[2]) =>
      Object.fromEntries(wantedOrigins([connection("healthy")], "doubt", entries));
    expect(wantedWith([{ ...entry, error }])).toEqual({ E1: [{ originId: "api", isInDoubt: true, hosts: [] }] });
    expect(wantedWith([entry, { ...entry, error, originId: "www" }])).toEqual({});
  });

  it("leaves out what CloudFront does not connect to, and what no viewer over HTTPS reaches", () => {
    expect(wanted([connection("skipped", { skipped: "s3-origin" })], "all")).toEqual({});
    expect(wanted([connection("failing", { uses: [use({ viewerSchemes: ["http"] })] })])).toEqual({});
    expect(wanted([connection("skipped", { skipped: "http-only" })], "all")).toHaveProperty("E1");
  });

  it("names the hosts in doubt where they decide, each once, and puts doubt first", () => {
    const other = connection("healthy", { uses: [use({ distributionId: "E0" })] });
    const connections = [other, byName("a.example.com"), byName("a.example.com"), byName("b.example.com", "healthy")];
    expect(Object.keys(wanted(connections, "all"))).toEqual(["E1", "E0"]);
    expect(wanted(connections, "all").E1).toEqual([{ originId: "api", isInDoubt: true, hosts: ["a.example.com"] }]);
  });
});

describe("whether an answer is about a connection", () => {
  const place = {
    distributionId: "E1",
    originId: "api",
    pathPattern: "/api/*",
    host: "a.example.com",
    reaches: "the-origin" as const,
  };

  it("goes by distribution, origin and behavior", () => {
    expect(isAbout(place, connection("failing"))).toBe(true);
    for (const changes of [{ distributionId: "E2" }, { originId: "www" }, { pathPattern: "*" }]) {
      expect(isAbout({ ...place, ...changes }, connection("failing"))).toBe(false);
    }
    expect(isAbout(place, connection("failing", { uses: [use({ viewerSchemes: ["http"] })] }))).toBe(false);
  });

  it("goes by the name where it is forwarded, and where there is one", () => {
    expect(isAbout(place, byName("a.example.com"))).toBe(true);
    expect(isAbout(place, byName("b.example.com"))).toBe(false);
    // Without TLS, and of a VPC origin, one connection stands for all names.
    expect(isAbout(place, byName(null))).toBe(true);
    expect(isAbout(place, byName("api.example.com"))).toBe(true);
  });
});
