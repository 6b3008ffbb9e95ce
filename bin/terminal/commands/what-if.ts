import type { Distribution } from "../../../lambda/configuration/distribution.ts";
import { type Supposition, suppose } from "../../../lambda/configuration/what-if.ts";
import { jsonLine } from "../../../lambda/text/json-line.ts";
import { type OwnOptions, readArguments, type Source } from "../input/arguments.ts";
import { configurationOf } from "../input/configuration.ts";
import { connectionsIn } from "../input/connections.ts";
import { shown, Wrong } from "../input/usage-error.ts";
import { domain, flag, one, protocols } from "../input/values.ts";
import { checkBoth, touchedOrigins } from "../output/compare-plans.ts";
import { differences } from "../output/compare-verdicts.ts";
import { whatIfHelp } from "../output/help.ts";
import { whatThereIs } from "../output/name-not-found.ts";
import { complain, exit, interruptedStatus, untilInterrupted } from "../output/output.ts";
import { comparison } from "../output/what-if-words.ts";

const own: OwnOptions<Supposition> = {
  options: {
    protocols: { type: "string" },
    "forward-host": { type: "boolean" },
    "no-forward-host": { type: "boolean" },
    "https-only": { type: "boolean" },
    domain: { type: "string" },
    origin: { type: "string" },
    distribution: { type: "string" },
  },
  read: (values, source) => {
    const [forward, keep] = [flag(values, "forward-host"), flag(values, "no-forward-host")];
    if (forward && keep) throw new Wrong("--forward-host and --no-forward-host exclude each other");
    const named = (name: string) => {
      const text = one(values, name);
      return text === undefined ? null : domain(text);
    };
    const listed = one(values, "protocols");
    const what: Supposition = {
      protocols: listed === undefined ? null : protocols(listed),
      forwardHost: forward ? true : keep ? false : null,
      httpsOnly: flag(values, "https-only"),
      domain: named("domain"),
      origin: named("origin"),
      distribution: one(values, "distribution") ?? null,
    };
    if (what.protocols === null && what.forwardHost === null && !what.httpsOnly && what.domain === null) {
      throw new Wrong(
        "say what would change: --protocols, --forward-host, --no-forward-host, --https-only or --domain",
      );
    }
    if (what.domain !== null && what.origin === null && source.kind !== "origin") {
      throw new Wrong("--domain needs --origin OLD, the domain name of the origin that would move");
    }
    return what;
  },
};

/** `what-if`: judges a changed configuration without making it. */
export async function whatIf(argv: readonly string[]): Promise<number> {
  const read = readArguments(argv, own);
  switch (read.kind) {
    case "help":
      process.stdout.write(whatIfHelp);
      return exit.healthy;
    case "wrong":
      complain(read.message);
      return exit.usage;
    case "given":
      break;
  }
  const { options, own: what } = read;
  const present = await configurationOf(baseline(options.source, what));
  if (present.kind === "unreadable") {
    complain(present.message);
    return exit.usage;
  }
  const supposed = suppose(present.distributions, what);
  // Uses are kept for a made-up distribution too: what is compared is an origin of a distribution.
  const now = connectionsIn({ ...present, madeUp: false }, options.timeoutMs);
  const then = connectionsIn({ ...present, madeUp: false, distributions: supposed.distributions }, options.timeoutMs);
  const problems = [...new Set([...now.problems, ...then.problems])];
  for (const problem of problems) complain(problem);
  const touched = touchedOrigins(now.planned, then.planned);
  if (touched.size === 0) {
    const missing = supposed.meant > 0 ? null : nobodyMeant(present.distributions, what);
    if (missing !== null) {
      complain(missing);
      return exit.usage;
    }
    const same = `CloudFront would connect to ${supposed.meant === 1 ? "the one origin" : `all ${supposed.meant} origins`} as before`;
    complain(`nothing would change: ${supposed.meant === 0 ? "there is no custom origin" : same}`);
    return problems.length > 0 ? exit.uncertain : exit.healthy;
  }
  const interrupted = untilInterrupted();
  const [before, after] = await checkBoth(now.planned, then.planned, touched, options, interrupted.signal);
  const { found, stillFailing } = differences(before, after);
  if (options.json) process.stdout.write(found.map((each) => `${jsonLine(each)}\n`).join(""));
  else process.stdout.write(comparison(found, stillFailing, what, touched));
  if (interrupted.signal.aborted) return interruptedStatus();
  if (found.some(({ kind }) => kind === "breaks")) return exit.failing;
  const open = found.some(({ kind }) => kind === "unclear" || kind === "risks") || problems.length > 0;
  return open ? exit.uncertain : exit.healthy;
}

/** Why a restriction leaves nothing over; null without one. */
function nobodyMeant(all: readonly Distribution[], { origin, distribution }: Supposition): string | null {
  const enabled = all.filter((each) => each.enabled);
  if (distribution !== null && !enabled.some(({ id }) => id === distribution)) {
    return `no enabled distribution is called ${shown(distribution)}; ${whatThereIs(enabled.map(({ id }) => id))}`;
  }
  if (origin === null) return null;
  const meant = enabled.filter(({ id }) => distribution === null || id === distribution);
  const custom = meant.flatMap(({ origins }) => origins.filter(({ kind }) => kind.kind === "custom"));
  return `no custom origin is called ${shown(origin)}; ${whatThereIs(custom.map(({ domainName }) => domainName))}`;
}

/**
 * What the change is compared with. Of an origin without a distribution the protocols that are allowed now are not
 * known: they are taken to be all that an origin may still need, so that what works only by an old one is seen.
 */
function baseline(source: Source, { protocols: wanted }: Supposition): Source {
  if (source.kind !== "origin" || wanted === null) return source;
  return { ...source, protocols: ["TLSv1", "TLSv1.1", "TLSv1.2"] };
}
