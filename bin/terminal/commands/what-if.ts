import type { Configuration } from "../../../lambda/configuration/configuration.ts";
import type { Distribution } from "../../../lambda/configuration/distribution.ts";
import { applyChange, type ConfigurationChange, noChange } from "../../../lambda/configuration/what-if.ts";
import { jsonLine } from "../../../lambda/text/json-line.ts";
import { type Command, connectionsOf, type Given } from "../command.ts";
import type { OptionTable } from "../input/option.ts";
import { shown, UsageError } from "../input/usage-error.ts";
import { domain, flag, many, one, optional, protocols } from "../input/values.ts";
import { availableNames } from "../output/available-names.ts";
import { checkBoth, originsInUse, touchedOrigins } from "../output/compare-plans.ts";
import { differences, useId } from "../output/compare-verdicts.ts";
import { exit, interruptedStatus, untilInterrupted, warn } from "../output/output.ts";
import { printResult } from "../output/print.ts";
import { comparison } from "../output/what-if-words.ts";

const changes: OptionTable = {
  protocols: {
    type: "string",
    value: "LIST",
    help: "OriginSslProtocols of all custom origins (origin: instead of TLSv1,TLSv1.1,TLSv1.2)",
  },
  "forward-host": { type: "boolean", help: "send the viewer's Host to the origin" },
  "no-forward-host": { type: "boolean", help: "do not" },
  "https-only": { type: "boolean", help: "HTTPS to origins that are http-only or match-viewer" },
  domain: { type: "string", value: "NEW", help: "move an origin there; with --origin OLD" },
};

const restrictions: OptionTable = {
  origin: { type: "string", value: "DOMAIN", help: "origins with this domain name" },
  distribution: { type: "string", value: "ID", help: "one distribution" },
};

/** `what-if`: judges a changed configuration without making it. */
export const whatIf: Command<ConfigurationChange> = {
  help: {
    title: "what-if: what would a configuration change break or fix?",
    usage: [
      "origin-watch what-if SOURCE CHANGE [options]",
      "origin-watch --help lists the sources",
      "In a clone of the project: npm run -s origin-watch -- what-if SOURCE CHANGE",
    ],
    groups: [
      { heading: "The change, one or several", options: changes },
      { heading: "Only these", options: restrictions },
    ],
    notes: ["Nothing is changed in AWS. Shows only what would break, become at risk, be fixed", "or be unknown."],
    exitStatus: [
      "0 nothing breaks   1 something breaks   2 wrong usage or unreadable input",
      "3 nothing breaks, something at risk or unknown   130 interrupted",
    ],
    examples: [
      "origin-watch what-if account --protocols TLSv1.2",
      "origin-watch what-if account --origin old.example.com --domain new.example.com",
    ],
  },
  read: (values, source) => {
    const [forward, keep] = [flag(values, "forward-host"), flag(values, "no-forward-host")];
    if (forward && keep) throw new UsageError("--forward-host and --no-forward-host exclude each other");
    if (forward && source.originsAlone && many(values, "host").length === 0) {
      throw new UsageError("--forward-host needs --host NAME, the Host that viewers send to this origin");
    }
    const what: ConfigurationChange = {
      protocols: optional(values, "protocols", protocols),
      forwardHost: forward ? true : keep ? false : null,
      httpsOnly: flag(values, "https-only"),
      domain: optional(values, "domain", domain),
      origin: optional(values, "origin", domain),
      distribution: one(values, "distribution") ?? null,
    };
    if (what.protocols === null && what.forwardHost === null && !what.httpsOnly && what.domain === null) {
      throw new UsageError(
        "say what would change: --protocols, --forward-host, --no-forward-host, --https-only or --domain",
      );
    }
    if (what.domain !== null && what.origin === null && !source.originsAlone) {
      throw new UsageError("--domain needs --origin OLD, the domain name of the origin that would move");
    }
    return what;
  },
  run: async (given) => {
    const { options, own: what } = given;
    // Uses are kept for a single origin too: what is compared is an origin of a distribution.
    const how = { source: { ...given.source, originsAlone: false }, options };
    const present = baseline(given);
    const changed = applyChange(present.distributions, what);
    const shared = what.domain === null ? null : sharedByTenants(present.distributions, changed.matched);
    if (shared !== null) {
      warn(`--domain cannot move ${shown(what.origin ?? "")} alone: it is what a tenant makes of ${shown(shared)}`);
      return exit.usage;
    }
    const now = connectionsOf(present, how);
    const then = connectionsOf({ ...present, distributions: changed.distributions }, how);
    const problems = [...new Set([...now.problems, ...then.problems])];
    for (const problem of problems) warn(problem);
    const touched = touchedOrigins(now.planned, then.planned);
    if (touched.size === 0) {
      const selected = new Set(
        [...changed.matched].flatMap(([distributionId, ids]) =>
          [...ids].map((originId) => useId({ distributionId, originId })),
        ),
      );
      const inUse = originsInUse(now.planned, (id) => selected.has(id));
      const missing = inUse > 0 ? null : noMatch(present.distributions, what);
      if (missing !== null) {
        warn(missing);
        return exit.usage;
      }
      const same = `CloudFront would connect to ${inUse === 1 ? "the one origin" : `all ${inUse} origins`} as before`;
      warn(`nothing would change: ${inUse === 0 ? "no custom origin is in use" : same}`);
      return problems.length > 0 ? exit.uncertain : exit.healthy;
    }
    const interrupted = untilInterrupted();
    const [before, after] = await checkBoth(now.planned, then.planned, touched, given, interrupted.signal);
    const { found, stillFailing } = differences(before, after);
    if (options.json) printResult(found.map((each) => `${jsonLine(each)}\n`).join(""));
    else printResult(comparison(found, stillFailing, what, touched));
    if (interrupted.signal.aborted) return interruptedStatus();
    if (found.some(({ kind }) => kind === "breaks")) return exit.failing;
    const open = found.some(({ kind }) => kind === "unclear" || kind === "risks") || problems.length > 0;
    return open ? exit.uncertain : exit.healthy;
  },
};

/** The name of an origin that tenants have each with a name of their own, null where none of these is one. */
function sharedByTenants(
  all: readonly Distribution[],
  matched: ReadonlyMap<string, ReadonlySet<string>>,
): string | null {
  const origins = all.flatMap(({ id, origins: own }) =>
    own.filter((origin) => matched.get(id)?.has(origin.id) === true),
  );
  return origins.find(({ domainName }) => domainName.includes("{{"))?.domainName ?? null;
}

/** Why a restriction leaves nothing over; null without one. */
function noMatch(all: readonly Distribution[], { origin, distribution }: ConfigurationChange): string | null {
  const enabled = all.filter((each) => each.enabled);
  if (distribution !== null && !enabled.some(({ id }) => id === distribution)) {
    return `no enabled distribution is called ${shown(distribution)}; ${availableNames(enabled.map(({ id }) => id))}`;
  }
  if (origin === null) return null;
  const eligible = enabled.filter(({ id }) => distribution === null || id === distribution);
  const custom = eligible.flatMap(({ origins }) => origins.filter(({ kind }) => kind.kind === "custom"));
  return `no custom origin is called ${shown(origin)}; ${availableNames(custom.map(({ domainName }) => domainName))}`;
}

/**
 * What the change is compared with. Of an origin without a distribution the protocols that are allowed now are not
 * known: they are taken to be all that an origin may still need, so that what works only by an old one is seen.
 */
function baseline({ source, configuration, own }: Given<ConfigurationChange>): Configuration {
  if (!source.originsAlone || own.protocols === null) return configuration;
  const old: ConfigurationChange = { ...noChange, protocols: ["TLSv1", "TLSv1.1", "TLSv1.2"] };
  return { ...configuration, distributions: applyChange(configuration.distributions, old).distributions };
}
