import type { Configuration } from "../../../lambda/configuration/configuration.ts";
import type { Observer } from "../../../lambda/observe/observer.ts";
import type { PlannedConnection } from "../../../lambda/plan/connection.ts";
import { jsonLine } from "../../../lambda/text/json-line.ts";
import { type Command, connectionsOf } from "../command.ts";
import { type Explained, explanation } from "../explain/explanation.ts";
import type { OptionTable } from "../input/option.ts";
import { chosenRegions, type LookingFrom, regionOptions } from "../input/regions.ts";
import { type AskingCloudFront, asksCloudFront, throughCloudFrontOption } from "../input/through-cloudfront.ts";
import { shown, UsageError } from "../input/usage-error.ts";
import { domain, flag, optional } from "../input/values.ts";
import { availableNames } from "../output/available-names.ts";
import { exit, exitStatus, interruptedStatus, untilInterrupted, warn, widthOf } from "../output/output.ts";
import { printResult } from "../output/print.ts";
import { progressOf } from "../output/progress.ts";
import { checkAll, toolsFor } from "../tools.ts";

/** Which connections are to be explained. */
type Filter = {
  readonly origin: string | null;
  readonly serverName: string | null;
  readonly rules: boolean;
  readonly askingCloudFront: AskingCloudFront;
  /** Null where they are looked at from here alone. */
  readonly from: LookingFrom | null;
};

const options: OptionTable = {
  origin: { type: "string", value: "DOMAIN", help: "origins with this domain name" },
  as: { type: "string", value: "NAME", help: "only this server name (SNI), where the viewer's Host is forwarded" },
  "through-cloudfront": throughCloudFrontOption,
  ...regionOptions,
  rules: { type: "boolean", help: "also list the rules that found nothing" },
};

/** `explain`: everything known about one origin. */
export const explain: Command<Filter> = {
  help: {
    title: "explain: everything known about one origin",
    usage: [
      "origin-watch explain origin HOST[:PORT]         one origin",
      "origin-watch explain SOURCE --origin DOMAIN     one of any other source",
      "origin-watch --help lists the sources",
      "In a clone of the project: npm run -s origin-watch -- explain origin HOST",
    ],
    groups: [{ heading: "For explain", options }],
    notes: [
      "Shown are what CloudFront offers, what DNS says, for each address every",
      "connection that was made and why, the certificates as a tree, and what the",
      "rules found. With --json the observation comes with the record.",
    ],
    exitStatus: ["as for check"],
    examples: [
      "origin-watch explain origin api.example.com --host www.example.com",
      "origin-watch explain account --origin api.example.com",
      "origin-watch explain account --origin api.example.com --regions eu-central-1",
      "origin-watch explain account --origin api.example.com --vpc vpc-0a1b2c3d",
    ],
  },
  read: (values, source) => {
    const filter = {
      origin: optional(values, "origin", domain),
      serverName: optional(values, "as", domain),
      rules: flag(values, "rules"),
      askingCloudFront: asksCloudFront(values, source),
      from: chosenRegions(values, source),
    };
    if (!source.originsAlone && filter.origin === null) {
      throw new UsageError("--origin DOMAIN is needed: which origin is to be explained?");
    }
    return filter;
  },
  run: async (given) => {
    const { options: common, own: filter, configuration } = given;
    const all = connectionsOf(configuration, given);
    for (const problem of all.problems) warn(problem);
    const planned = all.planned.filter(
      ({ connection }) =>
        (filter.origin === null || connection.domain === filter.origin) &&
        (filter.serverName === null || connection.serverName === filter.serverName),
    );
    if (planned.length === 0) {
      warn(noMatch(all.planned, filter));
      return exit.usage;
    }
    if (given.source.name === "account" && planned.some(isVpcOrigin)) warn(vpcOriginAdvice);
    const interrupted = untilInterrupted();
    const here = toolsFor(common, given.source, interrupted.signal)();
    const tools = { ...here, observer: await observerOf(here.observer, filter.from, configuration) };
    const progress = progressOf(planned, true);
    const explained = new Map<PlannedConnection, Explained>();
    const seen = await checkAll(planned, tools, (record, { planned: each, observations }) => {
      progress.add(record);
      explained.set(each, { planned: each, record, observations });
    });
    progress.end();
    const records =
      filter.askingCloudFront.kind === "no"
        ? seen
        : await (await import("../ask-cloudfront.ts")).askedThroughCloudFront(
            seen,
            configuration,
            filter.askingCloudFront,
            common,
            interrupted.signal,
          );
    const weighed = new Map(seen.map((record, index) => [record, records[index] ?? record]));
    // As planned, whichever came first.
    const healthy = planned.flatMap((each) => {
      const known = explained.get(each);
      return known === undefined ? [] : [{ ...known, record: weighed.get(known.record) ?? known.record }];
    });
    const write = (each: Explained) =>
      common.json
        ? `${jsonLine({ ...each.record, planned: each.planned.kind, ...observationsIn(each) })}\n`
        : explanation(each, { policy: tools.policy, rules: filter.rules, width: widthOf(process.stdout) });
    printResult(healthy.map(write).join(common.json ? "" : "\n"));
    if (interrupted.signal.aborted) return interruptedStatus();
    return exitStatus(
      records.map(({ verdict }) => verdict),
      all.problems.length > 0,
    );
  },
};

/** Nobody but the function that watches may write what the function inside the VPC reads, so that none can ask it by hand. */
const vpcOriginAdvice =
  "a VPC origin is looked at from inside its VPC by the runs of a stack alone (vpcId); the board has what they saw";

function isVpcOrigin(planned: PlannedConnection): boolean {
  return planned.kind === "unseen" && planned.reason.kind === "vpc-origin";
}

/** What was seen from here, and beside it what was seen from where. */
function observationsIn({ observations }: Explained) {
  const observation = observations[0]?.observation ?? null;
  return observations.length > 1 ? { observation, observations } : { observation };
}

async function observerOf(
  here: Observer,
  from: LookingFrom | null,
  { distributions }: Pick<Configuration, "distributions">,
): Promise<Observer> {
  const account = distributions[0]?.scope.accountId ?? null;
  if (from === null || account === null) return here;
  return (await import("../regions.ts")).observerWithWorkers(here, from, account);
}

/** Which of the two names leads nowhere. */
function noMatch(planned: readonly PlannedConnection[], { origin, serverName }: Filter): string {
  const toOrigin = planned.filter(({ connection }) => origin === null || connection.domain === origin);
  if (origin !== null && toOrigin.length === 0) {
    return `no origin is called ${shown(origin)}; ${availableNames(planned.map(({ connection }) => connection.domain))}`;
  }
  const names = toOrigin.flatMap(({ connection }) => connection.serverName ?? []);
  return `no connection is made with the server name ${shown(serverName ?? "")}; ${availableNames(names)}`;
}
