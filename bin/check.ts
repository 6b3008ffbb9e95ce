import type { Verdict } from "../lambda/judge/finding.ts";
import { clientContexts } from "../lambda/probe/client-context.ts";
import { lookups } from "../lambda/probe/dns.ts";
import { addressGuard } from "../lambda/probe/private-address.ts";
import { gate } from "../lambda/probe/schedule.ts";
import { checkConnections } from "../lambda/run.ts";
import type { ConnectionRecord } from "../lambda/tell/record.ts";
import { jsonLine } from "../lambda/text/json-line.ts";
import { printable } from "../lambda/text/printable.ts";
import { trustAnchors } from "../lambda/x509/trust-anchors.ts";
import { type Options, readArguments } from "./terminal/arguments.ts";
import { connectionsOf } from "./terminal/connections.ts";
import { help } from "./terminal/help.ts";
import { listing } from "./terminal/listing.ts";

/** The same default as the deployed function's. */
const expiryWarningDays = 21;
const connectionsPerAddress = 4;

const exit = { healthy: 0, failing: 1, usage: 2, uncertain: 3 } as const;

// A reader that has seen enough (`| head`) closes the pipe; that is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return;
  complain(`cannot write the result (${error.code ?? error.message})`);
  process.exit(exit.usage);
});
process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  const read = readArguments(argv);
  switch (read.kind) {
    case "help":
      process.stdout.write(help);
      return exit.healthy;
    case "wrong":
      complain(read.message);
      return exit.usage;
    case "check":
      return check(read.options);
  }
}

async function check(options: Options): Promise<number> {
  const found = await connectionsOf(options);
  if (found.kind === "unreadable") {
    complain(found.message);
    return exit.usage;
  }
  for (const problem of found.problems) complain(problem);
  const anchors = trustAnchors(options.extraAnchors);
  const records = await checkConnections(found.planned, {
    equipment: {
      lookup: lookups(options.dnsServers),
      contextFor: clientContexts(anchors.pem),
      gate: gate(options.concurrency, connectionsPerAddress),
      signal: new AbortController().signal,
      forbids: options.allowPrivate ? () => null : addressGuard([]),
      connectTo: options.connectTo,
    },
    policy: { now: options.now, expiryWarningDays, anchors },
    concurrency: options.concurrency,
  });
  process.stdout.write(options.json ? records.map((record) => `${jsonLine(record)}\n`).join("") : listing(records));
  return exitStatus(records, found.problems.length > 0);
}

function exitStatus(records: readonly ConnectionRecord[], incomplete: boolean): number {
  const verdicts = new Set<Verdict>(records.map(({ verdict }) => verdict));
  if (verdicts.has("failing")) return exit.failing;
  return verdicts.has("at-risk") || verdicts.has("unknown") || incomplete ? exit.uncertain : exit.healthy;
}

function complain(message: string): void {
  process.stderr.write(`origin-watch: ${printable(message, 1_000)}\n`);
}
