import type { CacheBehavior, CustomOrigin, Distribution, Origin } from "../../lambda/configuration/distribution.ts";
import type { Scope } from "../../lambda/configuration/scope.ts";
import type { PlannedConnection } from "../../lambda/plan/connection.ts";

/** Managed policies by what they do with Host. */
export const cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6";
export const allViewer = "216adef6-5c7f-47e4-b989-5492eafa07d3";
export const allViewerExceptHost = "b689b0a8-53d0-40ab-baf2-68738e2966ac";

export const scope: Scope = { accountId: "111122223333", accountName: null, partition: "aws" };

/** A distribution without aliases whose default behavior leads to its first origin. */
export function distribution(parts: Partial<Distribution> & Pick<Distribution, "origins">): Distribution {
  return {
    id: "E1",
    scope,
    domainName: "d1.cloudfront.net",
    comment: "",
    enabled: true,
    staging: false,
    multiTenant: false,
    aliases: [],
    primary: null,
    tenants: null,
    originGroups: [],
    behaviors: [behavior({ targetOriginId: parts.origins[0]?.id ?? "none" })],
    ...parts,
  };
}

/** An origin that is https-only with CloudFront's defaults; its id is its domain name. */
export function customOrigin(domainName: string, settings: Partial<CustomOrigin & Origin> = {}): Origin {
  const { id, connectionTimeout, connectionAttempts, kind, ...custom } = settings;
  return {
    id: id ?? domainName,
    domainName,
    connectionTimeout: connectionTimeout ?? 10,
    connectionAttempts: connectionAttempts ?? 3,
    kind: kind ?? {
      kind: "custom",
      httpPort: 80,
      httpsPort: 443,
      originProtocolPolicy: "https-only",
      originSslProtocols: ["TLSv1.2"],
      ipAddressType: "ipv4",
      originMtls: false,
      ...custom,
    },
  };
}

/** A behavior that does not forward Host: the default one unless a path pattern is given. */
export function behavior(settings: Partial<CacheBehavior> & Pick<CacheBehavior, "targetOriginId">): CacheBehavior {
  const pathPattern = settings.pathPattern ?? "*";
  return {
    pathPattern,
    isDefault: pathPattern === "*",
    viewerProtocolPolicy: "redirect-to-https",
    cachePolicyId: cachingOptimized,
    originRequestPolicyId: null,
    forwardedHeaders: null,
    grpc: false,
    allowedMethods: ["GET", "HEAD"],
    cachedMethods: ["GET", "HEAD"],
    edgeFunctions: [],
    ...settings,
  };
}

/** What stands in a template, and in a domain name taken from it, for a value of the deployment: `${name}`. */
export function placeholder(name: string): string {
  return ["${", "}"].join(name);
}

/** A plan in a few words: key, then `distribution/origin role patterns aliases` for each use. */
export function outline(planned: readonly PlannedConnection[]): { [key: string]: string[] } {
  return Object.fromEntries(
    planned.map(({ connection }) => [
      connection.key,
      connection.uses.map(({ distributionId, originId, group, pathPatterns, aliases }) =>
        [`${distributionId}/${originId}`, group?.role ?? "direct", pathPatterns.join(","), aliases.join(",")]
          .join(" ")
          .trimEnd(),
      ),
    ]),
  );
}
