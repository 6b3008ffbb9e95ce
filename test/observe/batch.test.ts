import { expect, it } from "vitest";
import type { CacheBehavior } from "../../lambda/configuration/distribution.ts";
import { noPolicies } from "../../lambda/configuration/policies.ts";
import { unknownScope } from "../../lambda/configuration/scope.ts";
import { batchOf } from "../../lambda/observe/batch.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { allViewer, behavior, customOrigin, distribution } from "../plan/fixtures.ts";

it("tells an alias where Host is not forwarded, the first that is a name", () => {
  const aliased = { origins: [customOrigin("a.test")], aliases: ["*.example.com", "www.example.com"] };
  const planned = (changes: Partial<CacheBehavior>) =>
    plan([distribution({ ...aliased, behaviors: [behavior({ targetOriginId: "a.test", ...changes })] })], noPolicies);
  const aliases = (changes: Partial<CacheBehavior>) =>
    batchOf(planned(changes).connections.map(({ connection }) => connection)).map(({ alias }) => alias);
  expect(aliases({})).toEqual(["www.example.com"]);
  expect(new Set(aliases({ originRequestPolicyId: allViewer }))).toEqual(new Set([undefined]));
});

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

it("leaves an account its share where one with thousands of connections names the same origin", () => {
  const account = (accountId: string) => ({ ...unknownScope, accountId });
  const [victim, hostile] = [account("111111111111"), account("222222222222")];
  const origins = ["a.test", "b.test", "c.test"].map((name) => customOrigin(name));
  const behaviors = origins.map(({ id }, index) =>
    behavior({ targetOriginId: id, ...(index === 0 ? {} : { pathPattern: `/${index}/*` }) }),
  );
  const many = Array.from({ length: 20 }, (_, index) =>
    distribution({ id: `EFLOOD${index}`, scope: hostile, origins: [customOrigin(`flood-${index}.test`)] }),
  );
  const { connections } = plan(
    [
      ...many,
      distribution({ id: "ESMALL", scope: hostile, origins: [customOrigin("a.test")] }),
      distribution({ id: "EVICTIM", scope: victim, origins, behaviors }),
    ],
    noPolicies,
  );
  const batch = batchOf(connections.map(({ connection }) => connection));
  expect(batch.find(({ domain }) => domain === "a.test")?.share).toEqual([":111111111111", "EVICTIM"]);
});
