import type { DistributionSummary } from "@aws-sdk/client-cloudfront";
import type { Account } from "../account.ts";
import { ACCOUNT_ID } from "../account-distributions.ts";
import { customOrigin, distribution } from "../distributions.ts";

/**
 * The distributions of the account, and one more on the same servers, for the questions of `what-if`: an origin that
 * works only because TLS 1.1 is allowed, and two that are asked over HTTP, of which one could be asked over HTTPS.
 */
export function backOffice(account: Account): DistributionSummary[] {
  const port = (domain: string) => {
    const origin = account.origins.find((each) => each.domain === domain);
    if (origin === undefined) throw new Error(`the account has no origin ${domain}`);
    return origin.port;
  };
  const http = (domain: string) =>
    customOrigin(domain, port(domain), {
      config: { OriginProtocolPolicy: "http-only", HTTPPort: port("http-only.box.test") },
    });
  const outline = {
    id: "E9BOXOFFICE009",
    comment: "Back office",
    aliases: ["office.example.com"],
    origins: [
      customOrigin("tls11.box.test", port("tls11.box.test"), {
        config: { OriginSslProtocols: { Quantity: 2, Items: ["TLSv1.1", "TLSv1.2"] } },
      }),
      http("rsa.box.test"),
      http("self-signed.box.test"),
    ],
    defaultBehavior: { target: "tls11.box.test" },
    behaviors: [
      { pathPattern: "/files/*", target: "rsa.box.test" },
      { pathPattern: "/mail/*", target: "self-signed.box.test" },
    ],
  };
  const listed = account.listDistributionsJson().DistributionList.Items as readonly DistributionSummary[];
  return [...listed, distribution(outline, ACCOUNT_ID)];
}
