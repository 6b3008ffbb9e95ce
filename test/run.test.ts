import { expect, it } from "vitest";
import { noPolicies } from "../lambda/configuration/policies.ts";
import { clientContexts } from "../lambda/probe/client-context.ts";
import { lookups } from "../lambda/probe/dns.ts";
import { addressGuard } from "../lambda/probe/private-address.ts";
import { gate } from "../lambda/probe/schedule.ts";
import { dialler } from "../lambda/probe/tcp.ts";
import type { RunProblem } from "../lambda/report/record.ts";
import { type CheckTools, runReport } from "../lambda/run.ts";
import { trustAnchors } from "../lambda/x509/trust-anchors.ts";

const anchors = trustAnchors([]);
const tools = (now: number): CheckTools => ({
  equipment: {
    lookup: lookups([]),
    contextFor: clientContexts(anchors),
    dial: dialler(),
    gate: gate(1, 1),
    signal: AbortSignal.abort(),
    forbids: addressGuard([]),
    connectTo: null,
  },
  policy: { now, expiryWarningDays: 21, anchors },
});

it("leaves out problems that concern only distributions that are not watched", async () => {
  const problem = (...distributions: string[]): RunProblem => ({
    code: "distribution-unreadable",
    message: `${distributions.join()} could not be read`,
    remedy: "Look at it.",
    ...(distributions.length > 0 ? { distributions } : {}),
  });
  const problems = [problem("E1"), problem("E2"), problem("E1", "E2"), problem()];
  const report = await runReport("run-1", {
    inventory: () => Promise.resolve({ kind: "inventory", distributions: [], policies: noPolicies, problems }),
    includes: (id) => id === "E1",
    clock: () => 0,
    tools,
  });
  expect(report.problems).toEqual([problem("E1"), problem("E1", "E2"), problem()]);
});
