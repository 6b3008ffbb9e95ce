import { readFileSync } from "node:fs";
import { type Environment, listed } from "./environment.ts";

/** What a worker is told through its environment. All of it is for tests against an account in a box. */
export type WorkerSettings = {
  readonly dnsServers: readonly string[];
  readonly allowedPrivateNetworks: readonly string[];
  readonly extraAnchorsPem: readonly string[];
};

export function readWorkerSettings(environment: Environment): WorkerSettings {
  return {
    dnsServers: listed(environment.DNS_SERVERS),
    allowedPrivateNetworks: listed(environment.ALLOWED_PRIVATE_NETWORKS),
    extraAnchorsPem: listed(environment.EXTRA_TRUST_ANCHORS_FILES).map((file) => readFileSync(file, "utf8")),
  };
}
