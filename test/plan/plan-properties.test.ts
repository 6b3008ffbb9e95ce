import fc from "fast-check";
import { expect, it } from "vitest";
import type { PlannedConnection } from "../../lambda/plan/connection.ts";
import type { CacheBehavior, Distribution, Origin } from "../../lambda/plan/distribution.ts";
import { forwardsHost } from "../../lambda/plan/host-forwarding.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { noPolicies } from "../../lambda/plan/policies.ts";
import { readDistribution } from "../../lambda/plan/read-distribution.ts";
import { apiBehavior, apiOrigin, apiSummary, secret } from "./api-answers.ts";
import { allViewer, allViewerExceptHost, behavior, customOrigin, distribution } from "./fixtures.ts";

/** Few names, so that distributions share origins and aliases coincide with domains. */
const domains = fc.constantFrom("a.test", "A.Test.", "b.test", "c.test");
const targets = fc.constantFrom("o0", "o1", "o2", "group", "nowhere");

const anyOrigin: fc.Arbitrary<Omit<Origin, "id">> = fc
  .record({
    domainName: domains,
    originProtocolPolicy: fc.constantFrom("http-only", "https-only", "match-viewer"),
    originSslProtocols: fc.shuffledSubarray(["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"] as const, { minLength: 1 }),
    ipAddressType: fc.constantFrom("ipv4", "ipv6", "dualstack"),
    httpsPort: fc.constantFrom(443, 8443),
    originMtls: fc.boolean(),
    connectionAttempts: fc.integer({ min: 1, max: 3 }),
    connectionTimeout: fc.integer({ min: 1, max: 10 }),
  })
  .map(({ domainName, ...settings }) => customOrigin(domainName, settings));

const anyBehavior: fc.Arbitrary<CacheBehavior> = fc
  .record({
    targetOriginId: targets,
    pathPattern: fc.constantFrom("/a/*", "/b/*", "/c/*", "*"),
    originRequestPolicyId: fc.constantFrom(null, allViewer, allViewerExceptHost),
    viewerProtocolPolicy: fc.constantFrom("allow-all", "redirect-to-https", "https-only"),
  })
  .map(behavior);

const anyDistribution: fc.Arbitrary<Omit<Distribution, "id">> = fc
  .record({
    enabled: fc.boolean(),
    aliases: fc.uniqueArray(fc.constantFrom("www.test", "*.test", "a.test", "x.b.test"), { maxLength: 3 }),
    origins: fc.array(anyOrigin, { minLength: 1, maxLength: 3 }),
    members: fc.shuffledSubarray(["o0", "o1", "o2"], { minLength: 2, maxLength: 2 }),
    behaviors: fc.array(anyBehavior, { minLength: 1, maxLength: 6 }),
  })
  .map(({ origins, members, ...parts }) =>
    distribution({
      ...parts,
      origins: origins.map((origin, n) => ({ ...origin, id: `o${n}` })),
      originGroups: [{ id: "group", members, failoverStatusCodes: [502] }],
    }),
  );

const anyAccount: fc.Arbitrary<Distribution[]> = fc
  .array(anyDistribution, { minLength: 1, maxLength: 4 })
  .map((list) => list.map((parts, n) => ({ ...parts, id: `E${n}` })));

function usesOf(planned: readonly PlannedConnection[], distributionId: string, originId: string, pathPattern: string) {
  return planned.flatMap(({ kind, connection }) =>
    kind === "probe"
      ? connection.uses
          .filter((use) => use.distributionId === distributionId && use.originId === originId)
          .filter((use) => use.pathPatterns.includes(pathPattern))
          .map((use) => ({ connection, use }))
      : [],
  );
}

/** The names with which CloudFront greets an origin for a behavior, worked out once more and more simply. */
function serverNames({ aliases, domainName }: Distribution, route: CacheBehavior, origin: Origin): string[] {
  if (forwardsHost(route, noPolicies) !== "yes") return [origin.domainName.toLowerCase().replace(/\.$/, "")];
  const hosts = aliases.map((alias) => alias.replace("*", "origin-watch-sample"));
  return hosts.length > 0 ? hosts : [domainName ?? ""];
}

it("covers every way from a behavior to an HTTPS origin by exactly one connection for each server name", () => {
  fc.assert(
    fc.property(anyAccount, (account) => {
      const { connections } = plan(account, noPolicies);
      for (const one of account.filter(({ enabled }) => enabled)) {
        for (const route of one.behaviors) {
          const group = one.originGroups.find(({ id }) => id === route.targetOriginId);
          for (const origin of one.origins) {
            const role = group === undefined ? null : group.members[0] === origin.id ? "primary" : "secondary";
            if (origin.id !== route.targetOriginId && group?.members.includes(origin.id) !== true) continue;
            if (origin.kind.kind !== "custom" || origin.kind.originProtocolPolicy === "http-only") continue;
            const { httpsPort, ipAddressType, originMtls } = origin.kind;
            const found = usesOf(connections, one.id, origin.id, route.pathPattern).filter(
              ({ use }) => (use.group?.role ?? null) === role,
            );
            for (const serverName of serverNames(one, route, origin)) {
              const made = found.filter(({ connection }) => connection.serverName === serverName);
              expect(made).toHaveLength(1);
              expect(made[0]?.connection).toMatchObject({
                domain: origin.domainName.toLowerCase().replace(/\.$/, ""),
                port: httpsPort,
                ipAddressType,
                originMtls,
                connectAttempts: origin.connectionAttempts,
                connectTimeoutMs: origin.connectionTimeout * 1_000,
              });
            }
          }
        }
      }
    }),
  );
});

it("gives every origin a place, every place a key of its own, and every connection a use", () => {
  fc.assert(
    fc.property(anyAccount, (account) => {
      const { connections } = plan(account, noPolicies);
      const places = new Set(
        connections.flatMap(({ connection }) => connection.uses.map((use) => `${use.distributionId}/${use.originId}`)),
      );
      expect(places).toEqual(
        new Set(account.flatMap(({ id, origins }) => origins.map((origin) => `${id}/${origin.id}`))),
      );
      expect(new Set(connections.map(({ connection }) => connection.key)).size).toBe(connections.length);
      expect(connections.every(({ connection }) => connection.uses.length > 0)).toBe(true);
    }),
  );
});

it("plans the same connections for the same uses whatever the order of the input", () => {
  const shuffled = anyAccount.chain((account) =>
    fc
      .tuple(
        fc.shuffledSubarray(account, { minLength: account.length }),
        ...account.map(({ origins }) => fc.shuffledSubarray([...origins], { minLength: origins.length })),
      )
      .map(([order, ...origins]) => ({
        account,
        other: order.map((one) => ({ ...one, origins: origins[account.indexOf(one)] ?? [] })),
      })),
  );
  fc.assert(
    fc.property(shuffled, ({ account, other }) => {
      const summary = (distributions: readonly Distribution[]) =>
        plan(distributions, noPolicies)
          .connections.map(({ kind, connection }) =>
            JSON.stringify([connection.key, kind, connection.uses.map((use) => JSON.stringify(use)).toSorted()]),
          )
          .toSorted();
      expect(summary(other)).toEqual(summary(account));
    }),
  );
});

it("never lets a custom header's value through, whatever an answer looks like", () => {
  const junk = fc.oneof(
    fc.constant({ HeaderName: "X-Secret", HeaderValue: secret }),
    fc.constant([secret]),
    fc.jsonValue(),
    fc.constant(undefined),
  );
  const parts = fc.record(
    { Id: junk, DomainName: junk, ConnectionTimeout: junk, CustomOriginConfig: junk, S3OriginConfig: junk },
    { requiredKeys: [] },
  );
  const answers = fc.record({
    origins: fc.array(
      parts.map((some) => apiOrigin("a.test", some)),
      { maxLength: 3 },
    ),
    whole: fc.record(
      { Aliases: junk, OriginGroups: junk, CacheBehaviors: junk, Enabled: junk, Staging: junk, ConnectionMode: junk },
      { requiredKeys: [] },
    ),
    route: fc.record(
      { TargetOriginId: junk, ForwardedValues: junk, GrpcConfig: junk, FunctionAssociations: junk },
      { requiredKeys: [] },
    ),
  });
  fc.assert(
    fc.property(answers, ({ origins, whole, route }) => {
      const result = readDistribution(
        apiSummary("E1", {
          ...whole,
          Origins: { Quantity: origins.length, Items: origins },
          DefaultCacheBehavior: apiBehavior("a.test", route),
        }),
      );
      const planned = result.kind === "distribution" ? plan([result.distribution], noPolicies) : null;
      expect(JSON.stringify([result, planned])).not.toContain(secret);
    }),
  );
});

it("neither throws on, nor is fooled by, any JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(readDistribution(value).kind).toBe("unreadable");
    }),
  );
});

it("plans a thousand distributions of twenty origins in well under a second", () => {
  const account = Array.from({ length: 1_000 }, (_, d) => {
    const origins = Array.from({ length: 20 }, (_, n) => customOrigin(`o${(d * 7 + n) % 5_000}.test`, { id: `o${n}` }));
    const behaviors = Array.from({ length: 40 }, (_, n) =>
      behavior({
        targetOriginId: `o${n % 20}`,
        pathPattern: `/${n}/*`,
        originRequestPolicyId: n % 3 === 0 ? allViewer : null,
      }),
    );
    return distribution({ id: `E${d}`, aliases: [`${d}.example.com`, "*.example.com"], origins, behaviors });
  });
  const start = performance.now();
  const { connections } = plan(account, noPolicies);
  const elapsed = performance.now() - start;
  expect(connections.length).toBeGreaterThan(5_000);
  expect(elapsed).toBeLessThan(1_000);
});

it("stops at a hundred thousand connections, and says how many it leaves out", () => {
  const aliases = Array.from({ length: 500 }, (_, n) => `a${n}.example.com`);
  const origins = Array.from({ length: 250 }, (_, n) => customOrigin(`o${n}.test`));
  const behaviors = origins.map(({ id }, n) =>
    behavior({ targetOriginId: id, pathPattern: `/${n}/*`, originRequestPolicyId: allViewer }),
  );
  const { connections, problems } = plan([distribution({ aliases, origins, behaviors })], noPolicies);
  expect(connections).toHaveLength(100_000);
  expect(problems).toEqual(["25250 connections beyond the first 100000 are not checked"]);
});
