import { expect, it } from "vitest";
import type { ConfigurationProblem } from "../lambda/configuration/configuration.ts";
import { noPolicies } from "../lambda/configuration/policies.ts";
import { unknownScope } from "../lambda/configuration/scope.ts";
import type { PlannedConnection } from "../lambda/plan/connection.ts";
import { plan } from "../lambda/plan/plan.ts";
import { clientContexts } from "../lambda/probe/client-context.ts";
import { lookups } from "../lambda/probe/dns.ts";
import { addressGuard } from "../lambda/probe/private-address.ts";
import { type CheckTools, checkConnections, runReport, targetsOf } from "../lambda/run.ts";
import { trustAnchors } from "../lambda/x509/trust-anchors.ts";
import { behavior, customOrigin, distribution } from "./plan/fixtures.ts";

const behaviors = ["a.test", "b.test"].map((targetOriginId, index) =>
  behavior({ targetOriginId, ...(index === 0 ? {} : { pathPattern: "/b/*" }) }),
);
const anchors = trustAnchors([]);
const tools = (now: number): CheckTools => ({
  equipment: {
    lookup: lookups([]),
    contextFor: clientContexts(anchors),
    bounds: { sockets: 1, perAddress: 1 },
    unanswered: new Set(),
    signal: AbortSignal.abort(),
    forbids: addressGuard([]),
    connectTo: null,
  },
  policy: { now, expiryWarningDays: 21, anchors },
});

it("leaves out problems that concern only distributions that are not watched", async () => {
  const problem = (...distributions: string[]): ConfigurationProblem => ({
    code: "distribution-unreadable",
    scope: unknownScope,
    message: `${distributions.join()} could not be read`,
    remedy: "Look at it.",
    ...(distributions.length > 0 ? { distributions } : {}),
  });
  const problems = [problem("E1"), problem("E2"), problem("E1", "E2"), problem()];
  const report = await runReport("run-1", {
    configuration: () => Promise.resolve({ kind: "configuration", distributions: [], policies: noPolicies, problems }),
    includes: (id) => id === "E1",
    clock: () => 0,
    tools,
  });
  expect(report.problems).toEqual([problem("E1"), problem("E1", "E2"), problem()]);
});

it("says of one connection that it could not be judged, and goes on, where a rule throws", async () => {
  const [good, bad] = plan(
    [distribution({ origins: ["a.test", "b.test"].map((name) => customOrigin(name)), behaviors })],
    noPolicies,
  ).connections as [PlannedConnection, PlannedConnection];
  // What a rule of the whole connection reads and no other part of the program.
  const faulty = Object.defineProperty({ ...bad.connection }, "uses", {
    enumerable: true,
    get: () => [{ distributionId: "E1", scope: unknownScope, reroutedBy: null }],
  });
  const records = await checkConnections([good, { ...bad, connection: faulty }], tools(0));
  expect(records.map(({ connection, verdict }) => [connection.domain, verdict])).toEqual([
    ["a.test", "unknown"],
    ["b.test", "unknown"],
  ]);
  expect(records.map(({ findings }) => findings.map(({ code }) => code))).toEqual([["out-of-time"], ["probe-failed"]]);
});

it("looks at an origin on account of the smallest of the distributions that use it, and of that one's account", () => {
  const small = distribution({ id: "ESMALL", origins: [customOrigin("a.test")] });
  const large = distribution({
    id: "ELARGE",
    origins: ["a.test", "b.test"].map((name) => customOrigin(name)),
    behaviors,
  });
  const account = (accountId: string) => ({ ...unknownScope, accountId });
  const { connections } = plan(
    [
      { ...large, scope: account("111111111111") },
      { ...small, scope: account("222222222222") },
    ],
    noPolicies,
  );
  expect(targetsOf(connections).map(({ domain, share }) => [domain, ...share])).toEqual([
    ["a.test", ":222222222222", "ESMALL"],
    ["b.test", ":111111111111", "ELARGE"],
  ]);
});
