import { randomBytes, randomInt } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { createSecureContext } from "node:tls";
import { cloudFrontClient } from "../../lambda/aws/cloudfront.ts";
import { listResponseHeaders, readCheckPaths } from "../../lambda/aws/edge-rules.ts";
import type { Configuration } from "../../lambda/configuration/configuration.ts";
import { type Scope, unknownScope } from "../../lambda/configuration/scope.ts";
import { userAgent } from "../../lambda/contract/user-agent.ts";
import { askUntilConfirmed, type EdgePorts } from "../../lambda/observe/through-cloudfront.ts";
import { askEdge } from "../../lambda/probe/ask-edge.ts";
import { lookups } from "../../lambda/probe/dns.ts";
import type { ConnectionRecord, RunProblem } from "../../lambda/report/record.ts";
import { weighedByEdge } from "../../lambda/weighing/weigh-edge.ts";
import { trustAnchors } from "../../lambda/x509/trust-anchors.ts";
import type { Options } from "./input/arguments.ts";
import { chosenProfile, profileConfig } from "./input/sources/sign-in.ts";
import type { AskingCloudFront } from "./input/through-cloudfront.ts";
import { warn } from "./output/output.ts";
import { waitingFor } from "./output/progress.ts";
import { guardOf } from "./tools.ts";

/** Between the HEAD and the GET that confirms it: CloudFront keeps an error for 10 seconds by default. */
const confirmAfterMs = 60_000;

/**
 * Asks CloudFront itself about what was found, twice where an answer wants to be confirmed, and weighs it by what came.
 * Distributions with few requests are asked too: somebody wants to know.
 *
 * @param signal aborted when somebody interrupts it
 */
export async function askedThroughCloudFront(
  records: readonly ConnectionRecord[],
  { distributions, policies }: Pick<Configuration, "distributions" | "policies">,
  asking: Exclude<AskingCloudFront, { readonly kind: "no" }>,
  options: Options,
  signal: AbortSignal,
): Promise<readonly ConnectionRecord[]> {
  const settings = { mode: "all" as const, leastRequests: 0, distributions, policies };
  const scope = distributions[0]?.scope ?? unknownScope;
  const done = waitingFor("asking CloudFront, for a minute longer where an answer is to be confirmed");
  const ports = portsOf(asking, scope, options, signal);
  const run = await askUntilConfirmed(records, settings, ports, signal, confirmAfterMs).finally(done);
  return weighedByEdge(records, run, Date.now());
}

function portsOf(
  asking: Exclude<AskingCloudFront, { readonly kind: "no" }>,
  scope: Scope,
  options: Options,
  signal: AbortSignal,
): EdgePorts {
  const rules = asking.kind === "account" ? rulesOfAccount(asking.profile, scope, signal) : rulesOfFile;
  const tools = {
    lookup: lookups(options.dnsServers),
    forbids: guardOf(options),
    context: createSecureContext({ ca: [...trustAnchors(options.extraAnchors).pem] }),
    userAgent,
    // For tests, which cannot listen on 443.
    ...(process.env.EDGE_PORT === undefined ? {} : { port: Number(process.env.EDGE_PORT) }),
  };
  return {
    // None is wanted.
    requests: async () => new Map(),
    ...rules,
    ask: (question, within) => askEdge(question, { ...tools, signal: within }),
    pause: (ms, within) => setTimeout(ms, undefined, { signal: within }).catch(() => undefined),
    token: () => randomBytes(8).toString("hex"),
    chance: (of) => randomInt(of),
    clock: () => Date.now(),
  };
}

/** A file has no tags, and does not say what policies set. */
const rulesOfFile: Pick<EdgePorts, "checkPaths" | "responseHeaders"> = {
  checkPaths: async (ids) => new Map(ids.map((id) => [id, { kind: "unsaid" }])),
  responseHeaders: async () => ({}),
};

function rulesOfAccount(
  option: string | null,
  scope: Scope,
  signal: AbortSignal,
): Pick<EdgePorts, "checkPaths" | "responseHeaders"> {
  const client = cloudFrontClient(profileConfig(chosenProfile(option)));
  const told = (problems: readonly Pick<RunProblem, "message" | "remedy">[]) => {
    for (const { message, remedy } of problems) warn(`${message} ${remedy}`.trim());
  };
  return {
    checkPaths: async (ids) => {
      const { checkPaths, problems } = await readCheckPaths(client, scope, ids, signal);
      told(problems);
      return checkPaths;
    },
    responseHeaders: async () => {
      const { headers, problems } = await listResponseHeaders(client, signal);
      told(problems);
      return headers;
    },
  };
}
