import { expect, it } from "vitest";
import { noPolicies } from "../../lambda/configuration/policies.ts";
import { unknownScope } from "../../lambda/configuration/scope.ts";
import { batchOf } from "../../lambda/observe/batch.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { behavior, customOrigin, distribution } from "../plan/fixtures.ts";

it("looks at an origin on account of the smallest of the distributions that use it, and of that one's account", () => {
  const behaviors = ["a.test", "b.test"].map((targetOriginId, index) =>
    behavior({ targetOriginId, ...(index === 0 ? {} : { pathPattern: "/b/*" }) }),
  );
  const origins = ["a.test", "b.test"].map((name) => customOrigin(name));
  const account = (accountId: string) => ({ ...unknownScope, accountId });
  const { connections } = plan(
    [
      distribution({ id: "ELARGE", scope: account("111111111111"), origins, behaviors }),
      distribution({ id: "ESMALL", scope: account("222222222222"), origins: [customOrigin("a.test")] }),
    ],
    noPolicies,
  );
  const batch = batchOf(connections.map(({ connection }) => connection));
  expect(batch.map(({ domain, share }) => [domain, ...share])).toEqual([
    ["a.test", ":222222222222", "ESMALL"],
    ["b.test", ":111111111111", "ELARGE"],
  ]);
  const [first, second] = connections.map(({ connection }) => connection.key);
  const next = batchOf(
    connections.map(({ connection }) => connection),
    new Set([second ?? ""]),
  );
  expect(next.map(({ key, leftOut }) => [key, leftOut])).toEqual([
    [first, false],
    [second, true],
  ]);
  // Who uses it stays here: it can be long, and is nothing to look at.
  expect(batch[0]).not.toHaveProperty("uses");
});
