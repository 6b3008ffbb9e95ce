import type { DistributionSummary } from "@aws-sdk/client-cloudfront";
import { specialDistributions } from "./account-details.ts";
import { customOrigin, type DistributionOutline, distribution, s3Origin } from "./distributions.ts";
import { SECRET_MARKER } from "./secret-marker.ts";

export { SECRET_MARKER };

export const ACCOUNT_ID = "123456789012";

/** The distributions of the demo account; `port` tells where the origin of that name listens. */
export function accountDistributions(port: (domain: string) => number): DistributionSummary[] {
  const origin = (domain: string) => customOrigin(domain, port(domain));
  const outlines: readonly DistributionOutline[] = [
    {
      id: "E1BOXSHOP00001",
      comment: "Shop",
      aliases: ["shop.example.com", "www.shop.example.com"],
      origins: [
        customOrigin("healthy.box.test", port("healthy.box.test"), { headers: { "X-Origin-Secret": SECRET_MARKER } }),
        ...["expired.box.test", "expiring.box.test", "tls11.box.test", "refused.box.test", "half-broken.box.test"].map(
          origin,
        ),
        s3Origin("shop-assets.s3.us-east-1.amazonaws.com"),
        customOrigin("http-only.box.test", 443, {
          config: { OriginProtocolPolicy: "http-only", HTTPPort: port("http-only.box.test") },
        }),
      ],
      defaultBehavior: { target: "healthy.box.test" },
      behaviors: [
        { pathPattern: "/checkout/*", target: "expired.box.test" },
        { pathPattern: "/account/*", target: "expiring.box.test" },
        { pathPattern: "/legacy/*", target: "tls11.box.test" },
        { pathPattern: "/search", target: "refused.box.test" },
        { pathPattern: "/reviews/*", target: "half-broken.box.test" },
        { pathPattern: "/assets/*", target: "shop-assets.s3.us-east-1.amazonaws.com" },
        { pathPattern: "/rss", target: "http-only.box.test" },
      ],
    },
    {
      id: "E2BOXBLOG00002",
      comment: "Blog",
      aliases: ["blog.example.com"],
      origins: [
        "healthy.box.test",
        "wrong-name.box.test",
        "self-signed.box.test",
        "incomplete.box.test",
        "plain-http.box.test",
      ].map(origin),
      defaultBehavior: { target: "healthy.box.test" },
      behaviors: [
        { pathPattern: "/comments/*", target: "wrong-name.box.test" },
        { pathPattern: "/preview/*", target: "self-signed.box.test" },
        { pathPattern: "/feed/*", target: "incomplete.box.test" },
        { pathPattern: "/stats/*", target: "plain-http.box.test" },
      ],
    },
    {
      id: "E3BOXAPP000003",
      comment: "App, forwards the viewer's Host",
      aliases: ["app.example.com"],
      origins: [
        "alb.box.test",
        "host-mismatch.box.test",
        "strict-sni.box.test",
        "mtls.box.test",
        "mtls-optional.box.test",
      ].map(origin),
      defaultBehavior: { target: "alb.box.test", originRequestPolicy: "AllViewer" },
      behaviors: [
        { pathPattern: "/reports/*", target: "host-mismatch.box.test", originRequestPolicy: "AllViewer" },
        { pathPattern: "/strict/*", target: "strict-sni.box.test", originRequestPolicy: "AllViewerExceptHostHeader" },
        { pathPattern: "/partners/*", target: "mtls.box.test" },
        { pathPattern: "/devices/*", target: "mtls-optional.box.test" },
      ],
    },
    {
      id: "E4BOXMEDIA0004",
      comment: "Media",
      origins: [
        ...["tls12-only.box.test", "rsa.box.test", "tls13-only.box.test", "private-ca.box.test"].map(origin),
        ...["out-of-order.box.test", "superfluous.box.test", "not-yet-valid.box.test"].map(origin),
        ...["missing.box.test", "internal.box.test"].map(origin),
      ],
      groups: [{ id: "media-with-failover", members: ["tls12-only.box.test", "rsa.box.test"] }],
      defaultBehavior: { target: "media-with-failover" },
      behaviors: [
        { pathPattern: "/live/*", target: "tls13-only.box.test" },
        { pathPattern: "/intranet/*", target: "private-ca.box.test" },
        { pathPattern: "/archive/*", target: "out-of-order.box.test" },
        { pathPattern: "/audio/*", target: "superfluous.box.test" },
        { pathPattern: "/next/*", target: "not-yet-valid.box.test" },
        { pathPattern: "/gone/*", target: "missing.box.test" },
        { pathPattern: "/private/*", target: "internal.box.test" },
      ],
    },
    {
      id: "E5BOXRETIRED05",
      comment: "Retired",
      enabled: false,
      origins: [origin("retired.box.test")],
      defaultBehavior: { target: "retired.box.test" },
    },
  ];
  return [
    ...outlines.map((outline) => distribution(outline, ACCOUNT_ID)),
    ...specialDistributions(port, ACCOUNT_ID, SECRET_MARKER),
  ];
}
