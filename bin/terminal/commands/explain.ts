import type { PlannedConnection } from "../../../lambda/plan/connection.ts";
import { checkConnections } from "../../../lambda/run.ts";
import { jsonLine } from "../../../lambda/text/json-line.ts";
import { type Explained, explanation } from "../explain/explanation.ts";
import { type OwnOptions, readArguments } from "../input/arguments.ts";
import { connectionsOf } from "../input/connections.ts";
import { shown, Wrong } from "../input/usage-error.ts";
import { domain, one } from "../input/values.ts";
import { explainHelp } from "../output/help.ts";
import { whatThereIs } from "../output/name-not-found.ts";
import { complain, exit, exitStatus, interruptedStatus, untilInterrupted } from "../output/output.ts";
import { progressOf } from "../output/progress.ts";
import { toolsFor } from "../tools.ts";

/** Which connections are meant. */
type Filter = { readonly origin: string | null; readonly serverName: string | null };

const own: OwnOptions<Filter> = {
  options: { origin: { type: "string" }, as: { type: "string" } },
  read: (values, source) => {
    const named = (name: string) => {
      const text = one(values, name);
      return text === undefined ? null : domain(text);
    };
    const filter = { origin: named("origin"), serverName: named("as") };
    if (source.kind !== "origin" && filter.origin === null) {
      throw new Wrong("--origin DOMAIN is needed: which origin is to be explained?");
    }
    return filter;
  },
};

/** `explain`: everything that is known of one origin. */
export async function explain(argv: readonly string[]): Promise<number> {
  const read = readArguments(argv, own);
  switch (read.kind) {
    case "help":
      process.stdout.write(explainHelp);
      return exit.healthy;
    case "wrong":
      complain(read.message);
      return exit.usage;
    case "given":
      break;
  }
  const { options, own: filter } = read;
  const found = await connectionsOf(options);
  if (found.kind === "unreadable") {
    complain(found.message);
    return exit.usage;
  }
  for (const problem of found.problems) complain(problem);
  const planned = found.planned.filter(
    ({ connection }) =>
      (filter.origin === null || connection.domain === filter.origin) &&
      (filter.serverName === null || connection.serverName === filter.serverName),
  );
  if (planned.length === 0) {
    complain(nobodyMeant(found.planned, filter));
    return exit.usage;
  }
  const interrupted = untilInterrupted();
  const tools = toolsFor(options, interrupted.signal)();
  const progress = progressOf(planned.length, true);
  const byKey = new Map(planned.map((each) => [each.connection.key, each]));
  const explained: Explained[] = [];
  const records = await checkConnections(planned, tools, (record, observation) => {
    progress.add(record);
    const each = byKey.get(record.connection.key);
    if (each !== undefined) explained.push({ planned: each, record, observation });
  });
  progress.end();
  // As planned, whichever came first.
  const inOrder = planned.flatMap(({ connection: { key } }) =>
    explained.filter(({ record }) => record.connection.key === key),
  );
  const write = (each: Explained) =>
    options.json
      ? `${jsonLine({ ...each.record, planned: each.planned.kind, observation: each.observation })}\n`
      : explanation(each, tools.policy);
  process.stdout.write(inOrder.map(write).join(options.json ? "" : "\n"));
  if (interrupted.signal.aborted) return interruptedStatus();
  return exitStatus(
    records.map(({ verdict }) => verdict),
    found.problems.length > 0,
  );
}

/** Which of the two names leads nowhere. */
function nobodyMeant(planned: readonly PlannedConnection[], { origin, serverName }: Filter): string {
  const toOrigin = planned.filter(({ connection }) => origin === null || connection.domain === origin);
  if (origin !== null && toOrigin.length === 0) {
    return `no origin is called ${shown(origin)}; ${whatThereIs(planned.map(({ connection }) => connection.domain))}`;
  }
  const names = toOrigin.flatMap(({ connection }) => connection.serverName ?? []);
  return `no connection is made with the server name ${shown(serverName ?? "")}; ${whatThereIs(names)}`;
}
