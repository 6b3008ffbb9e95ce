import { isNameOfAws, type OriginDomainKind } from "../cloudfront/origin-domain.ts";
import type { Connection } from "../plan/connection.ts";
import { type FindingCode, ruleOf } from "./catalogue.ts";
import { noHost } from "./host-remedies.ts";
import { toldName } from "./told-name.ts";

/** The first step of a remedy where the kind of the origin makes it a particular one, null where it does not. */
export function originAdvice(code: FindingCode, connection: Connection): string | null {
  const { advice } = ruleOf(code);
  if (advice === undefined) return null;
  switch (advice) {
    case "names":
      return nameAdvice(connection);
    case "managed-certificate":
      return certificateAdvice(connection);
  }
}

function nameAdvice(connection: Connection): string | null {
  const { originKind, domain, forwardedHost } = connection;
  switch (originKind) {
    case "load-balancer":
    case "network-load-balancer":
    case "global-accelerator":
    case "ec2":
      return forwardedHost === null
        ? `Point a name of your own at ${domain} in DNS and make it the origin domain, or forward the viewer's Host. (Nobody but AWS can get a certificate for that name.)`
        : (originKind === "load-balancer" || originKind === "network-load-balancer") && !isNameOfAws(forwardedHost)
          ? `Add a certificate for ${toldName(forwardedHost, connection)} (ACM) to the listener of the load balancer. The listener chooses it by the server name (SNI).`
          : null;
    case "api-gateway":
      return forwardedHost === null
        ? null
        : `${noHost(connection)}. Or make a custom domain name in API Gateway the origin domain. (API Gateway answers any other Host than ${domain} with 403, and its certificate takes no names.)`;
    case "lambda-url":
      return forwardedHost === null
        ? null
        : `${noHost(connection)}. (A Lambda function URL answers any other Host than its own with 403, and its certificate takes no names.)`;
    case "cloudfront":
      return forwardedHost === null
        ? null
        : `${noHost(connection)}. (The origin is another distribution, which answers for its own aliases only.)`;
    case "mediastore":
    case "mediapackage":
    case "s3-bucket":
      return forwardedHost === null
        ? null
        : `${noHost(connection)}. (The endpoint ${domain} answers for its own name only.)`;
    case "s3-website":
    case "host":
      return null;
  }
}

function certificateAdvice({ originKind }: Connection): string | null {
  return acmKinds.has(originKind)
    ? "Use a public certificate from ACM on the listener of the load balancer: it renews itself and comes with its chain."
    : null;
}

const acmKinds: ReadonlySet<OriginDomainKind> = new Set(["load-balancer", "network-load-balancer"]);
