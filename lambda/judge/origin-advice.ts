import type { OriginDomainKind } from "../cloudfront/origin-domain.ts";
import type { Connection } from "../plan/connection.ts";
import { type FindingCode, ruleOf } from "./catalogue.ts";

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

function nameAdvice({ originKind, domain, forwardedHost }: Connection): string | null {
  const noHost =
    "do not forward Host (origin request policy AllViewerExceptHostHeader, and a cache policy without Host)";
  switch (originKind) {
    case "load-balancer":
    case "network-load-balancer":
    case "global-accelerator":
    case "ec2":
      return forwardedHost === null
        ? `Nobody but AWS can have a certificate for ${domain}: let a name of your own lead there and make it the origin domain, or forward the viewer's Host.`
        : originKind === "load-balancer" || originKind === "network-load-balancer"
          ? `On the load balancer's listener, add a certificate for ${forwardedHost} (ACM); the listener chooses it by the server name.`
          : null;
    case "api-gateway":
      return forwardedHost === null
        ? null
        : `API Gateway answers any other Host than ${domain} with 403, and its certificate takes no names: ${noHost}, or make a custom domain name in API Gateway the origin domain.`;
    case "lambda-url":
      return forwardedHost === null
        ? null
        : `A Lambda function URL answers any other Host than its own with 403, and its certificate takes no names: ${noHost}.`;
    case "cloudfront":
      return forwardedHost === null
        ? null
        : `The origin is another distribution, which answers for its own aliases only: ${noHost}.`;
    case "mediastore":
    case "mediapackage":
    case "s3-bucket":
      return forwardedHost === null ? null : `The endpoint ${domain} answers for its own name only: ${noHost}.`;
    case "s3-website":
    case "host":
      return null;
  }
}

function certificateAdvice({ originKind }: Connection): string | null {
  return acmKinds.has(originKind)
    ? "A public certificate from ACM on the load balancer's listener renews itself and comes with its chain."
    : null;
}

const acmKinds: ReadonlySet<OriginDomainKind> = new Set(["load-balancer", "network-load-balancer"]);
