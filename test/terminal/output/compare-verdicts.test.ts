import { describe, expect, it } from "vitest";
import { type Checked, differences } from "../../../bin/terminal/output/compare-verdicts.ts";
import type { Verdict } from "../../../lambda/judge/finding.ts";
import type { Connection, PlannedConnection, UnseenReason } from "../../../lambda/plan/connection.ts";
import { connection } from "../../judge/checked.ts";
import { connectionRecord, use } from "../../tell/records.ts";

type Case = Partial<Connection> & { readonly path?: string; readonly where?: string; readonly unseen?: UnseenReason };

const policy: UnseenReason = { kind: "policy-unresolved", policyIds: ["p"], parameters: [] };

function found(verdict: Verdict, { path = "*", where, unseen, ...overrides }: Case): Checked {
  const uses = [
    use("E1", { originId: "a", pathPatterns: [path], ...(where === undefined ? {} : { onlyWhere: [where] }) }),
  ];
  const made = connection({ domain: "a.example.com", ...overrides, uses });
  const planned: PlannedConnection =
    unseen === undefined ? { kind: "probe", connection: made } : { kind: "unseen", connection: made, reason: unseen };
  const record = connectionRecord(made.domain, { verdict, uses, connection: { port: made.port } });
  return { planned, signature: JSON.stringify([planned.kind, { ...made, uses: [] }]), record };
}

function between(before: readonly Checked[], after: readonly Checked[]) {
  const compared = differences(before, after);
  const told = compared.found.map(({ kind, port, pathPatterns, before: was, after: is }) =>
    [kind, port, ...pathPatterns, was, is].join(" "),
  );
  return { told, stillFailing: compared.stillFailing };
}

const old: Partial<Connection> = { originSslProtocols: ["TLSv1.1"] };
const http: Partial<Connection> = { scheme: "http", port: 80, serverName: null, acceptedNames: [] };

describe("what is compared with what", () => {
  it("compares the branches of a condition each with itself", () => {
    const before = [found("failing", { port: 28441 }), found("healthy", { port: 28444 })];
    const after = [found("failing", { port: 28441, ...old }), found("healthy", { port: 28444, ...old })];
    expect(between(before, after)).toEqual({ told: [], stillFailing: 1 });
    const swapped = [found("healthy", { port: 28441, ...old }), found("failing", { port: 28444, ...old })];
    expect(between(before, swapped).told).toEqual(["breaks 28444 * healthy failing", "heals 28441 * failing healthy"]);
  });

  it("compares the cache behaviors each with itself", () => {
    const other: Case = { path: "/pol/*", unseen: policy };
    const before = [found("failing", {}), found("unknown", other)];
    const after = [found("failing", old), found("unknown", { ...other, ...old })];
    expect(between(before, after)).toEqual({ told: ["unclear 443 /pol/* unknown unknown"], stillFailing: 1 });
  });

  it("sends what was asked over HTTP to the connection of its own cache behavior", () => {
    const other = found("unknown", { path: "/pol/*", unseen: policy });
    const before = [found("failing", {}), other, found("healthy", { ...http, path: "/pol/*" })];
    expect(between(before, [found("failing", {}), other]).told).toEqual(["unclear 443 /pol/* healthy unknown"]);
  });

  it("sends what was asked over HTTP to the connection of its own branch", () => {
    const [some, other] = [
      found("failing", { port: 28441, where: "yes" }),
      found("failing", { port: 28444, where: "no" }),
    ];
    const before = [some, other, found("healthy", { ...http, where: "no" })];
    expect(between(before, [some, other]).told).toEqual(["breaks 28444 * healthy failing"]);
  });

  it("keeps the branches apart where the origin moves", () => {
    const at = (domain: string): Case => ({ domain, serverName: domain, acceptedNames: [domain] });
    const of = (domain: string) => [
      found("failing", { ...at(domain), port: 28441 }),
      found("healthy", { ...at(domain), port: 28444 }),
    ];
    expect(between(of("a.example.com"), of("b.example.com"))).toEqual({ told: [], stillFailing: 1 });
  });

  it("compares all that is sent the viewer's Host from now on with what was not", () => {
    const forwarded: Case = { forwardedHost: "www.example.com" };
    expect(between([found("healthy", {})], [found("failing", forwarded)]).told).toEqual([
      "breaks 443 * healthy failing",
    ]);
  });
});
