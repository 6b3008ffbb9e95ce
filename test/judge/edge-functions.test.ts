import { describe, expect, it } from "vitest";
import { judge } from "../../lambda/judge/judge.ts";
import type { Policy } from "../../lambda/judge/rule.ts";
import type { Connection, FunctionBefore, Use } from "../../lambda/plan/connection.ts";
import type { AddressOutcome, Observation } from "../../lambda/probe/observation.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import { use } from "../tell/records.ts";
import { connection } from "./checked.ts";

const rewrite: FunctionBefore = {
  arn: "arn:aws:cloudfront::111122223333:function/rewrite",
  eventType: "viewer-request",
  runtime: "cloudfront-functions",
  pathPattern: "/api/*",
};
const route: FunctionBefore = {
  arn: "arn:aws:lambda:us-east-1:111122223333:function:route:3",
  eventType: "origin-request",
  runtime: "lambda-at-edge",
  pathPattern: "*",
};
const behind: Partial<Use> = { functionsBefore: { functions: [rewrite], afterDns: false } };
const behindOriginRequest: Partial<Use> = { functionsBefore: { functions: [route], afterDns: true } };
const page = { path: "/errors/500.html", statusCodes: [503, 500] };

const nothing = { answeredOn: null, silentSince: null, openSince: null };
const never: Partial<Policy> = { historyOf: () => ({ ...nothing, passedOn: null }) };
const notFound = { kind: "name-not-found" } as const;
const refused: AddressOutcome = { kind: "connect-refused", attempts: 3 };
const silent: AddressOutcome = { kind: "connect-timed-out", attempts: 3, timeoutMs: 2_000 };

const anchors = trustAnchors([]);
const address = "203.0.113.7";

function judged(
  uses: readonly Partial<Use>[],
  seen: { readonly kind: "name-not-found" } | AddressOutcome,
  policy: Partial<Policy> = never,
  more: Partial<Connection> = {},
) {
  const isName = seen.kind === "name-not-found";
  const observation: Observation = {
    dns: isName ? seen : { kind: "answered", addresses: [address] },
    addresses: isName ? [] : [{ address, outcome: seen, ms: 1 }],
    addressesLeftOut: 0,
  };
  return judge(
    { kind: "probe", connection: connection({ uses: uses.map((each) => use("E1", each)), ...more }) },
    [{ vantage: "here", observation }],
    { now: Date.now(), expiryWarningDays: 21, anchors, ...policy },
  ).map(({ code, effect, severity, explanation, doubt }) => ({ code, effect, severity, explanation, doubt }));
}

describe("an origin behind an edge function", () => {
  it("may fail where it never passed, says why first, and is remarked on", () => {
    const [failure, remark, ...others] = judged([behind], refused);
    expect(failure).toMatchObject({
      code: "connection-refused",
      effect: "may",
      severity: "warning",
      doubt: "unless the edge function rewrite chooses another origin or answers the request",
    });
    expect(failure?.explanation).toMatch(
      /^Every request for this origin first meets the edge function rewrite \(\/api\/\*\).*never saw this origin pass.*203\.0\.113\.7/,
    );
    expect(remark).toMatchObject({ code: "placeholder-origin", effect: "note", severity: "info" });
    expect(others).toEqual([]);
  });

  it("fails in full once it has passed, on this port", () => {
    const onPort = (port: number): Partial<Policy> => ({
      historyOf: (origin) => ({ ...nothing, passedOn: origin.port === port ? "2026-11-02" : null }),
    });
    const passed = (port: number) => judged([behind], refused, onPort(port)).map(({ code, effect }) => [code, effect]);
    expect(passed(443)).toEqual([["connection-refused", "502"]]);
    expect(passed(8443)[0]).toEqual(["connection-refused", "may"]);
  });

  it.each([
    ["nothing is remembered", {}],
    ["what is remembered could not be read", { historyOf: () => nothing }],
  ] as const)("is not known to have passed where %s", (_, policy) => {
    const [failure] = judged([behind], refused, policy);
    expect(failure).toMatchObject({ effect: "may" });
    expect(failure?.explanation).toContain("does not know whether the origin ever passed");
  });

  it.each([
    ["no use has a function", [{}]],
    ["one use has none", [behind, {}]],
    ["nobody uses it", []],
  ] as const)("fails in full where %s", (_, uses) => {
    expect(judged(uses, refused).map(({ code, effect }) => [code, effect])).toEqual([["connection-refused", "502"]]);
  });

  it("is not remarked on where it does not fail", () => {
    expect(judged([behind], silent).map(({ code, effect }) => [code, effect])).toEqual([
      ["connection-timed-out", "unseen"],
    ]);
  });

  it("fails in full by its name before a function for origin requests, and perhaps otherwise", () => {
    expect(judged([behind], notFound)[0]).toMatchObject({ code: "dns-name-not-found", effect: "may" });
    expect(judged([behindOriginRequest], notFound).map(({ code, effect }) => [code, effect])).toEqual([
      ["dns-name-not-found", "502"],
    ]);
    expect(judged([behind, behindOriginRequest], notFound)[0]).toMatchObject({ effect: "502" });
    expect(judged([behindOriginRequest], refused)[0]).toMatchObject({
      code: "connection-refused",
      effect: "may",
      doubt: "unless the edge function route chooses another origin or answers the request",
    });
  });

  it.each([
    ["Lambda@Edge for viewer requests", { ...route, eventType: "viewer-request" }, "route"],
    ["a function whose code only answers", { ...rewrite, code: "may-answer" }, "rewrite"],
  ] as const)("may only be left out by %s", (_, only, name) => {
    const [failure, remark] = judged([{ functionsBefore: { functions: [only], afterDns: false } }], refused);
    expect(failure?.doubt).toBe(`unless the edge function ${name} answers the request without the origin`);
    expect(remark?.explanation).toContain("which can answer the request without the origin");
  });

  it("names several functions, and escapes what is no ARN", () => {
    const functions = [rewrite, route, { ...rewrite, arn: "not\u202ean arn" }];
    const [failure] = judged([{ functionsBefore: { functions, afterDns: false } }], refused);
    expect(failure?.doubt).toBe(
      "unless the edge functions rewrite, route and not\\u{202e}an arn choose another origin or answer the request",
    );
  });
});

describe("an error page", () => {
  const withPage = { errorPages: [page] };
  it("comes from an origin that fails", () => {
    const found = judged([withPage], refused);
    expect(found.map(({ code, effect }) => [code, effect])).toEqual([
      ["connection-refused", "502"],
      ["error-page-origin", "may"],
    ]);
    expect(found[1]?.explanation).toMatch(/\/errors\/500\.html \(for 500 and 503\).*The origin fails, so/);
  });

  it("comes from a placeholder", () => {
    const found = judged([{ ...behind, ...withPage }], refused);
    expect(found.map(({ code, effect }) => [code, effect])).toEqual([
      ["connection-refused", "may"],
      ["placeholder-origin", "note"],
      ["error-page-origin", "may"],
    ]);
    expect(found[2]?.explanation).toContain("AWS does not document");
  });

  it("is named once, and not where the origin does not fail", () => {
    const found = judged([withPage, withPage], refused);
    expect(found[1]?.explanation).toMatch(/the error page \/errors\/500\.html \(for/);
    expect(judged([withPage], silent).map(({ code }) => code)).toEqual(["connection-timed-out"]);
  });
});
