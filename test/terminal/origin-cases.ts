import type { DistributionSummary, Origin } from "@aws-sdk/client-cloudfront";
import { type Pki, startHealthyOrigin } from "../sandbox/account-origins.ts";
import { type Authority, createAuthority, type LeafOptions } from "../sandbox/authority.ts";
import { isOfLibrary, startChokingOrigin } from "../sandbox/choking-origin.ts";
import { startDeafOrigin } from "../sandbox/deaf-origin.ts";
import { customOrigin, type DistributionOutline, distributionDomain, s3Origin } from "../sandbox/distributions.ts";
import type { ZoneEntry } from "../sandbox/dns-server.ts";
import { type Listener, type ListenOptions, reserveRefusingPort } from "../sandbox/listener.ts";
import { type RawBehavior, startRawOrigin } from "../sandbox/raw-origin.ts";
import { startTlsOrigin, type TlsOriginOptions } from "../sandbox/tls-origin.ts";

/** Where a case puts what is behind its names. */
export type Stage = {
  readonly pki: Pki;
  readonly zone: Map<string, ZoneEntry>;
  readonly listeners: Listener[];
};

/** What somebody's CloudFront connects to, as far as a server of the sandbox can play it. */
export type OriginCase = {
  /** What is behind the names, in a few words. */
  readonly behind: string;
  readonly outline?: Partial<DistributionOutline>;
  readonly behavior?: Partial<NonNullable<DistributionSummary["DefaultCacheBehavior"]>>;
  readonly parts?: Partial<DistributionSummary>;
  readonly origins: (stage: Stage) => Promise<readonly Origin[]>;
  /** What a single look cannot tell, and what tells it. */
  readonly onlyLater?: string;
};

type Start = (stage: Stage, options: ListenOptions) => Promise<Listener>;

const allViewer = { target: "", originRequestPolicy: "AllViewer" };
/** Forwards Host by its cache policy; a policy that leaves Host out of the rest does not help. */
const hostByCachePolicy = {
  target: "",
  cachePolicy: "UseOriginCacheControlHeaders",
  originRequestPolicy: "AllViewerExceptHostHeader",
};
const viewerRequest = {
  FunctionAssociations: {
    Quantity: 1,
    Items: [
      { EventType: "viewer-request" as const, FunctionARN: "arn:aws:cloudfront::111122223333:function/choose-origin" },
    ],
  },
};
const onlyCount = "only CloudFront's own count shows whether viewers get errors";
const onlyRuns = (what: string) => `${what}: test/functions/origin-went-dark.test.ts`;

export const originCases: Readonly<Record<string, OriginCase>> = {
  "records of IPv6 only": {
    behind: "a name with an AAAA record and no A record",
    origins: ({ zone }) => {
      zone.set("six.example.org", { AAAA: ["::1"] });
      return one(customOrigin("six.example.org", 443));
    },
  },
  "45 days, a third left": {
    behind: "a certificate of 45 days on the day on which ACME clients renew it",
    origins: certified("acme45.example.org", { notBefore: -30, notAfter: 15 }),
  },
  "six lifetimes near their end": {
    behind: "certificates of 6, 45, 47, 90 and 365 days that a client renews now, or should have renewed",
    origins: async (stage) => {
      const lives = { d45a: [30.1, 14.9], d45b: [29.9, 15.1], d90: [70, 20], d6: [3.9, 2.1], d47: [31.5, 15.5] };
      const all = { ...lives, d365: [345, 20] };
      const started = Object.entries(all).map(([name, [age = 0, left = 0]]) =>
        certified(`${name}.example.org`, { notBefore: -age, notAfter: left })(stage),
      );
      return (await Promise.all(started)).flat();
    },
  },
  "Host for a URL of AWS": {
    behind: "an API Gateway and a Lambda function URL that get the viewer's Host",
    outline: { aliases: ["api.example.org"], defaultBehavior: allViewer },
    origins: async (stage) => {
      const gateway = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com";
      const url = "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws";
      return [...(await certified(gateway)(stage)), ...(await certified(url)(stage))];
    },
  },
  "Host by the cache policy, no certificate": {
    behind: "a certificate for neither the origin nor the alias",
    outline: { aliases: ["www.example.org"], defaultBehavior: hostByCachePolicy },
    origins: certified("host1.example.org", { names: ["elsewhere.example.org"] }),
  },
  "Host by the cache policy, own certificate": {
    behind: "a certificate for the origin's own name only",
    outline: { aliases: ["www.example.org"], defaultBehavior: hostByCachePolicy },
    origins: certified("host2.example.org"),
  },
  "server that knows only its own name, Host by the origin request policy": {
    behind: "a fatal alert, internal_error, for any name but its own",
    outline: { defaultBehavior: allViewer },
    origins: certified("only1.example.org", {}, { onlyServerNames: ["only1.example.org"], refusal: 80 }),
  },
  "server that knows only its own name, Host by the cache policy": {
    behind: "the same",
    outline: { defaultBehavior: hostByCachePolicy },
    origins: certified("only2.example.org", {}, { onlyServerNames: ["only2.example.org"], refusal: 80 }),
  },
  "website endpoint over HTTPS": {
    behind: "a bucket's website endpoint, which speaks no HTTPS",
    origins: () => one(customOrigin("site-bucket.s3-website-eu-west-1.amazonaws.com", 443)),
  },
  "function before an origin group": {
    behind: "a function for viewer requests before a bucket and a balancer whose name does not exist",
    outline: {
      aliases: ["www.example.org"],
      groups: [{ id: "group", members: ["app.s3.us-east-2.amazonaws.com", "gone.us-east-2.elb.amazonaws.com"] }],
    },
    behavior: viewerRequest,
    origins: async () => [
      s3Origin("app.s3.us-east-2.amazonaws.com"),
      customOrigin("gone.us-east-2.elb.amazonaws.com", 443, { config: { OriginProtocolPolicy: "http-only" } }),
    ],
  },
  "certificate of a CDN's origin authority": {
    behind: "a leaf of an authority that only that CDN trusts, sent alone",
    origins: async (stage) => {
      const authority = await createAuthority({ name: "CloudFlare Origin SSL Certificate Authority" });
      return certifiedBy(authority, [], "moved.example.org")(stage);
    },
  },
  "wildcard of one label too few": {
    behind: "a certificate for *.alpha.example.org at lb.submission.alpha.example.org",
    origins: certified("lb.submission.alpha.example.org", { names: ["*.alpha.example.org"] }),
  },
  "CNAME to nowhere": {
    behind: "an alias record whose target does not exist",
    origins: ({ zone }) => {
      zone.set("loop.example.org", { CNAME: "gone.example.net" });
      return one(customOrigin("loop.example.org", 443));
    },
  },
  "443 dropped, 80 open": {
    behind: "one address that leaves SYNs to the HTTPS port unanswered and accepts on the HTTP port",
    origins: async (stage) => {
      const http = await kept(stage, startRawOrigin({ kind: "silent" }));
      return oneName("closed.example.org", [deaf], { HTTPPort: http.port })(stage);
    },
  },
  "dark from the first look": {
    behind: "one address that leaves SYNs unanswered",
    origins: oneName("dark.example.org", [deaf]),
    onlyLater: onlyRuns("an origin that answered before, goes dark twice, or flaps, is told of by its earlier runs"),
  },
  "name server that fails": {
    behind: "SERVFAIL",
    origins: ({ zone }) => {
      zone.set("servfail.example.org", { rcode: "SERVFAIL" });
      return one(customOrigin("servfail.example.org", 443));
    },
    onlyLater: "an answer in every other run is steadied by two runs in a row: test/incidents",
  },
  "expired on two, one dark": {
    behind: "three addresses: two with an expired certificate, one without an answer",
    origins: oneName("expired3.example.org", [expired, expired, deaf]),
  },
  "one dark, one expiring": {
    behind: "two addresses: one with a certificate about to expire, one without an answer",
    origins: oneName("mixed.example.org", [deaf, leafed({ notBefore: -85, notAfter: 5 })]),
  },
  "one of four dark": {
    behind: "four addresses: three healthy, one without an answer",
    origins: oneName("dark4.example.org", [healthy, healthy, deaf, healthy]),
  },
  "one zone of a network load balancer dark": {
    behind: "two addresses of a balancer that has a certificate for the alias: one answers",
    outline: { aliases: ["app.example.org"], defaultBehavior: allViewer },
    origins: oneName("ingress-0123.elb.us-east-1.amazonaws.com", [leafed({ names: ["app.example.org"] }), deaf]),
  },
  "one of four bad": {
    behind: "four addresses: three healthy, one with an expired certificate",
    origins: oneName("bad4.example.org", [healthy, expired, healthy, healthy]),
  },
  "faults above TLS": {
    behind: "four healthy handshakes; behind them 503, 502, no answer, and an answer that is too large",
    origins: async (stage) => {
      const names = ["no-targets.example.org", "slow.example.org", "bad-gateway.example.org", "huge.example.org"];
      return (await Promise.all(names.map((name) => certified(name)(stage)))).flat();
    },
    onlyLater: onlyCount,
  },
  "router's default certificate, balancer": {
    behind: "the default certificate of ingress-nginx at a balancer's name",
    origins: routed("shop-alb-1.eu-west-1.elb.amazonaws.com", "Kubernetes Ingress Controller Fake Certificate"),
  },
  "router's default certificate, own name": {
    behind: "the same at a name of one's own",
    origins: routed("k8s.example.org", "Kubernetes Ingress Controller Fake Certificate"),
  },
  "router's default certificate, Host forwarded": {
    behind: "the default certificate of Traefik where the alias is the server name",
    outline: { aliases: ["www.example.org"], defaultBehavior: allViewer },
    origins: routed("traefik.example.org", "TRAEFIK DEFAULT CERT"),
  },
  "reset for every ClientHello": {
    behind: "a filter that resets whatever is sent",
    origins: raw("waf.example.org", { kind: "reset", after: "client-hello" }),
  },
  "reset for the ClientHello of a TLS library": {
    behind: "a filter that knows clients by their fingerprint: what is made by hand is answered",
    origins: async (stage) => {
      const leaf = { names: ["waf2.example.org"] };
      const origin = await kept(stage, startHealthyOrigin(stage.pki, leaf, { maxVersion: "TLSv1.2" }));
      const { port } = await kept(
        stage,
        startChokingOrigin(origin, isOfLibrary, (near) => near.resetAndDestroy()),
      );
      stage.zone.set("waf2.example.org", { A: ["127.0.0.1"] });
      return one(customOrigin("waf2.example.org", port));
    },
  },
  "function for origin responses": {
    behind: "a Lambda function for origin responses, and a port that refuses",
    behavior: {
      LambdaFunctionAssociations: {
        Quantity: 1,
        Items: [
          { EventType: "origin-response", LambdaFunctionARN: "arn:aws:lambda:us-east-1:111122223333:function:edge:3" },
        ],
      },
    },
    origins: refusing("edge.example.org"),
  },
  "unknown names refused": {
    behind: "a server that refuses the handshake for the alias, which is the server name",
    outline: { aliases: ["www.example.org"], defaultBehavior: allViewer },
    origins: certified("strict.example.org", {}, { onlyServerNames: ["strict.example.org"] }),
  },
  "strangers refused": {
    behind: "a firewall that answers with a reset",
    origins: refusing("refused.example.org"),
    onlyLater: "CloudFront's own count shows whether it is refused too",
  },
  "expires in 5 days": {
    behind: "a certificate of 90 days that was not renewed",
    origins: certified("expiring.example.org", { notBefore: -85, notAfter: 5 }),
    onlyLater: onlyCount,
  },
  expired: {
    behind: "a certificate that expired yesterday",
    origins: certified("expired1.example.org", { notBefore: -91, notAfter: -1 }),
  },
  "placeholder whose name does not exist": {
    behind: "a function for viewer requests on every behavior, and no record for the origin's name",
    behavior: viewerRequest,
    origins: () => one(customOrigin("placeholder1.example.org", 443)),
    onlyLater: "one that passed before fails in full: test/judge/edge-functions.test.ts",
  },
  "placeholder that refuses": {
    behind: "the same with a port that refuses",
    behavior: viewerRequest,
    origins: refusing("placeholder2.example.org"),
  },
  "placeholder that answers": {
    behind: "the same with a healthy server",
    behavior: viewerRequest,
    origins: certified("placeholder3.example.org"),
  },
  "error page from a placeholder": {
    behind: "the same, with a custom error page that is fetched from there",
    behavior: viewerRequest,
    parts: {
      CustomErrorResponses: {
        Quantity: 1,
        Items: [{ ErrorCode: 403, ResponsePagePath: "/404.html", ResponseCode: "404", ErrorCachingMinTTL: 10 }],
      },
    },
    origins: refusing("placeholder4.example.org"),
  },
  "TLSv1 chosen, TLS 1.2 spoken": {
    behind: "a server of TLS 1.2 only, with TLSv1 alone among the origin SSL protocols",
    origins: certified("alb1.example.org", {}, { maxVersion: "TLSv1.2" }, ["TLSv1"]),
  },
  "SSLv3 and TLSv1 chosen, TLS 1.2 spoken": {
    behind: "the same with SSLv3 and TLSv1",
    origins: certified("alb2.example.org", {}, { maxVersion: "TLSv1.2" }, ["SSLv3", "TLSv1"]),
  },
  "old and new certificate in turns": {
    behind: "servers behind one address, some with the certificate of last quarter",
    origins: async (stage) => {
      const issue = async (leaf: Partial<LeafOptions>) => {
        const issued = await stage.pki.issuing.leaf({ names: ["rollout.example.org"], ...leaf });
        return { chain: chainOf(stage, issued.certificatePem), keyPem: issued.keyPem };
      };
      const inTurn = [await issue({ notBefore: -91, notAfter: -1 }), await issue({})];
      return certified("rollout.example.org", {}, { inTurn })(stage);
    },
  },
  "VPC origin": {
    behind: "an internal balancer that only CloudFront reaches",
    origins: async () => {
      const { CustomOriginConfig: _, ...frame } = customOrigin("internal-app-1.eu-west-1.elb.amazonaws.com", 443);
      return [{ ...frame, VpcOriginConfig: { VpcOriginId: "vo_0123456789" } }];
    },
  },
  "Host with two aliases, certificate for one": {
    behind: "a balancer with a certificate for one of two aliases",
    outline: { aliases: ["example.org", "www.example.org"], defaultBehavior: allViewer },
    origins: certified("alb3.eu-west-1.elb.amazonaws.com", { names: ["www.example.org"] }),
  },
  "Host on one of two paths": {
    behind: "a balancer with a certificate for the alias; one path forwards Host, the other does not",
    outline: {
      aliases: ["www.example.org"],
      defaultBehavior: allViewer,
      behaviors: [{ target: "alb4.eu-west-1.elb.amazonaws.com", pathPattern: "/static/*" }],
    },
    origins: certified("alb4.eu-west-1.elb.amazonaws.com", { names: ["www.example.org"] }),
  },
};

/** The id of a case's distribution. */
export function idOf(index: number): string {
  return `ECASE${String(index + 1).padStart(8, "0")}`;
}

/** `dxxxx.cloudfront.net` of any case reads the same in the table. */
export function withoutOwnName(text: string, index: number): string {
  return text.replaceAll(distributionDomain(idOf(index)), "dxxxx.cloudfront.net");
}

async function one(origin: Origin): Promise<readonly Origin[]> {
  return [origin];
}

async function kept<Kind extends Listener>(stage: Stage, starting: Promise<Kind>): Promise<Kind> {
  const listener = await starting;
  stage.listeners.push(listener);
  return listener;
}

function chainOf({ pki }: Stage, leaf: string): string[] {
  return [leaf, pki.issuing.certificatePem, pki.policy.certificatePem];
}

/** One healthy server, but for what is given. */
function certified(
  domain: string,
  leaf: Partial<LeafOptions> = {},
  server: Partial<TlsOriginOptions> = {},
  protocols: readonly ("SSLv3" | "TLSv1" | "TLSv1.1" | "TLSv1.2")[] = ["TLSv1.2"],
) {
  return async (stage: Stage): Promise<readonly Origin[]> => {
    const { port } = await kept(stage, startHealthyOrigin(stage.pki, { names: [domain], ...leaf }, server));
    stage.zone.set(domain, { A: ["127.0.0.1"] });
    const OriginSslProtocols = { Quantity: protocols.length, Items: [...protocols] };
    return one(customOrigin(domain, port, { config: { OriginSslProtocols } }));
  };
}

function certifiedBy(authority: Authority, rest: readonly Authority[], domain: string, names = [domain]) {
  return async (stage: Stage): Promise<readonly Origin[]> => {
    const { certificatePem, keyPem } = await authority.leaf({ names });
    const chain = [certificatePem, ...rest.map((each) => each.certificatePem)];
    const { port } = await kept(stage, startTlsOrigin({ chain, keyPem }));
    stage.zone.set(domain, { A: ["127.0.0.1"] });
    return one(customOrigin(domain, port));
  };
}

/** A router that has nothing but the certificate that it made for itself. */
function routed(domain: string, commonName: string) {
  return certified(domain, { names: ["ingress.local"], commonName });
}

function raw(domain: string, behavior: RawBehavior) {
  return async (stage: Stage): Promise<readonly Origin[]> => {
    const { port } = await kept(stage, startRawOrigin(behavior));
    stage.zone.set(domain, { A: ["127.0.0.1"] });
    return one(customOrigin(domain, port));
  };
}

function refusing(domain: string) {
  return async (stage: Stage): Promise<readonly Origin[]> => {
    const { port } = await kept(stage, reserveRefusingPort());
    stage.zone.set(domain, { A: ["127.0.0.1"] });
    return one(customOrigin(domain, port));
  };
}

/** A server for each address of one name, all on one port. */
function oneName(domain: string, starts: readonly ((domain: string) => Start)[], config: { HTTPPort?: number } = {}) {
  return async (stage: Stage): Promise<readonly Origin[]> => {
    const placed = starts.map((start, index) => ({ start, address: `127.0.0.${index + 1}` }));
    for (let attempt = 1; ; attempt += 1) {
      const listeners: Listener[] = [];
      try {
        for (const { start, address } of placed) {
          const port = listeners[0]?.port ?? 0;
          listeners.push(await start(domain)(stage, { address, port }));
        }
        stage.listeners.push(...listeners);
        stage.zone.set(domain, { A: placed.map(({ address }) => address) });
        return one(customOrigin(domain, listeners[0]?.port ?? 0, { config }));
      } catch (error) {
        for (const listener of listeners) await listener.close();
        if (attempt === 5) throw error;
      }
    }
  };
}

function leafed(leaf: Partial<LeafOptions>): (domain: string) => Start {
  return (domain) => (stage, options) => startHealthyOrigin(stage.pki, { names: [domain], ...leaf }, options);
}

function healthy(domain: string): Start {
  return leafed({})(domain);
}

function expired(domain: string): Start {
  return leafed({ notBefore: -91, notAfter: -1 })(domain);
}

/** Only Linux leaves connection requests unanswered when told to. */
function deaf(): Start {
  return async (_, options) => {
    const origin = await startDeafOrigin(options);
    if (origin === null) throw new Error("this system answers every SYN");
    return origin;
  };
}
