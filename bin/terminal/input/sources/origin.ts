import type { Distribution, OriginSslProtocol } from "../../../../lambda/configuration/distribution.ts";
import { noPolicies } from "../../../../lambda/configuration/policies.ts";
import { unknownScope } from "../../../../lambda/configuration/scope.ts";
import { nameOf, readText } from "../read-file.ts";
import type { Source, Unreadable } from "../source.ts";
import { UsageError } from "../usage-error.ts";
import { domain, many, one, originArgument, protocols } from "../values.ts";

export const origin: Source = {
  name: "origin",
  argument: "HOST[:PORT]...",
  help: "origins by their names, one or several, also from a file (--hosts)",
  originsAlone: true,
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
    hosts: { type: "string", value: "FILE", help: "a HOST[:PORT] a line, besides those named (- for standard input)" },
  },
  open: (given, values) => {
    const file = one(values, "hosts");
    if (given.length === 0 && file === undefined) {
      throw new UsageError("origin needs a HOST, for example api.example.com or api.example.com:8443");
    }
    const how = {
      protocols: protocols(one(values, "protocols") ?? "TLSv1.2"),
      hosts: many(values, "host").map(domain),
    };
    const named = given.map((each) => distributionOf({ ...originArgument(each), ...how }));
    return {
      place: file === undefined ? given.join(", ") : nameOf(file),
      read: () => {
        const listed = file === undefined ? { kind: "origins" as const, origins: [] } : readHosts(file);
        if (listed.kind === "unreadable") return listed;
        const distributions = [...named, ...listed.origins.map((each) => distributionOf({ ...each, ...how }))];
        return { kind: "configuration", distributions, policies: noPolicies, problems: [] };
      },
    };
  },
};

type HostPort = Pick<OneOrigin, "domain" | "port">;

/** As many as an account has distributions, and far more than anybody types. */
const mostHosts = 10_000;

/** A name a line; what follows a `#`, and lines without a name, are left out. */
function readHosts(file: string): { readonly kind: "origins"; readonly origins: readonly HostPort[] } | Unreadable {
  const read = readText(file);
  if (read.kind === "unreadable") return read;
  const lines = read.text.split(/\r?\n/).map((line) => line.replace(/#.*$/, "").trim());
  if (lines.length > mostHosts) {
    return { kind: "unreadable", message: `cannot read ${read.name}: it has more than ${mostHosts} lines` };
  }
  const origins: HostPort[] = [];
  for (const [index, line] of lines.entries()) {
    if (line === "") continue;
    try {
      origins.push(originArgument(line));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return { kind: "unreadable", message: `cannot read ${read.name}: line ${index + 1}: ${error.message}` };
    }
  }
  return { kind: "origins", origins };
}

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
