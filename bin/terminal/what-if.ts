import type { PlannedConnection } from "../../lambda/plan/connection.ts";
import type { Distribution } from "../../lambda/plan/distribution.ts";
import { type Supposed, type Supposition, suppose } from "../../lambda/plan/what-if.ts";
import { checkConnections } from "../../lambda/run.ts";
import type { ConnectionRecord } from "../../lambda/tell/record.ts";
import { jsonLine } from "../../lambda/text/json-line.ts";
import { printable } from "../../lambda/text/printable.ts";
import { type Options, type OwnOptions, readArguments, type Source } from "./arguments.ts";
import { coloured } from "./colour.ts";
import { type Difference, differences, useId } from "./compare-verdicts.ts";
import { configurationOf } from "./configuration.ts";
import { connectionsIn } from "./connections.ts";
import { whatIfHelp } from "./help.ts";
import { complain, exit, untilInterrupted } from "./output.ts";
import { progressOf } from "./progress.ts";
import { toolsFor } from "./tools.ts";
import { domain, flag, one, protocols } from "./values.ts";
import { whatThereIs } from "./what-there-is.ts";
import { shown, Wrong } from "./wrong.ts";

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
  if (supposed.origins === 0) {
    const missing = supposed.meant > 0 ? null : nobodyMeant(present.distributions, what);
    if (missing !== null) {
      complain(missing);
      return exit.usage;
    }
    const already = `${supposed.meant === 1 ? "the one origin is" : `all ${supposed.meant} origins are`} so already`;
    complain(`nothing would change: ${supposed.meant === 0 ? "there is no custom origin" : already}`);
    return problems.length > 0 ? exit.uncertain : exit.healthy;
  }
  const interrupted = untilInterrupted();
  const [before, after] = await checkBoth(now.planned, then.planned, options, interrupted.signal);
  const { found, stillFailing } = differences(before, after);
  if (options.json) process.stdout.write(found.map((each) => `${jsonLine(each)}\n`).join(""));
  else process.stdout.write(inWords(found, stillFailing, what, supposed));
  if (interrupted.signal.aborted) return exit.interrupted;
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

/**
 * Checks the origins that the change touches in both plans, and what is the same in both once only. An origin is
 * touched when other connections are made to it than before.
 */
async function checkBoth(
  now: readonly PlannedConnection[],
  then: readonly PlannedConnection[],
  options: Options,
  signal: AbortSignal,
): Promise<[ConnectionRecord[], ConnectionRecord[]]> {
  const touched = touchedUses(now, then);
  const isTouched = ({ connection }: PlannedConnection) => connection.uses.some((use) => touched.has(useId(use)));
  const wanted = new Map([...now, ...then].filter(isTouched).map((planned) => [signature(planned), planned]));
  const progress = progressOf(wanted.size, true);
  const records = await checkConnections([...wanted.values()], toolsFor(options, signal)(), progress.add);
  progress.end();
  const bySignature = new Map([...wanted.keys()].map((key, index) => [key, records[index]]));
  const recordsOf = (plan: readonly PlannedConnection[]) =>
    plan.flatMap((planned) => {
      const record = bySignature.get(signature(planned));
      return record === undefined ? [] : [{ ...record, uses: planned.connection.uses }];
    });
  return [recordsOf(now), recordsOf(then)];
}

/** The origins, each of one distribution, whose connections are not the same in both plans. */
function touchedUses(now: readonly PlannedConnection[], then: readonly PlannedConnection[]): ReadonlySet<string> {
  const [before, after] = [signaturesByUse(now), signaturesByUse(then)];
  const all = new Set([...before.keys(), ...after.keys()]);
  return new Set([...all].filter((use) => before.get(use) !== after.get(use)));
}

function signaturesByUse(plan: readonly PlannedConnection[]): ReadonlyMap<string, string> {
  const uses = plan.flatMap((planned) =>
    planned.connection.uses.map((use) => [useId(use), signature(planned)] as const),
  );
  const byUse = Map.groupBy(uses, ([use]) => use);
  return new Map(
    [...byUse].map(([use, pairs]) => [
      use,
      pairs
        .map(([, key]) => key)
        .toSorted()
        .join(),
    ]),
  );
}

/** All that decides an observation and what is made of it; who uses the connection does not. */
function signature({ kind, connection }: PlannedConnection): string {
  return JSON.stringify([kind, { ...connection, uses: [] }]);
}

const headings: Readonly<Record<Difference["kind"], string>> = {
  breaks: "BREAKS",
  risks: "AT RISK",
  unclear: "CANNOT TELL",
  heals: "HEALS",
};
const styles = { breaks: "red", risks: "yellow", unclear: "cyan", heals: "green" } as const;

function inWords(
  found: readonly Difference[],
  stillFailing: number,
  what: Supposition,
  { origins, changed }: Supposed,
): string {
  const count = (kind: Difference["kind"]) => found.filter((each) => each.kind === kind).length;
  const head = `What if ${suppositionInWords(what)}? On ${many(origins, "origin")} of ${many(changed, "distribution")}. Nothing is changed in AWS.`;
  const still = stillFailing === 0 ? "" : `${stillFailing} ${stillFailing === 1 ? "fails" : "fail"} before and after, `;
  const totals = `${count("breaks")} break, ${count("risks")} at risk, ${count("heals")} heal, ${count("unclear")} cannot be told; ${still}the rest stays as it is.`;
  return [head, "", ...found.map(block), totals, ""].join("\n");
}

function many(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function suppositionInWords({ protocols: listed, forwardHost, httpsOnly, domain: moved, origin }: Supposition): string {
  const parts = [
    ...(listed === null ? [] : [`OriginSslProtocols were ${listed.join(", ")}`]),
    ...(forwardHost === null ? [] : [`the viewer's Host were ${forwardHost ? "" : "not "}sent to the origin`]),
    ...(httpsOnly ? ["the origin protocol policy were https-only"] : []),
    ...(moved === null ? [] : [`the origin${origin === null ? "" : ` ${origin}`} moved to ${moved}`]),
  ];
  return parts.join(" and ");
}

function block({
  kind,
  distributionId,
  domain: name,
  port,
  pathPatterns,
  aliases,
  before,
  after,
  record,
}: Difference): string {
  const { serverName } = record.connection;
  const place = `${name}:${port}${serverName === null || serverName === name ? "" : ` as ${serverName}`}`;
  const who = distributionId === "-" ? "" : `, ${distributionId}`;
  const paths = pathPatterns.slice(0, 5).join(", ");
  const on = aliases.length === 0 ? "" : ` on ${aliases.slice(0, 3).join(", ")}`;
  return [
    `${coloured(headings[kind].padEnd(12), styles[kind])}${printable(`${place}${who} for ${paths}${on}`, 400)}`,
    `  now ${before}, then ${after}`,
    ...record.findings
      .filter(({ effect }) => effect !== "note")
      .slice(0, 5)
      .map((finding) => `  ${finding.code}: ${printable(finding.title, 300)}`),
    ...(kind === "heals" || record.reproduce === null ? [] : [`  see it: ${record.reproduce}`]),
    "",
  ].join("\n");
}
