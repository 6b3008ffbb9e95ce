import { readFileSync } from "node:fs";
import { cloudFrontClient, readAccount } from "../../lambda/aws/cloudfront.ts";
import type { PlannedConnection } from "../../lambda/plan/connection.ts";
import type { Distribution } from "../../lambda/plan/distribution.ts";
import { plan } from "../../lambda/plan/plan.ts";
import { noPolicies, type Policies } from "../../lambda/plan/policies.ts";
import type { UnreadableDistribution } from "../../lambda/plan/read-distribution.ts";
import { readInventory } from "../../lambda/plan/read-inventory.ts";
import { readPolicies } from "../../lambda/plan/read-policies.ts";
import { readTemplate } from "../../lambda/plan/read-template.ts";
import { printable } from "../../lambda/text/printable.ts";
import type { Options, Source } from "./arguments.ts";
import { readTemplateText } from "./template-text.ts";

/** Throttled or not, an account is read in less; a person at a terminal does not wait longer for AWS. */
const accountTimeoutMs = 120_000;

/** What is to be checked, or one line that says why it cannot be known. */
export type Connections =
  | {
      readonly kind: "connections";
      readonly planned: readonly PlannedConnection[];
      /** What is missing from the list, a sentence each. */
      readonly problems: readonly string[];
    }
  | { readonly kind: "unreadable"; readonly message: string };

/** Finds the connections of an account, a saved configuration or one origin. */
export async function connectionsOf({ source, timeoutMs }: Options): Promise<Connections> {
  const found = await find(source);
  if (found.kind === "unreadable" || timeoutMs === null) return found;
  const limited = found.planned.map((each) => ({
    ...each,
    connection: { ...each.connection, connectTimeoutMs: timeoutMs, connectAttempts: 1 },
  }));
  return { ...found, planned: limited };
}

function find(source: Source): Promise<Connections> | Connections {
  switch (source.kind) {
    case "account":
      return ofAccount();
    case "config":
      return ofConfig(source.file, source.policiesFile);
    case "template":
      return ofTemplate(source.file, source.parameters);
    case "origin":
      return ofOrigin(source);
  }
}

async function ofAccount(): Promise<Connections> {
  const client = cloudFrontClient();
  try {
    const inventory = await readAccount(client, AbortSignal.timeout(accountTimeoutMs));
    if (inventory.kind === "not-signed-in") return { kind: "unreadable", message: inventory.message };
    const planned = plan(inventory.distributions, inventory.policies);
    const problems = [...inventory.problems.map(({ message }) => message), ...planned.problems];
    return { kind: "connections", planned: planned.connections, problems };
  } finally {
    client.destroy();
  }
}

function ofConfig(file: string, policiesFile: string | null): Connections {
  const json = readJson(file);
  if (json.kind === "unreadable") return json;
  const inventory = readInventory(json.value);
  if (inventory.kind === "unrecognised") return { kind: "unreadable", message: inventory.problem };
  const policies = policiesFile === null ? { policies: noPolicies, problems: [] } : policiesFrom(policiesFile);
  if ("kind" in policies) return policies;
  const planned = plan(inventory.distributions, policies.policies);
  const problems = [
    ...inventory.problems,
    ...notChecked(inventory.unreadable),
    ...policies.problems,
    ...planned.problems,
  ];
  return { kind: "connections", planned: planned.connections, problems };
}

function ofTemplate(file: string, parameters: ReadonlyMap<string, string>): Connections {
  const read = readText(file);
  if (read.kind === "unreadable") return read;
  const text = readTemplateText(read.text);
  if (text.kind === "unreadable")
    return { kind: "unreadable", message: `${read.name} is no template: ${text.problem}` };
  const template = readTemplate(text.value, parameters);
  if (template.kind === "unrecognised") return { kind: "unreadable", message: template.problem };
  const { distributions, policies } = template;
  const planned = plan(distributions, policies);
  const problems = [...template.problems, ...notChecked(template.unreadable), ...planned.problems];
  return { kind: "connections", planned: planned.connections, problems };
}

function notChecked(unreadable: readonly UnreadableDistribution[]): string[] {
  return unreadable.map(
    ({ id, problem }) => `distribution ${printable(id ?? "without an id", 64)} is not checked: ${problem}`,
  );
}

type UnreadableFile = { readonly kind: "unreadable"; readonly message: string };

function policiesFrom(file: string): { policies: Policies; problems: readonly string[] } | UnreadableFile {
  const json = readJson(file);
  if (json.kind === "unreadable") return json;
  const result = readPolicies(json.value);
  if (result.kind === "unrecognised") return { kind: "unreadable", message: result.problem };
  return { policies: result.policies, problems: result.problems };
}

function readJson(file: string): { kind: "json"; value: unknown } | UnreadableFile {
  const read = readText(file);
  if (read.kind === "unreadable") return read;
  try {
    return { kind: "json", value: JSON.parse(read.text) };
  } catch {
    return { kind: "unreadable", message: `${read.name} is ${read.text.trim() === "" ? "empty" : "not JSON"}` };
  }
}

function readText(file: string): { kind: "text"; name: string; text: string } | UnreadableFile {
  const name = file === "-" ? "standard input" : printable(file, 200);
  try {
    return { kind: "text", name, text: decoded(readFileSync(file === "-" ? 0 : file)) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "error";
    return { kind: "unreadable", message: `cannot read ${name} (${code})` };
  }
}

/** UTF-8, or the UTF-16 that PowerShell's `>` writes; a byte order mark is no part of JSON. */
function decoded(bytes: Buffer): string {
  return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8").decode(bytes);
}

/** One origin, as if a distribution had it as its only one. */
function ofOrigin({ domain, port, protocols, hosts }: Extract<Source, { kind: "origin" }>): Connections {
  const distribution: Distribution = {
    id: "-",
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
        id: domain,
        domainName: domain,
        connectionTimeout: 10,
        connectionAttempts: 3,
        kind: {
          kind: "custom",
          httpPort: 80,
          httpsPort: port,
          originProtocolPolicy: "https-only",
          originSslProtocols: protocols,
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
        targetOriginId: domain,
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
  const { connections, problems } = plan([distribution], noPolicies);
  // No distribution stands behind it, so nobody is named as using it.
  const planned = connections.map((each) => ({ ...each, connection: { ...each.connection, uses: [] } }));
  return { kind: "connections", planned, problems };
}
