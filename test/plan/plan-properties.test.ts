import fc from "fast-check";
import { expect, it } from "vitest";
import type { CacheBehavior, Distribution, Origin } from "../../lambda/configuration/distribution.ts";
import {
  cacheHeaderBehaviors,
  noPolicies,
  originRequestHeaderBehaviors,
  type Policies,
} from "../../lambda/configuration/policies.ts";
import { readDistribution } from "../../lambda/configuration/read-distribution.ts";
import type { PlannedConnection } from "../../lambda/plan/connection.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { apiBehavior, apiOrigin, apiSummary, secret } from "./api-answers.ts";
import { allViewer, behavior, customOrigin, distribution } from "./fixtures.ts";
import { type Expected, referencePlan } from "./reference-planner.ts";

/** Few names, so that distributions share origins and aliases coincide with domains. */
const domains = fc.constantFrom("a.test", "A.Test.", "b.test", "c.test", "site.s3-website-us-east-1.amazonaws.com");
const targets = fc.constantFrom("o0", "o1", "o2", "group", "nowhere");
const headers = fc.subarray(["Host", "host", "Accept"]);

const policies: fc.Arbitrary<Policies> = fc.record({
  cache: fc
    .record({ headerBehavior: fc.constantFrom(...cacheHeaderBehaviors), headers })
    .map((policy) => ({ cache: policy })),
  originRequest: fc
    .record({ headerBehavior: fc.constantFrom(...originRequestHeaderBehaviors), headers })
    .map((policy) => ({ request: policy })),
});

const anyOrigin: fc.Arbitrary<Omit<Origin, "id">> = fc
  .record({
    domainName: domains,
    originProtocolPolicy: fc.constantFrom("http-only", "https-only", "match-viewer"),
    originSslProtocols: fc.shuffledSubarray(["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2"] as const, { minLength: 1 }),
    ipAddressType: fc.constantFrom("ipv4", "ipv6", "dualstack"),
    httpPort: fc.constantFrom(80, 8080),
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
    cachePolicyId: fc.constantFrom(null, "cache"),
    originRequestPolicyId: fc.constantFrom(null, "request"),
    forwardedHeaders: fc.constantFrom(null, null, [], ["Accept"], ["HOST"], ["*"]),
    viewerProtocolPolicy: fc.constantFrom("allow-all", "redirect-to-https", "https-only"),
    grpc: fc.boolean(),
  })
  .map(behavior);

const aliases = fc.uniqueArray(fc.constantFrom("www.test", "*.test", "a.test", "x.b.test"), { maxLength: 3 });

const anyDistribution: fc.Arbitrary<Omit<Distribution, "id">> = fc
  .record({
    enabled: fc.boolean(),
    staging: fc.boolean(),
    primary: fc.option(aliases.map((names) => ({ id: "EP", aliases: names, domainName: "dp.cloudfront.net" }))),
    aliases,
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
  .map((list) => list.map((parts, n) => ({ ...parts, id: `E${n}`, domainName: `d${n}.cloudfront.net` })));

/** What is planned to be tried, taken apart again: an entry for each path pattern of each use. */
function triedBy(planned: readonly PlannedConnection[]): Expected[] {
  return planned.flatMap(({ kind, connection }) =>
    kind !== "probe"
      ? []
      : connection.uses.flatMap(({ distributionId, originId, group, pathPatterns }) =>
          pathPatterns.map((pathPattern) => ({
            distributionId,
            originId,
            pathPattern,
            role: group?.role ?? "direct",
            scheme: connection.scheme,
            domain: connection.domain,
            port: connection.port,
            serverName: connection.serverName,
            weight: connection.weight,
            alpn: connection.alpn.join(),
          })),
        ),
  );
}

/** Weight aside, for the weight of a connection is the greatest that any distribution gives it. */
function entry(each: Expected): string {
  return JSON.stringify({ ...each, weight: undefined });
}

it("plans exactly what a slow and simple reading of AWS's pages gives", () => {
  fc.assert(
    fc.property(anyAccount, policies, (account, known) => {
      const { connections } = plan(account, known);
      const reference = referencePlan(account, known);
      // Every behavior's origin is covered by exactly one connection for each scheme and server name.
      expect(triedBy(connections).map(entry).toSorted()).toEqual([...new Set(reference.map(entry))].toSorted());
      for (const { kind, connection } of connections) {
        if (kind !== "probe") continue;
        const { scheme, serverName, uses } = connection;
        const same = reference.filter(
          (each) =>
            each.scheme === scheme &&
            each.serverName === serverName &&
            uses.some((use) => use.distributionId === each.distributionId && use.originId === each.originId),
        );
        const low = same.every(({ weight }) => weight === "low");
        expect([connection.key, connection.weight]).toEqual([connection.key, low ? "low" : "full"]);
      }
    }),
    { numRuns: 300 },
  );
});

it("takes ports, protocols, family, timeouts and mTLS from the origin", () => {
  fc.assert(
    fc.property(anyAccount, policies, (account, known) => {
      for (const { kind, connection } of plan(account, known).connections) {
        if (kind !== "probe") continue;
        for (const use of connection.uses) {
          const origin = account
            .find(({ id }) => id === use.distributionId)
            ?.origins.find(({ id }) => id === use.originId);
          if (origin?.kind.kind !== "custom") throw new Error("a use without its origin");
          const { kind: custom } = origin;
          const https = connection.scheme === "https";
          expect(connection).toMatchObject({
            port: https ? custom.httpsPort : custom.httpPort,
            ipAddressType: custom.ipAddressType,
            originMtls: https && custom.originMtls,
            connectAttempts: origin.connectionAttempts,
            connectTimeoutMs: origin.connectionTimeout * 1_000,
          });
          expect([...connection.originSslProtocols].toSorted()).toEqual(
            https ? [...custom.originSslProtocols].toSorted() : [],
          );
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

it("plans a full account, each connection once", () => {
  const account = Array.from({ length: 500 }, (_, d) => {
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
  const { connections } = plan(account, noPolicies);
  expect(new Set(connections.map(({ connection }) => connection.domain)).size).toBe(
    new Set(account.flatMap(({ origins }) => origins.map(({ domainName }) => domainName))).size,
  );
  expect(new Set(connections.map(({ connection }) => connection.key)).size).toBe(connections.length);
});

it("outlasts more domains of tenants than a function takes arguments", () => {
  const domains = Array.from({ length: 130_000 }, (_, n) => `t${n}.example.com`);
  const tenants = { list: [{ id: "dt_1", domains, parameters: null }], defaults: [] };
  const origins = [customOrigin("o.test")];
  const behaviors = [behavior({ targetOriginId: "o.test", originRequestPolicyId: allViewer })];
  const { problems } = plan([distribution({ multiTenant: true, tenants, origins, behaviors })], noPolicies);
  expect(problems.map(({ message }) => message)).toEqual([
    "30000 connections of E1 are not checked, because a run checks 100000 connections",
  ]);
});

it("stops at a hundred thousand connections, and says how many it leaves out", () => {
  const aliases = Array.from({ length: 500 }, (_, n) => `a${n}.example.com`);
  const origins = Array.from({ length: 250 }, (_, n) => customOrigin(`o${n}.test`));
  const behaviors = origins.map(({ id }, n) =>
    behavior({ targetOriginId: id, pathPattern: `/${n}/*`, originRequestPolicyId: allViewer }),
  );
  const { connections, problems } = plan([distribution({ aliases, origins, behaviors })], noPolicies);
  expect(connections).toHaveLength(100_000);
  expect(problems.map(({ message }) => message)).toEqual([
    "25250 connections of E1 are not checked, because a run checks 100000 connections",
  ]);
});
