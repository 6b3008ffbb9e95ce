import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CacheBehavior, Distribution } from "../../lambda/configuration/distribution.ts";
import { noPolicies } from "../../lambda/configuration/policies.ts";
import {
  type AskingRules,
  type EdgeSubject,
  edgeAskings,
  mostEdgeAskings,
  usualLeastRequests,
} from "../../lambda/witness/edge-askings.ts";
import { allViewer, behavior, customOrigin, distribution } from "../plan/fixtures.ts";

const origin = customOrigin("api.example.com", { id: "api" });
const other = customOrigin("www.example.com", { id: "www" });

function rules(changes: Partial<AskingRules> = {}): AskingRules {
  let tokens = 0;
  return {
    policies: noPolicies,
    responseHeaders: {},
    history: { isPaused: () => false, waitsFor: () => null },
    leastRequests: usualLeastRequests,
    token: () => {
      tokens += 1;
      return `t${tokens}`;
    },
    chance: () => 0,
    ...changes,
  };
}

function subject(parts: Partial<Distribution>, changes: Partial<EdgeSubject> = {}): EdgeSubject {
  return {
    distribution: distribution({ origins: [origin, other], ...parts }),
    origins: [{ originId: "api", isInDoubt: true, hosts: [] }],
    requests: 5_000,
    checkPath: { kind: "unsaid" },
    ...changes,
  };
}

function why(parts: Partial<Distribution>, changes: Partial<EdgeSubject> = {}, more: Partial<AskingRules> = {}) {
  const { askings, notAsked } = edgeAskings([subject(parts, changes)], rules(more));
  expect(askings).toEqual([]);
  return notAsked.map((each) => each.why);
}

const toApi = (settings: Partial<CacheBehavior> = {}) => behavior({ targetOriginId: "api", ...settings });
const forwarding = { originRequestPolicyId: allViewer };

describe("what a run asks through a distribution", () => {
  it("is one HEAD for a path of its own, by the distribution's own name", () => {
    const asked = subject({ aliases: ["www.example.com"], behaviors: [toApi({ pathPattern: "/api/*" }), toApi()] });
    expect(edgeAskings([asked], rules())).toEqual({
      askings: [
        {
          distributionId: "E1",
          domainName: "d1.cloudfront.net",
          originId: "api",
          pathPattern: "/api/*",
          host: "d1.cloudfront.net",
          method: "HEAD",
          path: "/api/origin-watch-check-t1",
          isNamedPath: false,
          reaches: "the-origin",
          settings: { errorPages: [], policyHeaders: new Set() },
        },
      ],
      notAsked: [],
    });
  });

  it("is asked by an alias where the viewer's Host goes to the origin, the doubtful one first", () => {
    const aliases = ["a.example.com", "B.example.com", "*.example.net"];
    const parts = { aliases, behaviors: [toApi(forwarding)] };
    const hostFor = (hosts: readonly string[], chance = 0) =>
      edgeAskings(
        [subject(parts, { origins: [{ originId: "api", isInDoubt: true, hosts }] })],
        rules({ chance: (of) => chance % of }),
      ).askings.map(({ host }) => host);
    expect(hostFor(["b.example.com"])).toEqual(["b.example.com"]);
    expect(hostFor([], 0)).toEqual(["a.example.com"]);
    expect(hostFor([], 1)).toEqual(["b.example.com"]);
    // A sample of a wildcard is nobody's name.
    expect(hostFor(["origin-watch-sample.example.net"])).toEqual(["a.example.com"]);
  });

  it("takes the next behavior where the first cannot be asked, and says why where none can", () => {
    const parts = {
      behaviors: [toApi({ pathPattern: "/private/*", signedOnly: true }), toApi({ pathPattern: "/p" }), toApi()],
    };
    const { askings, notAsked } = edgeAskings([subject(parts)], rules());
    expect([askings.map(({ pathPattern }) => pathPattern), notAsked]).toEqual([["*"], []]);
    expect(why({ behaviors: parts.behaviors.slice(0, 2) })).toEqual(["signed-only", "single-path"]);
  });

  it("prefers a behavior that leads to the origin alone", () => {
    const group = { id: "both", members: ["api", "www"], failoverStatusCodes: [502] };
    const reroute = { arn: "arn:f", eventType: "viewer-request", runtime: "cloudfront-functions" as const };
    const viaGroup = behavior({ targetOriginId: "both", pathPattern: "/g/*" });
    const viaFunction = toApi({ pathPattern: "/f/*", edgeFunctions: [reroute] });
    const asked = (behaviors: readonly CacheBehavior[]) =>
      edgeAskings([subject({ originGroups: [group], behaviors })], rules()).askings.map(
        ({ pathPattern, reaches }) => `${pathPattern} ${reaches}`,
      );
    expect(asked([viaGroup, viaFunction, toApi()])).toEqual(["* the-origin"]);
    expect(asked([viaGroup, behavior({ targetOriginId: "www" })])).toEqual(["/g/* one-of"]);
    expect(asked([viaFunction, behavior({ targetOriginId: "www" })])).toEqual(["/f/* one-of"]);
    const readOnly = { ...reroute, code: "passes-on" as const };
    expect(asked([toApi({ edgeFunctions: [readOnly] })])).toEqual(["* the-origin"]);
  });

  it("says nothing of an origin that is only the second of a group", () => {
    const group = { id: "both", members: ["www", "api"], failoverStatusCodes: [502] };
    expect(why({ originGroups: [group], behaviors: [behavior({ targetOriginId: "both" })] })).toEqual([]);
  });

  it("asks for the owner's path by the behavior that serves it, and for no other", () => {
    const checkPath = { kind: "path", path: "/health" } as const;
    const parts = { behaviors: [toApi({ pathPattern: "/health" }), behavior({ targetOriginId: "www" })] };
    const origins = ["api", "www"].map((originId) => ({ originId, isInDoubt: true, hosts: [] }));
    const { askings } = edgeAskings([subject(parts, { checkPath, origins })], rules());
    expect(askings.map(({ path, isNamedPath }) => [path, isNamedPath])).toEqual([
      ["/health", true],
      ["/origin-watch-check-t1", false],
    ]);
  });

  it("confirms by a GET on another path, by the same name", () => {
    const history = { isPaused: () => false, waitsFor: () => "b.example.com" };
    const parts = { aliases: ["a.example.com", "b.example.com"], behaviors: [toApi(forwarding)] };
    const [first] = edgeAskings([subject(parts)], rules({ history })).askings;
    expect(first).toMatchObject({ method: "GET", host: "b.example.com", path: "/origin-watch-check-t1" });
    // An alias that is gone is not asked any more.
    const gone = edgeAskings([subject({ ...parts, aliases: ["a.example.com"] })], rules({ history })).askings;
    expect(gone).toMatchObject([{ method: "HEAD", host: "a.example.com" }]);
  });

  it("drops what the response headers policy of the behavior sets, and what pages replace", () => {
    const parts = {
      behaviors: [toApi({ responseHeadersPolicyId: "rhp-1" })],
      replacedErrors: [{ replaces: 404, shownAs: 200 }],
    };
    const responseHeaders = { "rhp-1": ["server", "x-powered-by"] };
    const [asked] = edgeAskings([subject(parts)], rules({ responseHeaders })).askings;
    expect(asked?.settings).toEqual({
      errorPages: [{ replaces: 404, shownAs: 200 }],
      policyHeaders: new Set(["server", "x-powered-by"]),
    });
    const managed = { behaviors: [toApi({ responseHeadersPolicyId: "67f7725c-6f97-4210-82d7-5512b31e9d03" })] };
    expect(edgeAskings([subject(managed)], rules()).askings).toHaveLength(1);
  });

  it.each<[string, Partial<Distribution>, Partial<EdgeSubject>, Partial<AskingRules>]>([
    ["never", {}, { checkPath: { kind: "never" } }, {}],
    ["check-path-invalid", {}, { checkPath: { kind: "invalid" } }, {}],
    ["tags-unknown", {}, { checkPath: null }, {}],
    ["disabled", { enabled: false }, {}, {}],
    ["staging", { staging: true }, {}, {}],
    ["multi-tenant", { multiTenant: true }, {}, {}],
    ["no-name", { domainName: null }, {}, {}],
    ["no-name", { domainName: "evil.internal" }, {}, {}],
    ["viewer-mtls", { viewerMtls: true }, {}, {}],
    ["errors-replaced", { replacedErrors: [{ replaces: 503, shownAs: 200 }] }, {}, {}],
    ["requests-unknown", {}, { requests: null }, {}],
    ["few-requests", {}, { requests: usualLeastRequests - 1 }, {}],
    ["signed-only", { behaviors: [toApi({ signedOnly: true })] }, {}, {}],
    ["single-path", { behaviors: [toApi({ pathPattern: "/index.html" })] }, {}, {}],
    ["no-path", { behaviors: [behavior({ targetOriginId: "www" }), toApi()] }, {}, {}],
    ["no-viewer-name", { aliases: ["*.example.com"], behaviors: [toApi(forwarding)] }, {}, {}],
    ["headers-unknown", { behaviors: [toApi({ responseHeadersPolicyId: "rhp-1" })] }, {}, {}],
    ["paused", {}, {}, { history: { isPaused: () => true, waitsFor: () => null } }],
  ])("nothing where that is %s", (reason, parts, changes, more) => {
    expect(why(parts, changes, more)).toEqual([reason]);
  });

  it("is asked of any number of requests where somebody wants that", () => {
    const asked = (requests: number | null) =>
      edgeAskings([subject({}, { requests })], rules({ leastRequests: 0 })).askings;
    expect([asked(null), asked(3)].map(({ length }) => length)).toEqual([1, 1]);
  });

  it("never is more than a run may ask, and of each distribution, what confirms and what is in doubt first", () => {
    const many = (count: number) => fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 0, maxLength: count });
    fc.assert(
      fc.property(fc.array(many(6), { maxLength: 120 }), fc.nat(), (distributions, seed) => {
        let state = seed;
        const chance = (of: number) => {
          state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
          return state % of;
        };
        const subjects = distributions.map((doubts, index) => {
          const ids = doubts.map((_, each) => `o${each}`);
          const behaviors = ids.map((id) => behavior({ targetOriginId: id, pathPattern: `/${id}/*` }));
          return subject(
            { id: `E${index}`, origins: ids.map((id) => customOrigin(`${id}.example.com`, { id })), behaviors },
            { origins: doubts.map(([isInDoubt], each) => ({ originId: `o${each}`, isInDoubt, hosts: [] })) },
          );
        });
        const waits = (id: string, pattern: string) =>
          distributions[Number(id.slice(1))]?.[Number(pattern.slice(2, -2))]?.[1] ? "d1.cloudfront.net" : null;
        const history = { isPaused: () => false, waitsFor: waits };
        const { askings, notAsked } = edgeAskings(subjects, rules({ chance, history }));
        const origins = distributions.flat().length;
        expect(askings.length).toBeLessThanOrEqual(mostEdgeAskings);
        expect(askings.length + notAsked.length).toBe(origins);
        expect(new Set(notAsked.map((each) => each.why))).toEqual(new Set(notAsked.length > 0 ? ["left-out"] : []));
        const perDistribution = Map.groupBy(askings, ({ distributionId }) => distributionId);
        for (const own of perDistribution.values()) expect(own.length).toBeLessThanOrEqual(3);
        expect(askings.map(({ method }) => method)).toEqual(
          askings.map(({ method }) => method).toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)),
        );
        const keys = askings.map(({ distributionId, pathPattern }) => `${distributionId} ${pathPattern}`);
        expect(new Set(keys).size).toBe(keys.length);
      }),
      { numRuns: 60 },
    );
  });
});
