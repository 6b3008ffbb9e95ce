import { describe, expect, it } from "vitest";
import { certificateFor, withoutHost } from "../../lambda/judge/host-remedies.ts";
import { sequence } from "../certificates/der.ts";
import { generalName, named } from "../certificates/forge.ts";
import { authority, leaf } from "../certificates/pki.ts";
import { pem } from "../certificates/product.ts";
import { startBareOrigin } from "../sandbox/bare-origin.ts";
import { checked } from "./checked.ts";

describe("remedies for a forwarded Host", () => {
  it.each([
    ["www.example.com", "host", 1],
    ["d111111abcdef8.cloudfront.net", "host", 0],
    ["www.example.com", "lambda-url", 0],
    ["www.example.com", "api-gateway", 0],
  ] as const)("send for a certificate for %s on a %s %i times", (host, originKind, times) => {
    expect(certificateFor(host, { originKind })).toHaveLength(times);
  });

  it("tell the cure of each thing that forwards it", () => {
    const steps = withoutHost({ domain: "origin.example.com" }).join(" ");
    expect(steps).toMatch(/origin request policy .*AllViewerExceptHostHeader/);
    expect(steps).toMatch(/cache policy or the headers of ForwardedValues/);
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
