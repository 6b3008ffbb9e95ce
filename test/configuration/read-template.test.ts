import { describe, expect, it } from "vitest";
import { readTemplates } from "../../lambda/configuration/read-template.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { secret } from "../plan/api-answers.ts";
import { allViewer, outline, placeholder } from "../plan/fixtures.ts";

type Json = { readonly [name: string]: unknown };

function origin(DomainName: unknown, parts: Json = {}, custom: Json = {}): Json {
  return {
    Id: "api",
    DomainName,
    OriginCustomHeaders: [{ HeaderName: "X-Secret", HeaderValue: secret }],
    CustomOriginConfig: { OriginProtocolPolicy: "https-only", OriginSSLProtocols: ["TLSv1.2"], ...custom },
    ...parts,
  };
}

function distribution(parts: Json = {}): Json {
  return {
    Type: "AWS::CloudFront::Distribution",
    Properties: {
      DistributionConfig: {
        Enabled: true,
        Origins: [origin("api.example.com")],
        DefaultCacheBehavior: { TargetOriginId: "api", ViewerProtocolPolicy: "https-only", ForwardedValues: {} },
        ...parts,
      },
    },
  };
}

function read(template: Json, given: Readonly<Record<string, string>> = {}) {
  const result = readTemplates([{ name: "", path: "", template }], new Map(Object.entries(given)));
  if (result.kind === "unrecognised") throw new Error(result.problem);
  const planned = plan(result.distributions, result.policies);
  expect(JSON.stringify([[...result.distributions], planned])).not.toContain(secret);
  return {
    ...result,
    problems: result.problems.map(({ message }) => message),
    planned,
    keys: planned.connections.map(({ connection }) => connection.key.split(" ")[0]),
  };
}

/** The domain name that a value of a template turns into, under the given parameters. */
function domainOf(DomainName: unknown, template: Json = {}, given: Readonly<Record<string, string>> = {}): unknown {
  const Resources = { Site: distribution({ Origins: [origin(DomainName)] }) };
  return read({ ...template, Resources }, given).distributions[0]?.origins[0]?.domainName;
}

const Parameters = {
  Stage: { Type: "String", Default: "dev" },
  Domain: { Type: "String" },
  Zones: { Type: "CommaDelimitedList", Default: "a.test, b.test" },
  Stored: { Type: "AWS::SSM::Parameter::Value<String>", Default: "/name/of/it" },
};

describe("readTemplate", () => {
  it("reads what CloudFormation writes differently from the API", () => {
    const { distributions, problems } = read({
      Resources: {
        Site: distribution({
          Comment: "shop",
          Enabled: "true",
          Aliases: ["www.example.com"],
          Origins: [
            origin(
              "api.example.com",
              { ConnectionTimeout: "5", ConnectionAttempts: 2 },
              { HTTPSPort: "8443", HTTPPort: 8080 },
            ),
            { Id: "bucket", DomainName: "b.s3.eu-west-1.amazonaws.com", S3OriginConfig: { OriginAccessIdentity: "" } },
          ],
          OriginGroups: {
            Quantity: 1,
            Items: [
              {
                Id: "both",
                FailoverCriteria: { StatusCodes: { Quantity: 2, Items: [500, "502"] } },
                Members: { Quantity: 2, Items: [{ OriginId: "api" }, { OriginId: "bucket" }] },
              },
            ],
          },
          CacheBehaviors: [
            {
              PathPattern: "/grpc/*",
              TargetOriginId: "api",
              ViewerProtocolPolicy: "https-only",
              CachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
              OriginRequestPolicyId: allViewer,
              AllowedMethods: ["GET", "HEAD", "POST"],
              CachedMethods: ["GET", "HEAD"],
              GrpcConfig: { Enabled: "true" },
              FunctionAssociations: [{ EventType: "viewer-request", FunctionARN: "arn:aws:cloudfront::1:function/f" }],
            },
          ],
          DefaultCacheBehavior: {
            TargetOriginId: "both",
            ViewerProtocolPolicy: "allow-all",
            ForwardedValues: { QueryString: false, Headers: ["Host"] },
          },
        }),
      },
    });
    expect(problems).toEqual([]);
    expect(distributions).toMatchObject([
      {
        id: "Site",
        domainName: null,
        comment: "shop",
        enabled: true,
        aliases: ["www.example.com"],
        origins: [
          { connectionTimeout: 5, connectionAttempts: 2, kind: { kind: "custom", httpsPort: 8443, httpPort: 8080 } },
          { id: "bucket", kind: { kind: "s3" } },
        ],
        originGroups: [{ id: "both", members: ["api", "bucket"], failoverStatusCodes: [500, 502] }],
        behaviors: [
          { pathPattern: "/grpc/*", grpc: true, allowedMethods: ["GET", "HEAD", "POST"], edgeFunctions: [{}] },
          { pathPattern: "*", forwardedHeaders: ["Host"] },
        ],
      },
    ]);
  });

  it.each<[string, unknown, string]>([
    ["a literal", "api.example.com", "api.example.com"],
    ["a parameter's default", { Ref: "Stage" }, "dev"],
    ["a parameter without a value", { Ref: "Domain" }, placeholder("Domain")],
    ["a parameter that is stored elsewhere", { Ref: "Stored" }, placeholder("Stored")],
    ["a resource's attribute", { "Fn::GetAtt": ["Balancer", "DNSName"] }, placeholder("Balancer.DNSName")],
    ["an attribute in one piece", { "Fn::GetAtt": "Balancer.DNSName" }, placeholder("Balancer.DNSName")],
    ["a substitution", { "Fn::Sub": `${placeholder("Stage")}.example.com` }, "dev.example.com"],
    [
      "a substitution with its own values",
      { "Fn::Sub": [`${placeholder("X")}.${placeholder("Stage")}.com`, { X: { Ref: "Stage" } }] },
      "dev.dev.com",
    ],
    ["a substitution of an attribute", { "Fn::Sub": `x.${placeholder("Api.Url")}` }, `x.${placeholder("Api.Url")}`],
    [
      "a join",
      { "Fn::Join": ["", ["api.", { Ref: "Stage" }, ".", { Ref: "AWS::URLSuffix" }]] },
      "api.dev.amazonaws.com",
    ],
    ["a selection", { "Fn::Select": ["1", ["a", "b.test"]] }, "b.test"],
    ["a selection from a list parameter", { "Fn::Select": [1, { Ref: "Zones" }] }, "b.test"],
    [
      "a selection from a split",
      { "Fn::Select": [2, { "Fn::Split": ["/", "https://api.example.com/path"] }] },
      "api.example.com",
    ],
    [
      "a split of what is not known",
      { "Fn::Select": [2, { "Fn::Split": ["/", { "Fn::GetAtt": ["Url", "FunctionUrl"] }] }] },
      placeholder("Fn::Select 2 Fn::Split Url.FunctionUrl"),
    ],
    ["a mapping", { "Fn::FindInMap": ["Names", { Ref: "Stage" }, "Api"] }, "mapped.example.com"],
    [
      "a mapping that lacks the key",
      { "Fn::FindInMap": ["Names", "x", "Api"] },
      placeholder("Fn::FindInMap Names x Api"),
    ],
    ["an import", { "Fn::ImportValue": "x" }, placeholder("Fn::ImportValue x")],
    ["a dynamic reference", "{{resolve:ssm:/api/domain}}", placeholder("resolve:ssm:/api/domain")],
    ["a choice that holds", { "Fn::If": ["IsDev", "yes.test", "no.test"] }, "yes.test"],
    ["a choice that does not", { "Fn::If": ["IsProd", "yes.test", "no.test"] }, "no.test"],
    ["a choice by Not", { "Fn::If": ["NotDev", "yes.test", "no.test"] }, "no.test"],
    ["a choice by And", { "Fn::If": ["Both", "yes.test", "no.test"] }, "no.test"],
    ["a choice by Or", { "Fn::If": ["Either", "yes.test", "no.test"] }, "yes.test"],
    ["a choice by a condition that is not there", { "Fn::If": ["Lost", "a", "b"] }, placeholder("Fn::If Lost")],
  ])("works out %s", (_, value, expected) => {
    const Conditions = {
      IsDev: { "Fn::Equals": [{ Ref: "Stage" }, "dev"] },
      IsProd: { "Fn::Equals": [{ Ref: "Stage" }, "prod"] },
      NotDev: { "Fn::Not": [{ Condition: "IsDev" }] },
      Both: { "Fn::And": [{ Condition: "IsDev" }, { Condition: "IsProd" }] },
      Either: { "Fn::Or": [{ Condition: "IsProd" }, { Condition: "IsDev" }] },
      HasDomain: { "Fn::Equals": [{ Ref: "Domain" }, ""] },
    };
    const Mappings = { Names: { dev: { Api: "mapped.example.com" } } };
    expect(domainOf(value, { Parameters, Conditions, Mappings })).toBe(expected);
  });

  it("takes the values that are given, for parameters and pseudo parameters", () => {
    const value = {
      "Fn::Sub": `${placeholder("Domain")}.${placeholder("AWS::Region")}.${placeholder("AWS::URLSuffix")}`,
    };
    const given = { Domain: "api", "AWS::Region": "cn-north-1" };
    expect(domainOf(value, { Parameters }, given)).toBe("api.cn-north-1.amazonaws.com.cn");
    const { problems } = read({ Parameters, Resources: { Site: distribution() } }, { Domian: "x" });
    expect(problems).toEqual(["the template has no parameter Domian"]);
  });

  it("says which origins it could not work out, and checks the others", () => {
    const { planned } = read({
      Resources: {
        Site: distribution({
          Origins: [origin({ "Fn::GetAtt": ["Balancer", "DNSName"] }), { ...origin("b.example.com"), Id: "b" }],
          CacheBehaviors: [{ PathPattern: "/b", TargetOriginId: "b", ViewerProtocolPolicy: "https-only" }],
        }),
      },
    });
    expect(planned.connections).toMatchObject([
      { kind: "unseen", reason: { kind: "template-value-unresolved", expressions: ["Balancer.DNSName"] } },
      { kind: "probe", connection: { domain: "b.example.com" } },
    ]);
  });

  it("follows references to policies and VPC origins of the template", () => {
    const template = {
      Resources: {
        Policy: {
          Type: "AWS::CloudFront::OriginRequestPolicy",
          Properties: {
            OriginRequestPolicyConfig: { HeadersConfig: { HeaderBehavior: "whitelist", Headers: ["host"] } },
          },
        },
        Cache: {
          Type: "AWS::CloudFront::CachePolicy",
          Properties: {
            CachePolicyConfig: {
              ParametersInCacheKeyAndForwardedToOrigin: { HeadersConfig: { HeaderBehavior: "none" } },
            },
          },
        },
        Vpc: {
          Type: "AWS::CloudFront::VpcOrigin",
          Properties: {
            VpcOriginEndpointConfig: {
              HTTPSPort: "9443",
              OriginProtocolPolicy: "https-only",
              OriginSSLProtocols: ["TLSv1.2"],
            },
          },
        },
        Site: distribution({
          Aliases: ["www.example.com"],
          Origins: [
            origin("api.example.com"),
            {
              Id: "vpc",
              DomainName: "internal.test",
              VpcOriginConfig: { VpcOriginId: { "Fn::GetAtt": ["Vpc", "Id"] } },
            },
          ],
          CacheBehaviors: [{ PathPattern: "/v", TargetOriginId: "vpc", ViewerProtocolPolicy: "https-only" }],
          DefaultCacheBehavior: {
            TargetOriginId: "api",
            ViewerProtocolPolicy: "https-only",
            CachePolicyId: { Ref: "Cache" },
            OriginRequestPolicyId: { "Fn::GetAtt": ["Policy", "Id"] },
          },
        }),
      },
    };
    expect(Object.keys(outline(read(template).planned.connections))).toEqual([
      "https://api.example.com:443 sni=www.example.com TLSv1.2 ipv4",
      expect.stringMatching(/^https:\/\/internal\.test:9443 .* unseen=vpc-origin:/),
    ]);
  });

  it("does not guess which name is sent where a policy of elsewhere or the aliases are open", () => {
    const behavior = { TargetOriginId: "api", ViewerProtocolPolicy: "https-only" };
    const policyOpen = { ...behavior, CachePolicyId: { "Fn::ImportValue": "x" } };
    const forwarding = { ...behavior, OriginRequestPolicyId: allViewer };
    const reasons = [
      distribution({ DefaultCacheBehavior: policyOpen }),
      distribution({ DefaultCacheBehavior: forwarding, Aliases: [{ Ref: "Domain" }] }),
    ].map((Site) => read({ Parameters, Resources: { Site } }).planned.connections);
    expect(reasons).toMatchObject([
      [{ kind: "unseen", reason: { kind: "policy-unresolved" } }],
      [{ kind: "unseen", reason: { kind: "viewer-host-unknown", why: "aliases" } }],
    ]);
  });

  it("leaves out what is not there, and keeps what may be there", () => {
    const Conditions = { Never: { "Fn::Equals": ["a", "b"] }, Open: { "Fn::Equals": [{ Ref: "Domain" }, "x"] } };
    const Resources = {
      A: { ...distribution(), Condition: "Never" },
      B: { ...distribution(), Condition: "Open" },
      C: { Type: "AWS::S3::Bucket" },
      D: distribution({ Aliases: [{ Ref: "AWS::NoValue" }], OriginGroups: { Ref: "AWS::NoValue" } }),
    };
    const { distributions, problems } = read({ Parameters, Conditions, Resources });
    expect(distributions.map(({ id, aliases }) => [id, aliases])).toEqual([
      ["B", []],
      ["D", []],
    ]);
    expect(problems).toEqual([]);
  });

  it.each([
    ["nothing", undefined, "got nothing"],
    ["text", "x", "got a string"],
    ["an answer of the API", { DistributionList: {} }, "got an object with DistributionList"],
  ])("says that it is not given a template but %s", (_, json, got) => {
    expect(readTemplates([{ name: "", path: "", template: json }], new Map())).toEqual({
      kind: "unrecognised",
      problem: `expected a CloudFormation template with Resources, ${got}`,
    });
  });

  it("lists a distribution that it cannot read", () => {
    const { problems } = read({ Resources: { Site: { Type: "AWS::CloudFront::Distribution", Properties: {} } } });
    expect(problems).toEqual([expect.stringMatching(/^distribution Site is not checked: /)]);
  });

  it("survives functions that are nested without end, or wrong", () => {
    let nested: unknown = "x";
    for (let depth = 0; depth < 3_000; depth += 1) nested = { "Fn::Join": ["", [nested]] };
    expect(domainOf(nested)).toContain("nested too deeply");
    const Conditions = { Loop: { "Fn::Not": [{ Condition: "Loop" }] } };
    expect(domainOf({ "Fn::If": ["Loop", "a", "b"] }, { Conditions })).toBe(placeholder("Fn::If Loop"));
    for (const name of [
      "Ref",
      "Fn::GetAtt",
      "Fn::Sub",
      "Fn::Join",
      "Fn::Select",
      "Fn::Split",
      "Fn::If",
      "Fn::FindInMap",
    ]) {
      for (const argument of [null, 7, "x", [], [[]], {}, [null, null]]) {
        expect(() => domainOf({ [name]: argument })).not.toThrow();
      }
    }
  });
});

describe("a staging distribution", () => {
  const forwarding = {
    ForwardedValues: { Headers: ["Host"] },
    TargetOriginId: "api",
    ViewerProtocolPolicy: "https-only",
  };
  const policy = (Enabled: unknown, name: unknown = { "Fn::GetAtt": ["Staging", "DomainName"] }): Json => ({
    Type: "AWS::CloudFront::ContinuousDeploymentPolicy",
    Properties: { ContinuousDeploymentPolicyConfig: { Enabled, StagingDistributionDnsNames: [name] } },
  });
  const staging = distribution({ Staging: true, DefaultCacheBehavior: forwarding });
  const primary = distribution({
    Aliases: ["www.example.com"],
    ContinuousDeploymentPolicyId: { "Fn::GetAtt": "Policy.Id" },
  });
  const found = (Resources: Json, template: Json = {}) => {
    const { distributions } = read({ ...template, Resources });
    const of = distributions.find(({ id }) => id === "Staging");
    return [of?.primary ?? null, of?.noViewers ?? null];
  };
  const names = { id: "Primary", aliases: ["www.example.com"], domainName: null };

  it("serves the viewers of the one that has its policy", () => {
    expect(found({ Policy: policy(true), Primary: primary, Staging: staging })).toEqual([names, null]);
    const { keys, planned } = read({ Resources: { Policy: policy("true"), Primary: primary, Staging: staging } });
    expect(keys).toEqual(["https://api.example.com:443", "https://api.example.com:443"]);
    expect(planned.connections.map(({ connection }) => connection.serverName)).toEqual([
      "api.example.com",
      "www.example.com",
    ]);
  });

  it("has no viewers where its policy is off, or the primary is", () => {
    expect(found({ Policy: policy(false), Primary: primary, Staging: staging })).toEqual([null, "no-enabled-policy"]);
    const off = distribution({ Enabled: false, ContinuousDeploymentPolicyId: { Ref: "Policy" } });
    expect(found({ Policy: policy(true), Primary: off, Staging: staging })).toEqual([
      { ...names, aliases: [] },
      "primary-disabled",
    ]);
  });

  it.each<[string, Json, Json?]>([
    ["no policy names it", { Policy: policy(true, "d1.cloudfront.net"), Primary: primary, Staging: staging }],
    ["nobody has its policy", { Policy: policy(true), Primary: distribution(), Staging: staging }],
    ["there is no policy", { Primary: primary, Staging: staging }],
    [
      "the aliases of its primary are open",
      {
        Policy: policy(true),
        Primary: distribution({ Aliases: { Ref: "Names" }, ContinuousDeploymentPolicyId: { Ref: "Policy" } }),
        Staging: staging,
      },
    ],
    [
      "its policy is not there",
      { Policy: { ...policy(true), Condition: "Never" }, Primary: primary, Staging: staging },
      { Conditions: { Never: { "Fn::Equals": ["a", "b"] } } },
    ],
  ])("has a primary that is not known where %s", (_, resources, template = {}) => {
    expect(found(resources, template)).toEqual([null, null]);
  });
});

describe("a distribution with something in it that is not read", () => {
  const row = `https://${placeholder("Fn::ForEach::Parts")}:443`;
  const loop = { "Fn::ForEach::Parts": ["Part", ["a"], {}] };
  it.each([
    ["a loop", distribution(loop), [row]],
    ["a loop that is switched off", distribution({ ...loop, Enabled: "false" }), [row]],
    ["a loop under a condition that does not hold", { ...distribution(loop), Condition: "Never" }, []],
  ] as const)("is one row that names it: %s", (_, resource, expected) => {
    const Conditions = { Never: { "Fn::Equals": ["a", "b"] } };
    const { keys, problems, planned } = read({ Conditions, Resources: { Cdn: resource } });
    expect(keys).toEqual(expected);
    expect(problems.length).toBe(expected.length);
    const isOff = JSON.stringify(resource).includes('"false"');
    expect(planned.connections.map(({ kind }) => kind)).toEqual(expected.map(() => (isOff ? "skipped" : "unseen")));
  });
});
