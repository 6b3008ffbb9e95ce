import { cloudFrontClient, readAccount } from "../../../lambda/aws/cloudfront.ts";
import { profileCredentials } from "../../../lambda/aws/profile-credentials.ts";
import type { Distribution } from "../../../lambda/configuration/distribution.ts";
import { noPolicies, type Policies } from "../../../lambda/configuration/policies.ts";
import type { UnreadableDistribution } from "../../../lambda/configuration/read-distribution.ts";
import { readInventory } from "../../../lambda/configuration/read-inventory.ts";
import { readPolicies } from "../../../lambda/configuration/read-policies.ts";
import { printable } from "../../../lambda/text/printable.ts";
import { complain } from "../output/output.ts";
import { waitingFor } from "../output/progress.ts";
import type { Source } from "./arguments.ts";
import { nameOf, readJson, type UnreadableFile } from "./read-file.ts";
import { chosenProfile, signInAdvice } from "./sign-in.ts";
import { readTemplates } from "./template-source.ts";

/** Throttled or not, an account is read in less; a person at a terminal does not wait longer for AWS. */
const accountTimeoutMs = 120_000;

const known = { kind: "configuration", madeUp: false } as const;

/** Distributions and what decides their connections, or one line that says why they cannot be known. */
export type Configuration =
  | {
      readonly kind: "configuration";
      readonly distributions: readonly Distribution[];
      readonly policies: Policies;
      /** What is missing, a sentence each. */
      readonly problems: readonly string[];
      /** No distribution stands behind it: one was made up around a single origin. */
      readonly madeUp: boolean;
    }
  | { readonly kind: "unreadable"; readonly message: string };

/** Reads the configuration of an account, a saved one, a template's, or one for a single origin. */
export function configurationOf(source: Source): Promise<Configuration> | Configuration {
  switch (source.kind) {
    case "account":
      return ofAccount(source.profile);
    case "config":
      return ofConfig(source.file, source.policiesFile);
    case "template":
      return ofTemplate(source.file, source.parameters);
    case "origin":
      return ofOrigin(source);
  }
}

async function ofAccount(option: string | null): Promise<Configuration> {
  const profile = chosenProfile(option);
  const client = cloudFrontClient(
    profile === null ? {} : { profile: profile.name, credentials: profileCredentials(profile.name) },
  );
  const done = waitingFor("reading the account");
  try {
    const inventory = await readAccount(client, AbortSignal.timeout(accountTimeoutMs));
    if (inventory.kind === "not-signed-in") return { kind: "unreadable", message: signInAdvice(inventory, profile) };
    const { distributions, policies } = inventory;
    const problems = inventory.problems.map(({ message, remedy }) => `${message} ${remedy}`);
    const unlisted = inventory.problems.findIndex(({ code }) => code === "inventory-failed");
    const nothing = distributions.length === 0 && inventory.unreadable.length === 0;
    // Without any distribution a check would find nothing wrong, and that is the last thing that is known here.
    if (nothing && unlisted >= 0) return { kind: "unreadable", message: problems[unlisted] ?? "" };
    if (nothing) complain("there is no CloudFront distribution in the account");
    return { ...known, distributions, policies, problems };
  } finally {
    done();
    client.destroy();
  }
}

function ofConfig(file: string, policiesFile: string | null): Configuration {
  const json = readJson(file);
  if (json.kind === "unreadable") return json;
  const inventory = readInventory(json.value);
  if (inventory.kind === "unrecognised") return { kind: "unreadable", message: inventory.problem };
  const policies = policiesFile === null ? { policies: noPolicies, problems: [] } : policiesFrom(policiesFile);
  if ("kind" in policies) return policies;
  const problems = [...inventory.problems, ...notChecked(inventory.unreadable), ...policies.problems];
  if (inventory.distributions.length + inventory.unreadable.length === 0)
    complain(`there is no CloudFront distribution in ${nameOf(file)}`);
  return { ...known, distributions: inventory.distributions, policies: policies.policies, problems };
}

function ofTemplate(file: string, parameters: ReadonlyMap<string, string>): Configuration {
  const read = readTemplates(file, parameters);
  if (read.kind === "unreadable") return read;
  const { distributions, policies, unreadable } = read;
  const problems = [...read.problems, ...notChecked(unreadable)];
  // Right for a stack without one, but a pipeline that looks at the wrong stack would be green for ever.
  if (distributions.length + unreadable.length === 0)
    complain(`there is no CloudFront distribution in ${nameOf(file)}`);
  return { ...known, distributions, policies, problems };
}

function notChecked(unreadable: readonly UnreadableDistribution[]): string[] {
  return unreadable.map(
    ({ id, problem }) => `distribution ${printable(id ?? "without an id", 64)} is not checked: ${problem}`,
  );
}

function policiesFrom(file: string): { policies: Policies; problems: readonly string[] } | UnreadableFile {
  const json = readJson(file);
  if (json.kind === "unreadable") return json;
  const result = readPolicies(json.value);
  if (result.kind === "unrecognised") return { kind: "unreadable", message: result.problem };
  return { policies: result.policies, problems: result.problems };
}

/** One origin, as if a distribution had it as its only one. */
function ofOrigin({ domain, port, protocols, hosts }: Extract<Source, { kind: "origin" }>): Configuration {
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
  return { kind: "configuration", distributions: [distribution], policies: noPolicies, problems: [], madeUp: true };
}
