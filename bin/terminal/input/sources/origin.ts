import type { Distribution, OriginSslProtocol } from "../../../../lambda/configuration/distribution.ts";
import { noPolicies } from "../../../../lambda/configuration/policies.ts";
import { unknownScope } from "../../../../lambda/configuration/scope.ts";
import type { Source } from "../source.ts";
import { UsageError } from "../usage-error.ts";
import { domain, many, one, originArgument, protocols } from "../values.ts";

export const origin: Source = {
  name: "origin",
  argument: "HOST[:PORT]",
  help: ["one origin"],
  singleOrigin: true,
  options: {
    protocols: {
      type: "string",
      value: "LIST",
      help: "OriginSslProtocols, separated by commas (default TLSv1.2)",
    },
    host: {
      type: "string",
      multiple: true,
      value: "NAME",
      help: "a viewer Host that CloudFront forwards; repeatable",
    },
  },
  open: (argument, values) => {
    if (argument === undefined) {
      throw new UsageError("origin needs a HOST, for example api.example.com or api.example.com:8443");
    }
    const distribution = distributionOf({
      ...originArgument(argument),
      protocols: protocols(one(values, "protocols") ?? "TLSv1.2"),
      hosts: many(values, "host").map(domain),
    });
    return {
      place: argument,
      read: () => ({ kind: "configuration", distributions: [distribution], policies: noPolicies, problems: [] }),
    };
  },
};

type OneOrigin = {
  readonly domain: string;
  readonly port: number;
  readonly protocols: readonly OriginSslProtocol[];
  /** Viewer Hosts that are forwarded. */
  readonly hosts: readonly string[];
};

/** A distribution that has the origin as its only one. */
function distributionOf({ domain: name, port, protocols: originSslProtocols, hosts }: OneOrigin): Distribution {
  return {
    id: "-",
    scope: unknownScope,
    domainName: null,
    comment: "",
    enabled: true,
    staging: false,
    multiTenant: false,
    aliases: hosts,
    primary: null,
    tenants: null,
    origins: [
      {
        id: name,
        domainName: name,
        connectionTimeout: 10,
        connectionAttempts: 3,
        kind: {
          kind: "custom",
          httpPort: 80,
          httpsPort: port,
          originProtocolPolicy: "https-only",
          originSslProtocols,
          ipAddressType: "ipv4",
          originMtls: false,
        },
      },
    ],
    originGroups: [],
    behaviors: [
      {
        pathPattern: "*",
        isDefault: true,
        targetOriginId: name,
        viewerProtocolPolicy: "redirect-to-https",
        cachePolicyId: null,
        originRequestPolicyId: null,
        forwardedHeaders: hosts.length > 0 ? ["Host"] : [],
        grpc: false,
        allowedMethods: ["GET", "HEAD"],
        cachedMethods: ["GET", "HEAD"],
        edgeFunctions: [],
      },
    ],
  };
}
