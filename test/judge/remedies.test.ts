import { createSecureContext, type TlsOptions } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { isNameOfAws, readOriginDomain } from "../../lambda/cloudfront/origin-domain.ts";
import { rules } from "../../lambda/judge/catalogue.ts";
import { certificateFor, withoutHost } from "../../lambda/judge/host-remedies.ts";
import { originAdvice } from "../../lambda/judge/origin-advice.ts";
import { sequence } from "../certificates/der.ts";
import { generalName, named } from "../certificates/forge.ts";
import { authority, leaf } from "../certificates/pki.ts";
import { pem } from "../certificates/product.ts";
import { createAuthority } from "../sandbox/authority.ts";
import { startBareOrigin } from "../sandbox/bare-origin.ts";
import type { Listener } from "../sandbox/listener.ts";
import { startTlsOrigin } from "../sandbox/tls-origin.ts";
import { use } from "../tell/records.ts";
import { samplesOf } from "../tell/samples.ts";
import { checked, connection } from "./checked.ts";

describe("remedies for a forwarded Host", () => {
  it.each([
    ["www.example.com", "host", 1],
    ["d111111abcdef8.cloudfront.net", "host", 0],
    ["www.example.com", "lambda-url", 0],
    ["www.example.com", "api-gateway", 0],
  ] as const)("send for a certificate for %s on a %s %i times", (host, originKind, times) => {
    expect(certificateFor(host, { originKind })).toHaveLength(times);
  });

  const cures = {
    "origin-request-policy": /AllViewerExceptHostHeader\./,
    "cache-policy": /remove Host from the headers of the cache policy/i,
    "forwarded-values": /from the headers of ForwardedValues/,
  } as const;
  const domain = "origin.example.com";

  it.each(Object.keys(cures) as (keyof typeof cures)[])("tell the cure of the %s that forwards it only", (source) => {
    const steps = withoutHost({ domain, originKind: "host", uses: [use("E1", { hostForwardedBy: [source] })] }).join(
      " ",
    );
    expect(steps).toMatch(new RegExp(`with a certificate for ${domain}. (Use|Remove) `));
    const told = Object.entries(cures).filter(([, cure]) => cure.test(steps));
    const others = source === "forwarded-values" ? ["origin-request-policy"] : [];
    expect(told.map(([name]) => name).toSorted()).toEqual([source, ...others].toSorted());
  });

  it.each([
    ["cache-policy", /^Do not forward Host: remove Host from the headers of the cache policy/],
    ["origin-request-policy", /^Do not forward Host: use the origin request policy AllViewerExceptHostHeader\./],
    [null, /^Do not forward Host \(origin request policy/],
  ] as const)("send for no certificate where a Lambda function URL gets Host by %s", (source, first) => {
    const uses = source === null ? [] : [use("E1", { hostForwardedBy: [source] })];
    const forwarded = { forwardedHost: "www.example.com", originKind: "lambda-url", uses } as const;
    const advice = originAdvice("certificate-name-mismatch", connection({ domain, ...forwarded }));
    expect(advice).toMatch(first);
    expect(advice).toContain("answers any other Host than its own with 403");
  });

  it("tell all cures where several forward it, and on which condition where that is not known", () => {
    const several = use("E1", { hostForwardedBy: ["cache-policy", "origin-request-policy"] });
    const steps = withoutHost({ domain, originKind: "host", uses: [several] }).join(" ");
    expect(steps).toMatch(cures["cache-policy"]);
    expect(steps).toMatch(cures["origin-request-policy"]);
    expect(steps).not.toMatch(cures["forwarded-values"]);
    const unknown = withoutHost({ domain, originKind: "host", uses: [] }).join(" ");
    expect(unknown).toMatch(
      /If the origin request policy .*AllViewerExceptHostHeader.*cache policy or .*ForwardedValues/,
    );
  });
});

describe("a Host that the origin answers with 403", () => {
  const [gateway, url] = ["a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com", "abc.lambda-url.eu-west-1.on.aws"];

  it.each([
    [gateway, "forwarded Host gets 403 from API Gateway", "API Gateway answers no Host but"],
    [url, "forwarded Host gets 403 from the function URL", "the function URL answers no Host but"],
  ])("is told as that for %s", (domain, title, sentence) => {
    const names = { domain, originKind: readOriginDomain(domain).kind, forwardedHost: "www.example.com" };
    const [finding] = samplesOf("certificate-host-mismatch", names);
    expect(finding).toMatchObject({
      title,
      effect: "may",
      doubt: "because AWS's pages disagree; otherwise they get 403",
    });
    expect(finding?.explanation).toContain(`they get 403, surely: ${sentence} ${domain}.`);
  });

  it("is not told where the origin may answer any", () => {
    const [finding] = samplesOf("certificate-host-mismatch", {
      domain: "origin.example.com",
      forwardedHost: "www.example.com",
    });
    expect(JSON.stringify(finding)).not.toContain("403");
  });
});

describe("no remedy of any rule", () => {
  const ofAws = [
    "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com",
    "abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws",
    "app-1234.eu-west-1.elb.amazonaws.com",
    "net-1234.elb.eu-west-1.amazonaws.com",
    "ec2-203-0-113-7.eu-west-1.compute.amazonaws.com",
    "a0123456789abcdef.awsglobalaccelerator.com",
    "bucket.s3.eu-west-1.amazonaws.com",
    "abcdef.data.mediastore.eu-west-1.amazonaws.com",
    "d222222abcdef8.cloudfront.net",
    "abcdef.eu-west-1.awsapprunner.com",
  ];
  const hosts = [null, "www.example.com", "d111111abcdef8.cloudfront.net", "origin-watch-sample.cloudfront.net"];
  const pairs = [...ofAws, "origin.example.com"].flatMap((domain) => hosts.map((host) => [domain, host] as const));

  function remediesOf(domain: string, forwardedHost: string | null) {
    const names = {
      domain,
      serverName: forwardedHost ?? domain,
      forwardedHost,
      acceptedNames: forwardedHost === null ? [domain] : [forwardedHost, domain],
      originKind: readOriginDomain(domain).kind,
      sampled: forwardedHost?.startsWith("origin-watch-sample.") ?? false,
    };
    return rules.flatMap(({ code }) => {
      const advice = originAdvice(code, connection(names));
      return samplesOf(code, names).map(({ remedy }) => ({
        code,
        remedy: advice === null ? remedy : [advice, ...remedy],
      }));
    });
  }

  it.each(pairs)("sends for a certificate for a name of AWS where %s gets Host %s", (domain, host) => {
    const all = remediesOf(domain, host);
    expect(new Set(all.map(({ code }) => code)).size).toBeGreaterThan(rules.length - 8);
    expect(all.filter(({ remedy }) => remedy.length === 0)).toEqual([]);
    const steps = all.flatMap(({ code, remedy }) => remedy.map((step) => `${code}: ${step}`));
    const names = [domain, host ?? domain, "dxxxx.cloudfront.net"].filter(isNameOfAws);
    const sending = steps.filter((step) =>
      names.some((name) => new RegExp(`(certificate (for|of|with)|covers|again with|Add) ${name}`).test(step)),
    );
    expect(sending).toEqual([]);
  });

  it("leaves it out where there can be one", () => {
    const steps = remediesOf("origin.example.com", "www.example.com").flatMap(({ remedy }) => remedy);
    expect(steps.filter((step) => /certificate for (origin|www)\.example\.com/.test(step)).length).toBeGreaterThan(4);
  });
});

describe("the certificate that was served", () => {
  async function checkedWith(subject: string, issuer = authority("Root"), trusted = [pem(authority("Root").der)]) {
    const subjectAltName = sequence(generalName.dns("default.invalid"));
    const { der, keys } = leaf(issuer, { subject: named(subject), extensions: { subjectAltName } });
    const origin = await startBareOrigin({ certificates: [der], key: keys.privateKey });
    try {
      return await checked({ trusted, connection: { domain: "shop.example.com", port: origin.port } });
    } finally {
      await origin.close();
    }
  }

  it.each([
    ["Kubernetes Ingress Controller Fake Certificate", "ingress-nginx"],
    ["TRAEFIK DEFAULT CERT", "Traefik"],
    ["Plesk", "Plesk"],
    ["FortiGate", "Fortinet"],
  ])("%s is told as the default one of %s", async (subject, router) => {
    const { findings } = await checkedWith(subject);
    const [mismatch] = findings.filter(({ code }) => code === "certificate-name-mismatch");
    expect(mismatch?.remedy[0]).toContain(router);
    expect(mismatch?.remedy[0]).toContain("no certificate for shop.example.com");
  });

  it("is of no router that is known, and nothing is said of one", async () => {
    const { findings } = await checkedWith("Example");
    expect(findings.flatMap(({ remedy }) => remedy).join(" ")).not.toContain("default certificate");
  });

  it("is untrusted where a CDN's own origin CA issued it, and no chain is asked for", async () => {
    const { findings } = await checkedWith("Example", authority("CloudFlare Origin SSL Certificate Authority"));
    const codes = findings.map(({ code }) => code);
    expect(codes).toContain("certificate-untrusted");
    expect(codes).not.toContain("chain-incomplete");
  });
});

describe("a router's default certificate, and the alias that is not forwarded", () => {
  const domain = "app-1234.eu-west-1.elb.amazonaws.com";
  const alias = "www.example.com";
  const opened: Listener[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
  });

  /** @param known the server name for which the router has a certificate, and the names in it */
  async function checkedRouter(known: string | null, names: readonly string[] = []) {
    const root = await createAuthority({ name: "Trusted Root" });
    const router = await createAuthority({ name: "Router" });
    const own = await router.leaf({ names: ["ingress.local"], commonName: "TRAEFIK DEFAULT CERT" });
    const other = await root.leaf({ names });
    const asked: string[] = [];
    const tls: TlsOptions = {
      SNICallback: (name, done) => {
        asked.push(name);
        const { certificatePem: cert, keyPem: key } = name === known ? other : own;
        done(null, createSecureContext({ cert, key }));
      },
    };
    const origin = await startTlsOrigin({ chain: [own.certificatePem], keyPem: own.keyPem, tls });
    opened.push(origin);
    const parts = {
      domain,
      port: origin.port,
      originKind: "load-balancer",
      uses: [use("E1", { aliases: [alias] })],
    } as const;
    const { findings } = await checked({ trusted: [root.certificatePem], connection: parts });
    return { mismatch: findings.find(({ code }) => code === "certificate-name-mismatch"), asked };
  }

  it("would get a certificate: that is seen, and the advice", async () => {
    const { mismatch, asked } = await checkedRouter(alias, [alias]);
    expect(mismatch?.explanation).toContain(
      `Traefik: it has no certificate for ${domain}. ${alias}, an alias of the distribution, would get a trusted certificate`,
    );
    expect(mismatch?.remedy.at(-1)).toBe(`Or forward the Host header: for ${alias} there is a certificate.`);
    expect(asked).toContain(alias);
  });

  it.each([
    ["the same certificate", null, []],
    ["another certificate, which does not cover it", alias, ["elsewhere.example.com"]],
  ] as const)("would get %s, and nothing speaks for forwarding it", async (got, known, names) => {
    const { mismatch } = await checkedRouter(known, names);
    expect(mismatch?.explanation).toContain(`${alias}, an alias of the distribution, would get ${got} if the Host`);
    expect(mismatch?.remedy.join(" ")).not.toMatch(/Or,? (if|forward)/);
  });
});
